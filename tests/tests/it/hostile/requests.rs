//! Broken requests of every kind: those that a client's mistake makes, and those that nobody makes by mistake.

use super::chance::Chance;
use super::http2;

const ACTIONS: [&str; 12] = [
    "PutRecord",
    "PutRecords",
    "GetRecords",
    "GetShardIterator",
    "ListShards",
    "CreateStream",
    "DescribeStream",
    "AddTagsToStream",
    "SubscribeToShard",
    "UpdateShardCount",
    "ListTagsForStream",
    "Nothing",
];
const MEMBERS: [&str; 12] = [
    "StreamName",
    "StreamARN",
    "Records",
    "Data",
    "PartitionKey",
    "ShardIterator",
    "Limit",
    "Timestamp",
    "Tags",
    "NextToken",
    "StartingPosition",
    "ShardCount",
];
const JSON: &str = "application/x-amz-json-1.1";
const CBOR: &str = "application/x-amz-cbor-1.1";
const REFUSED: &[&str] = &["400"];
const ANSWERED: &[&str] = &["200", "400"];

/// A request, and what may come of it.
pub(super) struct Broken {
    pub(super) what: &'static str,
    pub(super) bytes: Vec<u8>,
    /// The statuses of the answer; none where there need be no answer.
    pub(super) answered: Option<&'static [&'static str]>,
    /// Whether the client is gone before it is answered.
    pub(super) hangs_up: bool,
}

/// The `number`th request.
pub(super) fn broken(chance: &mut Chance, number: u32) -> Broken {
    let request = |what, bytes, answered| Broken { what, bytes, answered, hangs_up: false };
    // The expensive ones are few.
    match number % 1250 {
        0 => {
            return request("a body that is too large", call("PutRecord", JSON, &vec![b' '; 17 << 20]), Some(&["413"]));
        }
        1 => return request("a list of millions", call("PutRecords", JSON, &list_of_millions()), Some(REFUSED)),
        2 => {
            return request(
                "a list of millions in CBOR",
                call("PutRecords", CBOR, &cbor_of_millions(0xa0)),
                Some(REFUSED),
            );
        }
        3 => {
            return request(
                "nulls by the million in CBOR",
                call("PutRecords", CBOR, &cbor_of_millions(0xf6)),
                Some(REFUSED),
            );
        }
        4 => return request("a body byte by byte", chunked(1, 50_000), None),
        _ => {}
    }
    match number % 14 {
        0 => request("members of any type", call(chance.one_of(&ACTIONS), JSON, json(chance, 0).as_bytes()), None),
        1 => request(
            "members of any type in CBOR",
            call(chance.one_of(&ACTIONS), CBOR, &cbor_map(chance)),
            Some(ANSWERED),
        ),
        2 => request("huge lengths in CBOR", call(chance.one_of(&ACTIONS), CBOR, &claims(chance)), Some(REFUSED)),
        3 => request("a deep nest", call(chance.one_of(&ACTIONS), JSON, &nest(chance)), Some(REFUSED)),
        4 => request("a garbled call", garbled(chance, put_in_json()), None),
        5 => request("a garbled call in CBOR", garbled(chance, put_in_cbor()), None),
        6 => {
            let said =
                chance.one_of(&["2", "1000", "16777216", "16777217", "99999999999", "18446744073709551615", "-1", "x"]);
            request("a length that is not true", with_length("PutRecord", JSON, said, b"{"), None)
        }
        7 => Broken { hangs_up: true, ..request("a body that is cut", cut(chance, put_in_json()), None) },
        8 => request("broken HTTP", bad_http(chance), None),
        9 => request("broken chunks", bad_chunks(chance), None),
        10 => Broken { hangs_up: chance.below(4) > 0, ..request("broken HTTP/2", http2::broken(chance), None) },
        11 => request("broken TLS", bad_tls(chance), None),
        12 => {
            let token =
                chance.one_of(&["", "AAAA", "AAAAAAAAAAE=", "%", "\\u0000", "é", "////////////////////////////////"]);
            let (action, member) = chance.one_of(&[("GetRecords", "ShardIterator"), ("ListShards", "NextToken")]);
            let body = format!("{{\"{member}\":\"{}\"}}", token.repeat(1 + chance.below(8)));
            request("a token that is none", call(action, JSON, body.as_bytes()), Some(REFUSED))
        }
        _ => {
            let length = chance.below(2000);
            request("noise", chance.bytes(length), None)
        }
    }
}

