//! The tree of a pattern: which fields must hold and, under `$or`, which alternatives.

use serde_json::{Map, Value};

use super::InvalidPattern;
use super::rule::Rule;

/// Every field must match, and of every `$or` one alternative.
#[derive(Debug, PartialEq)]
pub(super) struct Pattern {
    fields: Vec<(String, Node)>,
    alternatives: Vec<Pattern>,
}

#[derive(Debug, PartialEq)]
enum Node {
    /// The field is an object that matches.
    Object(Pattern),
    /// The field's value, or one of its elements, obeys one of these rules.
    Leaf(Vec<Rule>),
}

impl Pattern {
    pub(super) fn parse(value: &Value) -> Result<Self, InvalidPattern> {
        let object = value.as_object().filter(|object| !object.is_empty()).ok_or(InvalidPattern)?;
        let mut pattern = Self { fields: Vec::new(), alternatives: Vec::new() };
        for (name, value) in object {
            if name == "$or" {
                let list = value.as_array().filter(|list| !list.is_empty()).ok_or(InvalidPattern)?;
                pattern.alternatives = list.iter().map(Self::parse).collect::<Result<_, _>>()?;
            } else {
                pattern.fields.push((name.clone(), Node::parse(value)?));
            }
        }
        Ok(pattern)
    }

    pub(super) fn matches(&self, object: &Map<String, Value>) -> bool {
        let fields = self.fields.iter().all(|(name, node)| node.matches(object.get(name)));
        fields && (self.alternatives.is_empty() || self.alternatives.iter().any(|pattern| pattern.matches(object)))
    }

    /// Whether the top level asks about the field `name`.
    pub(super) fn mentions(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
            || self.alternatives.iter().any(|pattern| pattern.mentions(name))
    }

    /// Whether the top level has rules for the value of the field `name` itself.
    pub(super) fn has_leaf(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, node)| field == name && matches!(node, Node::Leaf(_)))
            || self.alternatives.iter().any(|pattern| pattern.has_leaf(name))
    }
}

impl Node {
    fn parse(value: &Value) -> Result<Self, InvalidPattern> {
        match value {
            Value::Object(_) => Pattern::parse(value).map(Self::Object),
            Value::Array(rules) if !rules.is_empty() => {
                rules.iter().map(Rule::parse).collect::<Result<_, _>>().map(Self::Leaf)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Err(InvalidPattern),
        }
    }

    fn matches(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Object(pattern), Some(Value::Object(object))) => pattern.matches(object),
            (Self::Object(_), Some(Value::Array(elements))) => {
                elements.iter().any(|element| self.matches(Some(element)))
            }
            // Every field below is missing, which is what `exists: false` asks for.
            (Self::Object(pattern), _) => pattern.matches(&Map::new()),
            (Self::Leaf(rules), None) => rules.iter().any(Rule::admits_missing),
            (Self::Leaf(_), Some(Value::Array(elements))) => elements.iter().any(|element| self.matches(Some(element))),
            (Self::Leaf(rules), Some(value)) => rules.iter().any(|rule| rule.matches(value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(pattern: &Value, subject: &Value, expected: bool) {
        let matches = Pattern::parse(pattern).unwrap().matches(subject.as_object().unwrap());
        assert_eq!(matches, expected, "{pattern} on {subject}");
    }

    #[test]
    fn all_fields_and_one_alternative_must_match() {
        let pattern = json!({"a": [1], "$or": [{"b": [2]}, {"c": {"d": [3]}}]});
        check(&pattern, &json!({"a": 1, "b": 2}), true);
        check(&pattern, &json!({"a": 1, "c": {"d": 3}}), true);
        check(&pattern, &json!({"a": 1}), false);
        check(&pattern, &json!({"a": 2, "b": 2}), false);
    }

    #[test]
    fn any_element_of_a_list_will_do() {
        check(&json!({"a": ["x", "y"]}), &json!({"a": ["z", "y"]}), true);
        check(&json!({"a": ["x"]}), &json!({"a": []}), false);
        check(&json!({"a": {"b": [1]}}), &json!({"a": [{"b": 0}, {"b": 1}]}), true);
    }

    #[test]
    fn a_missing_field_matches_only_exists_false() {
        check(&json!({"a": [{"exists": false}]}), &json!({}), true);
        check(&json!({"a": {"b": [{"exists": false}]}}), &json!({}), true);
        check(&json!({"a": [{"exists": false}]}), &json!({"a": null}), false);
        check(&json!({"a": [null]}), &json!({}), false);
        check(&json!({"a": [{"anything-but": "x"}]}), &json!({}), false);
    }
}
