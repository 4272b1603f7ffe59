//! What a service answers: an HTTP response whose body is whole or a stream, without hyper.

use std::fmt;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};

use crate::Call;

/// Made once: a name given as text is looked up in hyper's table for every answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// An answer.
pub type Reply = Response<Body>;

/// The body of an answer.
pub enum Body {
    /// All of it at once.
    Full(Bytes),
    /// Piece by piece, as it comes; the connection stays open until the stream ends.
    Stream(BoxStream<'static, Bytes>),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(bytes) => write!(f, "Full({} bytes)", bytes.len()),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        Self::Full(bytes.into())
    }
}

/// A service as the server sees it.
pub trait Endpoint: Send + Sync {
    /// Answers a request, whatever is in it.
    fn serve(&self, call: Call, request: Request<Bytes>) -> BoxFuture<'_, Reply>;
}

/// An answer of the given status, media type and body.
pub fn reply(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Reply {
    let mut reply = Response::new(body.into());
    *reply.status_mut() = status;
    reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
}

/// Adds the request id, the way every AWS service names it.
pub fn stamp(mut reply: Reply, request_id: &str) -> Reply {
    if let Ok(id) = HeaderValue::from_str(request_id) {
        reply.headers_mut().insert(REQUEST_ID, id);
    }
    reply
}
