//! The service as one value, and what it is reached by.

use std::sync::Arc;

use aws_wire::{Actions, Call, Endpoint, Reply, Service, query};
use bytes::Bytes;
use env::Env;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::Request;

use crate::{Error, Roles, action};

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The token service of all accounts. Cheap to clone.
#[derive(Clone)]
pub struct Sts(Arc<Parts>);

struct Parts {
    env: Env,
    roles: Box<dyn Roles>,
    actions: Actions<Sts>,
}

impl Sts {
    /// A service that asks `roles` about roles.
    pub fn new(env: Env, roles: impl Roles) -> Self {
        Self(Arc::new(Parts { env, roles: Box::new(roles), actions: action::registry() }))
    }

    pub(crate) fn env(&self) -> &Env {
        &self.0.env
    }

    pub(crate) fn roles(&self) -> &dyn Roles {
        &*self.0.roles
    }
}

impl Service for Sts {
    type Error = Error;
}

impl Endpoint for Sts {
    fn serve(&self, call: Call, request: Request<Bytes>) -> BoxFuture<'_, Reply> {
        async move { query::serve(&self.0.actions, self, NAMESPACE, &call, request).await }.boxed()
    }
}

/// The ARN of who calls. Keys stand for accounts here, so it is the account itself.
pub(crate) fn caller_arn(call: &Call) -> String {
    format!("arn:{}:iam::{}:root", call.world.partition(), call.world.account)
}