fn with_length(action: &str, content_type: &str, length: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: {content_type}\r\n\
         x-amz-target: Kinesis_20131202.{action}\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

fn call(action: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    with_length(action, content_type, &body.len().to_string(), body)
}

/// An object of known and unknown members of whatever type; some are even right.
fn json(chance: &mut Chance, depth: usize) -> String {
    let mut members = Vec::new();
    for _ in 0..chance.below(6) {
        let value = match chance.below(if depth < 3 { 10 } else { 8 }) {
            0 => "null".to_owned(),
            1 => "true".to_owned(),
            2 => format!("{}", chance.below(20_000)),
            3 => "-1e300".to_owned(),
            4 => "99999999999999999999999999".to_owned(),
            5 => format!("\"{}\"", "a".repeat(chance.below(3000))),
            6 => "\"\\ud800\"".to_owned(),
            7 => "\"s\"".to_owned(),
            8 => json(chance, depth + 1),
            _ => format!("[{}]", json(chance, depth + 1)),
        };
        members.push(format!("\"{}\":{value}", chance.one_of(&MEMBERS)));
    }
    format!("{{{}}}", members.join(","))
}

fn cbor_text(text: &str) -> Vec<u8> {
    [&[0x78, u8::try_from(text.len()).expect("names are short")], text.as_bytes()].concat()
}

fn cbor_map(chance: &mut Chance) -> Vec<u8> {
    let mut map = vec![0xbf];
    for _ in 0..chance.below(6) {
        map.extend(cbor_text(chance.one_of(&MEMBERS)));
        let length = chance.below(100);
        match chance.below(9) {
            0 => map.push(0xf6),
            1 => map.push(0xf5),
            2 => map.extend([0x19, chance.byte(), chance.byte()]),
            3 => map.extend([0xfb, 0x7e, 0x37, 0xe4, 0x3c, 0x88, 0, 0x75, 0x9c]),
            4 => map.extend(cbor_text(&"a".repeat(length))),
            5 => map.extend([&[0x58, u8::try_from(length).expect("below 100")], &*chance.bytes(length)].concat()),
            6 => map.extend([0xc1, 0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            7 => map.extend([0x9f, 0xbf, 0xff, 0x5f, 0x41, 0, 0xff, 0xff]),
            _ => map.extend([0xa1, 0x61, b'a', 0x80]),
        }
    }
    map.push(0xff);
    map
}

/// A map whose first value says that it has more elements, bytes or characters than there are.
fn claims(chance: &mut Chance) -> Vec<u8> {
    let mut map = vec![chance.one_of(&[0xa1, 0xbf])];
    map.extend(cbor_text(chance.one_of(&MEMBERS)));
    map.push(chance.one_of(&[0x5b, 0x7b, 0x9b, 0xbb]));
    let most = [0xff; 8];
    let some = [0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff];
    map.extend(chance.one_of(&[most, some]));
    let length = chance.below(200);
    // What follows is no whole list of nulls.
    map.extend(vec![0xf6; length]);
    map
}

fn nest(chance: &mut Chance) -> Vec<u8> {
    let open = chance.one_of(&["[", "{\"a\":", "[{\"Records\":"]);
    format!("{{\"{}\":{}", chance.one_of(&MEMBERS), open.repeat(20_000)).into_bytes()
}

fn list_of_millions() -> Vec<u8> {
    format!("{{\"StreamName\":\"s\",\"Records\":[{}{{}}]}}", "{},".repeat(3_000_000)).into_bytes()
}

fn cbor_of_millions(element: u8) -> Vec<u8> {
    let list = [vec![0x9f], vec![element; 12_000_000], vec![0xff]].concat();
    [&[0xa1], &*cbor_text("Records"), &list].concat()
}

fn put_in_json() -> Vec<u8> {
    let entry = r#"{"PartitionKey":"key","Data":"aGVsbG8="}"#;
    call("PutRecords", JSON, format!(r#"{{"StreamName":"s","Records":[{entry},{entry}]}}"#).as_bytes())
}

fn put_in_cbor() -> Vec<u8> {
    let entry = [&[0xa2], &*cbor_text("PartitionKey"), &cbor_text("key"), &cbor_text("Data"), b"\x45hello"].concat();
    let body =
        [&[0xa2], &*cbor_text("StreamName"), &cbor_text("s"), &cbor_text("Records"), &[0x82], &entry, &entry].concat();
    call("PutRecords", CBOR, &body)
}

/// A few bytes changed, in the head as well as in the body.
fn garbled(chance: &mut Chance, mut request: Vec<u8>) -> Vec<u8> {
    for _ in 0..=chance.below(5) {
        let at = chance.below(request.len());
        request[at] = chance.byte();
    }
    request
}

fn cut(chance: &mut Chance, mut request: Vec<u8>) -> Vec<u8> {
    request.truncate(chance.below(request.len()));
    request
}

fn bad_http(chance: &mut Chance) -> Vec<u8> {
    let long = "a".repeat(chance.below(200_000));
    match chance.below(10) {
        0 => "POST / HTTP/1.1\r\n\r\n".to_owned(),
        1 => "POST / HTTP/9.9\r\nhost: localhost\r\n\r\n".to_owned(),
        2 => format!("POST /{long} HTTP/1.1\r\nhost: localhost\r\n\r\n"),
        3 => format!("POST / HTTP/1.1\r\nhost: localhost\r\nx: {long}\r\n\r\n"),
        4 => format!("POST / HTTP/1.1\r\nhost: localhost\r\n{}\r\n", "x: y\r\n".repeat(500)),
        5 => "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}".to_owned(),
        6 => "POST / HTTP/1.1\r\nhost: localhost\r\nno colon\r\n\r\n".to_owned(),
        7 => "\r\n".repeat(1000),
        8 => "POST http://evil.example/ HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n".to_owned(),
        _ => "GET / HTTP/1.1\r\nhost: localhost\r\nx-amz-target: \u{e9}\r\nauthorization: AWS4- Credential=////\r\nconnection: close\r\n\r\n"
            .to_owned(),
    }
    .into_bytes()
}

const CHUNKED: &str = "POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/x-amz-json-1.1\r\n\
                       x-amz-target: Kinesis_20131202.PutRecord\r\ntransfer-encoding: chunked\r\n\r\n";

fn chunked(size: usize, count: usize) -> Vec<u8> {
    let chunk = format!("{size:x}\r\n{}\r\n", " ".repeat(size));
    format!("{CHUNKED}{}0\r\n\r\n", chunk.repeat(count)).into_bytes()
}

fn bad_chunks(chance: &mut Chance) -> Vec<u8> {
    let chunks = chance.one_of(&[
        "ffffffffffffffff\r\n{",
        "fffffffffffffffffffff\r\n{",
        "-1\r\n{",
        "1;ext=\"\r\n{\r\n",
        "2\r\n{}0\r\n\r\n",
        "2\r\n{}\r\n0\r\nx: y\r\n\r\n",
        "0\r\n",
        "\r\n\r\n",
        "5\r\n{}\r\n",
    ]);
    format!("{CHUNKED}{chunks}").into_bytes()
}

fn bad_tls(chance: &mut Chance) -> Vec<u8> {
    let length = chance.below(400);
    let noise = chance.bytes(length);
    let start = chance.one_of(&[
        &b"\x16"[..],
        b"\x16\x03\x01\x40\x00\x01\x00\x3f\xfc",
        b"\x16\x03\x03\x00\x01",
        b"\x16\xff\xff\xff\xff",
    ]);
    [start, &noise].concat()
}
