//! The words of both passes, example by example.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::check;
use crate::shape::{Pattern, Shape, Structure};

const NAME: Pattern = Pattern {
    text: "[a-zA-Z0-9_.-]+",
    matches: |text| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
    },
};
const ENTRY: Structure = Structure::new(
    "com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry",
    &[Shape::string().length(1, 4).member("PartitionKey").required()],
);
const KEY: Shape = Shape::string().length(1, 3);
const VALUE: Shape = Shape::string().length(0, 2);
const WEIGHT: Shape = Shape::double().range(0, 1);
const RECORD: Shape = Shape::structure(&ENTRY);
const INPUT: Structure = Structure::new(
    "Input",
    &[
        Shape::string().length(1, 8).pattern(NAME).member("StreamName").required(),
        Shape::integer().range(1, 10).member("Limit"),
        Shape::long().member("Big"),
        Shape::blob().length(0, 4).member("Data"),
        Shape::boolean().member("Flag"),
        Shape::timestamp().member("At"),
        Shape::string().one_of(&["A", "B"]).member("Mode"),
        Shape::list(&KEY).length(1, 2).member("Keys"),
        Shape::map(&KEY, &VALUE).member("Tags"),
        Shape::list(&RECORD).member("Records"),
        Shape::structure(&ENTRY).member("Entry"),
        Shape::map(&KEY, &WEIGHT).member("Weights"),
    ],
);

#[track_caller]
fn answer(mut input: Value) -> Result<Value, (String, String)> {
    let outcome = check(&INPUT, input.as_object_mut().unwrap());
    outcome.map(|()| input).map_err(|error| (error.code.into_owned(), error.message.unwrap_or_default()))
}

#[track_caller]
fn refuses(code: &str, input: Value, message: &str) {
    assert_eq!(answer(input).unwrap_err(), (code.to_owned(), message.to_owned()));
}

#[test]
fn constraints() {
    let refuses = |input, message: &str| refuses("ValidationException", input, message);
    refuses(
        json!({}),
        "1 validation error detected: Value null at 'streamName' failed to satisfy constraint: Member must not be null",
    );
    refuses(
        json!({"StreamName": "", "Limit": 11}),
        "3 validation errors detected: Value '' at 'streamName' failed to satisfy constraint: Member must satisfy regular \
         expression pattern: [a-zA-Z0-9_.-]+; Value '' at 'streamName' failed to satisfy constraint: Member must have \
         length greater than or equal to 1; Value '11' at 'limit' failed to satisfy constraint: Member must have value \
         less than or equal to 10",
    );
    let one = |member: &str, value: Value, quoted: &str, path: &str, rule: &str| {
        refuses(
            json!({"StreamName": "s", member: value}),
            &format!("1 validation error detected: Value {quoted} at '{path}' failed to satisfy constraint: {rule}"),
        );
    };
    one(
        "Data",
        json!("AAAAAAA="),
        "'java.nio.HeapByteBuffer[pos=0 lim=5 cap=5]'",
        "data",
        "Member must have length less than or equal to 4",
    );
    one("Mode", json!("C"), "'C'", "mode", "Member must satisfy enum value set: [A, B]");
    one("Keys", json!([]), "'[]'", "keys", "Member must have length greater than or equal to 1");
    one(
        "Keys",
        json!(["a", "long"]),
        "'[a, long]'",
        "keys",
        "Member must satisfy constraint: [Member must have length less than or equal to 3, Member must have length greater than or equal to 1]",
    );
    one(
        "Tags",
        json!({"a": "xyz"}),
        "'{a=xyz}'",
        "tags",
        "Map value must satisfy constraint: [Member must have length less than or equal to 2, Member must have length greater than or equal to 0]",
    );
    one(
        "Weights",
        json!({"a": 0.5, "b": 1.01}),
        "'{a=0.5, b=1.01}'",
        "weights",
        "Map value must satisfy constraint: [Member must have value less than or equal to 1, Member must have value greater than or equal to 0]",
    );
    answer(json!({"StreamName": "s", "Weights": {"a": 0, "b": 1.0}})).unwrap();
    one(
        "Records",
        json!([{"PartitionKey": "a"}, {}]),
        "null",
        "records.2.member.partitionKey",
        "Member must not be null",
    );
    one(
        "Entry",
        json!({"PartitionKey": ""}),
        "''",
        "entry.partitionKey",
        "Member must have length greater than or equal to 1",
    );
}

