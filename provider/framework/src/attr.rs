//! `Attr<T>`: the value of one attribute inside a resource struct: null, unknown until apply, or known.
//!
//! Terraform knows three states where Rust has two, so `Option<T>` would lose the difference between "not set" and "not
//! known yet". A collection with any unknown element is unknown as a whole: element types stay plain Rust types, and a
//! struct is never used to rebuild what the user wrote (planning works on the values themselves).

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::value::{ATTR_MARK, UNKNOWN_MARK};

/// The value of one attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attr<T> {
    /// Not set.
    #[default]
    Null,
    /// Will be known after apply.
    Unknown,
    /// Set.
    Known(T),
}

impl<T> Attr<T> {
    /// Whether the attribute is not set.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether the value will only be known after apply.
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether there is a value.
    pub const fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }

    /// The value, if there is one.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// The value by move, if there is one.
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// The value, or `default` when null or unknown.
    pub fn unwrap_or(self, default: T) -> T {
        self.into_known().unwrap_or(default)
    }

    /// The value, or the type's default when null or unknown.
    pub fn unwrap_or_default(self) -> T
    where
        T: Default,
    {
        self.into_known().unwrap_or_default()
    }

    /// Applies `f` to a known value; null and unknown stay what they are.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Attr<U> {
        match self {
            Self::Null => Attr::Null,
            Self::Unknown => Attr::Unknown,
            Self::Known(value) => Attr::Known(f(value)),
        }
    }

    /// The same three states over a reference.
    pub const fn as_ref(&self) -> Attr<&T> {
        match self {
            Self::Null => Attr::Null,
            Self::Unknown => Attr::Unknown,
            Self::Known(value) => Attr::Known(value),
        }
    }
}

impl Attr<String> {
    /// The text, if there is one.
    pub fn as_str(&self) -> Option<&str> {
        self.known().map(String::as_str)
    }

    /// The text, or the empty string when null or unknown.
    pub fn text(&self) -> &str {
        self.as_str().unwrap_or_default()
    }
}

impl<T> From<T> for Attr<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T> From<Option<T>> for Attr<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Known)
    }
}

impl From<&str> for Attr<String> {
    fn from(value: &str) -> Self {
        Self::Known(value.to_owned())
    }
}

impl<T: Serialize> Serialize for Attr<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Unknown => serializer.serialize_unit_struct(UNKNOWN_MARK),
            Self::Known(value) => serializer.serialize_some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Attr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct States<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for States<T> {
            type Value = Attr<T>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an attribute value")
            }
            fn visit_none<E>(self) -> Result<Self::Value, E> {
                Ok(Attr::Null)
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Attr::Unknown)
            }
            fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Self::Value, D::Error> {
                T::deserialize(inner).map(Attr::Known)
            }
        }
        deserializer.deserialize_newtype_struct(ATTR_MARK, States(std::marker::PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Attr<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}
