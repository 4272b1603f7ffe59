//! A service of one action, driven through the protocol.

use futures_util::FutureExt as _;
use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::{Action, Body, Shape, Structure, World};

struct Echo;

impl Service for Echo {
    type Error = AwsError;
}

struct Say;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    text: String,
}

impl Action<Echo> for Say {
    const NAME: &'static str = "Say";
    const INPUT: Structure = Structure::new("SayInput", &[Shape::string().length(1, 5).member("Text").required()]);
    type Input = Input;
    type Output = Value;

    async fn run(_: &Echo, call: &Call, input: Input) -> Result<Value, AwsError> {
        match input.text.as_str() {
            "fail" => Err(AwsError::new("ResourceNotFoundException", "Nothing here.")),
            "none" => Ok(Value::Null),
            text => Ok(json!({"Text": text, "Region": call.world.region})),
        }
    }
}

fn serve_one(request: Request<&str>) -> (StatusCode, HeaderMap, String) {
    let actions = Actions::new().action::<Say>();
    let call = Call { world: World::new("000000000000", "eu-west-1"), access_key: None, request_id: "id".into() };
    let request = request.map(|body| Bytes::copy_from_slice(body.as_bytes()));
    let reply = serve(&actions, &Echo, "Echo_1", &call, request).now_or_never().unwrap();
    let (parts, body) = reply.into_parts();
    let Body::Full(body) = body else { panic!("not a stream") };
    (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

#[track_caller]
fn check(target: &str, content_type: &str, body: &str, status: u16, answer: &str) {
    let mut request = Request::post("/").header("content-type", content_type);
    if !target.is_empty() {
        request = request.header("x-amz-target", target);
    }
    let (got_status, headers, got) = serve_one(request.body(body).unwrap());
    assert_eq!((got_status.as_u16(), got.as_str()), (status, answer));
    assert_eq!(headers["x-amzn-requestid"], "id");
    assert!(headers.contains_key("x-amz-id-2"));
}

#[test]
fn the_pipeline_answers_step_by_step() {
    let denied = "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized\
                  </Message>\n</AccessDeniedException>\n";
    check("Echo_1.Say", CONTENT_TYPE, r#"{"Text":"hi"}"#, 200, r#"{"Region":"eu-west-1","Text":"hi"}"#);
    check(
        "Echo_1.Say",
        "application/json; charset=utf-8",
        r#"{"Text":"hi"}"#,
        200,
        r#"{"Region":"eu-west-1","Text":"hi"}"#,
    );
    check("Echo_1.Say", CONTENT_TYPE, r#"{"Text":"none"}"#, 200, "");
    check(
        "Echo_1.Say",
        CONTENT_TYPE,
        r#"{"Text":"fail"}"#,
        400,
        r#"{"__type":"ResourceNotFoundException","message":"Nothing here."}"#,
    );
    check("Echo_1.Say", CONTENT_TYPE, "", 400, r#"{"__type":"SerializationException"}"#);
    check("Echo_1.Nope", CONTENT_TYPE, "", 400, r#"{"__type":"UnknownOperationException"}"#);
    check("Echo_1.Say", "text/plain", "{}", 404, "<UnknownOperationException/>\n");
    check("", "text/plain", "{}", 403, denied);
    for broken in ["{", "[]", "1", "{} {}", "\u{1}"] {
        check("Echo_1.Say", CONTENT_TYPE, broken, 400, r#"{"__type":"SerializationException"}"#);
    }
    check(
        "Echo_1.Say",
        "application/json",
        "[",
        400,
        r#"{"Output":{"__type":"com.amazon.coral.service#SerializationException"},"Version":"1.0"}"#,
    );
    check(
        "Echo_1.Nope",
        "application/json",
        "{}",
        404,
        r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#,
    );
    check("Echo_1.Nope", CONTENT_TYPE, "{}", 400, r#"{"__type":"UnknownOperationException"}"#);
    check("Echo_2.Say", CONTENT_TYPE, "{}", 400, r#"{"__type":"UnknownOperationException"}"#);
    check(
        "Echo_1.Say",
        CONTENT_TYPE,
        r#"{"Text":1}"#,
        400,
        r#"{"Message":"class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String","__type":"SerializationException"}"#,
    );
    check(
        "Echo_1.Say",
        CONTENT_TYPE,
        r#"{"Text":null}"#,
        400,
        r#"{"__type":"ValidationException","message":"1 validation error detected: Value null at 'text' failed to satisfy constraint: Member must not be null"}"#,
    );
    let (status, _, body) = serve_one(Request::get("/").body("").unwrap());
    assert_eq!((status.as_u16(), body.as_str()), (403, denied));
}
