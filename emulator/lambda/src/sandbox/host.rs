//! How a sandbox gets a socket: the server opens one loopback listener per sandbox and hands over what it reads.
//!
//! This crate knows HTTP messages and no sockets. Invariant asked of an implementation: requests of one listener reach
//! only the [`RuntimeApi`] it was opened for, and nothing but this machine can connect.

use std::any::Any;
use std::io;

use futures_util::future::BoxFuture;

use crate::runtime_api::RuntimeApi;

/// Opens listeners for Runtime APIs.
pub trait RuntimeHost: Send + Sync + 'static {
    /// Listens on a free loopback port and answers every request with [`RuntimeApi::handle`], which gets the body as it
    /// comes, without a time limit of its own (`next` blocks until there is work), until the listener is dropped.
    fn open(&self, api: RuntimeApi) -> BoxFuture<'_, io::Result<RuntimeListener>>;
}

/// An open listener. Dropping it closes the port and its connections.
pub struct RuntimeListener {
    /// `host:port`, the value of `AWS_LAMBDA_RUNTIME_API`.
    pub address: String,
    /// Whatever the server has to drop to stop listening.
    pub guard: Box<dyn Any + Send + Sync>,
}
