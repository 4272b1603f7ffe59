//! What a failure destination is told of records that were given up: AWS's document about a batch.
//!
//! Queues and topics get where the records are; a bucket also gets the event itself, since an object has room for it.

use bytes::Bytes;
use env::Env;
use serde::Serialize;

use crate::destination::{Address, Delivery, Target};
use crate::document::{RequestContext, ResponseContext, VERSION, object_key};
use crate::mapping::batch::{Cause, Discarded};
use crate::mapping::definition::Mapping;
use crate::mapping::event::{self, Origin};
use crate::mapping::outcome::LastCall;
use crate::mapping::record::Record;

/// Records that were given up, and what is known of them.
pub(super) struct Letter {
    shard: String,
    origin: Origin,
    discarded: Discarded,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_context: Option<ResponseContext<'a>>,
    version: &'static str,
    timestamp: String,
    #[serde(rename = "KinesisBatchInfo")]
    batch_info: BatchInfo<'a>,
    /// The event, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchInfo<'a> {
    shard_id: &'a str,
    start_sequence_number: &'a str,
    end_sequence_number: &'a str,
    approximate_arrival_of_first_record: String,
    approximate_arrival_of_last_record: String,
    batch_size: usize,
    stream_arn: &'a str,
}

impl Letter {
    pub(super) fn new(shard: &str, origin: &Origin, discarded: Discarded) -> Self {
        Self { shard: shard.to_owned(), origin: origin.clone(), discarded }
    }

    /// The letter to the failure destination that `mapping` has now, if it has one.
    pub(super) fn delivery(&self, mapping: &Mapping, env: &Env) -> Option<Delivery> {
        let (first, last) = (self.discarded.records.first()?, self.discarded.records.last()?);
        let now = env.clock.now();
        let about = format_args!("{}/{}", mapping.uuid, self.shard);
        let key = || object_key(about, now, &env.random.uuid());
        let target = Address::target(mapping.settings.on_failure.as_deref()?, key)?;
        let is_object = matches!(target, Target::Object { .. });
        // The function never ran if its last call did not: AWS has no response then.
        let unknown = LastCall { request_id: env.random.uuid(), response: None };
        let call = self.discarded.last_call.as_ref().unwrap_or(&unknown);
        let document = Document {
            request_context: RequestContext {
                request_id: &call.request_id,
                function_arn: mapping.function.to_string(),
                condition: condition(self.discarded.cause),
                approximate_invoke_count: self.discarded.calls,
            },
            response_context: call
                .response
                .as_ref()
                .map(|response| ResponseContext::new(&response.executed_version, response.function_error)),
            version: VERSION,
            timestamp: now.to_string(),
            batch_info: self.batch_info(first, last),
            payload: is_object.then(|| text(&event::encode(&self.origin, self.discarded.records.iter(), None))),
        };
        let body = serde_json::to_string(&document).expect("texts and numbers encode");
        Some(Delivery { function: mapping.function.clone(), target, body, attributes: Default::default() })
    }

    fn batch_info<'a>(&'a self, first: &'a Record, last: &'a Record) -> BatchInfo<'a> {
        let source = self.origin.event_source_arn.as_str();
        BatchInfo {
            shard_id: &self.shard,
            start_sequence_number: first.sequence_number.as_str(),
            end_sequence_number: last.sequence_number.as_str(),
            approximate_arrival_of_first_record: first.arrival.to_string(),
            approximate_arrival_of_last_record: last.arrival.to_string(),
            batch_size: self.discarded.records.len(),
            // The source may be a consumer of the stream.
            stream_arn: source.split_once("/consumer/").map_or(source, |(stream, _)| stream),
        }
    }
}

/// In AWS's words, except for the last, for which we know none.
fn condition(cause: Cause) -> &'static str {
    match cause {
        Cause::RetryAttemptsExhausted => "RetryAttemptsExhausted",
        Cause::RecordAgeExceeded => "RecordAgeExceeded",
        Cause::EventTooLarge => "EventTooLarge",
    }
}

fn text(event: &Bytes) -> String {
    String::from_utf8_lossy(event).into_owned()
}
