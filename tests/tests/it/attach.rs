//! What an author has while a function is written: `invoke`, a folder whose changes are live, and a process of their own that
//! serves the events, with the official runtime client in it.

use std::process::{Child, Command};

use acceptance::request;
use serde_json::{Value, json};

use crate::function::create;
use crate::stage::{Stage, clients, eventually};

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_official_client_serves_what_an_author_attaches() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    create(&emulator, "f", "python3.12", "app.handler", &[("app.py", "def handler(e, c): return 'ours'\n")]);
    let invoke = |payload: &str| {
        let said = stage.millrace(&["invoke", "f", "--payload", payload, "--endpoint", emulator.endpoint()]);
        (said.status.success(), String::from_utf8_lossy(&said.stdout).trim().to_owned())
    };
    assert_eq!(invoke("{}"), (true, "\"ours\"".to_owned()));

    let source = "import time\n\
                  def handler(event, context):\n    \
                      if event.get('slow'): time.sleep(3)\n    \
                      if event.get('fail'): raise ValueError('no')\n    \
                      return ['theirs', event, context.function_name, context.get_remaining_time_in_millis() > 3600000]\n";
    std::fs::write(stage.path().join("app.py"), source).unwrap();
    let mut attach = Command::new(&stage.binaries.millrace);
    attach.args(["attach", "f", "--endpoint", emulator.endpoint(), "--"]).current_dir(stage.path());
    attach.arg(clients().unwrap().join("bin/python")).args(["-m", "awslambdaric", "app.handler"]);
    let attached = Running(attach.spawn().unwrap());
    eventually("the author's process to serve", || invoke("{}").1.contains("theirs").then_some(()));
    // Three seconds: more than the function's own timeout, which does not count now.
    let (_, answer) = invoke(r#"{"slow": true}"#);
    assert_eq!(serde_json::from_str::<Value>(&answer).unwrap(), json!(["theirs", {"slow": true}, "f", true]));
    let (succeeded, error) = invoke(r#"{"fail": true}"#);
    assert!(!succeeded && error.contains("ValueError"), "{error}");

    drop(attached);
    eventually("the attachment to end", || (invoke("{}").1 == "\"ours\"").then_some(()));
}

#[test]
fn a_folder_is_live() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let folder = stage.path().join("code");
    std::fs::create_dir(&folder).unwrap();
    let write = |answer: &str| {
        std::fs::write(folder.join("app.py"), format!("def handler(e, c): return '{answer}'\n")).unwrap();
    };
    write("first");
    let input = json!({
        "FunctionName": "f", "Runtime": "python3.12", "Handler": "app.handler",
        "Role": "arn:aws:iam::000000000000:role/r", "Code": {"S3Bucket": "hot-reload", "S3Key": folder},
    });
    let made = request(emulator.address(), "POST", "/2015-03-31/functions", &[], &input.to_string()).unwrap();
    assert_eq!(made.status, 201, "{}", made.body);
    let invoke = || {
        let said = stage.millrace(&["invoke", "f", "--log", "--endpoint", emulator.endpoint()]);
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    };
    eventually("the function to be Active", || (invoke() == "\"first\"").then_some(()));
    write("second, and longer");
    assert_eq!(invoke(), "\"second, and longer\"");
}
