//! Where documents about invocations go: queues, topics, buckets and functions, as this crate asks for them.
//!
//! Who has the queues stands behind [`Destinations`]; this file only knows what can be addressed and what is handed over.
//! Invariant: a delivery that did not succeed says whether it could ever, and it is the sender who decides to try again.

use std::collections::BTreeMap;
use std::fmt;

use aws_wire::Arn;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::name::FunctionArn;

/// Somebody who takes documents to where they belong.
pub trait Destinations: Send + Sync + 'static {
    /// Hands `delivery` over. `Ok` means that the destination keeps it; after an error it may be handed over again, so a
    /// destination can see the same document twice.
    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<(), DeliveryError>>;
}

/// A document on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The function that it is about. It is delivered in that function's name, from its account and region.
    pub function: FunctionArn,
    /// Where it goes.
    pub target: Target,
    /// What is delivered: JSON.
    pub body: String,
    /// What goes beside it, for queues and topics: the attributes of a dead letter.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Attribute>,
}

/// A message attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attribute {
    /// Of type `String`.
    Text(String),
    /// Of type `Number`.
    Number(String),
}

/// A place that documents are delivered to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// The SQS queue of this ARN.
    Queue(String),
    /// The SNS topic of this ARN.
    Topic(String),
    /// An object of S3.
    Object {
        /// The bucket's name.
        bucket: String,
        /// The object's key.
        key: String,
    },
    /// A function, which is invoked asynchronously with the document.
    Function(FunctionArn),
}

/// Why a document was not delivered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// There is no such queue, topic, bucket or function, or nobody who has any.
    #[error("{0}")]
    NotThere(String),
    /// It is there and never takes this: it is too large, or nothing that may be in there.
    #[error("{0}")]
    Refused(String),
    /// It is there and did not take it now.
    #[error("{0}")]
    TryAgain(String),
}

/// A destination as its owner names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    Queue,
    Topic,
    Bucket(String),
    Function(FunctionArn),
    EventBus,
}

impl Address {
    /// What `arn` names, if it is something that documents can be sent to.
    pub(crate) fn parse(arn: &str) -> Option<Self> {
        let Arn { service, resource, .. } = Arn::parse(arn)?;
        match service {
            "sqs" => is_standard(resource).then_some(Self::Queue),
            "sns" => is_standard(resource).then_some(Self::Topic),
            "s3" => is_name(resource).then(|| Self::Bucket(resource.to_owned())),
            "events" => resource.starts_with("event-bus/").then_some(Self::EventBus),
            "lambda" => arn.parse().ok().map(Self::Function),
            _ => None,
        }
    }

    /// The target at the address `arn`. What goes into a bucket gets the key that `key` makes; nobody can reach an event
    /// bus.
    pub(crate) fn target(arn: &str, key: impl FnOnce() -> String) -> Option<Target> {
        match Self::parse(arn)? {
            Self::Queue => Some(Target::Queue(arn.to_owned())),
            Self::Topic => Some(Target::Topic(arn.to_owned())),
            Self::Bucket(bucket) => Some(Target::Object { bucket, key: key() }),
            Self::Function(function) => Some(Target::Function(function)),
            Self::EventBus => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queue(arn) | Self::Topic(arn) => f.write_str(arn),
            Self::Object { bucket, key } => write!(f, "s3://{bucket}/{key}"),
            Self::Function(function) => function.fmt(f),
        }
    }
}

fn is_name(resource: &str) -> bool {
    !resource.is_empty() && !resource.contains([':', '/'])
}

/// Lambda sends to standard queues and topics only: a document has no group.
fn is_standard(resource: &str) -> bool {
    is_name(resource) && !resource.ends_with(".fifo")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_told_apart_by_their_arns() {
        let check = |arn: &str, expected: Option<Address>| assert_eq!(Address::parse(arn), expected, "{arn}");
        let function = "arn:aws:lambda:us-east-1:000000000000:function:g:live";
        check("arn:aws:sqs:us-east-1:000000000000:q", Some(Address::Queue));
        check("arn:aws:sns:us-east-1:000000000000:t", Some(Address::Topic));
        check("arn:aws:s3:::bucket", Some(Address::Bucket("bucket".into())));
        check(function, Some(Address::Function(function.parse().unwrap())));
        check("arn:aws:events:us-east-1:000000000000:event-bus/b", Some(Address::EventBus));
        for arn in [
            "arn:aws:s3:::bucket/key",
            "arn:aws:sqs:us-east-1:000000000000:",
            "arn:aws:sns:us-east-1:000000000000:t.fifo",
            "arn:aws:dynamodb:r:1:table/t",
            "q",
        ] {
            check(arn, None);
        }
    }

    #[test]
    fn a_target_has_a_key_only_in_a_bucket() {
        let target = |arn: &str| Address::target(arn, || "a/b".into()).map(|target| target.to_string());
        assert_eq!(target("arn:aws:s3:::bucket").as_deref(), Some("s3://bucket/a/b"));
        let queue = "arn:aws:sqs:us-east-1:000000000000:q";
        assert_eq!(target(queue).as_deref(), Some(queue));
        assert_eq!(target("arn:aws:events:us-east-1:000000000000:event-bus/b"), None);
    }
}
