//! One HTTP/1.1 connection that is used again and again, for loads: a request costs no connection of its own.
//!
//! It knows as much of HTTP as the emulator's answers to AWS's JSON protocol need: a status, and a body that says its length
//! or comes in chunks.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

/// A connection to an emulator.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<TcpStream>,
    address: String,
}

/// What a call came to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The action succeeded.
    Done(Value),
    /// The action was refused.
    Refused {
        /// The status.
        status: u16,
        /// AWS's name of the error, and whatever else the body says.
        body: String,
    },
}

impl Connection {
    /// Connects.
    pub fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self { stream: BufReader::new(stream), address: address.to_owned() })
    }

    /// Calls a Kinesis action. An error means that nobody knows whether it was done.
    pub fn kinesis(&mut self, action: &str, input: &str) -> Result<Outcome> {
        let request = format!(
            "POST / HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-amz-json-1.1\r\n\
             x-amz-target: Kinesis_20131202.{action}\r\ncontent-length: {}\r\n\r\n{input}",
            self.address,
            input.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (status, body) = self.answer()?;
        if status != 200 {
            return Ok(Outcome::Refused { status, body: String::from_utf8_lossy(&body).into_owned() });
        }
        let value = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body)? };
        Ok(Outcome::Done(value))
    }

    /// Calls a Kinesis action that must succeed.
    pub fn must(&mut self, action: &str, input: &Value) -> Result<Value> {
        match self.kinesis(action, &input.to_string())? {
            Outcome::Done(output) => Ok(output),
            Outcome::Refused { status, body } => anyhow::bail!("{action} of {input} answered {status}: {body}"),
        }
    }

    fn answer(&mut self) -> Result<(u16, Vec<u8>)> {
        let status = self.line()?;
        let status = status.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status")?;
        let (mut length, mut in_chunks) = (0, false);
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let Some((name, value)) = line.split_once(':') else { continue };
            in_chunks |= name.eq_ignore_ascii_case("transfer-encoding");
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().context("content-length is not a number")?;
            }
        }
        let mut body = Vec::new();
        if in_chunks {
            while self.chunk(&mut body)? {}
        } else {
            body.resize(length, 0);
            self.stream.read_exact(&mut body)?;
        }
        Ok((status, body))
    }

    /// Appends the next chunk; false at the last one, which is empty.
    fn chunk(&mut self, body: &mut Vec<u8>) -> Result<bool> {
        let length = usize::from_str_radix(&self.line()?, 16).context("a chunk without its length")?;
        let start = body.len();
        body.resize(start + length, 0);
        self.stream.read_exact(&mut body[start..])?;
        self.line()?;
        Ok(length > 0)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let line = line.strip_suffix("\r\n").context("the connection ended in the middle of an answer")?;
        Ok(line.to_owned())
    }
}
