//! Sockets and hyper: connections in, whole requests to a [`Handler`], answers out.
//!
//! HTTP/1.1 and HTTP/2 with prior knowledge share the port; the first bytes decide. A body is read whole before it is
//! handed on, up to a limit; an answer is written as it comes. Nothing here knows what a request is about.

use std::convert::Infallible;
use std::fmt::Display;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use aws_wire::{Body, Reply};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Body as _, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// A connection that sends no complete head for so long is closed.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// As much memory as a request gets for saying that it will fill it.
const TRUSTED: usize = 1 << 20;

type AnswerBody = UnsyncBoxBody<Bytes, Infallible>;

/// What answers requests.
pub(crate) trait Handler: Send + Sync + 'static {
    /// The largest body that is read.
    const LARGEST_BODY: usize;

    /// Turns a request away by its head alone, before any of its body is read.
    fn admit(&self, head: &Parts) -> Result<(), Box<Reply>>;

    /// Answers a request, whatever is in it. Dropped when the client hangs up: what must be finished runs in a task.
    fn handle(self: Arc<Self>, request: Request<Bytes>) -> BoxFuture<'static, Reply>;
}

/// Serves `listener` until `stop` becomes true or its sender is gone, and then for as long as answers under way take, but
/// no longer than `drain`. Every connection is closed when this returns.
pub(crate) async fn serve<H: Handler>(
    listener: TcpListener,
    handler: Arc<H>,
    mut stop: watch::Receiver<bool>,
    drain: Duration,
) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Some(HEAD_TIMEOUT));
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
        let handler = handler.clone();
        let service = service_fn(move |request| {
            let handler = handler.clone();
            async move { Ok::<_, Infallible>(exchange(handler, request).await) }
        });
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        tokio::spawn(until_closed(graceful.watch(connection), closed.clone()));
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

/// Runs a connection to its end or until the sender of `closed` is gone.
async fn until_closed<E: Display>(connection: impl Future<Output = Result<(), E>>, mut closed: watch::Receiver<()>) {
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

async fn exchange<H: Handler>(handler: Arc<H>, request: Request<Incoming>) -> Response<AnswerBody> {
    let (parts, body) = request.into_parts();
    if let Err(refusal) = handler.admit(&parts) {
        return written(*refusal);
    }
    match read_whole(body, H::LARGEST_BODY).await {
        Ok(body) => written(handler.handle(Request::from_parts(parts, body)).await),
        Err(status) => {
            let mut answer = Response::new(Full::default().boxed_unsync());
            *answer.status_mut() = status;
            answer
        }
    }
}

/// A body in one piece. Each part is copied as it comes, while it is in the processor's cache, and let go, so that the
/// connection reads the next one into the same memory.
async fn read_whole(mut body: Incoming, largest: usize) -> Result<Bytes, StatusCode> {
    let claimed = body.size_hint().lower();
    if claimed > largest as u64 {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let mut whole = BytesMut::with_capacity(usize::try_from(claimed).map_or(TRUSTED, |claimed| claimed.min(TRUSTED)));
    while let Some(frame) = body.frame().await {
        let Ok(part) = frame.map_err(|_| StatusCode::BAD_REQUEST)?.into_data() else { continue };
        if whole.len() + part.len() > largest {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        if whole.is_empty() && body.is_end_stream() {
            return Ok(part);
        }
        whole.extend_from_slice(&part);
    }
    Ok(whole.freeze())
}

fn written(reply: Reply) -> Response<AnswerBody> {
    reply.map(|body| match body {
        Body::Full(bytes) => Full::new(bytes).boxed_unsync(),
        Body::Stream(stream) => StreamBody::new(stream.map(|bytes| Ok(Frame::data(bytes)))).boxed_unsync(),
    })
}
