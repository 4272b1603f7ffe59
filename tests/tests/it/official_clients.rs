//! The official clients of the Runtime API, each as the runtime of a function: what handlers are given, and what becomes of
//! what they return, raise and write.

use acceptance::{Emulator, Function};
use serde_json::{Value, json};

use crate::stage::{Stage, client, clients, memory, ric, root, run, test_function};

/// A function that says what the one in Rust says.
const PYTHON: &str = "def handler(event, context):
    if event['n'] < 0: raise ValueError('negative')
    return {'twice': 2 * event['n'], 'length': len(event.get('text', '')), 'name': context.function_name, \
'id': len(context.aws_request_id)}
";
const NODE: &str = "exports.handler = async (event, context) => {
  if (event.n < 0) throw new TypeError('negative');
  const { functionName: name, awsRequestId: { length: id } } = context;
  return { twice: 2 * event.n, length: (event.text ?? '').length, name, id };
};
";

fn create(emulator: &Emulator, handler: &str, files: &[(&str, Vec<u8>)]) -> Function<'static> {
    let settings = json!({"Timeout": 20, "MemorySize": 512});
    let function = Function { name: "f", runtime: "provided.al2023", handler: "", settings };
    Function { handler, ..function.clone() }.create(emulator.address(), files).unwrap();
    function
}

/// Calls it in every way that its handler tells apart.
fn check(emulator: &Emulator, function: &Function<'_>, error_type: &str) {
    let call = |event: Value| function.invoke(emulator.address(), &event);
    let text = "é".repeat(500_000);
    assert_eq!(call(json!({"n": 4})).unwrap(), json!({"twice": 8, "length": 0, "name": "f", "id": 36}));
    let error = call(json!({"n": -1})).unwrap_err().to_string();
    assert!(error.contains(error_type) && error.contains("negative"), "{error}");
    // A large event, and the same process after an error.
    let length = call(json!({"n": 5, "text": text})).unwrap()["length"].as_u64().unwrap();
    assert!(length == 500_000 || length == 1_000_000, "characters or bytes, as the language has it: {length}");
    let started = emulator.log();
    assert!(!started.contains("ERROR"), "{started}");
}

#[test]
fn the_one_for_python() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let python = clients().unwrap().join("bin/python");
    let bootstrap = format!("#!/bin/sh\nexec {} -m awslambdaric app.handler\n", python.display());
    let function = create(&emulator, "app.handler", &[("bootstrap", bootstrap.into()), ("app.py", PYTHON.into())]);
    check(&emulator, &function, "ValueError");
}

#[test]
fn the_one_for_node() {
    let Some(ric) = ric() else {
        eprintln!(
            "skipped: aws-lambda-ric is not built, which takes cmake, autoconf, automake, libtool and a C++ compiler"
        );
        return;
    };
    let stage = Stage::new();
    let emulator = stage.emulator();
    let bootstrap = format!("#!/bin/sh\nexec node {} app.handler\n", ric.join("bin/index.mjs").display());
    let function = create(&emulator, "app.handler", &[("bootstrap", bootstrap.into()), ("app.js", NODE.into())]);
    check(&emulator, &function, "TypeError");
}

#[test]
fn the_one_for_rust() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let function = create(&emulator, "echo", &[("bootstrap", std::fs::read(test_function()).unwrap())]);
    check(&emulator, &function, "negative");
}

/// The function waits with each piece until the one before it has reached the caller, which would be for ever if it went no
/// further than the emulator.
#[test]
fn pieces_of_an_answer_reach_the_caller_as_they_are_written() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    create(&emulator, "pieces", &[("bootstrap", std::fs::read(test_function()).unwrap())]);
    let script = root().join("tests/clients/boto3_response_stream.py");
    run(client("python", &emulator, stage.path()).arg(script).arg(stage.path().join("arrived")));
    let most = memory(&emulator, "VmHWM:");
    assert!(most < 100, "128 MiB went through, and the emulator took {most} MiB");
}
