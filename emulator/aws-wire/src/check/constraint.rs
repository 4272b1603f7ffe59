//! The second pass: is every member within its bounds? The types are right by now.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{as_structure, blob_length, present};
use crate::AwsError;
use crate::shape::{Kind, Shape, Structure};

/// AWS lists no more than this many violations, so no more are looked for.
const MOST: usize = 10;

pub(super) fn structure(structure: &Structure, input: &Map<String, Value>) -> Result<(), AwsError> {
    let mut violations = Violations::default();
    violations.structure(structure, input, "");
    violations.into_result()
}

#[derive(Default)]
struct Violations(Vec<String>);

impl Violations {
    fn into_result(mut self) -> Result<(), AwsError> {
        self.0.truncate(MOST);
        let count = self.0.len();
        if count == 0 {
            return Ok(());
        }
        let noun = if count == 1 { "error" } else { "errors" };
        Err(AwsError::validation(format!("{count} validation {noun} detected: {}", self.0.join("; "))))
    }

    fn structure(&mut self, structure: &Structure, input: &Map<String, Value>, prefix: &str) {
        for member in structure.members {
            if self.0.len() >= MOST {
                return;
            }
            let path = format!("{prefix}{}", lower_first(member.name));
            match present(input, member.name) {
                Some(value) => self.value(&member.shape, value, &path),
                None if member.required => self.0.push(violation("null", &path, "Member must not be null")),
                None => {}
            }
        }
    }

    fn value(&mut self, shape: &Shape, value: &Value, path: &str) {
        for rule in broken_rules(shape, value) {
            self.0.push(violation(&quoted(shape, value), path, &rule));
        }
        match (shape.kind, value) {
            (Kind::List(element), Value::Array(list)) => self.list(shape, element, list, path),
            (Kind::Map(key, element), Value::Object(map)) => self.map(shape, key, element, map, path),
            (Kind::Structure(inner), Value::Object(map)) => self.structure(inner, map, &format!("{path}.")),
            _ => {}
        }
    }

    /// Structures in a list are checked member by member; a scalar that breaks a rule condemns the list.
    fn list(&mut self, shape: &Shape, element: &Shape, list: &[Value], path: &str) {
        if let Some(structure) = as_structure(element) {
            for (index, value) in list.iter().enumerate() {
                if let Value::Object(map) = value {
                    self.structure(structure, map, &format!("{path}.{}.member.", index + 1));
                }
            }
        } else if list.iter().any(|value| !broken_rules(element, value).is_empty()) {
            let rule = format!("Member must satisfy constraint: [{}]", all_rules(element).join(", "));
            self.0.push(violation(&quoted(shape, &Value::Array(list.to_vec())), path, &rule));
        }
    }

    fn map(&mut self, shape: &Shape, key: &Shape, element: &Shape, map: &Map<String, Value>, path: &str) {
        let quoted = || quoted(shape, &Value::Object(map.clone()));
        if map.keys().any(|name| !broken_rules(key, &Value::String(name.clone())).is_empty()) {
            let rule = format!("Map keys must satisfy constraint: [{}]", all_rules(key).join(", "));
            self.0.push(violation(&quoted(), path, &rule));
        }
        if map.values().any(|value| !broken_rules(element, value).is_empty()) {
            let rule = format!("Map value must satisfy constraint: [{}]", all_rules(element).join(", "));
            self.0.push(violation(&quoted(), path, &rule));
        }
    }
}

fn violation(value: &str, path: &str, rule: &str) -> String {
    format!("Value {value} at '{path}' failed to satisfy constraint: {rule}")
}

