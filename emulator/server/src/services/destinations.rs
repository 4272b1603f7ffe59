//! Where Lambda's documents go: to the services that have queues, topics and buckets.
//!
//! None of them is here yet, and a destination that nobody has is an error for whoever sends to it.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use lambda::destination::{Delivery, DeliveryError, Destinations, Target};

/// The destinations of all worlds.
pub(super) struct Documents;

impl Destinations for Documents {
    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<(), DeliveryError>> {
        let outcome = match &delivery.target {
            Target::Queue(arn) => Err(nobody("SQS", arn)),
            Target::Topic(arn) => Err(nobody("SNS", arn)),
            Target::Object { bucket, .. } => Err(nobody("S3", bucket)),
            // Lambda hands these to itself.
            Target::Function(function) => Err(nobody("Lambda here", &function.to_string())),
        };
        async { outcome }.boxed()
    }
}

fn nobody(service: &str, target: &str) -> DeliveryError {
    DeliveryError::NotThere(format!("{target} is not there: millrace does not emulate {service}"))
}
