//! Where Lambda's documents go: to queues, topics and buckets, in the words of the services that have them.
//!
//! Invariant: a service that could not do it now may be asked again; one that refuses never takes it, and says why.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use lambda::destination::{Attribute, Delivery, DeliveryError, Destinations, Target};
use s3::S3;
use sns::{Publication, Sns};
use sqs::{AttributeValue, Outgoing, Sqs};

/// Who queues name as the sender.
const SENDER: &str = "lambda.amazonaws.com";

/// The destinations of all worlds.
pub(super) struct Documents {
    pub(super) queues: Sqs,
    pub(super) topics: Sns,
    pub(super) objects: S3,
}

impl Destinations for Documents {
    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<(), DeliveryError>> {
        let (world, body) = (delivery.function.world(), delivery.body.as_str());
        async move {
            match &delivery.target {
                Target::Queue(arn) => {
                    let attributes = delivery.attributes.iter().map(|(name, value)| (name.clone(), queued(value)));
                    let message = Outgoing { attributes: attributes.collect(), ..Outgoing::new(body, SENDER) };
                    let sent = self.queues.deliver(&world, arn, message).await;
                    sent.map(drop).map_err(|error| {
                        let how = match error {
                            sqs::Error::QueueNotFound => DeliveryError::NotThere,
                            sqs::Error::Internal => DeliveryError::TryAgain,
                            _ => DeliveryError::Refused,
                        };
                        how(format!("{arn}: {error}"))
                    })
                }
                Target::Topic(arn) => {
                    let attributes = delivery.attributes.iter().map(|(name, value)| (name.clone(), published(value)));
                    let message = Publication { message_attributes: attributes.collect(), ..Publication::new(body) };
                    let sent = self.topics.deliver(&world, arn, message).await;
                    sent.map(drop).map_err(|error| {
                        let how = match error {
                            sns::Error::TopicNotFound => DeliveryError::NotThere,
                            sns::Error::Internal => DeliveryError::TryAgain,
                            _ => DeliveryError::Refused,
                        };
                        how(format!("{arn}: {error}"))
                    })
                }
                Target::Object { bucket, key } => {
                    let put = self.objects.put(&world, bucket, key, body.as_bytes());
                    put.map_err(|error| {
                        let how = match error {
                            // Another account's bucket may be given back.
                            s3::Error::BucketNotFound { .. } | s3::Error::AccessDenied => DeliveryError::NotThere,
                            s3::Error::Internal => DeliveryError::TryAgain,
                            _ => DeliveryError::Refused,
                        };
                        how(format!("{bucket}: {error}"))
                    })
                }
                // Lambda hands these to itself.
                Target::Function(function) => {
                    Err(DeliveryError::NotThere(format!("{function} is not for others to invoke")))
                }
            }
        }
        .boxed()
    }
}

fn typed(attribute: &Attribute) -> (&'static str, &str) {
    match attribute {
        Attribute::Text(value) => ("String", value),
        Attribute::Number(value) => ("Number", value),
    }
}

fn queued(attribute: &Attribute) -> AttributeValue {
    let (data_type, value) = typed(attribute);
    AttributeValue { data_type: data_type.to_owned(), ..AttributeValue::text(value) }
}

fn published(attribute: &Attribute) -> sns::Attribute {
    let (data_type, value) = typed(attribute);
    sns::Attribute { data_type: data_type.to_owned(), string_value: Some(value.to_owned()), binary_value: None }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use aws_wire::{Call, Endpoint as _};
    use bytes::Bytes;
    use env::{Env, Timestamp};
    use http::Request;
    use kms::Kms;
    use lambda::name::FunctionArn;
    use serde_json::json;
    use state_store::Store;

    use super::*;
    use crate::services::keys::KmsKeys;
    use crate::services::targets::SnsTargets;

    #[tokio::test]
    async fn what_is_not_there_is_told_from_what_does_not_take_it() {
        let (env, store, folder) = (Env::manual(Timestamp::EPOCH, 1), Store::in_memory(), tempfile::tempdir().unwrap());
        let queues = Sqs::open(env.clone(), &store).unwrap();
        let sns = sns::Config { origin: "http://h".to_owned(), targets: Arc::new(SnsTargets::new(queues.clone())) };
        let topics = Sns::open(env.clone(), &store, sns).unwrap();
        let keys = Arc::new(KmsKeys(Kms::open(env.clone(), &store).unwrap()));
        let objects = S3::open(env, &store, folder.path(), keys).unwrap();
        let function: FunctionArn = "arn:aws:lambda:us-east-1:000000000000:function:f".parse().unwrap();
        let call = Call { world: function.world(), access_key: None, invocation: None, request_id: "id".into() };
        let input = json!({"QueueName": "small", "Attributes": {"MaximumMessageSize": "1024"}});
        let request = Request::post("/")
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", "AmazonSQS.CreateQueue")
            .body(Bytes::from(input.to_string()))
            .unwrap();
        assert_eq!(queues.serve(call, request).await.status(), 200);

        let documents = Documents { queues, topics, objects };
        let deliver = async |target: Target, length: usize| {
            let (body, attributes) = ("x".repeat(length), Default::default());
            documents.deliver(&Delivery { function: function.clone(), target, body, attributes }).await
        };
        let queue = |name: &str| Target::Queue(format!("arn:aws:sqs:us-east-1:000000000000:{name}"));
        assert_eq!(deliver(queue("small"), 1024).await, Ok(()));
        let refused = deliver(queue("small"), 1025).await;
        assert!(matches!(refused, Err(DeliveryError::Refused(_))), "{refused:?}");
        let topic = Target::Topic("arn:aws:sns:us-east-1:000000000000:t".to_owned());
        let object = Target::Object { bucket: "b".to_owned(), key: "k".to_owned() };
        for target in [queue("other"), topic, object] {
            let gone = deliver(target, 1).await;
            assert!(matches!(gone, Err(DeliveryError::NotThere(_))), "{gone:?}");
        }
    }
}
