//! Policies and what they want, as a table.

use serde_json::json;

use super::*;

#[track_caller]
fn check(policy: &Value, wanted: &[Value], unwanted: &[Value]) {
    let compiled = Policy::parse(&policy.to_string(), true).unwrap();
    let matches = |value: &Value| compiled.matches(value.as_object().unwrap());
    for value in wanted {
        assert!(matches(value), "{policy} wants {value}");
    }
    for value in unwanted {
        assert!(!matches(value), "{policy} does not want {value}");
    }
}

#[test]
fn single_conditions() {
    let a = |value: Value| json!({"a": value});
    let policy = |condition: Value| json!({"a": [condition]});
    check(&policy(json!("x")), &[a(json!("x")), a(json!(["y", "x"]))], &[a(json!("y")), a(json!(["y"])), json!({})]);
    check(&policy(json!(1)), &[a(json!(1)), a(json!(1.0))], &[a(json!(2)), a(json!("1"))]);
    check(&policy(json!(true)), &[a(json!([true]))], &[a(json!("true"))]);
    check(&policy(Value::Null), &[a(Value::Null)], &[a(json!("x")), json!({})]);
    check(&policy(json!({"prefix": "x"})), &[a(json!("xy"))], &[a(json!("yx")), a(json!(1))]);
    check(&policy(json!({"suffix": "x"})), &[a(json!("yx"))], &[a(json!("xy"))]);
    check(&policy(json!({"equals-ignore-case": "Ab"})), &[a(json!("aB"))], &[a(json!("b"))]);
    check(&policy(json!({"exists": true})), &[a(json!("x")), a(json!([]))], &[json!({})]);
    check(&policy(json!({"exists": false})), &[json!({})], &[a(json!("x"))]);
    check(&policy(json!({"anything-but": "x"})), &[a(json!("y")), a(json!(["x", "y"]))], &[a(json!("x")), json!({})]);
    check(&policy(json!({"anything-but": ["x", 1]})), &[a(json!("y"))], &[a(json!("x")), a(json!(1))]);
    check(&policy(json!({"anything-but": {"prefix": "x"}})), &[a(json!("y"))], &[a(json!("xy"))]);
    check(&policy(json!({"numeric": ["=", 1.5]})), &[a(json!(1.5))], &[a(json!(1)), a(json!("1.5"))]);
    check(&policy(json!({"numeric": [">", 0, "<=", 5]})), &[a(json!(5)), a(json!(1))], &[a(json!(0)), a(json!(6))]);
    check(
        &policy(json!({"cidr": "10.0.0.0/24"})),
        &[a(json!("10.0.0.255"))],
        &[a(json!("10.0.1.0")), a(json!("x")), a(json!("::1"))],
    );
    check(&policy(json!({"cidr": "0.0.0.0/0"})), &[a(json!("1.2.3.4"))], &[a(json!("::1"))]);
    check(&policy(json!({"cidr": "fe80::/64"})), &[a(json!("fe80::1"))], &[a(json!("fe81::1"))]);
}

#[test]
fn several_conditions() {
    check(
        &json!({"a": ["x", {"prefix": "y"}], "b": [{"exists": true}]}),
        &[json!({"a": "x", "b": 1}), json!({"a": "yy", "b": 1})],
        &[json!({"a": "x"}), json!({"b": 1})],
    );
    check(
        &json!({"$or": [{"a": ["x"]}, {"b": ["y"]}], "c": ["z"]}),
        &[json!({"a": "x", "c": "z"}), json!({"b": "y", "c": "z"})],
        &[json!({"a": "x"}), json!({"c": "z"})],
    );
    check(
        &json!({"a": {"b": {"c": ["x"]}}}),
        &[json!({"a": {"b": {"c": "x"}}}), json!({"a": [{"b": 1}, {"b": {"c": "x"}}]})],
        &[json!({"a": {"b": "x"}}), json!({"c": "x"})],
    );
    check(&json!({"a": {"b": [{"exists": false}]}}), &[json!({}), json!({"a": {}})], &[json!({"a": {"b": 1}})]);
}

#[test]
fn what_is_no_policy() {
    for (text, nests, words) in [
        ("", true, "failed to parse JSON."),
        ("[]", true, "Filter policy must be an object"),
        (r#"{"a":"x"}"#, true, "\"a\" must be an object or an array"),
        (r#"{"a":[]}"#, true, "Empty arrays are not allowed"),
        (r#"{"a":{"b":["x"]}}"#, false, "Filter policy scope MessageAttributes does not support nested filter policy"),
        (r#"{"a":[["x"]]}"#, true, "Match value must be String, number, true, false, or null"),
        (r#"{"a":[{"prefix":"x","suffix":"y"}]}"#, true, "Only one key allowed in match expression"),
        (r#"{"a":[{"prefix":1}]}"#, true, "prefix match pattern must be a string"),
        (r#"{"a":[{"like":"x"}]}"#, true, "Unrecognized match type like"),
        (r#"{"a":[{"exists":"x"}]}"#, true, "exists match pattern must be either true or false."),
        (r#"{"a":[{"cidr":"10.0.0.0/33"}]}"#, true, "Malformed CIDR, one '/' required"),
        (r#"{"a":[{"anything-but":[]}]}"#, true, "Empty arrays are not allowed"),
        (
            r#"{"a":[{"anything-but":{"exists":true}}]}"#,
            true,
            "Value of anything-but must be an array or single string/number value.",
        ),
        (r#"{"a":[{"numeric":[">"]}]}"#, true, "Value of numeric must be an array of one or two comparisons."),
        (r#"{"a":[{"numeric":["!",1]}]}"#, true, "Unrecognized numeric range operator"),
        (r#"{"a":[{"numeric":[">","x"]}]}"#, true, "Value of \">\" must be numeric"),
        (r#"{"a":[{"numeric":[">",5,"<",1]}]}"#, true, "Bottom must be less than top"),
        (r#"{"$or":["x"]}"#, true, "\"$or\" must be an array of objects"),
    ] {
        assert_eq!(Policy::parse(text, nests), Err(words.to_owned()), "{text}");
    }
    let many: Vec<_> = (0..13).map(Value::from).collect();
    let complex = json!({"a": many.clone(), "b": many}).to_string();
    assert!(Policy::parse(&complex, true).is_err());
}
