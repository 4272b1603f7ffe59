//! Where functions say that they were called. A datagram costs them next to nothing, and waiting for one costs nothing.

use std::net::UdpSocket;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};

/// How long a function may be silent before the run counts as failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A socket for datagrams of functions.
pub(super) struct Beacon(UdpSocket);

/// A call of a function.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    /// When its handler began, since 1970.
    pub(super) at: Duration,
    /// How many records it came with.
    pub(super) records: u64,
    /// The number that its first record begins with.
    pub(super) first: Option<u64>,
}

impl Beacon {
    pub(super) fn new() -> Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(socket))
    }

    /// What a function has to know.
    pub(super) fn address(&self) -> Result<String> {
        Ok(self.0.local_addr()?.to_string())
    }

    /// The next call.
    pub(super) fn next(&self) -> Result<Call> {
        let mut buffer = [0; 256];
        let length = self.0.recv(&mut buffer).context("no function was called in 30 s")?;
        let text = std::str::from_utf8(&buffer[..length])?;
        let mut words = text.split(' ');
        let mut number = || words.next().unwrap_or_default().parse::<u64>();
        let (at, records) = (Duration::from_nanos(number()?), number()?);
        Ok(Call { at, records, first: number().ok() })
    }
}

/// Since 1970, by the clock that functions see.
pub(super) fn now() -> Result<Duration> {
    SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")
}
