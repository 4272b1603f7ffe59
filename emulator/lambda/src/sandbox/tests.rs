//! Functions as real processes, from the API down.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::fixture::{Bench, Entry, python};

#[tokio::test]
async fn a_python_function_answers_and_stays_warm() {
    let bench = Bench::new();
    bench
        .python(
            "import os\nseen = []\ndef handler(e, c):\n  seen.append(e)\n  return [os.getpid(), len(seen)]",
            json!({}),
        )
        .await;
    let first = bench.invoke(json!({"a": 1})).await;
    assert_eq!((first.status, first.error()), (200, None), "{first:?} {:?}", bench.log());
    assert_eq!(first.headers["x-amz-executed-version"], "$LATEST");
    let second = bench.invoke(json!({"a": 2})).await;
    assert_eq!((&second.body[0], &second.body[1]), (&first.body[0], &json!(2)));
}

#[tokio::test]
async fn the_context_and_environment_are_those_of_lambda() {
    let bench = Bench::new();
    let source = r#"
import os
def handler(event, c):
    return {
        "id": c.aws_request_id, "name": c.function_name, "version": c.function_version, "arn": c.invoked_function_arn,
        "memory": c.memory_limit_in_mb, "group": c.log_group_name, "stream": c.log_stream_name,
        "custom": c.client_context.custom, "identity": c.identity.cognito_identity_id,
        "left": c.get_remaining_time_in_millis() > 0, "cwd": os.getcwd() == os.environ["LAMBDA_TASK_ROOT"],
        "tmp": os.path.isdir(os.environ["TMPDIR"]), "env": dict(os.environ),
    }
"#;
    bench.python(source, json!({"MemorySize": 256, "Timeout": 900, "Environment": {"Variables": {"MINE": "1"}}})).await;
    let context = STANDARD.encode(r#"{"custom": {"k": "é"}}"#);
    let request = Request::post("/2015-03-31/functions/f:$LATEST/invocations").header("x-amz-client-context", context);
    let reply = bench.send(request.body(Bytes::new()).unwrap()).await;
    let got = &reply.body;
    assert_eq!(got["id"], reply.headers["x-amzn-requestid"].to_str().unwrap());
    assert_eq!(got["arn"], "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST");
    assert_eq!((&got["name"], &got["version"], &got["memory"]), (&json!("f"), &json!("$LATEST"), &json!("256")));
    assert_eq!((&got["group"], &got["custom"]), (&json!("/aws/lambda/f"), &json!({"k": "é"})));
    assert!(got["stream"].as_str().unwrap().starts_with("2027/01/15/[$LATEST]"), "{got}");
    assert_eq!((&got["cwd"], &got["tmp"], &got["identity"]), (&json!(true), &json!(true), &Value::Null));
    assert_eq!((&got["env"]["MINE"], &got["env"]["AWS_REGION"]), (&json!("1"), &json!("us-east-1")));
    assert_eq!(got["env"]["AWS_ENDPOINT_URL"], "http://127.0.0.1:4566");
    assert_eq!(got["env"].get("CARGO_MANIFEST_DIR"), None, "nothing of ours leaks in");
}

#[tokio::test]
async fn an_error_has_the_shape_of_python() {
    let bench = Bench::new();
    bench.python("def handler(e, c):\n  raise ValueError('boom')", json!({})).await;
    let error = bench.fail(json!({})).await;
    assert_eq!((&error["errorType"], &error["errorMessage"]), (&json!("ValueError"), &json!("boom")));
    assert!(error["requestId"].as_str().unwrap().len() == 36);
    let trace = error["stackTrace"].as_array().unwrap();
    assert_eq!(trace.len(), 1, "{error}");
    assert!(trace[0].as_str().unwrap().contains("raise ValueError('boom')"), "{error}");
    assert!(bench.log().contains(&"[ERROR] ValueError: boom".to_owned()));
}

#[tokio::test]
async fn a_function_that_does_not_load_says_why() {
    let check = async |source: &str, handler: &str, kind: &str, message: &str| {
        let bench = Bench::new();
        bench.python(source, json!({"Handler": handler})).await;
        let error = bench.fail(json!({})).await;
        assert_eq!((&error["errorType"], &error["errorMessage"]), (&json!(kind), &json!(message)));
    };
    let missing = "Unable to import module 'nope': No module named 'nope'";
    check("", "nope.handler", "Runtime.ImportModuleError", missing).await;
    check("", "app.f", "Runtime.HandlerNotFound", "Handler 'f' missing on module 'app'").await;
    check("raise KeyError('x')", "app.f", "KeyError", "'x'").await;
    let syntax = "Syntax error in module 'app': invalid syntax (app.py, line 1)";
    check("def def", "app.f", "Runtime.UserCodeSyntaxError", syntax).await;
}

#[tokio::test]
async fn time_is_up_and_the_process_is_killed() {
    let bench = Bench::new();
    let source = "import time, os\nn = []\ndef handler(e, c):\n  n.append(1)\n  print('got it', flush=True)\n  if e: time.sleep(1000)\n  return len(n)";
    bench.python(source, json!({"Timeout": 3})).await;
    let (error, ()) = tokio::join!(bench.fail(json!({"sleep": true})), async {
        bench.logged("got it").await;
        bench.env.clock.advance(Duration::from_secs(3));
    });
    assert_eq!(error["errorType"], "Sandbox.Timedout");
    let message = error["errorMessage"].as_str().unwrap();
    assert!(message.ends_with(" Error: Task timed out after 3.00 seconds"), "{message}");
    let log = bench.log();
    assert!(log.iter().any(|line| line.ends_with("Task timed out after 3.00 seconds")), "{log:?}");
    assert!(log.last().unwrap().ends_with("\tStatus: timeout"), "{log:?}");
    assert_eq!(bench.invoke(json!({})).await.body, json!(1), "a new process");
}

#[tokio::test]
async fn a_process_that_goes_away_is_an_exit_error() {
    let bench = Bench::new();
    bench
        .python("import os, signal\ndef handler(e, c):\n  os.kill(os.getpid(), 9) if e else os._exit(7)", json!({}))
        .await;
    let check = async |event: Value, end: &str| {
        let error = bench.fail(event).await;
        assert_eq!(error["errorType"], "Runtime.ExitError");
        assert!(error["errorMessage"].as_str().unwrap().ends_with(end), "{error}");
        assert!(bench.log().last().unwrap().ends_with("\tStatus: error\tError Type: Runtime.ExitError"));
    };
    check(json!({}), " Error: Runtime exited with error: exit status 7").await;
    check(json!({"kill": 1}), " Error: Runtime exited with error: signal: killed").await;
}

#[tokio::test]
async fn what_cannot_be_answered_is_an_error_of_its_own() {
    let bench = Bench::new();
    bench.python("def handler(e, c):\n  return 'x' * 6291557 if e else {1, 2}", json!({})).await;
    let error = bench.fail(json!({"large": 1})).await;
    assert_eq!(error["errorType"], "Function.ResponseSizeTooLarge");
    let message = "Response payload size exceeded maximum allowed payload size (6291556 bytes).";
    assert_eq!(error["errorMessage"], message);
    let error = bench.fail(json!({})).await;
    assert_eq!(error["errorType"], "Runtime.MarshalError");
}

#[tokio::test]
async fn the_log_has_the_platforms_lines_around_the_functions() {
    let bench = Bench::new();
    let source = "import logging, sys\ndef handler(e, c):\n  print('out')\n  print('err', file=sys.stderr)\n  logging.warning('logged')\n  sys.stdout.write('no end')";
    bench.python(source, json!({})).await;
    let request = Request::post("/2015-03-31/functions/f/invocations").header("x-amz-log-type", "Tail");
    let reply = bench.send(request.body(Bytes::new()).unwrap()).await;
    let id = reply.headers["x-amzn-requestid"].to_str().unwrap();
    let log: Vec<String> = bench.log().into_iter().skip_while(|line| !line.starts_with("START")).collect();
    assert_eq!(log[0], format!("START RequestId: {id} Version: $LATEST"));
    assert_eq!((log[1].as_str(), log[2].as_str()), ("out", "err"));
    assert!(log[3].starts_with("[WARNING]\t") && log[3].ends_with(&format!("Z\t{id}\tlogged")), "{log:?}");
    assert_eq!((log[4].as_str(), log[5].as_str()), ("no end", format!("END RequestId: {id}").as_str()));
    assert!(log[6].starts_with(&format!("REPORT RequestId: {id}\tDuration: ")), "{log:?}");
    assert!(log[6].contains("\tMemory Size: 128 MB\t") && log[6].contains("\tInit Duration: "), "{log:?}");
    let tail = STANDARD.decode(reply.headers["x-amz-log-result"].as_bytes()).unwrap();
    assert_eq!(String::from_utf8(tail).unwrap(), log.join("\n") + "\n");
    bench.invoke(json!({})).await;
    assert!(!bench.log().last().unwrap().contains("Init Duration"), "only of a cold start");
}

#[tokio::test]
async fn a_json_log_is_json_line_by_line() {
    let bench = Bench::new();
    let source = "import logging\ndef handler(e, c):\n  logging.info('said %s', 'so')\n  logging.debug('not')";
    bench.python(source, json!({"LoggingConfig": {"LogFormat": "JSON"}})).await;
    let id = bench.invoke(json!({})).await.headers["x-amzn-requestid"].to_str().unwrap().to_owned();
    let log: Vec<Value> = bench.log().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said = log.iter().find(|line| line["message"] == "said so").unwrap();
    assert_eq!((&said["level"], &said["requestId"]), (&json!("INFO"), &json!(id)));
    let types: Vec<&Value> = log.iter().filter_map(|line| line.get("type")).collect();
    assert_eq!(types, ["platform.initStart", "platform.start", "platform.runtimeDone", "platform.report"]);
}

#[tokio::test]
async fn a_flood_of_output_is_bounded() {
    let bench = Bench::new();
    bench.python("def handler(e, c):\n  for _ in range(e): print('x' * 1000)", json!({"Timeout": 900})).await;
    bench.invoke(json!(20_000)).await;
    let kept: usize = bench.log().iter().map(String::len).sum();
    assert!(kept < 17 * 1024 * 1024, "{kept}");
    assert!(bench.log().last().unwrap().starts_with("REPORT"), "the end of the log is what is kept");
}

#[tokio::test]
async fn new_code_gets_new_processes() {
    let bench = Bench::new();
    bench.python("def handler(e, c):\n  return 'old'", json!({"Publish": true})).await;
    assert_eq!(bench.invoke(json!({})).await.body, "old");
    assert_eq!(bench.update_code(&python("def handler(e, c):\n  return 'new'")).await.status, 200);
    assert_eq!(bench.invoke(json!({})).await.body, "new");
    let version = bench.call("POST", "/2015-03-31/functions/f/invocations?Qualifier=1", json!({})).await;
    assert_eq!((&version.body, &version.headers["x-amz-executed-version"]), (&json!("old"), &"1".parse().unwrap()));
}

#[tokio::test]
async fn everything_survives_a_restart() {
    let bench = Bench::new();
    bench.python("def handler(e, c):\n  return 'kept'", json!({})).await;
    let bench = bench.restarted();
    assert_eq!(bench.invoke(json!({})).await.body, "kept");
}

#[tokio::test]
async fn an_executable_of_the_package_is_a_runtime() {
    let bench = Bench::new();
    let bootstrap = r#"#!/usr/bin/env python3
import os, urllib.request as u
base = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with u.urlopen(base + "next") as event:
        id, body = event.headers["Lambda-Runtime-Aws-Request-Id"], event.read()
    u.urlopen(base + id + "/response", data=b'{"got": ' + body + b'}').read()
"#;
    let settings = json!({"Runtime": "provided.al2023", "Handler": "ignored"});
    bench.create(&[Entry::executable("bootstrap", bootstrap)], settings.clone()).await;
    assert_eq!(bench.invoke(json!([1])).await.body, json!({"got": [1]}));

    let bench = Bench::new();
    bench.create(&[Entry::file("bootstrap", bootstrap)], settings).await;
    let error = bench.fail(json!({})).await;
    assert_eq!(error["errorType"], "Runtime.InvalidEntrypoint");
    assert!(error["errorMessage"].as_str().unwrap().ends_with("permission denied"), "{error}");
}

#[tokio::test]
async fn a_runtime_that_cannot_be_had_is_named() {
    let bench = Bench::new();
    bench.create(&python(""), json!({"Runtime": "dotnet8"})).await;
    let error = bench.fail(json!({})).await;
    assert_eq!(error["errorType"], "Runtime.InvalidEntrypoint");
    assert!(error["errorMessage"].as_str().unwrap().contains("dotnet8"), "{error}");
    assert!(bench.log()[0].starts_with("Runtime.InvalidEntrypoint: "), "{:?}", bench.log());
}

#[tokio::test]
async fn java_and_ruby_say_what_they_lack() {
    for (runtime, has) in [("java21", ["java", "runtime-interface-client"]), ("ruby3.3", ["ruby", "aws_lambda_ric"])] {
        let bench = Bench::new();
        bench.create(&python(""), json!({"Runtime": runtime})).await;
        let error = bench.fail(json!({})).await;
        let message = error["errorMessage"].as_str().unwrap();
        // Neither the interpreter nor the client needs to be on the machine that runs this.
        assert!(message.contains(runtime) && has.iter().any(|word| message.contains(word)), "{error}");
    }
}

#[tokio::test]
async fn processes_are_bounded_and_events_wait_for_them() {
    let bench = Bench::with(|config| config.max_sandboxes = 2);
    bench.python("import os\ndef handler(e, c):\n  return os.getpid()", json!({})).await;
    let calls = (0..10).map(|i| bench.invoke(json!({ "i": i })));
    let replies = futures_util::future::join_all(calls).await;
    let pids: std::collections::HashSet<_> = replies.iter().map(|reply| reply.body.as_u64().unwrap()).collect();
    assert!(pids.len() <= 2, "{pids:?}");
    // Another function gets the slot of an idle one.
    bench.create(&python("def handler(e, c):\n  return 'g'"), json!({"FunctionName": "g"})).await;
    assert_eq!(bench.call("POST", "/2015-03-31/functions/g/invocations", json!({})).await.body, "g");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_goes_on_at_once_finds_its_process_warm_and_its_reservation_free() {
    let bench = Bench::new();
    bench.python("import os\ndef handler(e, c):\n  return os.getpid()", json!({})).await;
    let reserve = json!({"ReservedConcurrentExecutions": 1});
    bench.call("PUT", "/2017-10-31/functions/f/concurrency", reserve).await;
    let first = bench.invoke(json!({})).await.body;
    for _ in 0..100 {
        assert_eq!(bench.invoke(json!({})).await.body, first);
    }
}

#[tokio::test]
async fn idle_processes_go_away() {
    let bench = Bench::new();
    bench.python("import os\ndef handler(e, c):\n  return os.getpid()", json!({})).await;
    let first = bench.invoke(json!({})).await.body;
    tokio::task::yield_now().await;
    bench.env.clock.advance(Duration::from_secs(601));
    let group = format!("/proc/{first}");
    while std::path::Path::new(&group).exists() {
        tokio::task::yield_now().await;
    }
    assert_ne!(bench.invoke(json!({})).await.body, first);
}
