//! GetProviderSchema answered with bytes that are in the program: a plan waits for it, and there is nothing to work out.

use std::convert::Infallible;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service};
use tonic::server::NamedService;

const CALL: &str = "/tfplugin6.Provider/GetProviderSchema";

/// A service that has the answer to one call, where it has one.
#[derive(Clone, Debug)]
pub(super) struct Ahead<S> {
    pub(super) schemas: Option<&'static [u8]>,
    pub(super) service: S,
}

impl<S: NamedService> NamedService for Ahead<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<Request<Body>> for Ahead<S>
where
    S: Service<
            Request<Body>,
            Response = Response<Body>,
            Error = Infallible,
            Future = BoxFuture<Response<Body>, Infallible>,
        >,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self.schemas {
            Some(schemas) if request.uri().path() == CALL => Box::pin(std::future::ready(Ok(answer(schemas)))),
            Some(_) | None => self.service.call(request),
        }
    }
}

/// A message as gRPC frames it: not compressed, its length, itself, and that all went well.
fn answer(message: &'static [u8]) -> Response<Body> {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes();
    let head = std::iter::once(0).chain(length).collect();
    let status = HeaderMap::from_iter([(HeaderName::from_static("grpc-status"), HeaderValue::from_static("0"))]);
    let frames = [Frame::data(head), Frame::data(Bytes::from_static(message)), Frame::trailers(status)];
    let frames = tokio_stream::iter(frames.map(Ok::<_, Infallible>));
    let mut response = Response::new(Body::new(StreamBody::new(frames)));
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response
}
