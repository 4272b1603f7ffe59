//! What a ResourceARN names: a stream or one of its consumers.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_wire::Call;

use crate::error::{Error, Result};
use crate::name::{ConsumerRef, Resource};
use crate::service::Kinesis;
use crate::stream::{Stream, StreamState};

/// A stream, or a consumer of it.
pub(super) struct Target {
    pub(super) stream: Arc<Stream>,
    pub(super) consumer: Option<ConsumerRef>,
}

impl Target {
    /// What `arn` names in the caller's world.
    pub(super) async fn find(service: &Kinesis, call: &Call, arn: &str) -> Result<Self> {
        let resource = Resource::parse(arn).ok_or_else(|| Error::ResourceNotNamed { arn: arn.to_owned() })?;
        if resource.world != call.world {
            return Err(Error::StreamNotFound { stream: resource.stream.label(&resource.world) });
        }
        let stream = service.stream_named(&call.world, &resource.stream).await?;
        let target = Self { stream, consumer: resource.consumer };
        target.check(&target.stream.state())?;
        Ok(target)
    }

    /// The tags of the resource.
    pub(super) fn tags<'a>(&self, state: &'a StreamState) -> Result<&'a BTreeMap<String, String>> {
        match self.consumer_in(state)? {
            Some(consumer) => Ok(&consumer.tags),
            None => Ok(&state.settings.tags),
        }
    }

    /// The policy of the resource.
    pub(super) fn policy<'a>(&self, state: &'a StreamState) -> Result<Option<&'a String>> {
        match self.consumer_in(state)? {
            Some(consumer) => Ok(consumer.policy.as_ref()),
            None => Ok(state.settings.policy.as_ref()),
        }
    }

    /// The tags and the policy of the resource, to be changed.
    pub(super) fn attributes<'a>(
        &self,
        state: &'a mut StreamState,
    ) -> Result<(&'a mut BTreeMap<String, String>, &'a mut Option<String>)> {
        self.check(state)?;
        let consumer = self.consumer.as_ref().and_then(|named| state.consumers.get_mut(&named.name));
        match consumer {
            Some(consumer) => Ok((&mut consumer.tags, &mut consumer.policy)),
            None => Ok((&mut state.settings.tags, &mut state.settings.policy)),
        }
    }

    fn check(&self, state: &StreamState) -> Result<()> {
        self.consumer_in(state).map(|_| ())
    }

    fn consumer_in<'a>(&self, state: &'a StreamState) -> Result<Option<&'a crate::consumer::Consumer>> {
        let Some(named) = &self.consumer else { return Ok(None) };
        let known = state.consumers.get(&named.name).filter(|known| known.created == named.created);
        known.map(Some).ok_or_else(|| Error::ConsumerNotFound {
            consumer: named.name.clone(),
            name: self.stream.name.to_string(),
            account: self.stream.world.account.clone(),
        })
    }
}
