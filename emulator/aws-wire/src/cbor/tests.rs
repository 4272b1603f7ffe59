//! Both ways, held against an implementation that is not ours, and against JSON.

use bytes::Bytes;
use ciborium::Value as Cbor;
use env::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use super::{members, to_vec};
use crate::{AwsError, Blob, EpochSeconds, Shape, Structure};

const TEXT: Shape = Shape::string();
const INNER: Structure = Structure::new(
    "Inner",
    &[Shape::string().member("Text"), Shape::blob().member("Data"), Shape::long().member("Count")],
);
const INNER_SHAPE: Shape = Shape::structure(&INNER);
const INPUT: Structure = Structure::new(
    "Input",
    &[
        Shape::string().member("Text"),
        Shape::integer().member("Limit"),
        Shape::boolean().member("Flag"),
        Shape::timestamp().member("At"),
        Shape::blob().member("Data"),
        Shape::list(&TEXT).member("Keys"),
        Shape::map(&TEXT, &TEXT).member("Tags"),
        Shape::list(&INNER_SHAPE).member("Records"),
        Shape::structure(&INNER).member("One"),
        Shape::document().member("Any"),
    ],
);

/// The bytes that a text in hexadecimal stands for.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let digit = |digit: u8| u8::try_from(char::from(digit).to_digit(16).unwrap()).unwrap();
    digits.chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

fn read(bytes: &[u8]) -> Result<Value, AwsError> {
    members(&INPUT, bytes).map(Value::Object)
}

#[track_caller]
fn reads(bytes: &str, expected: Value) {
    assert_eq!(read(&hex(bytes)), Ok(expected), "{bytes}");
}

#[track_caller]
fn is_malformed(bytes: &[u8]) {
    assert_eq!(read(bytes), Err(AwsError::bare("SerializationException")), "{bytes:02x?}");
}

/// Names as CBOR writes them, so that examples can be read.
const AT: &str = "62 4174";
const DATA: &str = "64 44617461";
const KEYS: &str = "64 4b657973";
const TEXT_NAME: &str = "64 54657874";
const LIMIT: &str = "65 4c696d6974";

#[test]
fn lengths_may_be_known_or_not() {
    reads("a0", json!({}));
    reads("bf ff", json!({}));
    reads(&format!("a1 {TEXT_NAME} 62 6869"), json!({"Text": "hi"}));
    reads(&format!("bf {TEXT_NAME} 7f 61 68 61 69 ff ff"), json!({"Text": "hi"}));
    reads("bf 7f 62 5465 62 7874 ff 61 68 ff", json!({"Text": "h"}));
    reads(&format!("a1 {DATA} 43 00ff01"), json!({"Data": "AP8B"}));
    reads(&format!("a1 {DATA} 5f 41 00 42 ff01 ff"), json!({"Data": "AP8B"}));
    reads(&format!("a1 {KEYS} 82 61 61 61 62"), json!({"Keys": ["a", "b"]}));
    reads(&format!("a1 {KEYS} 9f 61 61 61 62 ff"), json!({"Keys": ["a", "b"]}));
}

#[test]
fn times_are_milliseconds() {
    // As the Java SDK sends 2018-12-17T22:10:50.987Z.
    reads(&format!("a1 {AT} c1 1b 00000167be38c5eb"), json!({"At": 1_545_084_650.987}));
    reads(&format!("a1 {AT} 1a 3b9aca00"), json!({"At": 1_000_000.0}));
    reads(&format!("a1 {AT} c1 fb 40934a0000000000"), json!({"At": 1.2345}));
}

#[test]
fn numbers_in_every_width() {
    for (bytes, number) in [
        ("17", json!(23)),
        ("18 18", json!(24)),
        ("19 0400", json!(1024)),
        ("1a 000f4240", json!(1_000_000)),
        ("1b ffffffffffffffff", json!(u64::MAX)),
        ("20", json!(-1)),
        ("3b 7fffffffffffffff", json!(i64::MIN)),
        ("3b ffffffffffffffff", json!(-18_446_744_073_709_551_616.0)),
        ("f9 3e00", json!(1.5)),
        ("f9 0001", json!(5.960_464_477_539_063e-8)),
        ("fa 47c35000", json!(100_000.0)),
        ("fb 3ff199999999999a", json!(1.1)),
        ("f6", json!(null)),
        ("f7", json!(null)),
    ] {
        reads(&format!("a1 {LIMIT} {bytes}"), json!({"Limit": number}));
    }
}

