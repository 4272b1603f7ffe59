//! The first pass: is every member of the type it should be?

use serde_json::{Map, Number, Value};

use crate::AwsError;
use crate::shape::{Kind, Shape, Structure};

type Outcome = Result<(), AwsError>;

pub(super) fn structure(structure: &Structure, input: &mut Map<String, Value>) -> Outcome {
    for member in structure.members {
        if let Some(found) = input.get_mut(member.name) {
            value(&member.shape, found)?;
        }
    }
    Ok(())
}

fn value(shape: &Shape, found: &mut Value) -> Outcome {
    if found.is_null() {
        return Ok(());
    }
    match (shape.kind, found) {
        (Kind::String, Value::String(_)) | (Kind::Double | Kind::Timestamp, Value::Number(_)) => Ok(()),
        (Kind::Boolean, Value::Bool(_)) | (Kind::Document, _) => Ok(()),
        (Kind::Integer, Value::Number(number)) => integer(number, i64::from(i32::MIN), i64::from(i32::MAX)),
        (Kind::Long, Value::Number(number)) => integer(number, i64::MIN, i64::MAX),
        (Kind::Boolean, Value::String(text)) => {
            fail(format!("'{}' can not be converted to an Boolean", text.to_uppercase()))
        }
        (Kind::Blob, Value::String(text)) => base64(text),
        (Kind::List(element), Value::Array(list)) => list.iter_mut().try_for_each(|found| value(element, found)),
        (Kind::Map(_, element), Value::Object(map)) => map.values_mut().try_for_each(|found| value(element, found)),
        (Kind::Structure(inner), Value::Object(map)) => structure(inner, map),
        (_, other) => unexpected(shape, other),
    }
}

/// Something stands where something else was expected.
fn unexpected(shape: &Shape, found: &Value) -> Outcome {
    let class = match found {
        Value::Array(_) => return fail("Start of list found where not expected"),
        Value::Object(_) => return fail("Start of structure or map found where not expected."),
        Value::Null => return Ok(()),
        Value::Bool(_) => "java.lang.Boolean",
        Value::Number(_) => "com.amazon.coral.value.json.numbers.TruncatingBigNumber",
        Value::String(_) => "java.lang.String",
    };
    Err(mismatch(shape, class))
}

/// A scalar of a class of Java's stands where something else was expected.
pub(crate) fn mismatch(shape: &Shape, class: &str) -> AwsError {
    let target = match shape.kind {
        Kind::String => "an String",
        Kind::Integer => "an Integer",
        Kind::Long => "an Long",
        Kind::Double => "an Double",
        Kind::Boolean => "an Boolean",
        Kind::Timestamp => "milliseconds since epoch",
        Kind::Blob => "a Blob",
        Kind::List(_) => return AwsError::serialization("Expected list or null"),
        Kind::Map(..) => return AwsError::serialization("Expected map or null"),
        Kind::Structure(_) | Kind::Document => return AwsError::serialization("Expected null"),
    };
    AwsError::serialization(format!("class {class} can not be converted to {target}"))
}

/// Numbers lose their fraction and clamp to the type before their range is checked.
fn integer(number: &mut Number, min: i64, max: i64) -> Outcome {
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, which is the clamp that AWS does too")]
    let whole = number.as_i64().unwrap_or_else(|| number.as_f64().unwrap_or(f64::MAX).floor() as i64);
    *number = Number::from(whole.clamp(min, max));
    Ok(())
}

fn base64(text: &str) -> Outcome {
    let wrong = |why: String| fail(format!("'{text}' can not be converted to a Blob: {why}"));
    if !text.len().is_multiple_of(4) {
        return wrong(format!("Base64 encoded length is expected a multiple of 4 bytes but found: {}", text.len()));
    }
    let body = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    if let Some(odd) = body.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '/')) {
        return wrong(format!("Invalid Base64 character: '{odd}'"));
    }
    // With one or two characters of padding, the last character's low bits stand for nothing and must be zero.
    let unused = match text.len() - body.len() {
        1 => 0b11,
        2 => 0b1111,
        _ => 0,
    };
    match body.bytes().next_back() {
        Some(last) if sextet(last) & unused != 0 => wrong("Invalid last non-pad Base64 character dectected".to_owned()),
        _ => Ok(()),
    }
}

fn sextet(character: u8) -> u8 {
    match character {
        b'A'..=b'Z' => character - b'A',
        b'a'..=b'z' => character - b'a' + 26,
        b'0'..=b'9' => character - b'0' + 52,
        b'+' => 62,
        _ => 63,
    }
}

fn fail(message: impl Into<String>) -> Outcome {
    Err(AwsError::serialization(message))
}
