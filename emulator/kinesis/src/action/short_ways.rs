//! The short ways into and out of the busy actions, held against the general ones.

use std::fmt::Debug;

use aws_wire::action::decode_document;
use aws_wire::{Action, Body, Call, Encoded};
use env::Timestamp;
use futures_util::StreamExt as _;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};
use shard_log::{Entry, Offset, Records};

use super::get_records::GetRecords;
use super::put_record::PutRecord;
use super::put_records::{self, PutRecords};
use crate::error::Error;
use crate::output::RecordOutput;
use crate::read::{Origin, ShardPage};
use crate::record_text::RecordText;
use crate::sequence::SequenceNumber;
use crate::service::Kinesis;
use crate::shard::{Shard, ShardIndex};
use crate::stored_record::RecordKey;
use crate::test::cbor;
use crate::write::{Writing, Written};

/// What the short way reads, the general way reads as the same.
fn agree<A: Action<Kinesis>>(body: &Encoded) -> Result<bool, TestCaseError>
where
    A::Input: Debug,
{
    let Some(fast) = A::decode_fast(body) else { return Ok(false) };
    match decode_document::<A::Input>(&A::INPUT, body) {
        Ok(general) => prop_assert_eq!(format!("{fast:?}"), format!("{general:?}")),
        Err(error) => prop_assert!(false, "{error:?}"),
    }
    Ok(true)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![8 => "[a-zé.0-9]{1,12}", 1 => Just(String::new()), 1 => "[\"\\\\\n]{1,2}", 1 => "a{257}"]
}

fn hash_key() -> impl Strategy<Value = String> {
    let beyond = "340282366920938463463374607431768211456".to_owned();
    prop_oneof![4 => any::<u128>().prop_map(|key| key.to_string()), 1 => Just(beyond), 1 => "0?[0-9x]{0,3}"]
}

fn data() -> impl Strategy<Value = String> {
    use base64::Engine as _;
    let good = vec(any::<u8>(), 0..200).prop_map(|data| base64::engine::general_purpose::STANDARD.encode(data));
    prop_oneof![8 => good, 1 => "[A-Za-z=]{0,6}"]
}

fn entry() -> impl Strategy<Value = Value> {
    (data(), text(), option::weighted(0.2, hash_key())).prop_map(|(data, key, hash_key)| {
        let mut entry = json!({"Data": data, "PartitionKey": key});
        if let Some(hash_key) = hash_key {
            entry["ExplicitHashKey"] = hash_key.into();
        }
        entry
    })
}

fn request() -> impl Strategy<Value = Value> {
    (text(), vec(entry(), 0..5), option::weighted(0.1, text())).prop_map(|(stream, records, arn)| {
        let mut request = json!({"StreamName": stream, "Records": records});
        if let Some(arn) = arn {
            request["StreamARN"] = arn.into();
        }
        request
    })
}

/// Changes a byte, or leaves a part out or writes it twice.
fn broken(mut body: Vec<u8>, at: usize, length: usize, how: u8) -> Vec<u8> {
    let start = at % body.len();
    let end = body.len().min(start + length);
    let part = body[start..end].to_vec();
    match how % 4 {
        0 => body[start] = how,
        1 => drop(body.splice(start..end, [])),
        2 => drop(body.splice(start..start, part)),
        _ => {}
    }
    body
}

proptest! {
    #[test]
    fn of_put_records(request in request(), pretty: bool, at: usize, length in 1_usize..40, how: u8) {
        let print = if pretty { serde_json::to_vec_pretty } else { serde_json::to_vec };
        agree::<PutRecords>(&Encoded::json(broken(print(&request).unwrap(), at, length, how)))?;
        let cbor = cbor::from_json(&PutRecords::INPUT, &request);
        agree::<PutRecords>(&Encoded::cbor(broken(cbor, at, length, how)))?;
    }

    #[test]
    fn of_put_record(stream in text(), mut record in entry(), at: usize, length in 1_usize..40, how: u8) {
        record["StreamName"] = stream.into();
        agree::<PutRecord>(&Encoded::json(broken(serde_json::to_vec(&record).unwrap(), at, length, how)))?;
        let cbor = cbor::from_json(&PutRecord::INPUT, &record);
        agree::<PutRecord>(&Encoded::cbor(broken(cbor, at, length, how)))?;
    }

    #[test]
    fn out_of_get_records(key in "\\PC{0,9}[\"\\\\\n\u{1}]?", data in vec(any::<u8>(), 0..200), millis: u32, encrypted: bool) {
        let arrival = Timestamp::from_millis(1_700_000_000_000 + u64::from(millis));
        let shard = Shard::first_of(8, Timestamp::from_secs(1_700_000_000)).remove(7);
        let mut log_key = Vec::new();
        RecordKey::encode_onto(&mut log_key, &key);
        if encrypted {
            RecordKey::mark_encrypted(&mut log_key);
        }
        let entries = [Entry { key: &log_key, payload: &data }; 2];
        let page = ShardPage {
            batches: vec![Records::new(Offset(millis.into()), arrival, &entries)],
            origin: Origin::of(&shard),
            next: Offset::ZERO,
            millis_behind: 0,
            at_end: false,
            bytes: 0,
        };
        let (mut written, mut text) = (Vec::new(), RecordText::new(page.origin));
        page.batches[0].iter().try_for_each(|record| text.write(&mut written, &record)).unwrap();
        let expected = page.records().map(|record| serde_json::to_string(&RecordOutput::from(record)).unwrap());
        prop_assert_eq!(String::from_utf8(written).unwrap(), expected.collect::<String>());
    }
}

