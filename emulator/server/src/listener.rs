//! Sockets and hyper: connections in, whole requests to a [`Handler`], answers out.
//!
//! HTTP/1.1, HTTP/2 with prior knowledge and TLS share the port; the first bytes decide. A body is read whole before it is
//! handed on, up to a limit, unless an [`Exchange`] reads it itself; an answer is written as it comes. Nothing here knows
//! what a request is about.

mod prompt;

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use aws_wire::{Body, Reply};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use http::header::EXPECT;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Body as _, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::tls::Tls;
use prompt::Prompt;

/// A connection that says nothing, or sends no complete head, for so long is closed.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

type AnswerBody = UnsyncBoxBody<Bytes, Infallible>;

/// Hands that are not shaken by then are not shaken any more.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// A body that is not whole by then does not come any more.
const BODY_TIMEOUT: Duration = Duration::from_secs(120);
/// As much room is made for a body before it is there.
const ROOM: usize = 1024 * 1024;
/// As much of a body that is too large is read and forgotten: who sends without listening would not hear the answer.
const FORGOTTEN: usize = 128 * 1024 * 1024;

/// What answers requests whose bodies are still on their way.
pub(crate) trait Exchange: Send + Sync + 'static {
    /// Answers a request. Dropped when the client hangs up.
    fn exchange(self: Arc<Self>, request: Request<Incoming>) -> impl Future<Output = Reply> + Send;
}

/// What answers whole requests.
pub(crate) trait Handler: Send + Sync + 'static {
    /// The largest body that is read.
    fn largest_body(&self, head: &Parts) -> usize;

    /// The answer of this status to a request whose body does not come as it should.
    fn unread(&self, status: StatusCode) -> Reply {
        let mut reply = Reply::new(Bytes::new().into());
        *reply.status_mut() = status;
        reply
    }

    /// Turns a request away by its head alone, before any of its body is read.
    fn admit(&self, head: &Parts) -> Result<(), Box<Reply>>;

    /// Answers a request, whatever is in it. Dropped when the client hangs up: what must be finished runs in a task.
    fn handle(self: Arc<Self>, request: Request<Bytes>) -> BoxFuture<'static, Reply>;
}

/// Serves `listener` until `stop` becomes true or its sender is gone, and then for as long as answers under way take, but
/// no longer than `drain`. Every connection is closed when this returns.
pub(crate) async fn serve<H: Exchange>(
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    handler: Arc<H>,
    mut stop: watch::Receiver<bool>,
    drain: Duration,
) {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    http.http2().timer(TokioTimer::new()).keep_alive_interval(Some(HEAD_TIMEOUT));
    let http = Arc::new(http);
    let graceful = GracefulShutdown::new();
    let (close, closed) = watch::channel(());
    loop {
        let accepted = tokio::select! {
            () = stopped(&mut stop) => break,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                pause_after(&error).await;
                continue;
            }
        };
        // Answers are small and somebody waits for each.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        let connection = Connection { http: http.clone(), handler: handler.clone(), watcher: graceful.watcher() };
        tokio::spawn(until_closed(connection.run(stream, tls.clone(), stop.clone()), closed.clone()));
    }
    drop(listener);
    #[expect(
        clippy::disallowed_methods,
        reason = "the time a shutdown takes is the system's, whatever the clock shows"
    )]
    let patience = tokio::time::sleep(drain);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = patience => tracing::debug!("connections were still open at the end"),
    }
    drop(close);
}

/// What a connection needs from its beginning to its end.
struct Connection<H> {
    http: Arc<auto::Builder<TokioExecutor>>,
    handler: Arc<H>,
    watcher: Watcher,
}

