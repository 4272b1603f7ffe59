//! The sockets of the Runtime API: one loopback listener per sandbox, closed with all its connections when the sandbox is
//! gone. Web pages cannot reach it any more than they can reach the emulator itself.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use aws_wire::{Body, Reply};
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::{Request, StatusCode};
use lambda::runtime_api::RuntimeApi;
use lambda::sandbox::{RuntimeHost, RuntimeListener};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::gate::Gate;
use crate::listener::{self, Handler};

/// Opens listeners on free loopback ports.
#[derive(Debug)]
pub(crate) struct LoopbackHost;

impl RuntimeHost for LoopbackHost {
    fn open(&self, api: RuntimeApi) -> BoxFuture<'_, io::Result<RuntimeListener>> {
        async move {
            let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let address = socket.local_addr()?.to_string();
            let (guard, stop) = watch::channel(false);
            let handler = Arc::new(Guarded { gate: Gate::default(), api });
            // The runtime behind it is gone or about to be killed: there is nothing to drain.
            tokio::spawn(listener::serve(socket, handler, stop, Duration::ZERO));
            Ok(RuntimeListener { address, guard: Box::new(guard) })
        }
        .boxed()
    }
}

struct Guarded {
    gate: Gate,
    api: RuntimeApi,
}

impl Handler for Guarded {
    fn handle(&self, request: Request<Bytes>) -> BoxFuture<'_, Reply> {
        async move {
            let (parts, body) = request.into_parts();
            match self.gate.check(&parts) {
                Ok(()) => self.api.handle(Request::from_parts(parts, body)).await.map(Body::Full),
                Err(refusal) => aws_wire::reply::reply(StatusCode::FORBIDDEN, "text/plain", refusal.message()),
            }
        }
        .boxed()
    }
}