#[test]
fn are_taken_by_what_clients_send() {
    let record = json!({"StreamName": "s", "Data": "aGVsbG8=", "PartitionKey": "Schlüssel", "ExplicitHashKey": "0"});
    taken_in_both_formats::<PutRecord>(&record, true);
    let entry = json!({"PartitionKey": "k", "Data": ""});
    taken_in_both_formats::<PutRecords>(&json!({"StreamName": "s", "Records": [entry, entry]}), true);
    taken_in_both_formats::<PutRecords>(&json!({"StreamName": "s", "Records": []}), false);
}

fn taken_in_both_formats<A: Action<Kinesis>>(input: &Value, expected: bool)
where
    A::Input: Debug,
{
    for body in [Encoded::json(input.to_string()), Encoded::cbor(cbor::from_json(&A::INPUT, input))] {
        assert_eq!(agree::<A>(&body).unwrap(), expected, "{input} in {:?}", body.format);
    }
}

#[test]
fn write_what_serde_writes() {
    let number = SequenceNumber::starting(ShardIndex(3), 1_700_000_000);
    let put = Written { shard: ShardIndex(3), number };
    for encrypted in [false, true] {
        for outcomes in [vec![], vec![Ok(put)], vec![Ok(put), Err(Error::Internal), Ok(put)]] {
            let output = put_records::Output::from(Writing { outcomes, encrypted });
            assert_eq!(PutRecords::encode(&output).unwrap(), serde_json::to_vec(&output).unwrap());
        }
    }
}

/// The answer of a GetRecords call that is written as it is read, and the one that serde writes.
async fn both_pages(fixture: &crate::test::Fixture, input: &Value) -> [Value; 2] {
    let call = Call { world: fixture.world.clone(), access_key: None, invocation: None, request_id: "id".into() };
    let decode = || decode_document(&GetRecords::INPUT, &Encoded::json(input.to_string())).unwrap();
    let whole = GetRecords::run(&fixture.kinesis, &call, decode()).await.unwrap();
    let pieces = match GetRecords::run_in_json(&fixture.kinesis, &call, decode()).await.unwrap() {
        Body::Full(all) => all.to_vec(),
        Body::Stream(pieces) => pieces.collect::<Vec<_>>().await.concat(),
    };
    [serde_json::from_slice(&pieces).unwrap(), serde_json::to_value(&whole).unwrap()]
}

#[tokio::test]
async fn a_page_is_written_as_serde_writes_it() {
    let fixture = crate::test::Fixture::new().await;
    fixture.stream("s", 1).await;
    let iterator = fixture.iterator("s", "shardId-000000000000", "TRIM_HORIZON").await;
    let mut sizes = vec![];
    // From nothing to some pieces; the steps of reading and the pieces of writing end in different places.
    for size in [0, 1, 100_000, 300_000, 1_000_000, 100, 200_000, 200_000, 700_000, 1_048_000] {
        sizes.push(size);
        for limit in [1, 5, 10_000] {
            let [pieces, whole] = both_pages(&fixture, &json!({"ShardIterator": iterator, "Limit": limit})).await;
            assert_eq!(pieces, whole);
            assert_eq!(pieces["Records"].as_array().unwrap().len(), limit.min(sizes.len() - 1));
        }
        fixture.put("s", "k", &"v".repeat(size)).await;
    }
}

#[tokio::test]
async fn a_page_ends_before_it_is_larger_than_ten_mebibytes() {
    let fixture = crate::test::Fixture::new().await;
    fixture.stream("s", 1).await;
    for _ in 0..11 {
        fixture.put("s", "k", &"v".repeat((1 << 20) - 2)).await;
    }
    let iterator = fixture.iterator("s", "shardId-000000000000", "TRIM_HORIZON").await;
    let [pieces, whole] = both_pages(&fixture, &json!({"ShardIterator": iterator})).await;
    assert_eq!(pieces["Records"].as_array().unwrap().len(), 10);
    assert_eq!(pieces, whole);
    let [rest, _] = both_pages(&fixture, &json!({"ShardIterator": pieces["NextShardIterator"]})).await;
    assert_eq!((rest["Records"].as_array().unwrap().len(), &rest["MillisBehindLatest"]), (1, &json!(0)));
}
