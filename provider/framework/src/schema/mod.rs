//! Schemas: what a resource, a data source or the provider block is made of, as Terraform sees it.
//!
//! Derived from a Rust struct (`derive`) with the flags on its fields (`flags`); nothing else states a schema.

mod check;
mod derive;
pub mod flags;
mod rules;
mod signature;

use std::collections::BTreeMap;

pub use check::Check;
pub use derive::{SchemaError, derive};
pub use flags::Relation;
pub use signature::{Parameter, Signature};

use crate::value::{Type, Value};

/// The schema of one resource type, data source or provider configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// Raised whenever stored state of the old form must be upgraded.
    pub version: i64,
    /// What it is made of.
    pub block: Block,
    /// The type of its values, worked out once.
    pub(crate) ty: Type,
}

/// A group of attributes and nested blocks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// What it is for, in Markdown.
    pub description: String,
    /// Set by name with `=`.
    pub attributes: BTreeMap<String, Attribute>,
    /// Nested in braces.
    pub blocks: BTreeMap<String, NestedBlock>,
}

/// What the user and the provider may do with an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The user must set it.
    Required,
    /// The user may set it.
    Optional,
    /// The provider sets it.
    Computed,
    /// The user may set it; the provider does otherwise.
    OptionalComputed,
}

/// One attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The type of its values.
    pub ty: Type,
    /// Who sets it.
    pub mode: Mode,
    /// What it is for, in Markdown.
    pub description: String,
    /// The advice to who still uses it.
    pub deprecated: Option<String>,
    /// Hidden by Terraform.
    pub sensitive: bool,
    /// Stored nowhere.
    pub write_only: bool,
    /// A change replaces the resource.
    pub force_new: bool,
    /// Unknown in every plan that changes something.
    pub volatile: bool,
    /// A stored zero or empty value says the same as "not set".
    pub zero_is_unset: bool,
    /// The value when none is configured.
    pub default: Option<Value>,
    /// What a configured value must satisfy.
    pub checks: Vec<Check>,
    /// What every element of a configured collection must satisfy.
    pub element_checks: Vec<Check>,
    /// How it depends on its siblings.
    pub relations: Vec<Relation>,
    /// The rule by which a configured value is the same as the stored one.
    pub same_when: Option<String>,
}

impl Attribute {
    /// Whether the provider may give a value where the user gave none.
    pub const fn is_computed(&self) -> bool {
        matches!(self.mode, Mode::Computed | Mode::OptionalComputed) || self.default.is_some() || self.zero_is_unset
    }
}

/// How often a nested block may appear, and what its values look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// A list of objects.
    List,
    /// A set of objects.
    Set,
    /// An object or null.
    Single,
}

/// One kind of nested block.
#[derive(Clone, Debug, PartialEq)]
pub struct NestedBlock {
    /// What it is made of.
    pub block: Block,
    /// How its values look.
    pub nesting: Nesting,
    /// At least so many.
    pub min_items: u32,
    /// At most so many; 0 means any number.
    pub max_items: u32,
    /// The provider fills it in when the user leaves it out.
    pub computed_if_absent: bool,
    /// Any change inside replaces the resource.
    pub force_new: bool,
    /// The advice to who still uses it.
    pub deprecated: Option<String>,
    /// How it depends on its siblings.
    pub relations: Vec<Relation>,
    /// The rule by which configured blocks are the same as the stored ones.
    pub same_when: Option<String>,
}

impl Block {
    /// The type of its values.
    pub fn object_type(&self) -> Type {
        let attributes = self.attributes.iter().map(|(name, attribute)| (name.clone(), attribute.ty.clone()));
        let blocks = self.blocks.iter().map(|(name, nested)| (name.clone(), nested.value_type()));
        Type::Object(attributes.chain(blocks).collect())
    }
}

impl Block {
    /// Whether an attribute, however deep, has this property.
    pub(crate) fn any_attribute(&self, property: &dyn Fn(&Attribute) -> bool) -> bool {
        self.attributes.values().any(property) || self.blocks.values().any(|b| b.block.any_attribute(property))
    }
}

