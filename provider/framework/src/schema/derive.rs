//! From a Rust struct to a schema: schemars describes the fields, the flags say what Terraform adds.
//!
//! Runs once per schema, when it is first asked for. Every field needs flags; a field of a resource without them is an
//! error, so nothing becomes an attribute by accident.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize as _;
use serde_json::Value as Json;

use super::flags::{Flags, Kind};
use super::rules;
use super::{Attribute, Block, Check, Mode, NestedBlock, Nesting, Schema};
use crate::value::{Type, from_json};

/// Names that mean something else in every resource block.
const RESERVED: [&str; 7] = ["connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"];

/// The keyword of a type that has no fields but names: `names`, between spaces, and the `field` that each of them is.
const ALIKE: &str = "alike";

/// A struct that is no Terraform schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct SchemaError {
    /// The field, with the fields around it.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

impl SchemaError {
    pub(super) fn new(field: &str, reason: impl Into<String>) -> Self {
        Self { field: field.to_owned(), reason: reason.into() }
    }

    /// The same mistake, seen from the provider.
    pub(crate) fn within(&self, type_name: &str) -> Self {
        Self { field: format!("{type_name}.{}", self.field), reason: self.reason.clone() }
    }
}

/// The schema of the struct `T`.
pub fn derive<T: JsonSchema>(version: i64) -> Result<Schema, SchemaError> {
    let block = block(&described::<T>(), "")?;
    // The tests of a provider find what is wrong here; a release does not look for it again at every start.
    if cfg!(debug_assertions) {
        rules::check(&block, "")?;
    }
    Ok(Schema::new(version, block))
}

/// What schemars says of `T`, in one piece.
pub(super) fn described<T: JsonSchema>() -> Json {
    let generator = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true).into_generator();
    generator.into_root_schema_for::<T>().to_value()
}

fn block(json: &Json, at: &str) -> Result<Block, SchemaError> {
    let mut block = Block { description: description(json), ..Block::default() };
    let fields = match (json.get("properties"), json.get("type").and_then(Json::as_str)) {
        (Some(Json::Object(fields)), _) => Some(fields),
        (None, Some("object")) => None,
        _ => return Err(SchemaError::new(at, "a block is a struct with named fields")),
    };
    if let Some(alike) = json.get(ALIKE) {
        block.attributes = attributes_alike(alike, at)?;
    }
    for (name, field) in fields.into_iter().flatten() {
        let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            return Err(SchemaError::new(&at, "names are lower case letters, digits and underscores"));
        }
        if RESERVED.contains(&name.as_str()) {
            return Err(SchemaError::new(&at, "Terraform's own argument has this name"));
        }
        let flags = field.get("tf").ok_or_else(|| SchemaError::new(&at, "no flags"))?;
        let flags = Flags::deserialize(flags).map_err(|e| SchemaError::new(&at, e.to_string()))?;
        let field = match flags.kind {
            Kind::Required => Field::Attribute(attribute(field, flags, Mode::Required, &at)?),
            Kind::Optional => Field::Attribute(attribute(field, flags, Mode::Optional, &at)?),
            Kind::Computed => Field::Attribute(attribute(field, flags, Mode::Computed, &at)?),
            Kind::OptionalComputed => Field::Attribute(attribute(field, flags, Mode::OptionalComputed, &at)?),
            Kind::ListBlock | Kind::ComputedBlock => Field::Block(nested(field, flags, Nesting::List, &at)?),
            Kind::SetBlock | Kind::ComputedSetBlock => Field::Block(nested(field, flags, Nesting::Set, &at)?),
            Kind::SingleBlock => Field::Block(nested(field, flags, Nesting::Single, &at)?),
            Kind::Timeouts => Field::Block(timeouts(&flags)),
        };
        match field {
            Field::Attribute(attribute) => drop(block.attributes.insert(name.clone(), attribute)),
            Field::Block(nested) => drop(block.blocks.insert(name.clone(), nested)),
        }
    }
    Ok(block)
}

/// Hundreds of attributes that differ in their names only: described once, as to describe each takes longer than all else
/// that happens when a provider starts.
fn attributes_alike(alike: &Json, at: &str) -> Result<BTreeMap<String, Attribute>, SchemaError> {
    let wrong = |reason: String| SchemaError::new(at, reason);
    let field = alike.get("field").ok_or_else(|| wrong("no field".to_owned()))?;
    let flags = field.get("tf").ok_or_else(|| wrong("no flags".to_owned()))?;
    let flags = Flags::deserialize(flags).map_err(|e| wrong(e.to_string()))?;
    if flags.kind != Kind::Optional {
        return Err(wrong("fields that are alike are optional".to_owned()));
    }
    let attribute = attribute(field, flags, Mode::Optional, at)?;
    let names = alike.get("names").and_then(Json::as_str).unwrap_or_default().split_ascii_whitespace();
    Ok(names.map(|name| (name.to_owned(), attribute.clone())).collect())
}

/// A field of a struct is one or the other to Terraform.
enum Field {
    Attribute(Attribute),
    Block(NestedBlock),
}

