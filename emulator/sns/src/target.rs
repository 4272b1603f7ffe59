//! What SNS asks of others, in its own words: queues, functions, and somebody who speaks HTTP.

use std::collections::BTreeMap;

use aws_wire::World;
use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::message::Attribute;

/// A message for a queue.
#[derive(Clone, PartialEq, Debug)]
pub struct QueueMessage {
    /// What it says.
    pub body: String,
    /// What it carries beside that.
    pub attributes: BTreeMap<String, Attribute>,
    /// The group it belongs to, if it has one.
    pub group: Option<String>,
    /// What makes it the same as another; only for FIFO queues.
    pub deduplication: Option<String>,
}

/// Why a target did not take a message.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct TargetError(pub String);

/// Who has what subscriptions name.
pub trait Targets: Send + Sync + 'static {
    /// Puts a message into a queue; it is durable there when this returns.
    fn send<'a>(
        &'a self,
        world: &'a World,
        queue_arn: &'a str,
        message: QueueMessage,
    ) -> BoxFuture<'a, Result<(), TargetError>>;

    /// Hands an event to a function, which runs later.
    fn invoke<'a>(
        &'a self,
        world: &'a World,
        function_arn: &'a str,
        event: Bytes,
    ) -> BoxFuture<'a, Result<(), TargetError>>;

    /// Posts a document to a URL of this machine; the status of the answer.
    fn post<'a>(
        &'a self,
        url: &'a str,
        headers: &'a [(String, String)],
        body: &'a str,
    ) -> BoxFuture<'a, Result<u16, TargetError>>;
}
