//! Functions as local processes: Python, Node.js where there is one, and a program of the user's own.

use std::process::Command;

use acceptance::{Emulator, Function, request};
use anyhow::Result;
use serde_json::{Value, json};

use crate::stage::Stage;

/// Where functions are.
pub(crate) const FUNCTIONS: &str = "/2015-03-31/functions";
const JSON: (&str, &str) = ("content-type", "application/json");

/// Calls Lambda and returns the status and the answer.
pub(crate) fn call(emulator: &Emulator, method: &str, path: &str, body: &Value) -> Result<(u16, Value)> {
    let sent = if body.is_null() { String::new() } else { body.to_string() };
    let answer = request(emulator.address(), method, path, &[JSON], &sent)?;
    let body = if answer.body.is_empty() { Value::Null } else { answer.json()? };
    Ok((answer.status, body))
}

/// Creates a function out of files and waits until it can be called.
pub(crate) fn create(emulator: &Emulator, name: &str, runtime: &str, handler: &str, files: &[(&str, &str)]) {
    let function = Function { name, runtime, handler, settings: json!({"Timeout": 2}) };
    function.create(emulator.address(), files).unwrap();
}

/// Invokes it and returns the error kind, if any, and the answer.
fn invoke(emulator: &Emulator, name: &str, payload: &Value) -> (bool, Value) {
    let path = format!("{FUNCTIONS}/{name}/invocations");
    let answer = request(emulator.address(), "POST", &path, &[JSON], &payload.to_string()).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    (answer.head.contains("x-amz-function-error: unhandled"), answer.json().unwrap())
}

#[test]
fn python() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let code = "import os, time\nprint('loaded')\ndef handle(event, context):\n    print('called for', event['n'])\n    \
                if event['n'] < 0:\n        raise ValueError('negative')\n    if event['n'] > 100:\n        time.sleep(60)\n    \
                if event['n'] == 99:\n        os._exit(3)\n    return {'twice': event['n'] * 2, 'name': context.function_name}\n";
    create(&emulator, "py", "python3.12", "f.handle", &[("f.py", code)]);
    assert_eq!(invoke(&emulator, "py", &json!({"n": 4})), (false, json!({"twice": 8, "name": "py"})));

    let (failed, error) = invoke(&emulator, "py", &json!({"n": -1}));
    assert!(failed);
    assert_eq!((error["errorType"].as_str(), error["errorMessage"].as_str()), (Some("ValueError"), Some("negative")));

    let (failed, error) = invoke(&emulator, "py", &json!({"n": 101}));
    assert!(failed && error["errorType"] == "Sandbox.Timedout", "{error}");
    assert!(error["errorMessage"].as_str().unwrap().ends_with("Task timed out after 2.00 seconds"), "{error}");

    let (failed, error) = invoke(&emulator, "py", &json!({"n": 99}));
    assert!(failed && error["errorType"] == "Runtime.ExitError", "{error}");
    assert_eq!(invoke(&emulator, "py", &json!({"n": 1})).1["twice"], 2, "a new process serves after a crash");

    let log = stage.millrace(&["logs", "py", "--endpoint", emulator.endpoint()]);
    let log = String::from_utf8_lossy(&log.stdout).into_owned();
    for line in [
        "loaded",
        "START RequestId: ",
        "called for 4",
        "END RequestId: ",
        "REPORT RequestId: ",
        "Task timed out after 2.00 seconds",
    ] {
        assert!(log.contains(line), "{line} is not in the log:\n{log}");
    }
}

#[test]
fn a_log_that_is_not_there_is_said_so() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let output = stage.millrace(&["logs", "nobody", "--endpoint", emulator.endpoint()]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("there is no log of") && said.contains("function:nobody"), "{said}");
}

#[test]
fn node() {
    if Command::new("node").arg("--version").output().is_err() {
        eprintln!("skipped: there is no node on this machine");
        return;
    }
    let stage = Stage::new();
    let emulator = stage.emulator();
    let code = "exports.handle = async (event) => { if (event.n < 0) throw new TypeError('negative'); return { twice: event.n * 2 }; };\n";
    create(&emulator, "js", "nodejs20.x", "f.handle", &[("f.js", code)]);
    assert_eq!(invoke(&emulator, "js", &json!({"n": 4})), (false, json!({"twice": 8})));
    let (failed, error) = invoke(&emulator, "js", &json!({"n": -1}));
    assert!(failed && error["errorType"] == "TypeError" && error["trace"].is_array(), "{error}");
}

#[test]
fn a_program_of_ones_own() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let code = "#!/usr/bin/env python3\nimport json, os, urllib.request\nbase = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2018-06-01/runtime/invocation/'\n\
                while True:\n    with urllib.request.urlopen(base + 'next') as answer:\n        id = answer.headers['Lambda-Runtime-Aws-Request-Id']\n        \
                event = json.load(answer)\n    body = json.dumps({'twice': event['n'] * 2}).encode()\n    urllib.request.urlopen(base + id + '/response', body).close()\n";
    create(&emulator, "own", "provided.al2023", "any", &[("bootstrap", code)]);
    assert_eq!(invoke(&emulator, "own", &json!({"n": 4})), (false, json!({"twice": 8})));
}

#[test]
fn a_missing_interpreter_is_an_error_and_no_hang() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    create(&emulator, "rb", "ruby3.3", "f.handle", &[("f.rb", "def handle(event:, context:) = 1\n")]);
    let (failed, error) = invoke(&emulator, "rb", &json!({}));
    assert!(failed, "{error}");
    assert!(error["errorMessage"].as_str().unwrap().contains("ruby"), "{error}");
}
