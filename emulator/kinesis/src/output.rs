//! Parts of answers that several actions share, in the API's spelling.

use aws_wire::{Blob, EpochSeconds, World};
use env::Timestamp;
use serde::Serialize;

use crate::consumer::{Consumer, ConsumerStatus};
use crate::hash_key::{HashKey, HashKeyRange};
use crate::read::StoredRecord;
use crate::sequence::SequenceNumber;
use crate::shard::{Shard, ShardIndex, ShardMap};
use crate::stored_record::PartitionKey;
use crate::stream::{Mode, Stream};

/// Text of whatever prints itself: ids, numbers and keys are text in the API.
pub(crate) fn text<T: std::fmt::Display, S: serde::Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Writes a JSON list of what `element` writes.
pub(crate) fn list_onto<T>(
    json: &mut Vec<u8>,
    elements: &[T],
    mut element: impl FnMut(&T, &mut Vec<u8>) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    json.push(b'[');
    for (index, value) in elements.iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        element(value, json)?;
    }
    json.push(b']');
    Ok(())
}

/// A time in the whole seconds that creations are told in.
pub(crate) const fn whole_seconds(time: Timestamp) -> EpochSeconds {
    EpochSeconds(Timestamp::from_secs(time.as_secs()))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct HashKeyRangeOutput {
    starting_hash_key: HashKey,
    ending_hash_key: HashKey,
}

impl From<HashKeyRange> for HashKeyRangeOutput {
    fn from(range: HashKeyRange) -> Self {
        Self { starting_hash_key: range.start, ending_hash_key: range.end }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ShardOutput {
    shard_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_shard_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    adjacent_parent_shard_id: Option<String>,
    hash_key_range: HashKeyRangeOutput,
    sequence_number_range: SequenceNumberRange,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct SequenceNumberRange {
    starting_sequence_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ending_sequence_number: Option<String>,
}

impl From<&Shard> for ShardOutput {
    fn from(shard: &Shard) -> Self {
        Self {
            shard_id: shard.index.to_string(),
            parent_shard_id: shard.parent.as_ref().map(ShardIndex::to_string),
            adjacent_parent_shard_id: shard.adjacent_parent.as_ref().map(ShardIndex::to_string),
            hash_key_range: shard.range.into(),
            sequence_number_range: SequenceNumberRange {
                starting_sequence_number: shard.starting_sequence_number().to_string(),
                ending_sequence_number: shard.ending_sequence_number().as_ref().map(SequenceNumber::to_string),
            },
        }
    }
}

/// A shard that a reader goes on with after the end of its parents.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChildShard {
    shard_id: String,
    parent_shards: Vec<String>,
    hash_key_range: HashKeyRangeOutput,
}

impl ChildShard {
    /// The children of a shard.
    pub(crate) fn of(parent: ShardIndex, shards: &ShardMap) -> Vec<Self> {
        let child = |shard: &Shard| Self {
            shard_id: shard.index.to_string(),
            parent_shards: shard.parents().iter().map(ShardIndex::to_string).collect(),
            hash_key_range: shard.range.into(),
        };
        shards.children(parent).map(child).collect()
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RecordOutput {
    #[serde(serialize_with = "text")]
    sequence_number: SequenceNumber,
    approximate_arrival_timestamp: EpochSeconds,
    data: Blob,
    /// Empty where the producer gave none.
    #[serde(skip_serializing_if = "PartitionKey::is_empty")]
    partition_key: PartitionKey,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption_type: Option<EncryptionType>,
}

impl From<StoredRecord> for RecordOutput {
    fn from(record: StoredRecord) -> Self {
        Self {
            sequence_number: record.number,
            approximate_arrival_timestamp: EpochSeconds(record.arrival),
            data: Blob(record.data),
            partition_key: record.partition_key,
            encryption_type: EncryptionType::if_encrypted(record.encrypted),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum EncryptionType {
    None,
    Kms,
}

impl EncryptionType {
    pub(crate) const fn of(encrypted: bool) -> Self {
        if encrypted { Self::Kms } else { Self::None }
    }

    /// Where the absence of the member says that nothing was encrypted.
    pub(crate) fn if_encrypted(encrypted: bool) -> Option<Self> {
        encrypted.then_some(Self::Kms)
    }
}

/// `{"StreamMode": "PROVISIONED"}`, in inputs and outputs.
#[derive(Clone, Copy, Debug, Serialize, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StreamModeDetails {
    pub(crate) stream_mode: Mode,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ConsumerOutput {
    consumer_name: String,
    #[serde(rename = "ConsumerARN")]
    consumer_arn: String,
    consumer_status: ConsumerStatus,
    consumer_creation_timestamp: EpochSeconds,
    /// Only where one consumer is described.
    #[serde(rename = "StreamARN", skip_serializing_if = "Option::is_none")]
    stream_arn: Option<String>,
}

impl ConsumerOutput {
    pub(crate) fn of(stream: &Stream, name: &str, consumer: &Consumer, now: Timestamp) -> Self {
        Self {
            consumer_name: name.to_owned(),
            consumer_arn: consumer.arn(&stream.world, &stream.name, name),
            consumer_status: consumer.status(now),
            consumer_creation_timestamp: EpochSeconds(Timestamp::from_secs(consumer.created)),
            stream_arn: None,
        }
    }

    pub(crate) fn with_stream(self, world: &World, stream: &Stream) -> Self {
        Self { stream_arn: Some(stream.name.arn(world)), ..self }
    }
}

/// A tag where tags are listed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}
