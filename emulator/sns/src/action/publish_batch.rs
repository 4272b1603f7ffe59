//! PublishBatch publishes up to ten messages, in their order; some may be taken and others not. Together they have 256 KiB.

use std::collections::HashSet;

use aws_wire::{Action, AwsError, Call, Shape, Structure};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::TOPIC_ARN;
use crate::error::{Error, Result};
use crate::message::{ATTRIBUTES, LONGEST, Publication};
use crate::service::Sns;

pub(super) struct PublishBatch;

/// The most entries of a batch.
const MOST: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    topic_arn: String,
    #[serde(default)]
    publish_batch_request_entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    #[serde(flatten)]
    publication: Publication,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    successful: Vec<Success>,
    failed: Vec<Failure>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Success {
    id: String,
    message_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence_number: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Failure {
    id: String,
    code: String,
    message: String,
    sender_fault: bool,
}

const ENTRY: Structure = Structure::new(
    "PublishBatchRequestEntry",
    &[
        Shape::string().member("Id").required(),
        Shape::string().member("Message").required(),
        Shape::string().member("Subject"),
        Shape::string().member("MessageStructure"),
        ATTRIBUTES.member("MessageAttributes"),
        Shape::string().member("MessageDeduplicationId"),
        Shape::string().member("MessageGroupId"),
    ],
);
const ENTRY_SHAPE: Shape = Shape::structure(&ENTRY);

impl Action<Sns> for PublishBatch {
    const NAME: &'static str = "PublishBatch";
    // A batch without entries has an error of its own, so they are not required here.
    const INPUT: Structure = Structure::new(
        "PublishBatchInput",
        &[TOPIC_ARN, Shape::list(&ENTRY_SHAPE).member("PublishBatchRequestEntries")],
    );
    type Input = Input;
    type Output = Output;

    async fn run(sns: &Sns, call: &Call, input: Input) -> Result<Output> {
        let topic = sns.directory().topic(&call.world, &input.topic_arn)?;
        let entries = input.publish_batch_request_entries;
        check(&entries)?;
        // Polled in their order, which is the order of the messages.
        let publishes = entries.into_iter().map(async |Entry { id, publication }| {
            let published = sns.publish(&topic, &publication).await;
            (id, published)
        });
        let mut output = Output { successful: Vec::new(), failed: Vec::new() };
        for (id, outcome) in join_all(publishes).await {
            match outcome {
                Ok(published) => output.successful.push(Success {
                    id,
                    message_id: published.message_id,
                    sequence_number: published.sequence,
                }),
                Err(error) => {
                    let error = AwsError::from(error);
                    output.failed.push(Failure {
                        id,
                        sender_fault: !error.is_service_fault(),
                        code: error.code.into_owned(),
                        message: error.message.unwrap_or_default(),
                    });
                }
            }
        }
        Ok(output)
    }
}

fn check(entries: &[Entry]) -> Result<()> {
    match entries.len() {
        0 => return Err(Error::BatchEmpty),
        count if count > MOST => return Err(Error::BatchTooMany),
        _ => {}
    }
    let mut seen = HashSet::new();
    for Entry { id, .. } in entries {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !(1..=80).contains(&id.len()) || !id.bytes().all(allowed) {
            return Err(Error::BatchIdInvalid);
        }
        if !seen.insert(id) {
            return Err(Error::BatchIdRepeated);
        }
    }
    let length: usize = entries.iter().map(|entry| entry.publication.length()).sum();
    if length > LONGEST { Err(Error::BatchTooLong) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, Got, QUEUE, TOPIC, first};

    #[tokio::test]
    async fn each_for_itself() {
        let fixture = Fixture::with_topic().await;
        fixture.subscribe("sqs", QUEUE, &[]).await;
        let members = [
            ("TopicArn", TOPIC),
            ("PublishBatchRequestEntries.member.1.Id", "a"),
            ("PublishBatchRequestEntries.member.1.Message", "1"),
            ("PublishBatchRequestEntries.member.2.Id", "b"),
            ("PublishBatchRequestEntries.member.2.Message", ""),
            ("PublishBatchRequestEntries.member.3.Id", "c"),
            ("PublishBatchRequestEntries.member.3.Message", "3"),
        ];
        let answer = fixture.ok("PublishBatch", &members).await;
        let (successful, failed) = (first(&answer, "Successful").unwrap(), first(&answer, "Failed").unwrap());
        assert_eq!(successful.matches("<member>").count(), 2);
        assert_eq!(first(&failed, "Id").as_deref(), Some("b"));
        assert_eq!(first(&failed, "Code").as_deref(), Some("InvalidParameter"));
        let got = fixture.got().await;
        let is = |got: &Got, text: &str| matches!(got, Got::Queue(_, message) if message.body.contains(&format!("\"Message\" : \"{text}\"")));
        assert!(is(&got[0], "1") && is(&got[1], "3"), "{got:?}");
    }

    #[tokio::test]
    async fn what_is_no_batch() {
        let fixture = Fixture::with_topic().await;
        let large = "x".repeat(140_000);
        let entries = |ids: &[&str], message: &str| {
            let members = ids.iter().enumerate().flat_map(|(at, id)| {
                let prefix = format!("PublishBatchRequestEntries.member.{}", at + 1);
                [(format!("{prefix}.Id"), (*id).to_owned()), (format!("{prefix}.Message"), message.to_owned())]
            });
            members.collect::<Vec<_>>()
        };
        for (entries, code, words) in [
            (entries(&[], "m"), "EmptyBatchRequest", "The batch request doesn't contain any entries."),
            (
                entries(&["a"; 11], "m"),
                "TooManyEntriesInBatchRequest",
                "The batch request contains more entries than permissible.",
            ),
            (
                entries(&["a", "a"], "m"),
                "BatchEntryIdsNotDistinct",
                "Two or more batch entries in the request have the same Id.",
            ),
            (
                entries(&["?"], "m"),
                "InvalidBatchEntryId",
                "The Id of a batch entry in a batch request doesn't abide by the specification.",
            ),
            (
                entries(&["a", "b"], &large),
                "BatchRequestTooLong",
                "The length of all the batch messages put together is more than the limit.",
            ),
        ] {
            let mut members = vec![("TopicArn", TOPIC)];
            members.extend(entries.iter().map(|(name, value)| (&**name, &**value)));
            fixture.refused("PublishBatch", &members, code, words).await;
        }
    }
}
