//! Fits a value to its type: every attribute of an object present, sets sorted and free of duplicates.
//!
//! What serde wrote and what a state file holds goes through here before it is compared or sent, because the host
//! refuses an object with one attribute too few or too many.

use std::collections::BTreeMap;

use super::{Type, Value};
use crate::path::{Path, Step};

/// A value that is not of the type the schema gives it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}expected {expected}", if path.steps().is_empty() { String::new() } else { format!("{path}: ") })]
pub struct Mismatch {
    /// Where.
    pub path: Path,
    /// What the schema says.
    pub expected: &'static str,
}

impl Mismatch {
    pub(crate) const fn here(expected: &'static str) -> Self {
        Self { path: Path::root(), expected }
    }

    pub(crate) fn under(mut self, step: Step) -> Self {
        self.path = self.path.under(step);
        self
    }
}

/// Makes `value` a value of `ty`. Absent attributes become null, attributes that the type does not know are dropped.
pub(crate) fn conform(value: Value, ty: &Type) -> Result<Value, Mismatch> {
    match (value, ty) {
        (value @ (Value::Null | Value::Unknown), _) => Ok(value),
        (value @ Value::String(_), Type::String)
        | (value @ Value::Bool(_), Type::Bool)
        | (value @ Value::Number(_), Type::Number) => Ok(value),
        (Value::List(items), Type::List(element)) => Ok(Value::List(elements(items, element)?)),
        (Value::List(items), Type::Set(element)) => Ok(Value::List(as_set(elements(items, element)?))),
        (Value::List(items), Type::Tuple(types)) if items.len() == types.len() => items
            .into_iter()
            .zip(types)
            .enumerate()
            .map(|(i, (item, ty))| conform(item, ty).map_err(|e| e.under(Step::Index(i))))
            .collect::<Result<_, _>>()
            .map(Value::List),
        (Value::Map(entries), Type::Map(element)) => entries
            .into_iter()
            .map(|(key, item)| match conform(item, element) {
                Ok(item) => Ok((key, item)),
                Err(e) => Err(e.under(Step::Key(key))),
            })
            .collect::<Result<_, _>>()
            .map(Value::Map),
        (Value::Map(entries), Type::Object(attributes)) => object(entries, attributes),
        (Value::Dynamic(ty, inner), Type::Dynamic) => {
            let inner = conform(*inner, &ty)?;
            Ok(Value::Dynamic(ty, Box::new(inner)))
        }
        // The form in which a state file holds it.
        (Value::Map(mut entries), Type::Dynamic) if entries.len() == 2 && entries.contains_key("type") => {
            let ty = entries.remove("type").unwrap_or_default();
            let ty =
                Type::from_state(&ty).map_err(|_| Mismatch::here("a type").under(Step::Name("type".to_owned())))?;
            let inner = entries.remove("value").ok_or(Mismatch::here("a value that brings its type"))?;
            let inner = conform(inner, &ty)?;
            Ok(Value::Dynamic(Box::new(ty), Box::new(inner)))
        }
        // Scalars say their own type; anything else must say it.
        (value @ Value::String(_), Type::Dynamic) => Ok(Value::Dynamic(Box::new(Type::String), Box::new(value))),
        (value @ Value::Bool(_), Type::Dynamic) => Ok(Value::Dynamic(Box::new(Type::Bool), Box::new(value))),
        (value @ Value::Number(_), Type::Dynamic) => Ok(Value::Dynamic(Box::new(Type::Number), Box::new(value))),
        (_, Type::String) => Err(Mismatch::here("text")),
        (_, Type::Bool) => Err(Mismatch::here("true or false")),
        (_, Type::Number) => Err(Mismatch::here("a number")),
        (_, Type::List(_)) => Err(Mismatch::here("a list")),
        (_, Type::Set(_)) => Err(Mismatch::here("a set")),
        (_, Type::Map(_)) => Err(Mismatch::here("a map")),
        (_, Type::Object(_)) => Err(Mismatch::here("an object")),
        (_, Type::Tuple(_)) => Err(Mismatch::here("a tuple")),
        (_, Type::Dynamic) => Err(Mismatch::here("a value that brings its type")),
    }
}

fn elements(items: Vec<Value>, ty: &Type) -> Result<Vec<Value>, Mismatch> {
    let fit = |(i, item)| conform(item, ty).map_err(|e| e.under(Step::Index(i)));
    items.into_iter().enumerate().map(fit).collect()
}

fn object(mut entries: BTreeMap<String, Value>, attributes: &BTreeMap<String, Type>) -> Result<Value, Mismatch> {
    let fit = |(name, ty): (&String, &Type)| {
        let value = entries.remove(name).unwrap_or_default();
        let value = conform(value, ty).map_err(|e| e.under(Step::Name(name.clone())))?;
        Ok((name.clone(), value))
    };
    attributes.iter().map(fit).collect::<Result<_, _>>().map(Value::Map)
}

/// Sorts, and drops duplicates. Two elements that are not known yet may still turn out different, so both stay.
pub(crate) fn as_set(mut items: Vec<Value>) -> Vec<Value> {
    items.sort();
    items.dedup_by(|a, b| a == b && a.is_wholly_known());
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object_type(name: &str, ty: Type) -> Type {
        Type::Object(BTreeMap::from([(name.to_owned(), ty)]))
    }

    #[test]
    fn an_object_has_exactly_the_attributes_of_its_type() {
        let value = Value::Map(BTreeMap::from([("gone".to_owned(), Value::Bool(true))]));
        let fitted = conform(value, &object_type("name", Type::String)).unwrap();
        assert_eq!(fitted, Value::Map(BTreeMap::from([("name".to_owned(), Value::Null)])));
    }

    #[test]
    fn a_set_is_sorted_and_unknown_elements_stay_apart() {
        let items = vec!["b".into(), Value::Unknown, "a".into(), "b".into(), Value::Unknown];
        let fitted = conform(Value::List(items), &Type::set(Type::String)).unwrap();
        assert_eq!(fitted, Value::List(vec![Value::Unknown, Value::Unknown, "a".into(), "b".into()]));
    }

    #[test]
    fn a_mismatch_says_where() {
        let ty = object_type("tags", Type::map(Type::list(Type::Number)));
        let tags = Value::Map(BTreeMap::from([("k".to_owned(), Value::List(vec![1.into(), "x".into()]))]));
        let error = conform(Value::Map(BTreeMap::from([("tags".to_owned(), tags)])), &ty).unwrap_err();
        assert_eq!(error.to_string(), "tags[\"k\"][1]: expected a number");
    }
}
