//! A service of two actions, driven through the protocol, step by step, in both formats.

use std::io::Cursor;

use ciborium::Value as Cbor;
use futures_util::stream::{self, StreamExt as _};
use futures_util::{FutureExt as _, future::ready};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::*;
use crate::action::Events;
use crate::{Action, Blob, Body, EpochSeconds, EventAction, Shape, Structure, World};

const JSON: &str = "application/x-amz-json-1.1";
const CBOR: &str = "application/x-amz-cbor-1.1";
const DENIED: &str = "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized\
                      </Message>\n</AccessDeniedException>\n";

struct Echo;

impl Service for Echo {
    type Error = AwsError;
}

struct Say;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saying {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Blob>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<EpochSeconds>,
}

const INPUT: Structure = Structure::new(
    "SayInput",
    &[
        Shape::string().length(1, 5).member("Text").required(),
        Shape::blob().length(0, 3).member("Data"),
        Shape::timestamp().member("At"),
    ],
);

impl Action<Echo> for Say {
    const NAME: &'static str = "Say";
    const INPUT: Structure = INPUT;
    type Input = Saying;
    type Output = Option<Saying>;

    async fn run(_: &Echo, _: &Call, input: Saying) -> Result<Option<Saying>, AwsError> {
        match input.text.as_str() {
            "fail" => Err(AwsError::new("ResourceNotFoundException", "Nothing here.")),
            "ours" => Err(AwsError::internal()),
            "none" => Ok(None),
            _ => Ok(Some(input)),
        }
    }
}

/// Says it twice, and then that it is gone.
struct Repeat;

impl EventAction<Echo> for Repeat {
    const NAME: &'static str = "Repeat";
    const INPUT: Structure = INPUT;
    type Input = Saying;
    const EVENT: &'static str = "SayEvent";
    type Event = Saying;

    async fn run(_: &Echo, _: &Call, input: Saying) -> Result<Events<Saying, AwsError>, AwsError> {
        let again = Saying { text: input.text.clone(), data: None, at: None };
        let gone = AwsError::new("ResourceInUseException", "Gone.");
        Ok(stream::iter([Ok(input), Ok(again), Err(gone)]).boxed())
    }
}

fn serve_one(request: Request<Bytes>) -> Reply {
    let actions = Actions::new().action::<Say>().events::<Repeat>();
    let call = Call {
        world: World::new("000000000000", "eu-west-1"),
        access_key: None,
        invocation: None,
        request_id: "id".into(),
    };
    serve(&actions, &Echo, "Echo_1", &call, request).now_or_never().unwrap()
}

fn request(target: &str, content_type: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    let mut request = Request::post("/any/path");
    for (name, value) in [("x-amz-target", target), ("content-type", content_type)] {
        if !value.is_empty() {
            request = request.header(name, value);
        }
    }
    request.body(body.into()).unwrap()
}

fn whole(reply: Reply) -> (u16, String, Bytes) {
    let (parts, body) = reply.into_parts();
    let Body::Full(body) = body else { panic!("not a stream") };
    assert_eq!(parts.headers["x-amzn-requestid"], "id");
    assert_eq!(parts.headers["x-amz-id-2"], "aWRpZA==");
    (parts.status.as_u16(), parts.headers["content-type"].to_str().unwrap().to_owned(), body)
}

#[track_caller]
fn check(target: &str, content_type: &str, body: &str, expected: (u16, &str, &str)) {
    let (status, kind, answer) = whole(serve_one(request(target, content_type, body.to_owned())));
    assert_eq!((status, kind.as_str(), str::from_utf8(&answer).unwrap()), expected);
}

