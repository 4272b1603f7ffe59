//! Ten thousand broken requests over real sockets, and what is left of the emulator afterwards: all of it.

mod chance;
mod http2;
mod requests;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use acceptance::Emulator;
use serde_json::json;

use self::chance::Chance;
use self::requests::Broken;
use crate::stage::{Stage, eventually, kinesis, memory, until_active};

const REQUESTS: u32 = 10_000;
/// Requests before the memory is looked at for the first time: what is made once is made by then.
const FIRST: u32 = 1_000;
const CLIENTS: u32 = 4;
/// Connections that say little and stay, throughout.
const SLOW: usize = 200;
/// No answer takes longer, and a connection that is not closed by then stays open for no reason.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the allocator may keep for itself, and what the most greedy requests may take while they are looked at.
const KEPT_MIB: u64 = 16;
const MOST_MIB: u64 = 256;

#[test]
fn ten_thousand_broken_requests_leave_nothing_behind() {
    let stage = Stage::new();
    let emulator = Emulator::start(stage.options().with("--log").with("warn")).unwrap();
    kinesis(&emulator, "CreateStream", &json!({"StreamName": "s", "ShardCount": 1})).unwrap();
    until_active(&emulator, "s");
    let seed = 20_261_128;
    let slow: Vec<_> = (0..SLOW).map(|number| slow_sender(&emulator, number)).collect();
    send(&emulator, seed, FIRST);
    let before = memory(&emulator, "VmRSS:");
    let began = Instant::now();
    send(&emulator, seed + 1, REQUESTS);
    let took = began.elapsed();
    drop(slow);

    let log = emulator.log();
    assert!(!log.contains("panicked") && !log.contains("ERROR"), "{log}");
    still_right(&emulator);
    eventually("the memory to be given back", || (memory(&emulator, "VmRSS:") <= before + KEPT_MIB).then_some(()));
    let (after, most) = (memory(&emulator, "VmRSS:"), memory(&emulator, "VmHWM:"));
    assert!(most < MOST_MIB, "{most} MiB at the worst");
    println!("{REQUESTS} requests in {took:.1?}; {before} MiB before, {after} after, {most} at the worst");
    emulator.stop().unwrap();
}

/// Sends `count` requests from several clients.
fn send(emulator: &Emulator, seed: u64, count: u32) {
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            scope.spawn(move || {
                let mut chance = Chance::new(seed * 100 + u64::from(client));
                for number in 0..count / CLIENTS {
                    let request = requests::broken(&mut chance, number);
                    exchange(emulator, &request);
                }
            });
        }
    });
}

/// Sends a request and reads whatever comes until the emulator hangs up.
fn exchange(emulator: &Emulator, request: &Broken) {
    let mut stream = TcpStream::connect(emulator.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    // It may hang up before it has heard everything.
    let _ = stream.write_all(&request.bytes);
    if request.hangs_up {
        return;
    }
    if request.answered.is_none() {
        // Else the emulator would wait for the rest of what is no whole request.
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut answer = Vec::new();
    let ended = stream.read_to_end(&mut answer);
    let is_late = ended.is_err_and(|error| matches!(error.kind(), std::io::ErrorKind::WouldBlock));
    assert!(!is_late, "{}: the connection is still open", request.what);
    let head = String::from_utf8_lossy(&answer[..answer.len().min(12)]).into_owned();
    let is_fault = head.starts_with("HTTP/1.1 5");
    assert!(!is_fault, "{}: {}", request.what, String::from_utf8_lossy(&answer));
    if let Some(statuses) = request.answered {
        let status = head.split(' ').nth(1).unwrap_or_default();
        assert!(statuses.contains(&status), "{}: {:?}", request.what, String::from_utf8_lossy(&answer));
    }
}

/// A connection that says a part of something and then nothing.
fn slow_sender(emulator: &Emulator, number: usize) -> TcpStream {
    let parts = [
        &b"POST / HTT"[..],
        b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 16000000\r\n\r\n{",
        b"POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nfffff\r\n{",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"",
    ];
    let mut stream = TcpStream::connect(emulator.address()).unwrap();
    stream.write_all(parts[number % parts.len()]).unwrap();
    stream
}

/// What was there works, what is new works, and an answer is what it was asked for.
fn still_right(emulator: &Emulator) {
    let put = json!({"StreamName": "s", "PartitionKey": "still", "Data": "aGVyZQ=="});
    let number = kinesis(emulator, "PutRecord", &put).unwrap()["SequenceNumber"].clone();
    let position = json!({"StreamName": "s", "ShardId": "shardId-000000000000", "ShardIteratorType": "AT_SEQUENCE_NUMBER",
        "StartingSequenceNumber": number});
    let iterator = kinesis(emulator, "GetShardIterator", &position).unwrap();
    let page = kinesis(emulator, "GetRecords", &iterator).unwrap();
    assert_eq!(
        (&page["Records"][0]["PartitionKey"], &page["Records"][0]["Data"]),
        (&json!("still"), &json!("aGVyZQ=="))
    );
    kinesis(emulator, "CreateStream", &json!({"StreamName": "t", "ShardCount": 1})).unwrap();
    until_active(emulator, "t");
    assert_eq!(kinesis(emulator, "ListStreams", &json!({})).unwrap()["StreamNames"], json!(["s", "t"]));
}
