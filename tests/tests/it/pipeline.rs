//! What is decided before anybody looks into a request, over a real socket: the odd answers of the live service, in its
//! order, and the ids that every answer carries.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use acceptance::{Answer, Emulator, request};
use serde_json::json;

use crate::stage::{Stage, kinesis, until_active};

const JSON: &str = "application/x-amz-json-1.1";
const CBOR: &str = "application/x-amz-cbor-1.1";
const DENIED: &str = "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized\
                      </Message>\n</AccessDeniedException>\n";

fn post(emulator: &Emulator, target: &str, content_type: &str, body: impl AsRef<[u8]>) -> Answer {
    let target = format!("Kinesis_20131202.{target}");
    let headers = [("content-type", content_type), ("x-amz-target", &target)];
    request(emulator.address(), "POST", "/", &headers, &body).unwrap()
}

#[track_caller]
fn check(answer: &Answer, status: u16, content_type: &str, body: &[u8]) {
    assert_eq!((answer.status, answer.body.as_bytes()), (status, body), "{}", answer.head);
    for line in [format!("content-type: {content_type}"), "x-amzn-requestid: ".to_owned(), "x-amz-id-2: ".to_owned()] {
        assert!(answer.head.contains(&line), "{line} is not in\n{}", answer.head);
    }
}

#[test]
fn step_by_step() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    for method in ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        let headers = [("content-type", JSON), ("x-amz-target", "Kinesis_20131202.ListStreams")];
        let answer = request(emulator.address(), method, "/", &headers, "{}").unwrap();
        check(&answer, 403, "text/xml", DENIED.as_bytes());
    }
    check(&post(&emulator, "ListStreams", JSON, ""), 400, JSON, br#"{"__type":"SerializationException"}"#);
    let cbor = post(&emulator, "ListStreams", CBOR, "");
    assert_eq!((cbor.status, &cbor.bytes[..]), (400, &b"\xa1\x66__type\x76SerializationException"[..]));
    let nothing = request(emulator.address(), "POST", "/", &[], "").unwrap();
    assert!(nothing.head.contains(CBOR) && nothing.body.contains("UnknownOperationException"), "{nothing:?}");
    check(&post(&emulator, "ListStreams", "text/plain", "{}"), 404, "text/xml", b"<UnknownOperationException/>\n");
    let untold = request(emulator.address(), "POST", "/", &[("content-type", "text/plain")], "{}").unwrap();
    check(&untold, 403, "text/xml", DENIED.as_bytes());
    check(&post(&emulator, "ListStreams", JSON, "[]"), 400, JSON, br#"{"__type":"SerializationException"}"#);
    let older = |code: &str| format!(r#"{{"Output":{{"__type":"com.amazon.coral.service#{code}"}},"Version":"1.0"}}"#);
    let plain = "application/json";
    check(&post(&emulator, "ListStreams", plain, "{"), 400, plain, older("SerializationException").as_bytes());
    check(&post(&emulator, "ListStreams", plain, "{}"), 404, plain, older("UnknownOperationException").as_bytes());
    check(&post(&emulator, "Nope", JSON, "{}"), 400, JSON, br#"{"__type":"UnknownOperationException"}"#);
    let listed = post(&emulator, "ListStreams", JSON, "{}");
    check(&listed, 200, JSON, br#"{"StreamNames":[],"HasMoreStreams":false,"StreamSummaries":[]}"#);
    let listed = post(&emulator, "ListStreams", CBOR, b"\xa0");
    assert_eq!((listed.status, &listed.bytes[..13]), (200, &b"\xa3\x6bStreamNames"[..]));
}

#[test]
fn an_error_of_ours_has_an_id_and_the_format_of_the_question() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let scope = |region: &str, service: &str| {
        format!(
            "AWS4-HMAC-SHA256 Credential=k/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
        )
    };
    for (region, service, code) in
        [("us-east-1", "dynamodb", "UnknownOperationException"), ("../..", "kinesis", "InvalidSignatureException")]
    {
        for content_type in [JSON, CBOR] {
            let headers = [("authorization", &*scope(region, service)), ("content-type", content_type)];
            let answer = request(emulator.address(), "POST", "/", &headers, "{}").unwrap();
            assert_eq!(answer.status, 400);
            assert!(
                answer.head.contains("x-amzn-requestid: ") && answer.head.contains(content_type),
                "{}",
                answer.head
            );
            assert!(
                answer.body.contains(code) && answer.body.starts_with('{') == (content_type == JSON),
                "{}",
                answer.body
            );
        }
    }
}

#[test]
fn a_page_of_an_allowed_origin_may_read_what_aws_lets_it_read() {
    let stage = Stage::new();
    let options = stage.options().with("--allow-origin").with("https://console.example");
    let emulator = Emulator::start(options).unwrap();
    let asked = [
        ("origin", "https://console.example"),
        ("access-control-request-headers", "x-amz-target"),
        ("access-control-request-method", "POST"),
    ];
    let answer = request(emulator.address(), "OPTIONS", "/", &asked, "").unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    for line in [
        "access-control-allow-origin: https://console.example",
        "access-control-allow-headers: x-amz-target",
        "access-control-allow-methods: post",
        "access-control-max-age: 172800",
        "x-amzn-requestid: ",
    ] {
        assert!(answer.head.contains(line), "{}", answer.head);
    }
    for line in ["\nx-amz-id-2:", "\ncontent-type:"] {
        assert!(!answer.head.contains(line), "{}", answer.head);
    }
    let call = [asked[0], ("content-type", JSON), ("x-amz-target", "Kinesis_20131202.ListStreams")];
    let answer = request(emulator.address(), "POST", "/", &call, "{}").unwrap();
    let exposed = "access-control-expose-headers: \
                   x-amzn-requestid,x-amzn-errortype,x-amz-request-id,x-amz-id-2,x-amzn-errormessage,date";
    assert!(answer.status == 200 && answer.head.contains(exposed), "{}", answer.head);
    let answer = request(emulator.address(), "POST", "/", &call[1..], "{}").unwrap();
    assert!(!answer.head.contains("access-control"), "{}", answer.head);
}

/// What a stream may be told to take gets through; what is larger is not even kept.
#[test]
fn a_body_may_be_as_large_as_the_largest_call() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    kinesis(&emulator, "CreateStream", &json!({"StreamName": "s", "ShardCount": 1})).unwrap();
    until_active(&emulator, "s");
    let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    kinesis(&emulator, "UpdateMaxRecordSize", &json!({"StreamARN": arn, "MaxRecordSizeInKiB": 10240})).unwrap();
    until_active(&emulator, "s");
    let put = |data: usize| {
        let body = format!(r#"{{"StreamName":"s","PartitionKey":"k","Data":"{}"}}"#, "AAAA".repeat(data / 3));
        post(&emulator, "PutRecord", JSON, body)
    };
    assert_eq!(put(10 * 1024 * 1024 - 10).status, 200);
    let refused = put(13 * 1024 * 1024);
    assert_eq!((refused.status, refused.body.as_str()), (413, ""));
    assert!(refused.head.contains("x-amzn-requestid: "), "{}", refused.head);
    kinesis(&emulator, "PutRecord", &json!({"StreamName": "s", "PartitionKey": "k", "Data": ""})).unwrap();
}

#[test]
fn who_asks_before_he_sends_too_much_need_not_send_it() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let mut stream = TcpStream::connect(emulator.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let head = "POST / HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\nx-amz-target: Kinesis_20131202.PutRecord\r\n\
                content-length: 17825792\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}
