//! How a request names a consumer: by its ARN, by stream and name, or by all of them in agreement.

use std::sync::Arc;

use aws_wire::{Call, Member};
use serde::Deserialize;

use crate::consumer::Consumer;
use crate::error::{Error, Result};
use crate::name::Resource;
use crate::service::Kinesis;
use crate::shape;
use crate::stream::{Stream, StreamState};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    consumer_name: Option<String>,
    #[serde(rename = "ConsumerARN")]
    consumer_arn: Option<String>,
}

pub(super) const INPUT_MEMBERS: &[Member] = &[
    shape::STREAM_ARN.member("StreamARN"),
    shape::CONSUMER_NAME.member("ConsumerName"),
    shape::CONSUMER_ARN.member("ConsumerARN"),
    shape::STREAM_ID.member("StreamId"),
];

/// A consumer that a request names; whether it is there is another question.
pub(super) struct Named {
    pub(super) stream: Arc<Stream>,
    pub(super) name: String,
    /// When it was registered, if the request names it that exactly.
    created: Option<u64>,
}

impl Input {
    pub(super) async fn find(&self, service: &Kinesis, call: &Call, action: &'static str) -> Result<Named> {
        let Some(arn) = &self.consumer_arn else {
            let (Some(stream), Some(name)) = (&self.stream_arn, &self.consumer_name) else {
                return Err(Error::ConsumerNotNamed);
            };
            let stream = service.stream(call, action, None, Some(stream)).await?;
            return Ok(Named { stream, name: name.clone(), created: None });
        };
        let named = Named::by_arn(service, call, action, arn).await?;
        let agrees = self.stream_arn.as_ref().is_none_or(|stream| *stream == named.stream.arn())
            && self.consumer_name.as_ref().is_none_or(|name| *name == named.name);
        if agrees { Ok(named) } else { Err(Error::ConsumerNamesDisagree { arn: arn.clone() }) }
    }
}

impl Named {
    /// The consumer that `arn` names.
    pub(super) async fn by_arn(service: &Kinesis, call: &Call, action: &'static str, arn: &str) -> Result<Self> {
        let resource = Resource::parse(arn).filter(|resource| resource.consumer.is_some());
        let resource = resource.ok_or(Error::ConsumerNotNamed)?;
        let consumer = resource.consumer.ok_or(Error::ConsumerNotNamed)?;
        let not_found = || Error::ConsumerNotFound {
            consumer: consumer.name.clone(),
            name: resource.stream.to_string(),
            account: resource.world.account.clone(),
        };
        if resource.world != call.world {
            return Err(not_found());
        }
        service.admit_call(call, action, Some(&resource.stream))?;
        match service.stream_named(&call.world, &resource.stream).await {
            Ok(stream) => Ok(Self { stream, name: consumer.name, created: Some(consumer.created) }),
            Err(Error::StreamNotFound { .. }) => Err(not_found()),
            Err(error) => Err(error),
        }
    }

    /// The consumer, if it is there.
    pub(super) fn in_state<'a>(&self, state: &'a StreamState) -> Result<&'a Consumer> {
        let known = state.consumers.get(&self.name);
        known.filter(|known| self.created.is_none_or(|created| known.created == created)).ok_or_else(|| {
            let (consumer, name) = (self.name.clone(), self.stream.name.to_string());
            Error::ConsumerNotFound { consumer, name, account: self.stream.world.account.clone() }
        })
    }
}
