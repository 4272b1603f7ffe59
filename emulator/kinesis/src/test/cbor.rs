//! What a test says in JSON, said in CBOR, by a library that is not ours: bytes become bytes and times milliseconds.

use aws_wire::shape::Kind;
use aws_wire::{Shape, Structure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ciborium::Value as Cbor;
use serde_json::{Map, Value};

/// An input of `structure`. What is of the wrong type stays what it is.
pub(crate) fn from_json(structure: &Structure, input: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    let input = input.as_object().map_or_else(|| Cbor::serialized(input).unwrap(), |map| members(structure, map));
    ciborium::into_writer(&input, &mut bytes).unwrap();
    bytes
}

fn members(structure: &Structure, map: &Map<String, Value>) -> Cbor {
    let pairs = map.iter().map(|(name, found)| {
        let found = structure.member(name).map_or(Cbor::Null, |member| value(&member.shape, found));
        (name.as_str().into(), found)
    });
    Cbor::Map(pairs.collect())
}

fn value(shape: &Shape, found: &Value) -> Cbor {
    match (shape.kind, found) {
        (Kind::Blob, Value::String(text)) => STANDARD.decode(text).map_or_else(|_| text.as_str().into(), Cbor::Bytes),
        (Kind::Timestamp, Value::Number(seconds)) => {
            #[expect(clippy::cast_possible_truncation, reason = "milliseconds of any year fit")]
            let millis = (seconds.as_f64().unwrap() * 1000.0).round() as i64;
            Cbor::Tag(1, Box::new(millis.into()))
        }
        (Kind::List(element), Value::Array(list)) => {
            Cbor::Array(list.iter().map(|found| value(element, found)).collect())
        }
        (Kind::Map(_, element), Value::Object(map)) => {
            Cbor::Map(map.iter().map(|(key, found)| (key.as_str().into(), value(element, found))).collect())
        }
        (Kind::Structure(inner), Value::Object(map)) => members(inner, map),
        (_, other) => Cbor::serialized(other).unwrap(),
    }
}

/// An answer in the terms of JSON. What JSON would hide is refused: seconds where milliseconds belong, base64 for bytes.
pub(crate) fn to_json(bytes: &[u8]) -> Value {
    json(ciborium::from_reader(bytes).unwrap())
}

fn json(found: Cbor) -> Value {
    match found {
        Cbor::Bytes(bytes) => STANDARD.encode(bytes).into(),
        Cbor::Tag(1, millis) => {
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of this century fit")]
            let millis = i64::try_from(millis.into_integer().expect("a whole number of milliseconds")).unwrap() as f64;
            (millis / 1000.0).into()
        }
        Cbor::Array(list) => list.into_iter().map(json).collect(),
        Cbor::Map(pairs) => {
            let pair = |(key, found): (Cbor, Cbor)| {
                let key = key.into_text().unwrap();
                assert_eq!(key == "Data", found.is_bytes(), "{key}");
                assert_eq!(key.ends_with("Timestamp"), found.is_tag(), "{key}");
                (key, json(found))
            };
            Value::Object(pairs.into_iter().map(pair).collect())
        }
        Cbor::Float(number) => panic!("{number} is no time, and no other answer has a fraction"),
        other => other.deserialized().unwrap(),
    }
}