#[test]
fn at_most_ten_violations_are_listed() {
    let records: Vec<Value> = (0..12).map(|_| json!({})).collect();
    let (_, message) = answer(json!({"StreamName": "s", "Records": records})).unwrap_err();
    assert!(message.starts_with("10 validation errors detected: "), "{message}");
}

#[test]
fn types() {
    let one = |member: &str, value: Value, message: &str| {
        refuses("SerializationException", json!({"StreamName": "s", member: value}), message);
    };
    let number = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to";
    one("StreamName", json!(true), "class java.lang.Boolean can not be converted to an String");
    one("StreamName", json!(1), &format!("{number} an String"));
    one("StreamName", json!([]), "Start of list found where not expected");
    one("StreamName", json!({}), "Start of structure or map found where not expected.");
    one("Limit", json!("1"), "class java.lang.String can not be converted to an Integer");
    one("Big", json!(false), "class java.lang.Boolean can not be converted to an Long");
    one("Flag", json!("maybe"), "'MAYBE' can not be converted to an Boolean");
    one("Flag", json!(1), &format!("{number} an Boolean"));
    one("At", json!("now"), "class java.lang.String can not be converted to milliseconds since epoch");
    one("Data", json!(1), &format!("{number} a Blob"));
    one(
        "Data",
        json!("AAA"),
        "'AAA' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 3",
    );
    one("Data", json!("AA=A"), "'AA=A' can not be converted to a Blob: Invalid Base64 character: '='");
    one(
        "Data",
        json!("AAB="),
        "'AAB=' can not be converted to a Blob: Invalid last non-pad Base64 character dectected",
    );
    one("Keys", json!("a"), "Expected list or null");
    one("Tags", json!("a"), "Expected map or null");
    one("Entry", json!("a"), "Expected null");
    one("Keys", json!([1]), &format!("{number} an String"));
}

#[test]
fn numbers_are_floored_and_clamped() {
    assert_eq!(answer(json!({"StreamName": "s", "Tags": null, "Entry": null})).unwrap(), json!({"StreamName": "s"}));
    let input = answer(json!({"StreamName": "s", "Limit": 1.9, "Big": 1e30, "Flag": null, "Unknown": [1]})).unwrap();
    assert_eq!(input["Limit"], 1);
    assert_eq!(input["Big"], i64::MAX);
}

#[test]
fn lengths_count_characters_and_decoded_bytes() {
    answer(json!({"StreamName": "s", "Data": "AAAAAA=="})).unwrap();
    answer(json!({"StreamName": "s", "Keys": ["äöü"]})).unwrap();
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[A-Za-zé+/=]{0,12}".prop_map(Value::from),
    ];
    let name =
        prop_oneof![prop::sample::select(vec!["Keys", "PartitionKey", "a"]).prop_map(str::to_owned), "[a-z]{0,5}"];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        let map = prop::collection::btree_map(name.clone(), inner.clone(), 0..5);
        prop_oneof![prop::collection::vec(inner, 0..6).prop_map(Value::from), map.prop_map(|map| json!(map))]
    })
}

proptest! {
    /// What passes has the types it should have; what does not is refused in one of two ways.
    #[test]
    fn anything_passes_or_is_refused(values in prop::collection::vec(any_json(), INPUT.members.len()), name in "[a-z ]{0,9}") {
        let mut input: Map<String, Value> =
            INPUT.members.iter().zip(values).map(|(member, value)| (member.name.to_owned(), value)).collect();
        input.insert("StreamName".to_owned(), name.into());
        match check(&INPUT, &mut input) {
            Ok(()) => {
                let is = |member: &str, of: fn(&Value) -> bool| input[member].is_null() || of(&input[member]);
                prop_assert!(is("StreamName", Value::is_string) && is("Limit", Value::is_i64) && is("Big", Value::is_i64));
                prop_assert!(is("Keys", Value::is_array) && is("Tags", Value::is_object) && is("Entry", Value::is_object));
                let is_base64 = |value: &Value| value.as_str().is_some_and(|text| {
                    crate::base64_text::decode_onto(&mut Vec::new(), text.as_bytes()).is_some()
                });
                prop_assert!(input["Data"].is_null() || is_base64(&input["Data"]));
            }
            Err(error) => prop_assert!(matches!(&*error.code, "SerializationException" | "ValidationException")),
        }
    }
}
