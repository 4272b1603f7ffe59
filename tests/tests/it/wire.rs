//! Bad input over a real socket: AWS's answers, and a server that stays up.

use acceptance::request;
use serde_json::json;

use crate::stage::{Stage, kinesis, kinesis_answer, until_active};

#[test]
fn bad_input_gets_what_aws_gives() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    kinesis(&emulator, "CreateStream", &json!({"StreamName": "s", "ShardCount": 1})).unwrap();
    until_active(&emulator, "s");
    let check = |action: &str, body: &str, code: &str, message: &str| {
        let answer = kinesis_answer(&emulator, action, body).unwrap();
        let error = answer.json().unwrap();
        assert_eq!((answer.status, error["__type"].as_str()), (400, Some(code)), "{action} {body}: {}", answer.body);
        let said = error["message"].as_str().or(error["Message"].as_str()).unwrap_or_default();
        assert!(said.contains(message), "{action} {body}: {said}");
        assert!(answer.head.contains("x-amzn-requestid: "), "{}", answer.head);
    };
    check(
        "DescribeStream",
        r#"{"StreamName":"gone"}"#,
        "ResourceNotFoundException",
        "Stream gone under account 000000000000 not found.",
    );
    check(
        "CreateStream",
        r#"{"StreamName":"not a name","ShardCount":1}"#,
        "ValidationException",
        "1 validation error detected: Value 'not a name' at 'streamName' failed to satisfy constraint: Member must satisfy \
         regular expression pattern: [a-zA-Z0-9_.-]+",
    );
    check(
        "CreateStream",
        r#"{"StreamName":"s","ShardCount":1}"#,
        "ResourceInUseException",
        "Stream s under account 000000000000 already exists.",
    );
    check("GetRecords", r#"{"ShardIterator":"AAAA"}"#, "InvalidArgumentException", "Invalid ShardIterator.");
    check("GetRecords", r#"{"ShardIterator":"not base64 %"}"#, "InvalidArgumentException", "Invalid ShardIterator.");
    check(
        "PutRecord",
        r#"{"StreamName":"s","PartitionKey":"k","Data":"%"}"#,
        "SerializationException",
        "can not be converted to a Blob",
    );
    check("PutRecord", r#"{"StreamName":"#, "SerializationException", "");
    check("PutRecord", "", "SerializationException", "");
    check("DropTables", "{}", "UnknownOperationException", "");
    let large = format!(r#"{{"StreamName":"s","PartitionKey":"k","Data":"{}"}}"#, "A".repeat(4 * 400_000));
    let answer = kinesis_answer(&emulator, "PutRecord", &large).unwrap();
    assert_eq!(answer.status, 400, "{}", answer.body);
    kinesis(&emulator, "PutRecord", &json!({"StreamName": "s", "PartitionKey": "k", "Data": ""})).unwrap();
}

#[test]
fn a_service_that_is_not_there_says_so() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let scope =
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";
    let answer = request(emulator.address(), "POST", "/", &[("authorization", scope)], "{}").unwrap();
    // A client would repeat a 500 many times.
    assert_eq!(answer.status, 400);
    assert!(
        answer.body.contains("does not emulate the service") && answer.body.contains("dynamodb"),
        "{}",
        answer.body
    );
}

#[test]
fn regions_and_accounts_are_worlds_of_their_own() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let call = |key: &str, region: &str, action: &str, body: &str| {
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/kinesis/aws4_request, SignedHeaders=host, Signature=0"
        );
        let target = format!("Kinesis_20131202.{action}");
        let headers = [
            ("authorization", scope.as_str()),
            ("x-amz-target", target.as_str()),
            ("content-type", "application/x-amz-json-1.1"),
        ];
        request(emulator.address(), "POST", "/", &headers, body).unwrap()
    };
    assert_eq!(call("123456789012", "eu-west-1", "CreateStream", r#"{"StreamName":"s","ShardCount":1}"#).status, 200);
    let names = |key: &str, region: &str| call(key, region, "ListStreams", "{}").json().unwrap()["StreamNames"].clone();
    assert_eq!(names("123456789012", "eu-west-1"), json!(["s"]));
    assert_eq!(names("123456789012", "us-east-1"), json!([]));
    assert_eq!(names("test", "eu-west-1"), json!([]));
}
