//! A client of HTTP/1.1 that costs next to nothing, because it shares the machine with the server it measures.
//!
//! It blocks, keeps its connection for as long as the server does, and reads answers of a known length or in chunks.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

/// A connection that is kept.
#[derive(Debug)]
pub(crate) struct Connection {
    address: String,
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
    head: Vec<u8>,
    /// The server said that it will close the connection after its answer.
    closing: bool,
}

/// How long an answer may take before the run counts as failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the end of a body is known.
#[derive(Clone, Copy, Debug)]
enum Framing {
    Length(usize),
    Chunks,
}

impl Connection {
    pub(crate) fn open(address: &str) -> Result<Self> {
        let (address, stream) = (address.to_owned(), connect(address)?);
        Ok(Self { address, stream, body: Vec::new(), head: Vec::new(), closing: false })
    }

    /// Calls an action of Kinesis; the body of its answer.
    pub(crate) fn call(&mut self, action: &str, body: &[u8]) -> Result<&[u8]> {
        let (status, framing) = self.ask(action, body)?;
        self.body.clear();
        match framing {
            Framing::Length(length) => {
                self.body.resize(length, 0);
                self.stream.read_exact(&mut self.body)?;
            }
            Framing::Chunks => while self.chunk()? {},
        }
        ensure!(status == 200, "{action} answered {status}: {}", String::from_utf8_lossy(&self.body));
        Ok(&self.body)
    }

    /// Calls an action whose answer does not end. [`Self::pushed`] reads on.
    pub(crate) fn subscribe(&mut self, action: &str, body: &[u8]) -> Result<()> {
        let (status, framing) = self.ask(action, body)?;
        ensure!(status == 200 && matches!(framing, Framing::Chunks), "{action} answered {status}, {framing:?}");
        Ok(())
    }

    /// The next piece of an answer that does not end.
    pub(crate) fn pushed(&mut self) -> Result<&[u8]> {
        self.body.clear();
        ensure!(self.chunk()?, "the server ended the subscription");
        Ok(&self.body)
    }

    fn ask(&mut self, action: &str, body: &[u8]) -> Result<(u16, Framing)> {
        if std::mem::take(&mut self.closing) {
            self.stream = connect(&self.address)?;
        }
        self.head.clear();
        write!(
            self.head,
            "POST / HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: \
             Kinesis_20131202.{action}\r\nX-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 \
             Credential=test/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, \
             Signature=0000000000000000000000000000000000000000000000000000000000000000\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        )?;
        let small = body.len() <= 16 << 10;
        if small {
            self.head.extend_from_slice(body);
        }
        self.stream.get_mut().write_all(&self.head)?;
        if !small {
            self.stream.get_mut().write_all(body)?;
        }
        self.answer_head()
    }

    fn answer_head(&mut self) -> Result<(u16, Framing)> {
        let mut line = String::new();
        self.line(&mut line)?;
        let status = line.split(' ').nth(1).context("no status")?.parse()?;
        let mut framing = Framing::Length(0);
        loop {
            self.line(&mut line)?;
            if line.is_empty() {
                return Ok((status, framing));
            }
            let (name, value) = line.split_once(':').context("a header without a colon")?;
            if name.eq_ignore_ascii_case("content-length") {
                framing = Framing::Length(value.trim().parse()?);
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                framing = Framing::Chunks;
            } else if name.eq_ignore_ascii_case("connection") {
                self.closing = value.trim().eq_ignore_ascii_case("close");
            }
        }
    }

    /// Appends the next chunk to the body; false at the end.
    fn chunk(&mut self) -> Result<bool> {
        let mut line = String::new();
        self.line(&mut line)?;
        let length = usize::from_str_radix(line.split(';').next().unwrap_or_default(), 16)?;
        let start = self.body.len();
        self.body.resize(start + length, 0);
        self.stream.read_exact(&mut self.body[start..])?;
        self.line(&mut line)?;
        Ok(length > 0)
    }

    fn line(&mut self, line: &mut String) -> Result<()> {
        line.clear();
        if self.stream.read_line(line)? == 0 {
            bail!("the server closed the connection");
        }
        line.truncate(line.trim_end().len());
        Ok(())
    }
}

fn connect(address: &str) -> Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(BufReader::with_capacity(256 << 10, stream))
}