impl<H: Exchange> Connection<H> {
    async fn run(
        self,
        stream: TcpStream,
        tls: Option<Arc<Tls>>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), Failure> {
        let Some(tls) = tls else { return self.serve(stream).await };
        // Nothing is under way before the first byte and until hands are shaken: a stop need not wait for it.
        let encrypted = tokio::select! {
            () = stopped(&mut stop) => return Ok(()),
            encrypted = timeout(HEAD_TIMEOUT, begins_with_tls(&stream)) => encrypted??,
        };
        match encrypted {
            None => Ok(()),
            Some(false) => self.serve(stream).await,
            Some(true) => {
                let stream = tokio::select! {
                    () = stopped(&mut stop) => return Ok(()),
                    accepted = timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)) => accepted??,
                };
                self.serve(stream).await
            }
        }
    }

    async fn serve<I: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, stream: I) -> Result<(), Failure> {
        let handler = self.handler;
        let service = service_fn(move |request| {
            let handler = handler.clone();
            async move { Ok::<_, Infallible>(written(handler.exchange(request).await)) }
        });
        let connection = self.http.serve_connection(TokioIo::new(Prompt::new(stream, HEAD_TIMEOUT)), service);
        self.watcher.watch(connection).await
    }
}

type Failure = Box<dyn Error + Send + Sync>;

/// Whether a client begins with a TLS record; `None` if it has gone.
async fn begins_with_tls(stream: &TcpStream) -> io::Result<Option<bool>> {
    const HANDSHAKE_RECORD: u8 = 0x16;
    let mut first = [0];
    let read = stream.peek(&mut first).await?;
    Ok((read > 0).then_some(first[0] == HANDSHAKE_RECORD))
}

/// Runs a connection to its end or until the sender of `closed` is gone.
async fn until_closed(connection: impl Future<Output = Result<(), Failure>>, mut closed: watch::Receiver<()>) {
    tokio::select! {
        ended = connection => {
            if let Err(error) = ended {
                tracing::debug!(%error, "connection ended");
            }
        }
        _ = closed.changed() => {}
    }
}

/// Returns when `stop` is true or nobody is left to set it.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}

/// Running out of file descriptors is not an end: connections that close give them back.
async fn pause_after(error: &io::Error) {
    tracing::warn!(%error, "cannot accept a connection");
    #[expect(clippy::disallowed_methods, reason = "the system's resources come back in the system's time")]
    tokio::time::sleep(Duration::from_millis(50)).await;
}

impl<H: Handler> Exchange for H {
    async fn exchange(self: Arc<Self>, request: Request<Incoming>) -> Reply {
        let (parts, body) = request.into_parts();
        if let Err(refusal) = self.admit(&parts) {
            return *refusal;
        }
        match read(body, self.largest_body(&parts), parts.headers.contains_key(EXPECT)).await {
            Ok(body) => self.handle(Request::from_parts(parts, body)).await,
            Err(status) => self.unread(status),
        }
    }
}

/// The whole body, or the status of the answer without it.
async fn read(mut body: Incoming, largest: usize, sender_asks: bool) -> Result<Bytes, StatusCode> {
    let whole = async {
        let outcome = gather(&mut body, largest).await;
        // A sender who asks before he sends hears the answer anyway.
        if outcome == Err(StatusCode::PAYLOAD_TOO_LARGE) && !sender_asks {
            forget(&mut body).await;
        }
        outcome
    };
    timeout(BODY_TIMEOUT, whole).await.unwrap_or(Err(StatusCode::REQUEST_TIMEOUT))
}

/// Keeps what came and nothing for what is only said to come. Pieces are copied together at once: kept apart, a body that
/// comes byte by byte would take many times its size.
async fn gather(body: &mut Incoming, largest: usize) -> Result<Bytes, StatusCode> {
    let said = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if said > largest {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(|_| StatusCode::BAD_REQUEST)?.into_data() else { continue };
        if whole.len() + piece.len() > largest {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        if whole.is_empty() {
            if body.is_end_stream() {
                return Ok(piece);
            }
            whole.reserve(said.clamp(piece.len(), ROOM.max(piece.len())));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}

async fn forget(body: &mut Incoming) {
    let mut forgotten = 0;
    while let Some(Ok(frame)) = body.frame().await {
        forgotten += frame.data_ref().map_or(0, Bytes::len);
        if forgotten > FORGOTTEN {
            return;
        }
    }
}

fn written(reply: Reply) -> Response<AnswerBody> {
    reply.map(|body| match body {
        Body::Full(bytes) => Full::new(bytes).boxed_unsync(),
        Body::Stream(stream) => StreamBody::new(stream.map(|bytes| Ok(Frame::data(bytes)))).boxed_unsync(),
    })
}
