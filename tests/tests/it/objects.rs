//! S3 as AWS's clients use it: boto3, `aws s3`, by the host of a bucket; and what was acknowledged is there after `kill -9`.

use acceptance::request;

use crate::stage::{Stage, client, encrypted, root, run};

/// An answer to an unsigned request.
fn get(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    let answer = request(address, method, path, headers, body).unwrap();
    (answer.status, answer.body)
}

#[test]
fn boto3() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let mut session = client("python", &emulator, stage.path());
    session.current_dir(stage.path());
    let said = run(session.arg(root().join("tests/clients/boto3_s3.py")));
    assert_eq!(said.trim(), "boto3 is content");
}

#[test]
fn the_command_line_over_tls() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let aws = |arguments: &[&str]| {
        let mut command = client("aws", &emulator, stage.path());
        encrypted(&mut command, &emulator);
        run(command.current_dir(stage.path()).args(arguments))
    };
    let large = "0123456789".repeat(2_000_000);
    std::fs::create_dir_all(stage.path().join("folder/below")).unwrap();
    std::fs::write(stage.path().join("folder/large"), &large).unwrap();
    std::fs::write(stage.path().join("folder/below/small"), "hello").unwrap();
    // The address is a name, so the bucket would be part of it.
    std::fs::create_dir_all(stage.path().join(".aws")).unwrap();
    std::fs::write(stage.path().join(".aws/config"), "[default]\ns3 =\n  addressing_style = path\n").unwrap();
    aws(&["s3", "mb", "s3://bucket"]);
    assert!(aws(&["s3", "ls"]).trim_end().ends_with(" bucket"));
    aws(&["s3", "cp", "--recursive", "folder", "s3://bucket/to"]);
    let listed = aws(&["s3", "ls", "--recursive", "s3://bucket"]);
    assert!(listed.contains("         5 to/below/small") && listed.contains("  20000000 to/large"), "{listed}");
    assert!(aws(&["s3", "ls", "s3://bucket/to/"]).contains("PRE below/"));
    assert_eq!(aws(&["s3", "cp", "s3://bucket/to/below/small", "-"]), "hello");
    aws(&["s3", "sync", "s3://bucket/to", "back"]);
    assert!(std::fs::read_to_string(stage.path().join("back/large")).unwrap() == large);
    assert_eq!(aws(&["s3", "sync", "s3://bucket/to", "back"]), "", "there is nothing left to do");
    aws(&["s3", "mv", "s3://bucket/to/large", "s3://bucket/moved"]);
    aws(&["s3", "rb", "--force", "s3://bucket"]);
    assert_eq!(aws(&["s3", "ls"]), "");
}

#[test]
fn by_path_and_by_host_without_a_signature() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let address = emulator.address();
    let port = address.rsplit(':').next().unwrap();
    assert_eq!(get(address, "PUT", "/bucket", &[], "").0, 200);
    assert_eq!(get(address, "PUT", "/bucket/a", &[], "hello").0, 200);
    for host in ["bucket.localhost", "bucket.s3.localhost", "bucket.s3.us-east-1.localhost"] {
        let host = format!("{host}:{port}");
        assert_eq!(get(address, "GET", "/a", &[("host", &host)], ""), (200, "hello".to_owned()), "{host}");
        assert!(get(address, "GET", "/", &[("host", &host)], "").1.contains("<Key>a</Key>"), "{host}");
    }
    let (status, error) = get(address, "GET", "/bucket/none", &[], "");
    assert_eq!(status, 404);
    assert!(error.contains("<Error><Code>NoSuchKey</Code>") && error.contains("<RequestId>"), "{error}");
    // The gate comes first, as for every service.
    let (status, _) = get(address, "GET", "/bucket/a", &[("host", "bucket.example")], "");
    assert_eq!(status, 403);
    assert_eq!(get(address, "GET", "/bucket/a", &[("origin", "https://evil.example")], "").0, 403);
}

#[test]
fn what_was_acknowledged_is_there_after_a_kill() {
    let stage = Stage::new();
    let mut emulator = stage.emulator();
    assert_eq!(get(emulator.address(), "PUT", "/bucket", &[], "").0, 200);
    for cycle in 0..5 {
        let address = emulator.address().to_owned();
        // Three clients put and overwrite until the emulator is gone, and remember what was acknowledged.
        let writers: Vec<_> = (0..3)
            .map(|writer| {
                let address = address.clone();
                std::thread::spawn(move || {
                    let mut acknowledged = None;
                    for number in 0.. {
                        let (path, body) = (format!("/bucket/{writer}"), format!("{cycle} {number:06}").repeat(1000));
                        match request(&address, "PUT", &path, &[], &body) {
                            Ok(answer) if answer.status == 200 => acknowledged = Some(number),
                            Ok(answer) => panic!("{}", answer.body),
                            Err(_) => break,
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        // Until there is something to lose.
        crate::stage::eventually("the writers", || {
            let (status, body) = get(&address, "GET", "/bucket/2", &[], "");
            (status == 200 && body.starts_with(&cycle.to_string())).then_some(())
        });
        emulator = emulator.kill_and_restart().unwrap();
        for (writer, acknowledged) in writers.into_iter().enumerate() {
            let acknowledged = acknowledged.join().unwrap();
            let (status, body) = get(emulator.address(), "GET", &format!("/bucket/{writer}"), &[], "");
            let Some(acknowledged) = acknowledged else { continue };
            assert_eq!(status, 200, "cycle {cycle}, writer {writer}");
            // What was under way when the kill came may be there, in whole.
            let number: u64 = body[2..8].parse().unwrap();
            assert!((acknowledged..=acknowledged + 1).contains(&number), "{number}, after {acknowledged}");
            assert!(body == format!("{cycle} {number:06}").repeat(1000));
        }
        let drafts = std::fs::read_dir(emulator.data().join("s3/drafts")).unwrap().count();
        assert_eq!(drafts, 0, "what was under way is swept away");
    }
}
