//! go-plugin's own services: the host says "end" here, and holds two streams open on which nothing ever comes.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tfplugin::plugin::grpc_broker_server::GrpcBroker;
use tfplugin::plugin::grpc_controller_server::GrpcController;
use tfplugin::plugin::grpc_stdio_server::GrpcStdio;
use tfplugin::plugin::{ConnInfo, Empty, StdioData};
use tokio::sync::watch;
use tonic::{Request, Response, Status, Streaming, async_trait};

/// Says once that the process is to end.
#[derive(Clone, Debug)]
pub(super) struct End(watch::Sender<Option<Reason>>);

/// Why a process ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reason {
    /// Somebody said so.
    AskedFor,
    /// The host went without a word.
    CutOff,
}

impl End {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    pub(super) fn declare(&self) {
        self.end(Reason::AskedFor);
    }

    pub(super) fn declare_cut_off(&self) {
        self.end(Reason::CutOff);
    }

    /// The first reason stands: a host that said so hangs up after that.
    fn end(&self, reason: Reason) {
        self.0.send_if_modified(|end| {
            let is_first = end.is_none();
            end.get_or_insert(reason);
            is_first
        });
    }

    pub(super) async fn declared(self) {
        let mut end = self.0.subscribe();
        // Cannot fail: we hold the sender.
        drop(end.wait_for(Option::is_some).await);
    }

    /// Whether it was, and by somebody who has had all answers.
    pub(super) fn is_asked_for(&self) -> bool {
        *self.0.borrow() == Some(Reason::AskedFor)
    }
}

#[async_trait]
impl GrpcController for End {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        tracing::debug!("shutdown requested");
        self.declare();
        Ok(Response::new(Empty {}))
    }
}

#[async_trait]
impl GrpcStdio for End {
    async fn stream_stdio(&self, _: Request<Empty>) -> Result<Response<tonic::codegen::BoxStream<StdioData>>, Status> {
        Ok(Response::new(Box::pin(Silence(Box::pin(self.clone().declared()), std::marker::PhantomData))))
    }
}

#[async_trait]
impl GrpcBroker for End {
    async fn start_stream(
        &self,
        _: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<tonic::codegen::BoxStream<ConnInfo>>, Status> {
        Ok(Response::new(Box::pin(Silence(Box::pin(self.clone().declared()), std::marker::PhantomData))))
    }
}

/// A stream without items that ends when the process does.
struct Silence<T>(Pin<Box<dyn Future<Output = ()> + Send>>, std::marker::PhantomData<fn() -> T>);

impl<T> tokio_stream::Stream for Silence<T> {
    type Item = Result<T, Status>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll(cx).map(|()| None)
    }
}
