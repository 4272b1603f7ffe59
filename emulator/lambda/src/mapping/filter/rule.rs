//! What a pattern may ask of one value: EventBridge's comparison operators, as far as mappings take them.

use serde_json::{Number, Value};

use super::InvalidPattern;

/// One comparison.
#[derive(Debug, PartialEq)]
pub(super) enum Rule {
    Null,
    Bool(bool),
    Text(TextRule),
    /// The same number, written the same way: 300 is not 300.0.
    Number(Number),
    Numeric(Vec<(Comparison, f64)>),
    /// None of these.
    AnythingBut(Vec<Rule>),
    Exists(bool),
}

#[derive(Debug, PartialEq)]
pub(super) enum TextRule {
    Equals(String),
    /// In lower case, as are the other two that ignore case.
    EqualsIgnoreCase(String),
    Prefix(String),
    PrefixIgnoreCase(String),
    Suffix(String),
    SuffixIgnoreCase(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Rule {
    pub(super) fn parse(value: &Value) -> Result<Self, InvalidPattern> {
        match value {
            Value::Null => Ok(Self::Null),
            Value::Bool(value) => Ok(Self::Bool(*value)),
            Value::String(text) => Ok(Self::Text(TextRule::Equals(text.clone()))),
            Value::Number(number) => Ok(Self::Number(number.clone())),
            Value::Object(_) => Self::parse_operator(value),
            Value::Array(_) => Err(InvalidPattern),
        }
    }

    fn parse_operator(value: &Value) -> Result<Self, InvalidPattern> {
        let (operator, operand) = only_entry(value)?;
        match operator {
            "exists" => operand.as_bool().map(Self::Exists).ok_or(InvalidPattern),
            "numeric" => parse_numeric(operand).map(Self::Numeric),
            "anything-but" => parse_anything_but(operand).map(Self::AnythingBut),
            _ => TextRule::parse(operator, operand).map(Self::Text),
        }
    }

    /// Whether a field that is not there obeys.
    pub(super) fn admits_missing(&self) -> bool {
        matches!(self, Self::Exists(false))
    }

    /// Whether a value that is there, and is no list, obeys.
    pub(super) fn matches(&self, value: &Value) -> bool {
        match (self, value) {
            // Operators look at leaves; an object is none.
            (_, Value::Object(_) | Value::Array(_)) => false,
            (Self::Exists(expected), _) => *expected,
            (Self::AnythingBut(rules), _) => !rules.iter().any(|rule| rule.matches(value)),
            (Self::Null, Value::Null) => true,
            (Self::Bool(expected), Value::Bool(value)) => expected == value,
            (Self::Number(expected), Value::Number(value)) => expected == value,
            (Self::Text(rule), Value::String(text)) => rule.matches(text),
            (Self::Numeric(bounds), Value::Number(value)) => value
                .as_f64()
                .is_some_and(|value| bounds.iter().all(|(comparison, bound)| comparison.holds(value, *bound))),
            (Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::Numeric(_), _) => false,
        }
    }
}

impl TextRule {
    fn parse(operator: &str, operand: &Value) -> Result<Self, InvalidPattern> {
        let ignoring_case = || match only_entry(operand) {
            Ok(("equals-ignore-case", Value::String(text))) => Ok(text.to_lowercase()),
            _ => Err(InvalidPattern),
        };
        match (operator, operand) {
            ("equals-ignore-case", Value::String(text)) => Ok(Self::EqualsIgnoreCase(text.to_lowercase())),
            ("prefix", Value::String(text)) => Ok(Self::Prefix(text.clone())),
            ("suffix", Value::String(text)) => Ok(Self::Suffix(text.clone())),
            ("prefix", _) => ignoring_case().map(Self::PrefixIgnoreCase),
            ("suffix", _) => ignoring_case().map(Self::SuffixIgnoreCase),
            _ => Err(InvalidPattern),
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Equals(expected) => text == expected,
            Self::EqualsIgnoreCase(expected) => text.to_lowercase() == *expected,
            Self::Prefix(prefix) => text.starts_with(prefix),
            Self::PrefixIgnoreCase(prefix) => text.to_lowercase().starts_with(prefix),
            Self::Suffix(suffix) => text.ends_with(suffix),
            Self::SuffixIgnoreCase(suffix) => text.to_lowercase().ends_with(suffix),
        }
    }
}

impl Comparison {
    fn parse(text: &str) -> Result<Self, InvalidPattern> {
        match text {
            "=" => Ok(Self::Equal),
            "<" => Ok(Self::Less),
            "<=" => Ok(Self::LessOrEqual),
            ">" => Ok(Self::Greater),
            ">=" => Ok(Self::GreaterOrEqual),
            _ => Err(InvalidPattern),
        }
    }

    #[expect(clippy::float_cmp, reason = "`=` asks for the very same number")]
    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Equal => value == bound,
            Self::Less => value < bound,
            Self::LessOrEqual => value <= bound,
            Self::Greater => value > bound,
            Self::GreaterOrEqual => value >= bound,
        }
    }
}

