//! A deadline for the first bytes of a connection: who connects and says nothing is not waited for.
//!
//! hyper has timers for heads and for silent HTTP/2 peers, but none until it knows which HTTP it talks: that it reads out of
//! the first bytes, as long as those of HTTP/2's preface.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// As long as what HTTP/2 begins with (RFC 9113, 3.4).
const PREFACE: usize = 24;

/// A stream whose first bytes must come in time.
pub(crate) struct Prompt<I> {
    io: I,
    read: usize,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<I> Prompt<I> {
    #[expect(clippy::disallowed_methods, reason = "a client's patience is the system's time, whatever the clock shows")]
    pub(crate) fn new(io: I, within: Duration) -> Self {
        Self { io, read: 0, deadline: Some(Box::pin(tokio::time::sleep(within))) }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Prompt<I> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.io).poll_read(cx, buffer);
        if self.deadline.is_none() {
            return read;
        }
        self.read += buffer.filled().len() - before;
        if self.read >= PREFACE {
            self.deadline = None;
        }
        match &mut self.deadline {
            Some(deadline) if read.is_pending() => {
                deadline.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
            }
            _ => read,
        }
    }
}

/// Whoever is answered has begun, in however few bytes.
impl<I: AsyncWrite + Unpin> AsyncWrite for Prompt<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.deadline = None;
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.deadline = None;
        Pin::new(&mut self.io).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test]
    async fn silence_ends_a_connection() {
        for said in ["", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r"] {
            let (mut client, server) = duplex(64);
            let mut server = Prompt::new(server, Duration::from_millis(1));
            client.write_all(said.as_bytes()).await.unwrap();
            let mut heard = vec![0; said.len()];
            server.read_exact(&mut heard).await.unwrap();
            assert_eq!(server.read(&mut [0]).await.unwrap_err().kind(), io::ErrorKind::TimedOut, "{said}");
        }
    }

    #[tokio::test]
    async fn who_has_begun_or_was_answered_may_pause() {
        for (said, answer) in [("POST / HTTP/1.1\r\nhost: x", ""), ("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK")] {
            let (mut client, server) = duplex(64);
            let mut server = Prompt::new(server, Duration::from_secs(3600));
            client.write_all(said.as_bytes()).await.unwrap();
            let mut heard = vec![0; said.len()];
            server.read_exact(&mut heard).await.unwrap();
            server.write_all(answer.as_bytes()).await.unwrap();
            assert!(server.deadline.is_none(), "{said}");
        }
    }
}
