//! The JSON form of values, as a state file holds them.
//!
//! Read without a type, because state of an older schema version has none that we still know. Numbers are taken as
//! text, so that none is rounded on the way through a float.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::{Number, Value};

/// State text that is not JSON as Terraform writes it.
#[derive(Debug, thiserror::Error)]
#[error("state is not readable: {0}")]
pub struct JsonError(String);

/// How deep a value may be nested; state beyond it is not Terraform's.
const MAX_DEPTH: usize = 100;

/// Reads any JSON value.
pub(crate) fn from_json(json: &[u8]) -> Result<Value, JsonError> {
    let raw: &RawValue = parse(json)?;
    read(raw, MAX_DEPTH)
}

fn read(raw: &RawValue, depth: usize) -> Result<Value, JsonError> {
    let Some(depth) = depth.checked_sub(1) else { return Err(JsonError("nested too deep".to_owned())) };
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'n') => Ok(Value::Null),
        Some(b't') => Ok(Value::Bool(true)),
        Some(b'f') => Ok(Value::Bool(false)),
        Some(b'"') => parse(text.as_bytes()).map(Value::String),
        Some(b'[') => {
            let items: Vec<&RawValue> = parse(text.as_bytes())?;
            items.into_iter().map(|item| read(item, depth)).collect::<Result<_, _>>().map(Value::List)
        }
        Some(b'{') => {
            let entries: BTreeMap<String, &RawValue> = parse(text.as_bytes())?;
            let read_entry = |(key, item)| Ok((key, read(item, depth)?));
            entries.into_iter().map(read_entry).collect::<Result<_, _>>().map(Value::Map)
        }
        _ => Number::parse(text).map(Value::Number).ok_or_else(|| JsonError(format!("not a number: {text}"))),
    }
}

fn parse<'a, T: serde::Deserialize<'a>>(json: &'a [u8]) -> Result<T, JsonError> {
    serde_json::from_slice(json).map_err(|e| JsonError(e.to_string()))
}