/// `["=", 5]`, a bound such as `["<", 5]`, or a range with its lower bound first: `[">", 0, "<=", 5]`.
fn parse_numeric(operand: &Value) -> Result<Vec<(Comparison, f64)>, InvalidPattern> {
    let words = operand.as_array().filter(|words| words.len().is_multiple_of(2)).ok_or(InvalidPattern)?;
    let bounds = words.chunks_exact(2).map(|pair| {
        let comparison = Comparison::parse(pair[0].as_str().ok_or(InvalidPattern)?)?;
        Ok((comparison, pair[1].as_f64().ok_or(InvalidPattern)?))
    });
    let bounds: Vec<_> = bounds.collect::<Result<_, _>>()?;
    match *bounds {
        [_] => Ok(bounds),
        [
            (Comparison::Greater | Comparison::GreaterOrEqual, low),
            (Comparison::Less | Comparison::LessOrEqual, high),
        ] if low < high => Ok(bounds),
        _ => Err(InvalidPattern),
    }
}

/// A text or number, a list of them, or `{"prefix": …}` and its kin with one text or a list.
fn parse_anything_but(operand: &Value) -> Result<Vec<Rule>, InvalidPattern> {
    if let Value::Object(_) = operand {
        let (operator, operand) = only_entry(operand)?;
        return elements(operand)?.iter().map(|text| TextRule::parse(operator, text).map(Rule::Text)).collect();
    }
    let parse = |value: &Value| match value {
        Value::String(_) | Value::Number(_) => Rule::parse(value),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(InvalidPattern),
    };
    elements(operand)?.iter().map(parse).collect()
}

/// The elements of a list that has any, or the value itself.
fn elements(value: &Value) -> Result<&[Value], InvalidPattern> {
    match value {
        Value::Array(list) if list.is_empty() => Err(InvalidPattern),
        Value::Array(list) => Ok(list),
        other => Ok(std::slice::from_ref(other)),
    }
}

fn only_entry(value: &Value) -> Result<(&str, &Value), InvalidPattern> {
    let object = value.as_object().ok_or(InvalidPattern)?;
    let mut entries = object.iter();
    match (entries.next(), entries.next()) {
        (Some((key, value)), None) => Ok((key, value)),
        _ => Err(InvalidPattern),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn operators_accept_and_reject() {
        let check = |rule: Value, yes: &[Value], no: &[Value]| {
            let parsed = Rule::parse(&rule).unwrap();
            for value in yes {
                assert!(parsed.matches(value), "{rule} on {value}");
            }
            for value in no {
                assert!(!parsed.matches(value), "{rule} on {value}");
            }
        };
        check(json!(null), &[json!(null)], &[json!(""), json!(0), json!({})]);
        check(json!(""), &[json!("")], &[json!(null), json!(" ")]);
        check(json!("a"), &[json!("a")], &[json!("A"), json!("ab")]);
        check(json!(true), &[json!(true)], &[json!("true"), json!(1)]);
        check(json!(300), &[json!(300)], &[json!(300.0), json!("300")]);
        check(json!({"prefix": "ab"}), &[json!("abc")], &[json!("Abc"), json!(1)]);
        check(json!({"prefix": {"equals-ignore-case": "ab"}}), &[json!("ABc")], &[json!("bab")]);
        check(json!({"suffix": ".png"}), &[json!("a.png")], &[json!("a.PNG")]);
        check(json!({"suffix": {"equals-ignore-case": ".png"}}), &[json!("a.PNG")], &[json!("a.pn")]);
        check(json!({"equals-ignore-case": "AbC"}), &[json!("aBc")], &[json!("abcd")]);
        check(json!({"numeric": ["=", 300]}), &[json!(300), json!(300.0), json!(3.0e2)], &[json!("300"), json!(301)]);
        check(json!({"numeric": [">", 0, "<=", 5]}), &[json!(0.1), json!(5)], &[json!(0), json!(5.1), json!(null)]);
        check(json!({"exists": true}), &[json!(null), json!("x"), json!(0)], &[json!({"a": 1})]);
        check(json!({"exists": false}), &[], &[json!(null), json!("x")]);
        check(json!({"anything-but": "a"}), &[json!("b"), json!(1), json!(null)], &[json!("a"), json!({})]);
        check(json!({"anything-but": ["a", 1]}), &[json!("b"), json!(2)], &[json!("a"), json!(1)]);
        check(json!({"anything-but": {"prefix": "a"}}), &[json!("ba")], &[json!("ab")]);
        check(json!({"anything-but": {"suffix": ["a", "b"]}}), &[json!("c")], &[json!("xa"), json!("xb")]);
        check(json!({"anything-but": {"equals-ignore-case": ["A"]}}), &[json!("b")], &[json!("a")]);
    }
}