fn attribute(json: &Json, flags: Flags, mode: Mode, at: &str) -> Result<Attribute, SchemaError> {
    let ty = value_type(json, at)?;
    let default = match &flags.default {
        None => None,
        Some(default) => {
            let value = from_json(default.to_string().as_bytes()).map_err(|e| SchemaError::new(at, e.to_string()))?;
            Some(crate::value::conform(value, &ty).map_err(|e| SchemaError::new(at, format!("default: {e}")))?)
        }
    };
    let mut checks = flags.checks;
    if mode != Mode::Computed {
        checks.extend(variants(json).map(Check::OneOf));
    }
    Ok(Attribute {
        ty,
        mode,
        description: description(json),
        deprecated: flags.deprecated,
        sensitive: flags.sensitive,
        write_only: flags.write_only,
        force_new: flags.force_new,
        volatile: flags.volatile,
        zero_is_unset: flags.zero_is_unset,
        default,
        checks,
        element_checks: flags.element_checks,
        relations: flags.relations,
        same_when: flags.same_when,
    })
}

fn nested(json: &Json, flags: Flags, nesting: Nesting, at: &str) -> Result<NestedBlock, SchemaError> {
    let json = without_null(json);
    let inner = if nesting == Nesting::Single { json } else { json.get("items").unwrap_or(&Json::Null) };
    let mut block = block(inner, at)?;
    block.description = description(json);
    let computed_if_absent = matches!(flags.kind, Kind::ComputedBlock | Kind::ComputedSetBlock);
    Ok(NestedBlock {
        block,
        nesting,
        min_items: flags.min_items,
        max_items: flags.max_items,
        computed_if_absent,
        force_new: flags.force_new,
        deprecated: flags.deprecated,
        relations: flags.relations,
        same_when: flags.same_when,
    })
}

fn timeouts(flags: &Flags) -> NestedBlock {
    let attribute = |operation: &String| {
        let attribute = Attribute {
            ty: Type::String,
            mode: Mode::Optional,
            description: format!("How long to wait for {operation}, such as `90s`, `5m` or `1h30m`."),
            deprecated: None,
            sensitive: false,
            write_only: false,
            force_new: false,
            volatile: false,
            zero_is_unset: false,
            default: None,
            checks: vec![Check::Duration],
            element_checks: Vec::new(),
            relations: Vec::new(),
            same_when: None,
        };
        (operation.clone(), attribute)
    };
    NestedBlock {
        block: Block {
            description: "How long to wait for operations.".to_owned(),
            attributes: flags.timeouts.iter().map(attribute).collect(),
            blocks: BTreeMap::new(),
        },
        nesting: Nesting::Single,
        min_items: 0,
        max_items: 0,
        computed_if_absent: false,
        force_new: false,
        deprecated: None,
        relations: Vec::new(),
        same_when: None,
    }
}

pub(super) fn value_type(json: &Json, at: &str) -> Result<Type, SchemaError> {
    let json = without_null(json);
    if variants(json).is_some() {
        return Ok(Type::String);
    }
    let name = match json.get("type") {
        Some(Json::String(name)) => name.as_str(),
        Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).find(|&name| name != "null").unwrap_or(""),
        _ => "",
    };
    match name {
        "string" => Ok(Type::String),
        "boolean" => Ok(Type::Bool),
        "integer" | "number" => Ok(Type::Number),
        "array" => {
            let items = json.get("items").ok_or_else(|| SchemaError::new(at, "elements without a type"))?;
            let element = value_type(items, at)?;
            let unique = json.get("uniqueItems") == Some(&Json::Bool(true));
            Ok(if unique { Type::set(element) } else { Type::list(element) })
        }
        "object" => match (json.get("properties").and_then(Json::as_object), json.get("additionalProperties")) {
            (Some(fields), _) => {
                let field = |(name, field): (&String, _)| Ok((name.clone(), value_type(field, at)?));
                fields.iter().map(field).collect::<Result<_, _>>().map(Type::Object)
            }
            (None, Some(element @ Json::Object(_))) => Ok(Type::map(value_type(element, at)?)),
            (None, _) => Err(SchemaError::new(at, "an object without fields")),
        },
        _ => Err(SchemaError::new(at, format!("no Terraform type for {json}"))),
    }
}

/// `Option<T>` may be written as "T or null".
fn without_null(json: &Json) -> &Json {
    let Some(Json::Array(choices)) = json.get("anyOf") else { return json };
    choices.iter().find(|choice| choice.get("type") != Some(&Json::from("null"))).unwrap_or(json)
}

/// The names of a Rust enum's variants, in either of the forms that schemars gives them.
fn variants(json: &Json) -> Option<Vec<Json>> {
    if let Some(Json::Array(names)) = json.get("enum") {
        return Some(names.iter().filter(|name| !name.is_null()).cloned().collect());
    }
    let Some(Json::Array(choices)) = json.get("oneOf") else { return None };
    choices.iter().map(|choice| choice.get("const").cloned()).collect()
}

/// The doc comment. A `title` is the struct's own name at best, which tells the user nothing.
pub(super) fn description(json: &Json) -> String {
    json.get("description").and_then(Json::as_str).unwrap_or_default().to_owned()
}
