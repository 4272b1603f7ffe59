//! PutRecords: up to 500 records, 10 MiB in all; each is put or refused alone, in the order of the request.
//!
//! The records of one shard go in as one batch and stay in their order.

use aws_wire::{Action, Blob, Call, Encoded, Shape, Structure, scan};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::name::is_name;
use crate::new_records::{NewRecords, Written64, once};
use crate::output::{self, EncryptionType};
use crate::sequence::{Numerals, SequenceNumber};
use crate::service::Kinesis;
use crate::shard::ShardIndex;
use crate::write::{Writing, Written};
use crate::{placement, shape};

pub(super) struct PutRecords;

/// The general form of a request.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    records: Vec<Entry>,
    dry_run: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    data: Blob,
    explicit_hash_key: Option<String>,
    partition_key: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(from = "Document")]
pub(super) struct Input {
    stream_name: Option<String>,
    stream_arn: Option<String>,
    /// Unless an explicit hash key lies outside the key space.
    records: Result<NewRecords>,
    dry_run: bool,
}

impl From<Document> for Input {
    fn from(document: Document) -> Self {
        let mut records = NewRecords::with_room(0);
        let push = |entry: &Entry| {
            let partition_key = entry.partition_key.as_deref().unwrap_or_default();
            records.push(partition_key, entry.explicit_hash_key.as_deref(), &entry.data.0)
        };
        let records = document.records.iter().try_for_each(push).map(|()| records);
        let Document { stream_name, stream_arn, dry_run, .. } = document;
        Self { stream_name, stream_arn, records, dry_run: dry_run == Some(true) }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    failed_record_count: usize,
    records: Vec<Outcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption_type: Option<EncryptionType>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    #[serde(rename_all = "PascalCase")]
    Put {
        #[serde(serialize_with = "output::text")]
        sequence_number: SequenceNumber,
        #[serde(serialize_with = "output::text")]
        shard_id: ShardIndex,
    },
    #[serde(rename_all = "PascalCase")]
    Refused { error_code: &'static str, error_message: String },
}

impl From<Writing> for Output {
    fn from(writing: Writing) -> Self {
        Self {
            failed_record_count: writing.outcomes.iter().filter(|outcome| outcome.is_err()).count(),
            records: writing.outcomes.into_iter().map(Outcome::from).collect(),
            encryption_type: EncryptionType::if_encrypted(writing.encrypted),
        }
    }
}

impl From<Result<Written>> for Outcome {
    fn from(outcome: Result<Written>) -> Self {
        match outcome {
            Ok(written) => Self::Put { sequence_number: written.number, shard_id: written.shard },
            Err(error) => Self::Refused { error_code: error.code(), error_message: error.to_string() },
        }
    }
}

impl Outcome {
    /// What [`Serialize`] writes, without its detours.
    fn write(&self, json: &mut Vec<u8>, numerals: &mut Numerals) -> serde_json::Result<()> {
        match self {
            Self::Put { sequence_number, shard_id } => {
                json.extend_from_slice(b"{\"SequenceNumber\":\"");
                json.extend_from_slice(&numerals.digits(sequence_number));
                json.extend_from_slice(b"\",\"ShardId\":\"");
                shard_id.id_onto(json);
                json.extend_from_slice(b"\"}");
                Ok(())
            }
            Self::Refused { .. } => serde_json::to_writer(json, self),
        }
    }

    /// About the bytes of one in JSON.
    const WRITTEN: usize = 128;
}

const ENTRY: Shape = Shape::structure(&Structure::new(
    "com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry",
    &[
        shape::DATA.member("Data").required(),
        shape::HASH_KEY.member("ExplicitHashKey"),
        shape::PARTITION_KEY.member("PartitionKey"),
    ],
));
const MOST_RECORDS: usize = 500;
const MOST_BYTES: u64 = 10 << 20;

impl Action<Kinesis> for PutRecords {
    const NAME: &'static str = "PutRecords";
    const INPUT: Structure = Structure::new(
        "PutRecordsInput",
        &[
            Shape::list(&ENTRY).length(1, 500).member("Records").required(),
            shape::STREAM_NAME.member("StreamName"),
            shape::STREAM_ARN.member("StreamARN"),
            shape::STREAM_ID.member("StreamId"),
            Shape::boolean().member("DryRun"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Output> {
        let stream = service.usable_stream(call, input.stream_name.as_deref(), input.stream_arn.as_deref())?;
        let records = input.records?;
        if records.sizes().sum::<u64>() > MOST_BYTES {
            return Err(Error::RecordsTooLarge);
        }
        let placed = placement::place(&stream, records)?;
        if input.dry_run {
            return Err(service.rehearse(&stream, &placed.records));
        }
        let writing = service.write(&stream, placed).await?;
        Ok(writing.into())
    }

    fn decode_fast(body: &Encoded) -> Option<Input> {
        let (mut stream_name, mut records) = (None, None);
        // The rarer members take the general way.
        scan::document(body, |scanner, name| match name {
            b"StreamName" => once(&mut stream_name, scanner.text()?),
            b"Records" => {
                let mut read = NewRecords::with_room(body.room());
                scanner.array(|scanner| {
                    let mut record = Written64::default();
                    scanner.object(|scanner, name| record.member(scanner, name))?;
                    read.push_written(&record)
                })?;
                once(&mut records, read)
            }
            _ => None,
        })?;
        let stream_name = stream_name.filter(|name| is_name(name))?;
        let records = records.filter(|records| (1..=MOST_RECORDS).contains(&records.len()))?;
        Some(Input {
            stream_name: Some(stream_name.to_owned()),
            stream_arn: None,
            records: Ok(records),
            dry_run: false,
        })
    }

    fn encode(output: &Output) -> serde_json::Result<Vec<u8>> {
        let mut json = Vec::with_capacity((output.records.len() + 1) * Outcome::WRITTEN);
        json.extend_from_slice(b"{\"FailedRecordCount\":");
        serde_json::to_writer(&mut json, &output.failed_record_count)?;
        json.extend_from_slice(b",\"Records\":");
        let mut numerals = Numerals::new();
        output::list_onto(&mut json, &output.records, |outcome, json| outcome.write(json, &mut numerals))?;
        if let Some(encryption) = output.encryption_type {
            json.extend_from_slice(b",\"EncryptionType\":");
            serde_json::to_writer(&mut json, &encryption)?;
        }
        json.push(b'}');
        Ok(json)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::{Value, json};

    use super::*;
    use crate::test::Fixture;

    fn records(entries: impl IntoIterator<Item = Value>) -> Value {
        json!({"StreamName": "s", "Records": entries.into_iter().collect::<Vec<_>>()})
    }

    fn entry(key: &str) -> Value {
        json!({"PartitionKey": key, "Data": "AA=="})
    }

    #[tokio::test]
    async fn answers_in_the_order_of_the_request() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 4).await;
        let keys: Vec<String> = (0..500).map(|number| format!("key {number}")).collect();
        let answer = fixture.ok("PutRecords", records(keys.iter().map(|key| entry(key)))).await;
        assert_eq!(answer["FailedRecordCount"], 0);
        assert!(answer.get("EncryptionType").is_none());
        let mut by_shard = vec![Vec::new(); 4];
        for (key, put) in keys.iter().zip(answer["Records"].as_array().unwrap()) {
            let shard: usize = put["ShardId"].as_str().unwrap()["shardId-".len()..].parse().unwrap();
            by_shard[shard].push((key.clone(), put["SequenceNumber"].as_str().unwrap().to_owned()));
        }
        for (shard, put) in by_shard.iter().enumerate() {
            assert!(put.is_sorted_by(|left, right| left.1 < right.1), "shard {shard}");
            let read = fixture.keys_in("s", &format!("shardId-{shard:012}")).await;
            assert_eq!(read, put.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_short_way_leaves_what_is_wrong_to_the_general_one() {
        let short = |input: &Value| PutRecords::decode_fast(&Encoded::json(input.to_string())).is_some();
        assert!(short(&records([entry("k"), entry("é")])));
        let with = |member: &str, value: Value| {
            let mut entry = entry("k");
            entry[member] = value;
            records([entry])
        };
        assert!(short(&with("ExplicitHashKey", "7".into())));
        assert!(short(&with("PartitionKey", "é".repeat(256).into())));
        for wrong in [
            json!({"Records": [entry("k")]}),
            json!({"StreamName": "a b", "Records": [entry("k")]}),
            records([]),
            records((0..501).map(|_| entry("k"))),
            with("PartitionKey", "".into()),
            with("PartitionKey", "é".repeat(257).into()),
            with("PartitionKey", 1.into()),
            with("Data", "AA".into()),
            with("Data", "AB==".into()),
            with("Data", Value::Null),
            with("ExplicitHashKey", "07".into()),
            with("ExplicitHashKey", "x".into()),
        ] {
            assert!(!short(&wrong), "{wrong}");
        }
    }

    #[tokio::test]
    async fn records_fail_one_by_one() {
        let fixture = Fixture::limited().await;
        fixture.stream("s", 1).await;
        for _ in 0..2 {
            let answer = fixture.ok("PutRecords", records((0..500).map(|_| entry("k")))).await;
            assert_eq!(answer["FailedRecordCount"], 0);
        }
        let answer = fixture.ok("PutRecords", records((0..3).map(|_| entry("k")))).await;
        assert_eq!(answer["FailedRecordCount"], 3);
        assert_eq!(
            answer["Records"][2],
            json!({
                "ErrorCode": "ProvisionedThroughputExceededException",
                "ErrorMessage": "Rate exceeded for shard shardId-000000000000 in stream s under account 000000000000.",
            })
        );
        fixture.advance(std::time::Duration::from_millis(2)).await;
        let answer = fixture.ok("PutRecords", records((0..3).map(|_| entry("k")))).await;
        assert_eq!(answer["FailedRecordCount"], 1);
    }

    #[tokio::test]
    async fn a_bad_request_fails_as_a_whole() {
        let fixture = Fixture::new().await;
        let refused = async |input, words: &str| fixture.refused("PutRecords", input, words).await;
        let unknown = "ResourceNotFoundException: Stream s under account 000000000000 not found.";
        refused(records([entry("k")]), unknown).await;
        fixture.stream("s", 1).await;
        let mut bad = entry("k");
        bad["ExplicitHashKey"] = "340282366920938463463374607431768211456".into();
        refused(
            records([entry("k"), bad]),
            "InvalidArgumentException: Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. \
             Specified value was 340282366920938463463374607431768211456",
        )
        .await;
        let data = STANDARD.encode(vec![0; (1 << 20) - 1]);
        let large = || json!({"PartitionKey": "k", "Data": data});
        refused(records((0..11).map(|_| large())), "InvalidArgumentException: Records size exceeds 10 MB limit").await;
        assert!(fixture.keys_in("s", "shardId-000000000000").await.is_empty());
        fixture.ok("PutRecords", records((0..10).map(|_| large()))).await;
        refused(
            records([]),
            "ValidationException: 1 validation error detected: Value '[]' at 'records' failed to satisfy constraint: \
             Member must have length greater than or equal to 1",
        )
        .await;
        let message = fixture.call("PutRecords", records((0..501).map(|_| entry("k")))).await.unwrap_err();
        let end = "at 'records' failed to satisfy constraint: Member must have length less than or equal to 500";
        assert!(message.ends_with(end), "{message}");
        refused(
            records([entry("k"), json!({"PartitionKey": ""})]),
            "ValidationException: 2 validation errors detected: Value null at 'records.2.member.data' failed to satisfy \
             constraint: Member must not be null; Value '' at 'records.2.member.partitionKey' failed to satisfy \
             constraint: Member must have length greater than or equal to 1",
        )
        .await;
    }
}
