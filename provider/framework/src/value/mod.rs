//! Terraform's values: null, unknown or known, of any type.
//!
//! A value does not carry its type; the schema does ([`Type`]). Codecs and the crossing to Rust structs live in the
//! submodules. Invariant: a set's known elements are sorted and free of duplicates once a value has been conformed.

mod conform;
mod de;
mod json;
mod msgpack;
mod number;
mod ser;
mod types;

use std::collections::BTreeMap;

pub use conform::Mismatch;
pub(crate) use conform::{as_set, conform};
pub use de::ModelError;
pub(crate) use de::from_value;
pub use json::JsonError;
pub(crate) use json::from_json;
pub use msgpack::WireError;
pub(crate) use msgpack::{decode, encode};
pub use number::Number;
pub(crate) use ser::to_value;
pub use types::{Type, TypeError};

/// Names by which `Attr` and `Blocks` make themselves known to our serde formats.
pub(crate) const ATTR_MARK: &str = "tf_framework::Attr";
pub(crate) const BLOCKS_MARK: &str = "tf_framework::Blocks";
pub(crate) const UNKNOWN_MARK: &str = "tf_framework::Unknown";

/// One value of Terraform's language.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Not set.
    #[default]
    Null,
    /// Known after apply.
    Unknown,
    /// `true` or `false`.
    Bool(bool),
    /// A number of any size and precision.
    Number(Number),
    /// Text.
    String(String),
    /// A list, set or tuple.
    List(Vec<Value>),
    /// A map or an object.
    Map(BTreeMap<String, Value>),
    /// A value that brings its own type, where the schema says `dynamic`.
    Dynamic(Box<Type>, Box<Value>),
}

/// What every missing part of an object reads as.
pub(crate) static NULL: Value = Value::Null;

impl Value {
    /// Whether the value is null.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether the value as a whole is unknown.
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether it is null, zero, `false` or empty.
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Null | Self::Bool(false) => true,
            Self::Number(number) => number.as_i64() == Some(0),
            Self::String(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(entries) => entries.is_empty(),
            Self::Dynamic(_, value) => value.is_zero(),
            Self::Unknown | Self::Bool(true) => false,
        }
    }

    /// Whether nothing in it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::List(items) => items.iter().all(Self::is_wholly_known),
            Self::Map(entries) => entries.values().all(Self::is_wholly_known),
            Self::Dynamic(_, value) => value.is_wholly_known(),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
        }
    }

    /// The attribute or map entry of that name; null when there is none.
    pub fn get(&self, name: &str) -> &Self {
        match self {
            Self::Map(entries) => entries.get(name).unwrap_or(&NULL),
            _ => &NULL,
        }
    }

    /// The elements of a list or set; none of anything else.
    pub fn elements(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The entries of a map or object, to change them.
    pub fn as_map_mut(&mut self) -> Option<&mut BTreeMap<String, Self>> {
        match self {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// Everything unknown turned into null: the form of a state that must be saved as it is.
    #[must_use]
    pub fn with_unknowns_as_null(self) -> Self {
        match self {
            Self::Unknown => Self::Null,
            Self::List(items) => Self::List(items.into_iter().map(Self::with_unknowns_as_null).collect()),
            Self::Map(entries) => Self::Map(entries.into_iter().map(|(k, v)| (k, v.with_unknowns_as_null())).collect()),
            Self::Dynamic(ty, value) => Self::Dynamic(ty, Box::new(value.with_unknowns_as_null())),
            known => known,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

#[cfg(test)]
mod tests;