#[test]
fn what_nobody_knows_is_passed_over() {
    reads("a2 61 78 82 a1 61 61 5f 41 00 ff f4 61 79 c2 41 05", json!({}));
    reads("a1 63 416e79 83 41 00 a1 61 61 f5 80", json!({"Any": ["AA==", {"a": true}, []]}));
}

#[test]
fn what_does_not_belong_is_said_in_the_words_of_json() {
    let refuses = |bytes: &str, message: &str| {
        let mut members = members(&INPUT, &hex(bytes));
        let error =
            members.as_mut().map_err(|error| error.clone()).and_then(|members| crate::check::check(&INPUT, members));
        assert_eq!(error, Err(AwsError::serialization(message)), "{bytes}");
    };
    refuses(&format!("a1 {TEXT_NAME} f5"), "class java.lang.Boolean can not be converted to an String");
    refuses(&format!("a1 {TEXT_NAME} 80"), "Start of list found where not expected");
    refuses(&format!("a1 {TEXT_NAME} a0"), "Start of structure or map found where not expected.");
    refuses(&format!("a1 {TEXT_NAME} 41 00"), "class java.nio.HeapByteBuffer can not be converted to an String");
    refuses(&format!("a1 {DATA} 64 41413d3d"), "class java.lang.String can not be converted to a Blob");
    refuses(&format!("a1 {KEYS} 41 00"), "Expected list or null");
    refuses(&format!("a1 {AT} 61 78"), "class java.lang.String can not be converted to milliseconds since epoch");
    // Whether a document is whole comes before what is in it.
    is_malformed(&hex(&format!("a2 {DATA} 61 41 {TEXT_NAME}")));
}

#[test]
fn what_is_malformed() {
    for bytes in [
        "",
        "80",
        "61 61",
        "f6",
        "a1",
        "a1 01 02",
        "a1 41 61 01",
        "bf",
        "bf 61 61",
        "bf 61 61 ff",
        "a0 a0",
        "ff",
        "a1 61 78 ff",
        "a1 61 78 1c",
        "a1 61 78 f8 20",
        "a1 61 78 f8 ff",
        "a1 61 78 5f 61 61 ff",
        "a1 61 78 7f 41 61 ff",
        "a1 61 78 7f 7f ff ff",
        "a1 61 78 1f",
        "a1 61 78 df",
        "a1 62 ff 61",
        "a1 61 78 44 00",
        "a1 61 78 c1",
    ] {
        is_malformed(&hex(bytes));
    }
    is_malformed(&hex(&format!("a1 {TEXT_NAME} 61 ff")));
    is_malformed(&hex(&format!("a1 {LIMIT} f9 7e00")));
}

/// Nothing is set aside for what is only claimed, and nothing is called once too often.
#[test]
fn huge_claims_and_deep_nests_are_malformed() {
    for kind in ["5b", "7b", "9b", "bb"] {
        for name in [DATA, KEYS, TEXT_NAME, "63 416e79", "61 78", "67 5265636f726473"] {
            for length in ["ffffffffffffffff", "7fffffffffffffff", "00000000ffffffff"] {
                is_malformed(&hex(&format!("a1 {name} {kind} {length} 00")));
            }
        }
    }
    is_malformed(&hex("bb ffffffffffffffff"));
    for name in ["63 416e79", "61 78"] {
        for opening in [0x81, 0x9f, 0xc1, 0xd8] {
            let mut nest = hex(&format!("a1 {name}"));
            nest.extend(vec![opening; 1_000_000]);
            is_malformed(&nest);
        }
    }
    let mut list = hex(&format!("a1 {KEYS} 9f"));
    list.extend(vec![0xf6; 1_000_000]);
    list.push(0xff);
    is_malformed(&list);
}

