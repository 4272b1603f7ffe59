//! Encryption at rest, from outside: what lies in the data directory, and what a key that cannot be used does to a stream.

use std::path::Path;

use acceptance::Emulator;
use anyhow::Result;
use serde_json::{Value, json};

use crate::stage::{Stage, call, kinesis, until_active};

/// `secret record` and `plain record` in base64.
const SECRET: &str = "c2VjcmV0IHJlY29yZA==";
const PLAIN: &str = "cGxhaW4gcmVjb3Jk";

#[test]
fn nothing_of_a_record_can_be_found_in_the_data_directory() {
    let stage = Stage::new();
    let emulator = stream(&stage);
    put(&emulator, "plain key", PLAIN).unwrap();
    encrypt(&emulator, "alias/aws/kinesis");
    assert_eq!(put(&emulator, "secret key", SECRET).unwrap()["EncryptionType"], "KMS");
    let emulator = emulator.stop_and_restart().unwrap();
    put(&emulator, "secret key", SECRET).unwrap();
    let emulator = emulator.kill_and_restart().unwrap();
    let data = emulator.data().to_owned();
    assert_eq!(records(&emulator).unwrap(), [PLAIN, SECRET, SECRET]);
    emulator.stop().unwrap();
    assert!(
        is_found(&data, b"plain record") && is_found(&data, b"plain key"),
        "the search finds what is not encrypted"
    );
    for text in ["secret record", "secret key", SECRET] {
        assert!(!is_found(&data, text.as_bytes()), "{text}");
    }
}

#[test]
fn a_key_that_cannot_be_used_stops_puts_and_gets_until_it_can() {
    let stage = Stage::new();
    let mut emulator = stream(&stage);
    let key = kms(&emulator, "CreateKey", &json!({})).unwrap()["KeyMetadata"].clone();
    let (id, arn) = (json!({"KeyId": key["KeyId"]}), key["Arn"].as_str().unwrap());
    kms(&emulator, "CreateAlias", &json!({"AliasName": "alias/mine", "TargetKeyId": arn})).unwrap();
    encrypt(&emulator, "alias/mine");
    put(&emulator, "k", SECRET).unwrap();
    let refused = |emulator: &Emulator, code: &str, message: &str| {
        for refusal in [put(emulator, "k", SECRET), records(emulator).map(Value::from)] {
            let words = refusal.unwrap_err().to_string();
            assert!(words.contains(code) && words.contains(message), "{words}");
        }
    };
    kms(&emulator, "DisableKey", &id).unwrap();
    refused(&emulator, "KMSDisabledException", &format!("{arn} is disabled."));
    emulator = emulator.kill_and_restart().unwrap();
    refused(&emulator, "KMSDisabledException", &format!("{arn} is disabled."));
    kms(&emulator, "EnableKey", &id).unwrap();
    assert_eq!(records(&emulator).unwrap(), [SECRET]);
    put(&emulator, "k", SECRET).unwrap();

    kms(&emulator, "ScheduleKeyDeletion", &id).unwrap();
    refused(&emulator, "KMSInvalidStateException", &format!("{arn} is pending deletion."));
    kms(&emulator, "CancelKeyDeletion", &id).unwrap();
    kms(&emulator, "EnableKey", &id).unwrap();
    assert_eq!(records(&emulator).unwrap(), [SECRET, SECRET]);
    kms(&emulator, "DeleteAlias", &json!({"AliasName": "alias/mine"})).unwrap();
    let missing = put(&emulator, "k", SECRET).unwrap_err().to_string();
    assert!(missing.contains("KMSNotFoundException") && missing.contains(":alias/mine is not found."), "{missing}");
    emulator.stop().unwrap();
}

#[test]
fn starting_changing_and_stopping_change_new_records_only() {
    let stage = Stage::new();
    let mut emulator = stream(&stage);
    let key = kms(&emulator, "CreateKey", &json!({})).unwrap()["KeyMetadata"]["Arn"].clone();
    encrypt(&emulator, "alias/aws/kinesis");
    put(&emulator, "1", SECRET).unwrap();
    encrypt(&emulator, key.as_str().unwrap());
    put(&emulator, "2", SECRET).unwrap();
    kms(&emulator, "RotateKeyOnDemand", &json!({"KeyId": key})).unwrap();
    emulator = emulator.kill_and_restart().unwrap();
    put(&emulator, "3", SECRET).unwrap();
    let stop = json!({"StreamName": "s", "EncryptionType": "KMS", "KeyId": key});
    kinesis(&emulator, "StopStreamEncryption", &stop).unwrap();
    until_active(&emulator, "s");
    put(&emulator, "4", PLAIN).unwrap();
    assert_eq!(records(&emulator).unwrap(), [SECRET, SECRET, SECRET, PLAIN]);
    // With the key of the second and third record disabled, the first can be read.
    kms(&emulator, "DisableKey", &json!({"KeyId": key})).unwrap();
    assert_eq!(records(&emulator).unwrap(), [SECRET]);
    put(&emulator, "5", PLAIN).unwrap();
    emulator.stop().unwrap();
}

/// An emulator with a stream `s` of one shard.
fn stream(stage: &Stage) -> Emulator {
    let emulator = stage.emulator();
    kinesis(&emulator, "CreateStream", &json!({"StreamName": "s", "ShardCount": 1})).unwrap();
    until_active(&emulator, "s");
    emulator
}

fn encrypt(emulator: &Emulator, key: &str) {
    let input = json!({"StreamName": "s", "EncryptionType": "KMS", "KeyId": key});
    kinesis(emulator, "StartStreamEncryption", &input).unwrap();
    until_active(emulator, "s");
}

fn put(emulator: &Emulator, key: &str, data: &str) -> Result<Value> {
    kinesis(emulator, "PutRecord", &json!({"StreamName": "s", "PartitionKey": key, "Data": data}))
}

/// The data of the first page of the shard.
fn records(emulator: &Emulator) -> Result<Vec<String>> {
    let position = json!({"StreamName": "s", "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"});
    let iterator = kinesis(emulator, "GetShardIterator", &position)?;
    let page = kinesis(emulator, "GetRecords", &iterator)?;
    let records = page["Records"].as_array().into_iter().flatten();
    Ok(records.filter_map(|record| record["Data"].as_str().map(str::to_owned)).collect())
}

fn kms(emulator: &Emulator, action: &str, input: &Value) -> Result<Value> {
    call(emulator, &format!("TrentService.{action}"), input)
}

/// Whether any file below `directory` holds `text`.
fn is_found(directory: &Path, text: &[u8]) -> bool {
    std::fs::read_dir(directory).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return is_found(&path, text);
        }
        std::fs::read(&path).unwrap().windows(text.len()).any(|window| window == text)
    })
}
