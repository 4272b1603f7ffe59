//! PutRecord: one record to the open shard whose range has its key; answered when it is durable.
//!
//! Data and partition key together may be as large as the stream allows. Without throughput the record is refused.

use aws_wire::{Action, Blob, Call, Encoded, Shape, Structure, scan};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::name::is_name;
use crate::new_records::{NewRecords, Written64, once};
use crate::output::{self, EncryptionType};
use crate::sequence::SequenceNumber;
use crate::service::Kinesis;
use crate::shard::ShardIndex;
use crate::{placement, shape};

pub(super) struct PutRecord;

/// The general form of a request.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    data: Blob,
    partition_key: Option<String>,
    explicit_hash_key: Option<String>,
    sequence_number_for_ordering: Option<String>,
    dry_run: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(from = "Document")]
pub(super) struct Input {
    stream_name: Option<String>,
    stream_arn: Option<String>,
    /// One record, unless its explicit hash key lies outside the key space.
    record: Result<NewRecords>,
    sequence_number_for_ordering: Option<String>,
    dry_run: bool,
}

impl From<Document> for Input {
    fn from(document: Document) -> Self {
        let mut record = NewRecords::with_room(0);
        let data = &document.data.0;
        let partition_key = document.partition_key.as_deref().unwrap_or_default();
        let pushed = record.push(partition_key, document.explicit_hash_key.as_deref(), data);
        Self {
            stream_name: document.stream_name,
            stream_arn: document.stream_arn,
            record: pushed.map(|()| record),
            sequence_number_for_ordering: document.sequence_number_for_ordering,
            dry_run: document.dry_run == Some(true),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    #[serde(serialize_with = "output::text")]
    shard_id: ShardIndex,
    #[serde(serialize_with = "output::text")]
    sequence_number: SequenceNumber,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption_type: Option<EncryptionType>,
}

impl Action<Kinesis> for PutRecord {
    const NAME: &'static str = "PutRecord";
    const INPUT: Structure = Structure::new(
        "PutRecordInput",
        &[
            shape::STREAM_NAME.member("StreamName"),
            shape::DATA.member("Data").required(),
            shape::PARTITION_KEY.member("PartitionKey"),
            shape::HASH_KEY.member("ExplicitHashKey"),
            shape::SEQUENCE_NUMBER.member("SequenceNumberForOrdering"),
            shape::STREAM_ARN.member("StreamARN"),
            shape::STREAM_ID.member("StreamId"),
            Shape::boolean().member("DryRun"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Output> {
        let stream = service.usable_stream(call, input.stream_name.as_deref(), input.stream_arn.as_deref())?;
        let record = input.record?;
        if let Some(number) = input.sequence_number_for_ordering {
            // A number that we gave out is smaller than what its shard, or a child of it, gives out next. So it needs
            // no doing; only what no shard can have given out yet is refused.
            let now = service.now().as_secs();
            if SequenceNumber::parse(&number).is_none_or(|parsed| parsed.time() > now) {
                return Err(Error::SequenceNumberForOrdering { number, stream: stream.label() });
            }
        }
        let placed = placement::place(&stream, record)?;
        if input.dry_run {
            return Err(service.rehearse(&stream, &placed.records));
        }
        let writing = service.write(&stream, placed).await?;
        let written = writing.outcomes.into_iter().next().unwrap_or(Err(Error::Internal))?;
        Ok(Output {
            shard_id: written.shard,
            sequence_number: written.number,
            encryption_type: EncryptionType::if_encrypted(writing.encrypted),
        })
    }

    fn decode_fast(body: &Encoded) -> Option<Input> {
        let (mut stream_name, mut written) = (None, Written64::default());
        // The rarer members take the general way.
        scan::document(body, |scanner, name| match name {
            b"StreamName" => once(&mut stream_name, scanner.text()?),
            name => written.member(scanner, name),
        })?;
        let mut record = NewRecords::with_room(body.room());
        record.push_written(&written)?;
        let stream_name = stream_name.filter(|name| is_name(name))?;
        Some(Input {
            stream_name: Some(stream_name.to_owned()),
            stream_arn: None,
            record: Ok(record),
            sequence_number_for_ordering: None,
            dry_run: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::{Value, json};

    use crate::test::Fixture;

    fn record(key: &str, data: &[u8]) -> Value {
        json!({"StreamName": "s", "PartitionKey": key, "Data": STANDARD.encode(data)})
    }

    #[tokio::test]
    async fn numbers_rise_and_the_key_decides_the_shard() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 2).await;
        let first = fixture.put("s", "a", "1").await;
        assert!(first < fixture.put("s", "a", "2").await);
        let put = async |key: &str, input: Value| {
            let mut input = input;
            input["StreamName"] = "s".into();
            input["PartitionKey"] = key.into();
            input["Data"] = "".into();
            fixture.ok("PutRecord", input).await["ShardId"].as_str().unwrap().to_owned()
        };
        // The hash of "a" begins with 0c, that of "b" with 92.
        assert_eq!(put("a", json!({})).await, "shardId-000000000000");
        assert_eq!(put("b", json!({})).await, "shardId-000000000001");
        assert_eq!(put("b", json!({"ExplicitHashKey": "0"})).await, "shardId-000000000000");
        let top = "340282366920938463463374607431768211455";
        assert_eq!(put("a", json!({"ExplicitHashKey": top})).await, "shardId-000000000001");
        let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
        assert_eq!(put("a", json!({"StreamARN": arn})).await, "shardId-000000000000");
    }

    #[tokio::test]
    async fn refuses_in_the_words_of_aws() {
        let fixture = Fixture::new().await;
        let refused = async |input, words: &str| fixture.refused("PutRecord", input, words).await;
        let unknown = "ResourceNotFoundException: Stream s under account 000000000000 not found.";
        refused(record("k", b""), unknown).await;
        fixture.ok("CreateStream", json!({"StreamName": "s", "ShardCount": 1})).await;
        refused(record("k", b""), unknown).await;
        fixture.advance_secs(1).await;
        let with = |member: &str, value: &str| {
            let mut input = record("k", b"");
            input[member] = value.into();
            input
        };
        refused(
            with("ExplicitHashKey", "340282366920938463463374607431768211456"),
            "InvalidArgumentException: Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. \
             Specified value was 340282366920938463463374607431768211456",
        )
        .await;
        let nines = "9".repeat(60);
        refused(
            with("SequenceNumberForOrdering", &nines),
            &format!(
                "InvalidArgumentException: ExclusiveMinimumSequenceNumber {nines} used in PutRecord on stream s under \
                 account 000000000000 is invalid."
            ),
        )
        .await;
        refused(
            json!({"StreamName": "s", "PartitionKey": "", "Data": "AA"}),
            // Types come first.
            "SerializationException: ",
        )
        .await;
        refused(
            json!({"StreamName": "s", "PartitionKey": ""}),
            "ValidationException: 2 validation errors detected: Value null at 'data' failed to satisfy constraint: \
             Member must not be null; Value '' at 'partitionKey' failed to satisfy constraint: Member must have length \
             greater than or equal to 1",
        )
        .await;
    }

    #[tokio::test]
    async fn an_ordering_number_is_exceeded() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let first = fixture.put("s", "k", "1").await;
        for number in [first.as_str(), "0"] {
            let mut input = record("k", b"2");
            input["SequenceNumberForOrdering"] = number.into();
            let second = fixture.ok("PutRecord", input).await;
            assert!(second["SequenceNumber"].as_str().unwrap() > first.as_str());
        }
    }

    #[tokio::test]
    async fn a_record_is_as_large_as_the_stream_allows() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let mebibyte = vec![0; 1 << 20];
        fixture.ok("PutRecord", record("k", &mebibyte[1..])).await;
        let refused = "InvalidArgumentException: Record size of 1048577 bytes exceeds the maximum record size of 1048576 \
                       bytes of stream s under account 000000000000.";
        fixture.refused("PutRecord", record("k", &mebibyte), refused).await;
        // The limit counts the key's bytes, not its characters.
        fixture.refused("PutRecord", record("é", &mebibyte[1..]), refused).await;
        let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
        fixture.ok("UpdateMaxRecordSize", json!({"StreamARN": arn, "MaxRecordSizeInKiB": 2048})).await;
        fixture.advance_secs(1).await;
        fixture.ok("PutRecord", record("k", &mebibyte)).await;
    }

    #[tokio::test]
    async fn a_shard_takes_a_mebibyte_a_second() {
        let fixture = Fixture::limited().await;
        fixture.stream("s", 1).await;
        let most = record("k", &vec![0; (1 << 20) - 1]);
        fixture.ok("PutRecord", most.clone()).await;
        let exceeded = "ProvisionedThroughputExceededException: Rate exceeded for shard shardId-000000000000 in stream s \
                        under account 000000000000.";
        fixture.refused("PutRecord", record("k", b"x"), exceeded).await;
        fixture.advance_secs(1).await;
        fixture.ok("PutRecord", most).await;
    }

    #[tokio::test]
    async fn acknowledged_records_are_there_after_a_restart() {
        let mut fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let before = fixture.put("s", "before", "1").await;
        fixture.restart().await;
        assert!(before < fixture.put("s", "after", "2").await);
        assert_eq!(fixture.keys_in("s", "shardId-000000000000").await, ["before", "after"]);
    }
}
