//! A go-between of a client and the emulator that can lose one answer: the emulator has done what it was asked for, and
//! whoever asked does not hear of it.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};

/// Which answer is lost, and what happens then.
struct Trap {
    /// What only that request contains.
    request: String,
    spring: Box<dyn FnOnce() + Send>,
}

/// A running go-between. When the emulator behind it is gone, it is gone, too.
#[derive(Clone)]
pub struct Interposer {
    address: String,
    trap: Arc<Mutex<Option<Trap>>>,
}

impl Interposer {
    /// Listens, and hands everything on to `upstream`.
    pub fn start(upstream: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let started = Self { address: listener.local_addr()?.to_string(), trap: Arc::default() };
        let (upstream, trap) = (upstream.to_owned(), Arc::clone(&started.trap));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A dead emulator refuses connections, and so must whoever stands in front of it.
                let Ok(server) = TcpStream::connect(&upstream) else { return };
                let trap = Arc::clone(&trap);
                // That somebody hangs up is what the tests are about.
                std::thread::spawn(move || drop(carry(client, server, &trap)));
            }
        });
        Ok(started)
    }

    /// Where it listens.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Does `spring` instead of handing on the answer to the next request that contains `request` and succeeds.
    pub fn lose_answer(&self, request: &str, spring: impl FnOnce() + Send + 'static) {
        let trap = Trap { request: request.to_owned(), spring: Box::new(spring) };
        *self.trap.lock().unwrap_or_else(PoisonError::into_inner) = Some(trap);
    }

    /// Whether the answer was lost since.
    pub fn has_sprung(&self) -> bool {
        self.trap.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

/// One request and its answer, both closed after it.
fn carry(mut client: TcpStream, mut server: TcpStream, trap: &Mutex<Option<Trap>>) -> Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(60)))?;
    let (head, body) = read_request(&mut client)?;
    server.set_read_timeout(Some(Duration::from_secs(60)))?;
    let closing = head.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    server.write_all(&[closing.as_bytes(), &body].concat())?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;

    let has_succeeded = answer.starts_with(b"HTTP/1.1 2");
    let sprung = {
        let mut trap = trap.lock().unwrap_or_else(PoisonError::into_inner);
        let text = format!("{head}{}", String::from_utf8_lossy(&body));
        trap.take_if(|trap| has_succeeded && text.contains(&trap.request))
    };
    match sprung {
        Some(trap) => (trap.spring)(),
        None => client.write_all(&answer)?,
    }
    Ok(())
}

fn read_request(client: &mut TcpStream) -> Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut piece = [0; 16 * 1024];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end + 4]).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            let wanted = end + 4 + length.unwrap_or(0);
            if bytes.len() >= wanted {
                return Ok((head, bytes[end + 4..wanted].to_vec()));
            }
        }
        let read = client.read(&mut piece)?;
        bytes.extend_from_slice(piece.get(..read).filter(|piece| !piece.is_empty()).context("hung up")?);
    }
}
