//! Type constraints and their JSON form, e.g. `["list",["object",{"name":"string"}]]`.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Value;

/// The type of a value, as a schema states it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// Text.
    String,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A value that brings its own type.
    Dynamic,
    /// Elements in order.
    List(Box<Type>),
    /// Elements without order or duplicates.
    Set(Box<Type>),
    /// Elements by text key.
    Map(Box<Type>),
    /// Named attributes.
    Object(BTreeMap<String, Type>),
    /// Positions, each of its own type.
    Tuple(Vec<Type>),
}

/// JSON that states no type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a type constraint: {0}")]
pub struct TypeError(String);

impl Type {
    /// A list of `element`.
    pub fn list(element: Self) -> Self {
        Self::List(Box::new(element))
    }

    /// A set of `element`.
    pub fn set(element: Self) -> Self {
        Self::Set(Box::new(element))
    }

    /// A map of `element`.
    pub fn map(element: Self) -> Self {
        Self::Map(Box::new(element))
    }

    /// The JSON form.
    pub fn to_json(&self) -> Json {
        match self {
            Self::String => "string".into(),
            Self::Bool => "bool".into(),
            Self::Number => "number".into(),
            Self::Dynamic => "dynamic".into(),
            Self::List(element) => Json::Array(vec!["list".into(), element.to_json()]),
            Self::Set(element) => Json::Array(vec!["set".into(), element.to_json()]),
            Self::Map(element) => Json::Array(vec!["map".into(), element.to_json()]),
            Self::Object(attributes) => {
                let attributes = attributes.iter().map(|(name, ty)| (name.clone(), ty.to_json())).collect();
                Json::Array(vec!["object".into(), Json::Object(attributes)])
            }
            Self::Tuple(types) => {
                Json::Array(vec!["tuple".into(), Json::Array(types.iter().map(Self::to_json).collect())])
            }
        }
    }

    /// Reads the JSON form from a state file that was read without a type.
    pub(crate) fn from_state(state: &Value) -> Result<Self, TypeError> {
        fn json(state: &Value) -> Json {
            match state {
                Value::String(text) => text.clone().into(),
                Value::List(items) => Json::Array(items.iter().map(json).collect()),
                Value::Map(entries) => entries.iter().map(|(name, ty)| (name.clone(), json(ty))).collect(),
                Value::Null | Value::Unknown | Value::Bool(_) | Value::Number(_) | Value::Dynamic(..) => Json::Null,
            }
        }
        Self::from_json(&json(state))
    }

    /// Reads the JSON form. Optional attributes of an object are read as plain ones.
    pub fn from_json(json: &Json) -> Result<Self, TypeError> {
        let refuse = || TypeError(json.to_string());
        if let Json::String(name) = json {
            return match name.as_str() {
                "string" => Ok(Self::String),
                "bool" => Ok(Self::Bool),
                "number" => Ok(Self::Number),
                "dynamic" => Ok(Self::Dynamic),
                _ => Err(refuse()),
            };
        }
        let Some([Json::String(kind), rest @ ..]) = json.as_array().map(Vec::as_slice) else { return Err(refuse()) };
        match (kind.as_str(), rest) {
            ("list", [element]) => Ok(Self::list(Self::from_json(element)?)),
            ("set", [element]) => Ok(Self::set(Self::from_json(element)?)),
            ("map", [element]) => Ok(Self::map(Self::from_json(element)?)),
            ("object", [Json::Object(attributes)] | [Json::Object(attributes), Json::Array(_)]) => attributes
                .iter()
                .map(|(name, ty)| Ok((name.clone(), Self::from_json(ty)?)))
                .collect::<Result<_, _>>()
                .map(Self::Object),
            ("tuple", [Json::Array(types)]) => {
                types.iter().map(Self::from_json).collect::<Result<_, _>>().map(Self::Tuple)
            }
            _ => Err(refuse()),
        }
    }
}