/// The rules of `shape` that `value` breaks.
fn broken_rules(shape: &Shape, value: &Value) -> Vec<String> {
    let mut broken = Vec::new();
    if let Value::String(text) = value {
        if let Some(pattern) = shape.pattern.filter(|pattern| !(pattern.matches)(text)) {
            broken.push(pattern_rule(pattern.text));
        }
        if !shape.one_of.is_empty() && !shape.one_of.contains(&text.as_str()) {
            broken.push(enum_rule(shape.one_of));
        }
    }
    let (is_above, is_below) = match (measure(shape, value), fraction(shape, value)) {
        (Some(measure), _) => (is(shape.bounds.max, |max| measure > max), is(shape.bounds.min, |min| measure < min)),
        (None, Some(number)) => (
            is(shape.bounds.max, |max| number > as_fraction(max)),
            is(shape.bounds.min, |min| number < as_fraction(min)),
        ),
        (None, None) => (None, None),
    };
    let unit = unit(shape);
    broken.extend(is_above.map(|max| format!("Member must have {unit} less than or equal to {max}")));
    broken.extend(is_below.map(|min| format!("Member must have {unit} greater than or equal to {min}")));
    broken
}

/// The bound, if it is there and `broken`.
fn is(bound: Option<i64>, broken: impl FnOnce(i64) -> bool) -> Option<i64> {
    bound.filter(|bound| broken(*bound))
}

/// A number with a fraction.
fn fraction(shape: &Shape, value: &Value) -> Option<f64> {
    match (shape.kind, value) {
        (Kind::Double, Value::Number(number)) => number.as_f64(),
        _ => None,
    }
}

/// Bounds of fractions are small.
fn as_fraction(bound: i64) -> f64 {
    i32::try_from(bound).map_or(f64::INFINITY, f64::from)
}

/// Every rule of `shape`, for the messages that name them all.
fn all_rules(shape: &Shape) -> Vec<String> {
    let unit = unit(shape);
    let max = shape.bounds.max.map(|max| format!("Member must have {unit} less than or equal to {max}"));
    let min = shape.bounds.min.map(|min| format!("Member must have {unit} greater than or equal to {min}"));
    let pattern = shape.pattern.map(|pattern| pattern_rule(pattern.text));
    let one_of = (!shape.one_of.is_empty()).then(|| enum_rule(shape.one_of));
    [max, min, pattern, one_of].into_iter().flatten().collect()
}

fn pattern_rule(text: &str) -> String {
    format!("Member must satisfy regular expression pattern: {text}")
}

fn enum_rule(values: &[&str]) -> String {
    format!("Member must satisfy enum value set: [{}]", values.join(", "))
}

const fn unit(shape: &Shape) -> &'static str {
    match shape.kind {
        Kind::Integer | Kind::Long | Kind::Double => "value",
        _ => "length",
    }
}

/// What the bounds of `shape` are about.
fn measure(shape: &Shape, value: &Value) -> Option<i64> {
    let length = match (shape.kind, value) {
        (Kind::Integer | Kind::Long, Value::Number(number)) => return number.as_i64(),
        (Kind::String, Value::String(text)) => text.chars().count(),
        (Kind::Blob, Value::String(text)) => blob_length(text),
        (Kind::List(_), Value::Array(list)) => list.len(),
        (Kind::Map(..), Value::Object(map)) => map.len(),
        _ => return None,
    };
    i64::try_from(length).ok()
}

fn quoted(shape: &Shape, value: &Value) -> String {
    let mut text = String::from("'");
    render(shape, value, &mut text);
    text.push('\'');
    text
}

/// The value in the form that Java prints it.
fn render(shape: &Shape, value: &Value, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = match (shape.kind, value) {
        (Kind::Blob, Value::String(text)) => {
            let length = blob_length(text);
            write!(out, "java.nio.HeapByteBuffer[pos=0 lim={length} cap={length}]")
        }
        (Kind::List(element), Value::Array(list)) => {
            out.push('[');
            for (index, value) in list.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                render(element, value, out);
            }
            out.push(']');
            Ok(())
        }
        (Kind::Map(_, element), Value::Object(map)) => {
            out.push('{');
            for (index, (key, value)) in map.iter().enumerate() {
                let _ = write!(out, "{}{key}=", if index == 0 { "" } else { ", " });
                render(element, value, out);
            }
            out.push('}');
            Ok(())
        }
        // Java shows a structure as its class and an identity hash, which says nothing; ours is always the same.
        (Kind::Structure(structure), Value::Object(_)) => write!(out, "{}@0", structure.name),
        (_, Value::String(text)) => write!(out, "{text}"),
        (_, other) => write!(out, "{other}"),
    };
}

fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(characters).collect()
}
