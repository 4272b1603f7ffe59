//! Functions that take more than they may: each is stopped, says so, and holds up nobody.

use std::time::Duration;

use serde_json::json;

use crate::fixture::Bench;

#[tokio::test]
async fn a_function_that_takes_too_much_memory_is_killed() {
    let bench = Bench::new();
    let source = "import time\ndef handler(e, c):\n  if not e: return 'fine'\n  x = b'x' * (e * 1024 * 1024)\n  time.sleep(1000)";
    bench.python(source, json!({})).await;
    let error = bench.fail(json!(200)).await;
    assert_eq!(error["errorType"], "Runtime.ExitError");
    let message = error["errorMessage"].as_str().unwrap();
    assert!(message.ends_with(" Error: Runtime exited with error: signal: killed"), "{message}");
    let log = bench.log();
    assert!(log.contains(&"The function used more memory than it has".to_owned()), "{log:?}");
    let report = log.last().unwrap();
    assert!(report.contains("\tMemory Size: 128 MB\tMax Memory Used: 128 MB\t"), "{report}");
    assert!(report.ends_with("\tStatus: error\tError Type: Runtime.ExitError"), "{report}");
    assert_eq!(bench.invoke(json!(0)).await.body, "fine");
}

#[tokio::test]
async fn a_function_that_loads_too_much_is_killed() {
    let bench = Bench::new();
    bench
        .python("import time\nx = b'x' * (200 * 1024 * 1024)\ntime.sleep(1000)\ndef handler(e, c): pass", json!({}))
        .await;
    let error = bench.fail(json!({})).await;
    assert!(error["errorMessage"].as_str().unwrap().ends_with("signal: killed"), "{error}");
}

#[tokio::test]
async fn a_fork_storm_ends_with_all_its_processes() {
    let bench = Bench::new();
    let source = "import os, time\ndef handler(e, c):\n  print(os.getpid(), flush=True)\n  for _ in range(100):\n    if os.fork() == 0: time.sleep(1000)\n  time.sleep(1000)";
    bench.python(source, json!({"MemorySize": 10240})).await;
    let error = bench.fail(json!({})).await;
    assert!(error["errorMessage"].as_str().unwrap().ends_with("signal: killed"), "{error}");
    let log = bench.log();
    assert!(log.contains(&"The function had more than 64 processes".to_owned()), "{log:?}");
    let group = log.iter().find_map(|line| line.parse::<i32>().ok()).unwrap();
    // The kernel takes a moment to bury them.
    while is_alive(group) {
        tokio::task::yield_now().await;
    }
}

fn is_alive(group: i32) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok()).any(|stat| {
        let mut words = stat.rsplit_once(')').unwrap().1.split_whitespace();
        words.next() != Some("Z") && words.nth(1).and_then(|word| word.parse().ok()) == Some(group)
    })
}

#[tokio::test]
async fn a_line_without_end_is_kept_in_pieces() {
    let bench = Bench::new();
    bench.python("import sys\ndef handler(e, c): sys.stdout.write('x' * 1000000)", json!({})).await;
    bench.invoke(json!({})).await;
    let longest = bench.log().iter().map(String::len).max().unwrap();
    assert_eq!(longest, 256 * 1024);
}

#[tokio::test]
async fn a_function_that_hangs_while_it_loads_has_its_own_time_for_it_and_no_more() {
    let bench = Bench::new();
    bench
        .python("import time\nprint('loading', flush=True)\ntime.sleep(1000)\ndef handler(e, c): pass", json!({}))
        .await;
    let loads = |bench: &Bench| bench.log().iter().filter(|line| *line == "loading").count();
    let (error, ()) = tokio::join!(bench.fail(json!({})), async {
        for (count, limit) in [(1, 10), (2, 3)] {
            let mut watch = bench.lambda.log(&bench.arn()).unwrap().watch();
            while loads(&bench) < count {
                watch.changed().await.unwrap();
            }
            bench.env.clock.advance(Duration::from_secs(limit));
        }
    });
    assert_eq!(error["errorType"], "Sandbox.Timedout", "{error}");
}
