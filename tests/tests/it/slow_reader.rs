//! A fan-out consumer that reads nothing: it slows neither its neighbours nor the producers, and takes no memory.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use acceptance::{Connection, Emulator};
use serde_json::{Value, json};

use crate::stage::{Stage, eventually, kinesis, memory, until_active};

/// Bytes of the records that are put while the slow one is silent: far more than any buffer between us holds.
const BYTES: usize = 64 << 20;
const RECORD: usize = 256 << 10;
/// More than the emulator needs for what is under way, and less than what was put.
const MOST_MIB: u64 = 48;

#[test]
fn holds_up_nobody_and_takes_no_memory() {
    let stage = Stage::new();
    let emulator = Emulator::start(stage.options().with("--limits").with("off")).unwrap();
    kinesis(&emulator, "CreateStream", &json!({"StreamName": "s", "ShardCount": 1})).unwrap();
    until_active(&emulator, "s");
    let silent = subscribe(&emulator, "silent");
    let mut reading = subscribe(&emulator, "reading");
    let before = memory(&emulator, "VmRSS:");

    // Its events are base64, and more besides.
    let enough = BYTES / 3 * 4;
    let reader = thread::spawn(move || {
        let (mut read, mut buffer) = (0, vec![0; 1 << 20]);
        while read < enough {
            let got = reading.read(&mut buffer).unwrap();
            assert!(got > 0, "the subscription ended after {read} bytes");
            read += got;
        }
    });
    let mut producer = Connection::open(emulator.address()).unwrap();
    let data = "A".repeat(RECORD / 3 * 4);
    let record = json!({"StreamName": "s", "PartitionKey": "k", "Data": data}).to_string();
    for _ in 0..BYTES / RECORD + 1 {
        producer.kinesis("PutRecord", &record).unwrap();
    }
    reader.join().unwrap();
    let after = memory(&emulator, "VmRSS:");
    assert!(after < before + MOST_MIB, "{before} MiB before, {after} MiB after");
    drop(silent);
}

/// A subscription of a new consumer from the latest record on, of which nothing but the first frame has been read.
fn subscribe(emulator: &Emulator, consumer: &str) -> TcpStream {
    let stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    let registered =
        kinesis(emulator, "RegisterStreamConsumer", &json!({"StreamARN": stream, "ConsumerName": consumer})).unwrap();
    let arn = registered["Consumer"]["ConsumerARN"].clone();
    eventually("the consumer to be ACTIVE", || {
        let described: Value = kinesis(emulator, "DescribeStreamConsumer", &json!({"ConsumerARN": arn})).ok()?;
        (described["ConsumerDescription"]["ConsumerStatus"] == "ACTIVE").then_some(())
    });
    let position = json!({"Type": "LATEST"});
    let input =
        json!({"ConsumerARN": arn, "ShardId": "shardId-000000000000", "StartingPosition": position}).to_string();
    let mut connection = TcpStream::connect(emulator.address()).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-amz-json-1.1\r\n\
         x-amz-target: Kinesis_20131202.SubscribeToShard\r\ncontent-length: {}\r\n\r\n",
        input.len()
    );
    connection.write_all(format!("{head}{input}").as_bytes()).unwrap();
    let (mut said, mut byte) = (Vec::new(), [0]);
    while !said.windows(16).any(|window| window == b"initial-response") {
        connection.read_exact(&mut byte).unwrap();
        said.push(byte[0]);
    }
    assert!(said.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&said));
    connection
}
