//! Node.js functions as real processes. Where there is no Node.js, that is what has to be said.

use std::process::Command;

use serde_json::{Value, json};

use crate::fixture::{Bench, Entry};

/// A Node.js function `f` of one file, and what it says to `event`; None where there is no Node.js.
async fn answer(file: &str, source: &str, event: Value) -> Option<(Option<String>, Value, Vec<String>)> {
    let bench = Bench::new();
    let settings = json!({"Runtime": "nodejs20.x", "Handler": "index.handler"});
    assert_eq!(bench.create(&[Entry::file(file, source)], settings).await.status, 201);
    let reply = bench.invoke(event).await;
    if Command::new("node").arg("--version").output().is_err() {
        assert_eq!(reply.body["errorType"], "Runtime.InvalidEntrypoint");
        assert!(reply.body["errorMessage"].as_str().unwrap().contains("install Node.js"), "{reply:?}");
        return None;
    }
    Some((reply.error().map(str::to_owned), reply.body, bench.log()))
}

#[track_caller]
fn is(got: Option<(Option<String>, Value, Vec<String>)>, expected: &Value) {
    if let Some((error, body, log)) = got {
        assert_eq!((error, &body), (None, expected), "{log:?}");
    }
}

#[tokio::test]
async fn every_kind_of_handler_answers() {
    let common =
        "exports.handler = async (event, context) => [event.a, context.functionName, typeof context.awsRequestId]";
    is(answer("index.js", common, json!({"a": 1})).await, &json!([1, "f", "string"]));
    let module = "import { readFileSync } from 'node:fs';\nexport const handler = async (event) => ({ esm: event.a });";
    is(answer("index.mjs", module, json!({"a": 2})).await, &json!({"esm": 2}));
    let callback = "exports.handler = (event, context, callback) => setTimeout(() => callback(null, event), 1)";
    is(answer("index.cjs", callback, json!([3])).await, &json!([3]));
    let nothing = "exports.handler = () => {}";
    is(answer("index.js", nothing, json!({})).await, &Value::Null);
}

#[tokio::test]
async fn errors_have_the_shape_of_node() {
    let check = async |source: &str, kind: &str, message: &str| {
        let Some((error, body, log)) = answer("index.js", source, json!({})).await else { return };
        assert_eq!(error.as_deref(), Some("Unhandled"), "{log:?}");
        assert_eq!((&body["errorType"], &body["errorMessage"]), (&json!(kind), &json!(message)), "{log:?}");
        assert!(body["trace"].is_array(), "{body}");
    };
    check("exports.handler = async () => { throw new TypeError('boom') }", "TypeError", "boom").await;
    check("exports.handler = (e, c, done) => done('plain')", "string", "plain").await;
    check("exports.other = 1", "Runtime.HandlerNotFound", "index.handler is undefined or not exported").await;
    let Some((_, body, _)) = answer("index.js", "require('nope')", json!({})).await else { return };
    assert_eq!(body["errorType"], "Runtime.ImportModuleError");
    assert!(body["errorMessage"].as_str().unwrap().starts_with("Error: Cannot find module 'nope'"), "{body}");
}

#[tokio::test]
async fn the_console_writes_lambdas_lines() {
    let source = "exports.handler = async (e, c) => { console.warn('careful', {a: 1}); return c.awsRequestId }";
    let Some((_, id, log)) = answer("index.js", source, json!({})).await else { return };
    let line = log.iter().find(|line| line.contains("careful")).unwrap();
    assert!(line.ends_with(&format!("\t{}\tWARN\tcareful {{ a: 1 }}", id.as_str().unwrap())), "{line}");
}

#[tokio::test]
async fn a_handler_may_write_its_answer() {
    let source = r#"
exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
  if (event.early) throw new Error("early");
  for (let i = 0; i < event.pieces; i++) stream.write("1");
  if (event.late) throw new TypeError("late");
  if (event.ends) stream.end();
});"#;
    is(answer("index.js", source, json!({"pieces": 3, "ends": true})).await, &json!(111));
    is(answer("index.js", source, json!({"pieces": 2})).await, &json!(11));
    let fails = async |event: Value, kind: &str, message: &str| {
        let Some((error, body, log)) = answer("index.js", source, event).await else { return };
        assert_eq!(error.as_deref(), Some("Unhandled"), "{log:?}");
        assert_eq!((&body["errorType"], &body["errorMessage"]), (&json!(kind), &json!(message)), "{log:?}");
        assert!(log.iter().any(|line| line.contains("Invoke Error") && line.contains(message)), "{log:?}");
    };
    fails(json!({"early": true}), "Error", "early").await;
    fails(json!({"pieces": 2, "late": true}), "TypeError", "late").await;
}
