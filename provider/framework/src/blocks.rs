//! `Blocks<T>`: the repeated blocks of one type inside a resource struct.
//!
//! Reads like a slice. Only a `dynamic` block over an unknown collection makes it unknown, and then it is empty.

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::value::{BLOCKS_MARK, UNKNOWN_MARK};

/// The blocks of one type, in the order of the configuration (a set: in Terraform's order).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Blocks<T> {
    items: Vec<T>,
    unknown: bool,
}

impl<T> Blocks<T> {
    /// No block at all.
    pub const fn none() -> Self {
        Self { items: Vec::new(), unknown: false }
    }

    /// How many blocks there will be is not known before apply.
    pub const fn unknown() -> Self {
        Self { items: Vec::new(), unknown: true }
    }

    /// Exactly one block.
    pub fn one(item: T) -> Self {
        vec![item].into()
    }

    /// Whether it is unknown how many blocks there will be.
    pub const fn is_unknown(&self) -> bool {
        self.unknown
    }
}

impl<T> Default for Blocks<T> {
    fn default() -> Self {
        Self::none()
    }
}

impl<T> Deref for Blocks<T> {
    type Target = Vec<T>;
    fn deref(&self) -> &Vec<T> {
        &self.items
    }
}

impl<T> DerefMut for Blocks<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.items
    }
}

impl<T> From<Vec<T>> for Blocks<T> {
    fn from(items: Vec<T>) -> Self {
        Self { items, unknown: false }
    }
}

impl<T> From<Option<T>> for Blocks<T> {
    fn from(item: Option<T>) -> Self {
        item.into_iter().collect()
    }
}

impl<T> FromIterator<T> for Blocks<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Vec::from_iter(items).into()
    }
}

impl<T> IntoIterator for Blocks<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;
    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Blocks<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<T: Serialize> Serialize for Blocks<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.unknown { serializer.serialize_unit_struct(UNKNOWN_MARK) } else { self.items.serialize(serializer) }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Blocks<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct States<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for States<T> {
            type Value = Blocks<T>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of blocks")
            }
            fn visit_none<E>(self) -> Result<Self::Value, E> {
                Ok(Blocks::none())
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Blocks::unknown())
            }
            fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Self::Value, D::Error> {
                Vec::deserialize(inner).map(Blocks::from)
            }
        }
        deserializer.deserialize_newtype_struct(BLOCKS_MARK, States(std::marker::PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Blocks<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        // As of a `Vec`, which writes the schema of its items once more: in blocks within blocks that adds up.
        let mut schema = json_schema!({ "type": "array" });
        schema.insert("items".to_owned(), generator.subschema_for::<T>().to_value());
        schema
    }
}
