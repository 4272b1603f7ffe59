//! The unix socket that the host connects to, and its connections, with TLS or without.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

use super::side_services::End;
use super::tls::Configs;
use crate::rpc::ConnectionId;

/// The shortest limit on a socket's path among the systems we run on, its closing zero counted.
const MAX_PATH: usize = 104;

/// A listening socket; its file goes when this does.
pub(super) struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    /// Binds a new socket in `dir`, or in the system's temporary directory, or where the path is short enough.
    pub(super) fn bind(dir: Option<&Path>, group: Option<&str>) -> io::Result<Self> {
        let wanted = dir.map_or_else(std::env::temp_dir, Path::to_owned);
        let mut last_error = None;
        for dir in [wanted.as_path(), Path::new("/tmp")] {
            let path = dir.join(unique_name());
            if path.as_os_str().len() >= MAX_PATH {
                continue;
            }
            match UnixListener::bind(&path) {
                Ok(listener) => {
                    let socket = Self { listener, path };
                    socket.restrict(group)?;
                    return Ok(socket);
                }
                Err(error) => last_error = Some(error),
            }
        }
        Err(last_error.unwrap_or_else(|| io::Error::other("no directory with a short enough path for a socket")))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Only the owner may connect, or the members of a group that the host names.
    fn restrict(&self, group: Option<&str>) -> io::Result<()> {
        let mode = match group {
            None => 0o600,
            Some(group) => {
                chown(&self.path, None, Some(group_id(group)?))?;
                0o660
            }
        };
        std::fs::set_permissions(&self.path, std::fs::Permissions::from_mode(mode))
    }

    /// Accepts connections for as long as somebody takes them. A TLS handshake holds up nobody else. With `hung_up`, a
    /// connection that closes declares the end.
    pub(super) fn connections(
        self: Arc<Self>,
        tls: Option<Arc<Configs>>,
        hung_up: Option<End>,
    ) -> ReceiverStream<io::Result<Connection>> {
        let (sender, receiver) = mpsc::channel(4);
        tokio::spawn(async move {
            for id in (0..).map(ConnectionId) {
                let stream = tokio::select! {
                    accepted = self.listener.accept() => match accepted {
                        Ok((stream, _)) => stream,
                        Err(error) => {
                            tracing::warn!(%error, "cannot accept a connection");
                            continue;
                        }
                    },
                    () = sender.closed() => return,
                };
                let (sender, tls) = (sender.clone(), tls.clone());
                let hung_up = hung_up.clone();
                tokio::spawn(async move {
                    let connection = match tls {
                        None => Ok(Connection::new(id, stream, hung_up)),
                        Some(configs) => {
                            let acceptor = TlsAcceptor::from(configs.of(stream.peer_cred().ok()));
                            acceptor.accept(stream).await.map(|stream| Connection::new(id, stream, hung_up))
                        }
                    };
                    match connection {
                        // The server is gone when nobody receives.
                        Ok(connection) => drop(sender.send(Ok(connection)).await),
                        // The host only says "did not respond", so the reason must be in the log.
                        Err(error) => tracing::error!(%error, "TLS handshake with the host failed"),
                    }
                });
            }
        });
        ReceiverStream::new(receiver)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // What cannot be removed is not there any more.
        drop(std::fs::remove_file(&self.path));
    }
}

/// One connection; TLS or not makes no difference from here on.
pub(super) struct Connection {
    id: ConnectionId,
    stream: Pin<Box<dyn Stream>>,
    hung_up: Option<End>,
}

trait Stream: AsyncRead + AsyncWrite + Send {}
impl<T: AsyncRead + AsyncWrite + Send> Stream for T {}

impl Connection {
    fn new(id: ConnectionId, stream: impl Stream + 'static, hung_up: Option<End>) -> Self {
        Self { id, stream: Box::pin(stream), hung_up }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(end) = &self.hung_up {
            end.declare_cut_off();
        }
    }
}

impl Connected for Connection {
    type ConnectInfo = ConnectionId;

    fn connect_info(&self) -> ConnectionId {
        self.id
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write(cx, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(cx)
    }
}

fn unique_name() -> String {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    format!("tf-{}-{:x}", std::process::id(), nanos & 0xffff_ffff_ffff)
}

/// A group by number, or by its name in the system's own list.
fn group_id(group: &str) -> io::Result<u32> {
    if let Ok(id) = group.parse() {
        return Ok(id);
    }
    let groups = std::fs::read("/etc/group")?;
    let id = groups.split(|&byte| byte == b'\n').find_map(|line| {
        let mut fields = line.split(|&byte| byte == b':');
        let name = fields.next()?;
        (OsStr::from_bytes(name) == group).then(|| fields.nth(1))?
    });
    id.and_then(|id| std::str::from_utf8(id).ok()?.parse().ok())
        .ok_or_else(|| io::Error::other(format!("no group {group:?} for the socket")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_directory_with_a_long_path_is_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let long = dir.path().join("d".repeat(120));
        std::fs::create_dir(&long).unwrap();
        let socket = Socket::bind(Some(&long), None).unwrap();
        assert_eq!(socket.path().parent(), Some(Path::new("/tmp")));
    }

    #[tokio::test]
    async fn the_socket_is_its_owners_and_goes_with_him() {
        let dir = tempfile::tempdir().unwrap();
        let socket = Socket::bind(Some(dir.path()), None).unwrap();
        let path = socket.path().to_owned();
        assert_eq!(path.parent(), Some(dir.path()));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        drop(socket);
        assert!(!path.exists());
    }

    #[test]
    fn groups_by_number_and_name() {
        assert_eq!(group_id("7").unwrap(), 7);
        assert_eq!(group_id("root").unwrap(), 0);
        assert!(group_id("no such group").is_err());
    }
}
