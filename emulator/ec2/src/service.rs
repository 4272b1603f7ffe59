//! The service as one value, and what it is reached by.

use std::fmt;
use std::sync::Arc;

use aws_wire::{Actions, Call, Endpoint, Reply, Service};
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::Request;

use crate::{Error, action, protocol};

/// The zones of all regions. Cheap to clone.
#[derive(Clone)]
pub struct Ec2(Arc<Actions<Ec2>>);

impl fmt::Debug for Ec2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ec2").field(&self.0).finish()
    }
}

impl Default for Ec2 {
    fn default() -> Self {
        Self::new()
    }
}

impl Ec2 {
    /// The service.
    pub fn new() -> Self {
        Self(Arc::new(action::registry()))
    }

    pub(crate) fn actions(&self) -> &Actions<Self> {
        &self.0
    }
}

impl Service for Ec2 {
    type Error = Error;
}

impl Endpoint for Ec2 {
    fn serve(&self, call: Call, request: Request<Bytes>) -> BoxFuture<'_, Reply> {
        async move { protocol::serve(self, &call, &request).await }.boxed()
    }
}
