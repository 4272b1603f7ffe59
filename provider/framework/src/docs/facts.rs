//! What a schema says of one attribute or block, in words.

use serde_json::Value as Json;

use crate::schema::{Attribute, Check, Mode, NestedBlock, Nesting, Relation};
use crate::value::{Type, Value};

/// A type: `list of string`.
pub(super) fn type_words(ty: &Type) -> String {
    match ty {
        Type::String => "string".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Dynamic => "any type".to_owned(),
        Type::List(element) => format!("list of {}", type_words(element)),
        Type::Set(element) => format!("set of {}", type_words(element)),
        Type::Map(element) => format!("map of {}", type_words(element)),
        Type::Object(attributes) => {
            let attributes = attributes.iter().map(|(name, ty)| format!("{name}: {}", type_words(ty)));
            format!("object({})", attributes.collect::<Vec<_>>().join(", "))
        }
        Type::Tuple(types) => format!("tuple({})", types.iter().map(type_words).collect::<Vec<_>>().join(", ")),
    }
}

/// What stands in parentheses behind a name. In a list of computed attributes it goes without saying that they are.
pub(super) fn kind(attribute: &Attribute, among_computed: bool) -> String {
    let mode = match attribute.mode {
        _ if among_computed => None,
        Mode::Required => Some("required"),
        Mode::Optional => Some("optional"),
        Mode::Computed => Some("computed"),
        Mode::OptionalComputed => Some("optional, computed if not set"),
    };
    let ty = type_words(&attribute.ty);
    let words = [
        Some(ty.as_str()),
        mode,
        attribute.force_new.then_some("forces replacement"),
        attribute.sensitive.then_some("sensitive"),
        attribute.write_only.then_some("write-only"),
        attribute.deprecated.is_some().then_some("deprecated"),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Default, bounds and relations of an argument, a sentence each.
pub(super) fn rules(attribute: &Attribute) -> Vec<String> {
    let default = attribute.default.as_ref().map(|default| format!("Default: `{}`.", literal(default)));
    let checks = attribute.checks.iter().map(|check| sentence(&words(check)));
    let elements = attribute.element_checks.iter().map(|check| format!("Each: {}.", words(check)));
    let relations = attribute.relations.iter().map(relation);
    let advice = attribute.deprecated.iter().map(|advice| format!("Deprecated: {}", sentence(advice)));
    default.into_iter().chain(checks).chain(elements).chain(relations).chain(advice).collect()
}

/// What stands in parentheses behind the name of a block.
pub(super) fn block_kind(nested: &NestedBlock) -> String {
    let nesting = match nested.nesting {
        Nesting::List if nested.max_items == 1 => "block",
        Nesting::List => "list of blocks",
        Nesting::Set if nested.max_items == 1 => "block",
        Nesting::Set => "set of blocks",
        Nesting::Single => "block",
    };
    let mode = if nested.min_items > 0 { "required" } else { "optional" };
    let computed = if nested.computed_if_absent { ", computed if not set" } else { "" };
    let force_new = if nested.force_new { ", forces replacement" } else { "" };
    let deprecated = if nested.deprecated.is_some() { ", deprecated" } else { "" };
    format!("{nesting}, {mode}{computed}{force_new}{deprecated}")
}

/// How often a block may be there, and its relations.
pub(super) fn block_rules(nested: &NestedBlock) -> Vec<String> {
    let number = match (nested.min_items, nested.max_items) {
        (_, 0 | 1) => None,
        (0, most) => Some(format!("At most {most}.")),
        (least, most) => Some(format!("{least} to {most}.")),
    };
    let advice = nested.deprecated.iter().map(|advice| format!("Deprecated: {}", sentence(advice)));
    number.into_iter().chain(nested.relations.iter().map(relation)).chain(advice).collect()
}

fn relation(relation: &Relation) -> String {
    let names = || relation.names().iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match relation {
        Relation::ExactlyOneOf(_) => format!("Exactly one of {} must be set.", names()),
        Relation::AtLeastOneOf(_) => format!("At least one of {} must be set.", names()),
        Relation::ConflictsWith(_) => format!("Not together with {}.", names()),
        Relation::RequiredWith(_) => format!("Only together with {}.", names()),
    }
}

/// What a check wants, without capital and full stop.
fn words(check: &Check) -> String {
    match check {
        Check::Length(min, max) => bounds(*min, *max, " character"),
        Check::Range(min, max) => bounds(*min, *max, ""),
        Check::Items(min, max) => bounds(*min, *max, " element"),
        Check::OneOf(values) => match values.as_slice() {
            [only] => format!("`{}`", plain(only)),
            values => {
                format!("one of {}", values.iter().map(|v| format!("`{}`", plain(v))).collect::<Vec<_>>().join(", "))
            }
        },
        Check::Pattern(_, Some(message)) => message.clone(),
        Check::Pattern(regex, None) => format!("must match `{regex}`"),
        Check::Json => "must be JSON".to_owned(),
        Check::Duration => "a duration such as `90s`, `5m` or `1h30m`".to_owned(),
        Check::OrEmpty(check) => format!("{}, or empty", words(check)),
        Check::Any(checks) => checks.iter().map(words).collect::<Vec<_>>().join(", or "),
    }
}

fn bounds(min: Option<i64>, max: Option<i64>, of: &str) -> String {
    let plural = if max.or(min) == Some(1) || of.is_empty() { "" } else { "s" };
    match (min, max) {
        (Some(min), Some(max)) if min == max => format!("{min}{of}{plural}"),
        (Some(min), Some(max)) => format!("{min} to {max}{of}{plural}"),
        (Some(min), None) => format!("at least {min}{of}{plural}"),
        (None, Some(0)) => format!("no{of}{plural}"),
        (None, Some(max)) => format!("at most {max}{of}{plural}"),
        (None, None) => format!("any number{of}{plural}"),
    }
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let end = if words.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

fn plain(json: &Json) -> String {
    json.as_str()
        .map_or_else(|| json.to_string(), |text| if text.is_empty() { "\"\"".to_owned() } else { text.to_owned() })
}

/// A default as one writes it.
fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => format!("\"{text}\""),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::List(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{key} = {}", literal(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Dynamic(_, value) => literal(value),
        Value::Null | Value::Unknown => "null".to_owned(),
    }
}