impl Block {
    /// Whether the provider may fill in a block that the user left out.
    pub(crate) fn has_computed_blocks(&self) -> bool {
        self.blocks.values().any(|nested| nested.computed_if_absent || nested.block.has_computed_blocks())
    }
}

impl NestedBlock {
    /// Whether this is what a configuration holds that has no such block.
    pub(crate) const fn is_absent(config: &Value) -> bool {
        match config {
            Value::Null => true,
            Value::List(blocks) => blocks.is_empty(),
            _ => false,
        }
    }

    /// The type of the value that holds all blocks of this kind.
    pub fn value_type(&self) -> Type {
        let object = self.block.object_type();
        match self.nesting {
            Nesting::List => Type::list(object),
            Nesting::Set => Type::set(object),
            Nesting::Single => object,
        }
    }
}

impl Schema {
    /// A schema from its parts.
    pub fn new(version: i64, block: Block) -> Self {
        let ty = block.object_type();
        Self { version, block, ty }
    }

    /// Fits a whole resource to the schema: all attributes there, and no list of blocks null.
    pub(crate) fn conform(&self, value: Value) -> Result<Value, crate::value::Mismatch> {
        let mut value = crate::value::conform(value, &self.ty)?;
        fill_blocks(&mut value, &self.block);
        Ok(value)
    }
}

impl Schema {
    /// The value without what must never be stored.
    pub(crate) fn without_write_only(&self, mut value: Value) -> Value {
        clear_write_only(&mut value, &self.block);
        value
    }

    /// A configuration with defaults where nothing was configured.
    pub(crate) fn with_defaults(&self, mut config: Value) -> Value {
        set_defaults(&mut config, &self.block, &|value| value == Some(&Value::Null));
        config
    }

    /// A stored state with defaults where it is older than an attribute: what did not exist was as if it had its default,
    /// and is no change today. A null that was stored stays.
    pub(crate) fn with_later_defaults(&self, mut state: Value) -> Value {
        set_defaults(&mut state, &self.block, &|value| value.is_none());
        state
    }
}

fn clear_write_only(value: &mut Value, block: &Block) {
    let Some(entries) = value.as_map_mut() else { return };
    for (name, _) in block.attributes.iter().filter(|(_, attribute)| attribute.write_only) {
        entries.insert(name.clone(), Value::Null);
    }
    for (name, nested) in &block.blocks {
        let Some(held) = entries.get_mut(name) else { continue };
        each_block(held, |block| clear_write_only(block, &nested.block));
    }
}

fn set_defaults(value: &mut Value, block: &Block, is_missing: &dyn Fn(Option<&Value>) -> bool) {
    let Some(entries) = value.as_map_mut() else { return };
    for (name, attribute) in &block.attributes {
        if let Some(default) = attribute.default.as_ref().filter(|_| is_missing(entries.get(name))) {
            entries.insert(name.clone(), default.clone());
        }
    }
    for (name, nested) in &block.blocks {
        let Some(held) = entries.get_mut(name) else { continue };
        each_block(held, |block| set_defaults(block, &nested.block, is_missing));
    }
}

/// Every block in the value of a nested block, whatever its nesting.
fn each_block(held: &mut Value, mut change: impl FnMut(&mut Value)) {
    match held {
        Value::List(items) => items.iter_mut().for_each(change),
        single => change(single),
    }
}

/// Terraform writes "no block" as an empty list, never as null.
fn fill_blocks(value: &mut Value, block: &Block) {
    let Some(entries) = value.as_map_mut() else { return };
    for (name, nested) in &block.blocks {
        let Some(held) = entries.get_mut(name) else { continue };
        if held.is_null() && nested.nesting != Nesting::Single {
            *held = Value::List(Vec::new());
        }
        each_block(held, |block| fill_blocks(block, &nested.block));
    }
}

#[cfg(test)]
mod tests;
