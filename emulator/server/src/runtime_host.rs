//! The sockets of the Runtime API: one loopback listener per sandbox, closed with all its connections when the sandbox is
//! gone. Who may talk to it is the Runtime API's to decide.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use aws_wire::{Body, Reply};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::Request;
use hyper::body::Incoming;
use lambda::runtime_api::RuntimeApi;
use lambda::sandbox::{RuntimeHost, RuntimeListener};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::listener::{self, Exchange};

/// Opens listeners on free loopback ports.
#[derive(Debug)]
pub(crate) struct LoopbackHost;

impl RuntimeHost for LoopbackHost {
    fn open(&self, api: RuntimeApi) -> BoxFuture<'_, io::Result<RuntimeListener>> {
        async move {
            let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let address = socket.local_addr()?.to_string();
            let (guard, stop) = watch::channel(false);
            let handler = Arc::new(Runtime(api));
            // The runtime behind it is gone or about to be killed: there is nothing to drain.
            tokio::spawn(listener::serve(socket, None, handler, stop, Duration::ZERO));
            Ok(RuntimeListener { address, guard: Box::new(guard) })
        }
        .boxed()
    }
}

struct Runtime(RuntimeApi);

/// The Runtime API itself turns away what is not a runtime, and reads the bodies: some are answers that it hands on while
/// they come.
impl Exchange for Runtime {
    async fn exchange(self: Arc<Self>, request: Request<Incoming>) -> Reply {
        self.0.handle(request).await.map(Body::Full)
    }
}