fn to_cbor(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

fn map<const N: usize>(members: [(&str, Cbor); N]) -> Cbor {
    Cbor::Map(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

#[track_caller]
fn check_cbor(target: &str, body: impl Into<Bytes>, expected_status: u16, expected: &Cbor) {
    let (status, kind, answer) = whole(serve_one(request(target, CBOR, body)));
    let answer: Cbor = ciborium::from_reader(Cursor::new(&answer)).unwrap();
    assert_eq!((status, kind.as_str(), &answer), (expected_status, CBOR, expected));
}

#[test]
fn an_answer_is_in_the_format_of_the_question() {
    check(
        "Echo_1.Say",
        JSON,
        r#"{"Text":"hi","Data":"AP8=","At":1545084650.987}"#,
        (200, JSON, r#"{"Text":"hi","Data":"AP8=","At":1545084650.987}"#),
    );
    check(
        "Echo_1.Say",
        "application/x-amz-json-1.1; charset=utf-8",
        r#"{"Text":"hi"}"#,
        (200, JSON, r#"{"Text":"hi"}"#),
    );
    check("Echo_1.Say", JSON, r#"{"Text":"none"}"#, (200, JSON, ""));
    let at = Cbor::Tag(1, Box::new(Cbor::from(1_545_084_650_987_i64)));
    let saying = map([("Text", "hi".into()), ("Data", Cbor::Bytes(vec![0, 255])), ("At", at)]);
    check_cbor("Echo_1.Say", to_cbor(&saying), 200, &saying);
    let (status, kind, answer) =
        whole(serve_one(request("Echo_1.Say", CBOR, to_cbor(&map([("Text", "none".into())])))));
    assert_eq!((status, kind.as_str(), &answer[..]), (200, CBOR, &b""[..]));
}

#[test]
fn errors_say_the_same_in_both_formats() {
    let both = |input: &Value, cbor: Cbor, status: u16, code: &str, key: &str, message: &str| {
        let text = match message {
            "" => json!({"__type": code}),
            message => json!({"__type": code, key: message}),
        };
        check("Echo_1.Say", JSON, &input.to_string(), (status, JSON, &text.to_string()));
        let text = Cbor::serialized(&text).unwrap();
        check_cbor("Echo_1.Say", to_cbor(&cbor), status, &text);
        check_cbor("Echo_1.Repeat", to_cbor(&cbor), status, &text);
    };
    let number = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String";
    both(&json!({"Text": 1}), map([("Text", 1.into())]), 400, "SerializationException", "Message", number);
    let null =
        "1 validation error detected: Value null at 'text' failed to satisfy constraint: Member must not be null";
    both(&json!({"Text": null}), map([("Text", Cbor::Null)]), 400, "ValidationException", "message", null);
    both(&json!({}), map([]), 400, "ValidationException", "message", null);
    both(
        &json!({"Text": "hi", "Data": "AAAAAA=="}),
        map([("Text", "hi".into()), ("Data", Cbor::Bytes(vec![0; 4]))]),
        400,
        "ValidationException",
        "message",
        "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=4 cap=4]' at 'data' failed to satisfy \
         constraint: Member must have length less than or equal to 3",
    );
}

#[test]
fn what_an_action_fails_with() {
    check(
        "Echo_1.Say",
        JSON,
        r#"{"Text":"fail"}"#,
        (400, JSON, r#"{"__type":"ResourceNotFoundException","message":"Nothing here."}"#),
    );
    check("Echo_1.Say", JSON, r#"{"Text":"ours"}"#, (500, JSON, r#"{"__type":"InternalFailure"}"#));
    let error = map([("__type", "ResourceNotFoundException".into()), ("message", "Nothing here.".into())]);
    check_cbor("Echo_1.Say", to_cbor(&map([("Text", "fail".into())])), 400, &error);
    check_cbor(
        "Echo_1.Say",
        to_cbor(&map([("Text", "ours".into())])),
        500,
        &map([("__type", "InternalFailure".into())]),
    );
}

#[test]
fn only_a_post_is_a_call() {
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS] {
        let mut request = request("Echo_1.Say", JSON, r#"{"Text":"hi"}"#);
        *request.method_mut() = method;
        let (status, kind, body) = whole(serve_one(request));
        assert_eq!((status, kind.as_str(), &body[..]), (403, "text/xml", DENIED.as_bytes()));
    }
}

#[test]
fn an_empty_body_is_answered_in_cbor_unless_json_was_asked() {
    check("Echo_1.Say", JSON, "", (400, JSON, r#"{"__type":"SerializationException"}"#));
    check("Echo_1.Nope", JSON, "", (400, JSON, r#"{"__type":"UnknownOperationException"}"#));
    for content_type in [CBOR, "application/json", "text/plain", ""] {
        for (target, code) in [
            ("Echo_1.Say", "SerializationException"),
            ("Echo_1.Nope", "UnknownOperationException"),
            ("", "UnknownOperationException"),
        ] {
            let (status, kind, body) = whole(serve_one(request(target, content_type, "")));
            let body: Cbor = ciborium::from_reader(Cursor::new(&body)).unwrap();
            assert_eq!((status, kind.as_str(), body), (400, CBOR, map([("__type", code.into())])));
        }
    }
}

#[test]
fn a_content_type_that_nobody_knows() {
    for content_type in ["text/plain", "application/x-amz-json-1.0", "application/cbor", ""] {
        check("Echo_1.Say", content_type, "{}", (404, "text/xml", "<UnknownOperationException/>\n"));
        check("x", content_type, "{}", (404, "text/xml", "<UnknownOperationException/>\n"));
        check("", content_type, "{}", (403, "text/xml", DENIED));
    }
}

#[test]
fn a_body_that_is_no_object() {
    for target in ["Echo_1.Say", "Echo_1.Repeat", "Echo_1.Nope", ""] {
        for broken in ["{", "[]", "1", "null", "{} {}", "\u{1}", "\u{a0}"] {
            check(target, JSON, broken, (400, JSON, r#"{"__type":"SerializationException"}"#));
        }
        let error = map([("__type", "SerializationException".into())]);
        for broken in [&b"\xa1"[..], b"\x80", b"\x01", b"\xf6", b"\xa0\xa0", b"{}", b"\xbf"] {
            check_cbor(target, broken, 400, &error);
        }
    }
}

/// Whatever else is right, plain JSON is not a protocol of these services.
#[test]
fn plain_json_gets_the_older_form_of_an_error() {
    let older = |code: &str| format!(r#"{{"Output":{{"__type":"com.amazon.coral.service#{code}"}},"Version":"1.0"}}"#);
    for content_type in ["application/json", "application/json; charset=utf-8"] {
        for target in ["Echo_1.Say", "Echo_1.Nope", ""] {
            let answer = (404, "application/json", &*older("UnknownOperationException"));
            check(target, content_type, r#"{"Text":"hi"}"#, answer);
            check(target, content_type, "[", (400, "application/json", &*older("SerializationException")));
        }
    }
}

#[test]
fn a_target_that_nobody_knows() {
    for target in ["Echo_1.Nope", "Echo_2.Say", "Echo_1", "Echo_1Say", "Say", ""] {
        check(target, JSON, "{}", (400, JSON, r#"{"__type":"UnknownOperationException"}"#));
        check_cbor(target, &b"\xa0"[..], 400, &map([("__type", "UnknownOperationException".into())]));
    }
}

/// The payloads of frames, with the headers that tell what they are.
fn frames(reply: Reply) -> Vec<(String, Bytes)> {
    assert_eq!(reply.headers()["content-type"], "application/vnd.amazon.eventstream");
    let Body::Stream(frames) = reply.into_body() else { panic!("not a stream") };
    let frame = |frame: Bytes| {
        let headers = u32::from_be_bytes(frame[4..8].try_into().unwrap()) as usize;
        let text = String::from_utf8_lossy(&frame[12..12 + headers]).into_owned();
        ready((text, frame.slice(12 + headers..frame.len() - 4)))
    };
    frames.then(frame).collect().now_or_never().unwrap()
}

#[test]
fn events_follow_a_first_frame_in_the_format_of_the_question() {
    let saying = map([("Text", "hi".into()), ("Data", Cbor::Bytes(vec![1]))]);
    for (content_type, body) in [(JSON, br#"{"Text":"hi","Data":"AQ=="}"#.to_vec()), (CBOR, to_cbor(&saying))] {
        let frames = frames(serve_one(request("Echo_1.Repeat", content_type, body.clone())));
        let words = ["initial-response", "SayEvent", "SayEvent", "ResourceInUseException"];
        assert_eq!(frames.len(), words.len());
        for ((headers, _), word) in frames.iter().zip(words) {
            assert!(headers.contains(word) && headers.contains(content_type), "{headers:?}");
        }
        assert_eq!(frames[1].1, body);
        let [first, .., last] = [&frames[0].1, &frames[3].1];
        if content_type == JSON {
            assert_eq!((&first[..], &last[..]), (&b"{}"[..], &br#"{"message":"Gone."}"#[..]));
        } else {
            assert_eq!((&first[..], &last[..]), (&b"\xa0"[..], &to_cbor(&map([("message", "Gone.".into())]))[..]));
        }
    }
}