/// A document in CBOR, as somebody else writes it, from what JSON has for `shape`.
fn cbor(shape: &Shape, value: &Value) -> Cbor {
    use crate::shape::Kind;
    use base64::Engine as _;

    match (shape.kind, value) {
        (Kind::Blob, Value::String(text)) => {
            Cbor::Bytes(base64::engine::general_purpose::STANDARD.decode(text).unwrap())
        }
        #[expect(clippy::cast_possible_truncation, reason = "the times of these tests are whole milliseconds")]
        (Kind::Timestamp, Value::Number(number)) => {
            Cbor::Tag(1, Box::new(Cbor::from((number.as_f64().unwrap() * 1000.0).round() as i64)))
        }
        (Kind::List(element), Value::Array(list)) => {
            Cbor::Array(list.iter().map(|value| cbor(element, value)).collect())
        }
        (Kind::Map(_, element), Value::Object(map)) => {
            Cbor::Map(map.iter().map(|(key, value)| (key.as_str().into(), cbor(element, value))).collect())
        }
        (Kind::Structure(inner), Value::Object(map)) => structure(inner, map),
        (_, Value::String(text)) => text.as_str().into(),
        (_, Value::Bool(value)) => (*value).into(),
        (_, Value::Number(number)) => Cbor::from(number.as_i64().unwrap()),
        (_, other) => panic!("{other} in these tests"),
    }
}

fn structure(structure: &Structure, map: &serde_json::Map<String, Value>) -> Cbor {
    let member =
        |(name, value): (&String, &Value)| (name.as_str().into(), cbor(&structure.member(name).unwrap().shape, value));
    Cbor::Map(map.iter().map(member).collect())
}

fn text() -> impl Strategy<Value = String> {
    "[a-zé\\n\"]{0,30}"
}

fn data() -> impl Strategy<Value = String> {
    use base64::Engine as _;
    vec(any::<u8>(), 0..70).prop_map(|data| base64::engine::general_purpose::STANDARD.encode(data))
}

fn input() -> impl Strategy<Value = Value> {
    let inner = || {
        (text(), data(), any::<i64>())
            .prop_map(|(text, data, count)| json!({"Text": text, "Data": data, "Count": count}))
    };
    let many = (vec(text(), 0..8), proptest::collection::btree_map(text(), text(), 0..5), vec(inner(), 0..8));
    (text(), any::<i32>(), any::<bool>(), 0..4_000_000_000_000_i64, data(), many, inner()).prop_map(
        |(text, limit, flag, millis, data, (keys, tags, records), one)| {
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of this century fit")]
            let at = millis as f64 / 1000.0;
            json!({"Text": text, "Limit": limit, "Flag": flag, "At": at, "Data": data, "Keys": keys, "Tags": tags,
                "Records": records, "One": one})
        },
    )
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    data: Blob,
    at: EpochSeconds,
    count: i64,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    absent: Option<String>,
    kind: Kind,
    rest: Value,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Kind {
    Plain,
}

#[test]
fn an_answer_byte_by_byte() {
    let output = Output {
        data: Blob(Bytes::from_static(b"\0\xff")),
        at: EpochSeconds(Timestamp::from_millis(1_545_084_650_987)),
        count: -25,
        size: 0x1_0000_0000,
        absent: None,
        kind: Kind::Plain,
        rest: json!([1.5, null, true, {"a": "é"}]),
    };
    let written = "a6 64 44617461 42 00ff  62 4174 c1 1b 00000167be38c5eb  65 436f756e74 38 18 \
                   64 53697a65 1b 0000000100000000  64 4b696e64 65 504c41494e \
                   64 52657374 84 fb 3ff8000000000000 f6 f5 a1 61 61 62 c3a9";
    assert_eq!(to_vec(&output).unwrap(), hex(written));
    assert_eq!(to_vec(&()).unwrap(), [super::NULL]);
}

proptest! {
    #[test]
    fn what_others_write_is_read_as_in_json(input in input()) {
        let mut bytes = Vec::new();
        ciborium::into_writer(&structure(&INPUT, input.as_object().unwrap()), &mut bytes).unwrap();
        prop_assert_eq!(read(&bytes), Ok(input));
    }

    #[test]
    fn what_is_written_others_read(input in input()) {
        let bytes = to_vec(&input).unwrap();
        let back: Value = ciborium::from_reader::<Cbor, _>(&bytes[..]).unwrap().deserialized().unwrap();
        prop_assert_eq!(back, input);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
        let _ = read(&[&[0xbf][..], &bytes].concat());
    }

    /// A document with a few bytes changed gets further than noise.
    #[test]
    fn garbled_documents_are_read_or_refused(input in input(), changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut in any::<prop::sample::Index>()) {
        let mut bytes = Vec::new();
        ciborium::into_writer(&structure(&INPUT, input.as_object().unwrap()), &mut bytes).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read(&bytes);
        let _ = read(&bytes[..cut.index(bytes.len())]);
    }
}
