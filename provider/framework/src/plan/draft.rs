//! The first passes: fill in what the user did not configure, and keep stored values that mean the same.
//!
//! Terraform proposes a merge of its own; it knows neither defaults nor "same as stored", so this starts from the
//! configuration and the prior state themselves.

use std::collections::BTreeMap;

use super::same::Sameness;
use crate::path::Path;
use crate::schema::{Attribute, Block, NestedBlock, Nesting};
use crate::value::{NULL, Value};

/// The planned value of a block as configured. `prior` is null when the block is new.
pub(super) fn block(schema: &Block, prior: &Value, config: &Value, path: &Path, same: &Sameness<'_>) -> Value {
    let Value::Map(_) = config else { return config.clone() };
    let is_new = prior.is_null();
    let mut planned = BTreeMap::new();
    for (name, attribute) in &schema.attributes {
        let forms = Forms { prior: prior.get(name), config: config.get(name) };
        planned.insert(name.clone(), self::attribute(attribute, forms, is_new, &path.name(name), same));
    }
    for (name, nested) in &schema.blocks {
        let forms = Forms { prior: prior.get(name), config: config.get(name) };
        planned.insert(name.clone(), self::nested(nested, forms, is_new, &path.name(name), same));
    }
    Value::Map(planned)
}

/// One value as it was and as it is configured.
#[derive(Clone, Copy)]
struct Forms<'a> {
    prior: &'a Value,
    config: &'a Value,
}

fn attribute(schema: &Attribute, forms: Forms<'_>, is_new: bool, path: &Path, same: &Sameness<'_>) -> Value {
    if schema.write_only {
        return Value::Null;
    }
    if forms.config.is_null() {
        return match &schema.default {
            Some(default) => default.clone(),
            None if schema.zero_is_unset && forms.prior.is_zero() => forms.prior.clone(),
            None if schema.zero_is_unset => Value::Null,
            None if schema.is_computed() && is_new => Value::Unknown,
            None if schema.is_computed() => forms.prior.clone(),
            None => Value::Null,
        };
    }
    if let Some(rule) = &schema.same_when
        && same.holds(rule, path, forms.prior, forms.config)
    {
        return forms.prior.clone();
    }
    forms.config.clone()
}

fn nested(schema: &NestedBlock, forms: Forms<'_>, is_new: bool, path: &Path, same: &Sameness<'_>) -> Value {
    if schema.computed_if_absent {
        return computed(schema, forms, is_new, path, same);
    }
    if let Some(rule) = &schema.same_when
        && block_count(forms.prior) == block_count(forms.config)
        && same.holds(rule, path, forms.prior, forms.config)
    {
        return forms.prior.clone();
    }
    match (schema.nesting, forms.config) {
        (Nesting::Single, Value::Map(_)) => block(&schema.block, forms.prior, forms.config, path, same),
        (Nesting::List, Value::List(items)) => {
            let item = |(i, config): (usize, &Value)| {
                let prior = forms.prior.elements().get(i).unwrap_or(&NULL);
                block(&schema.block, prior, config, &path.index(i), same)
            };
            Value::List(items.iter().enumerate().map(item).collect())
        }
        (Nesting::Set, Value::List(_)) => set(schema, forms, path, same),
        // Null, or unknown as a whole: a `dynamic` block over a collection that is not known yet.
        (_, config) => config.clone(),
    }
}

/// Elements of a set have no identity of their own: a stored one belongs to a configured one when nothing that is
/// configured differs.
fn set(schema: &NestedBlock, forms: Forms<'_>, path: &Path, same: &Sameness<'_>) -> Value {
    let mut unclaimed: Vec<&Value> = forms.prior.elements().iter().collect();
    let item = |config: &Value| {
        let twin = unclaimed.iter().position(|prior| agrees(&schema.block, prior, config));
        let prior = twin.map_or(&NULL, |at| unclaimed.swap_remove(at));
        block(&schema.block, prior, config, path, same)
    };
    Value::List(crate::value::as_set(forms.config.elements().iter().map(item).collect()))
}

/// A computed block is planned as a whole: all as configured or all as stored.
fn computed(schema: &NestedBlock, forms: Forms<'_>, is_new: bool, path: &Path, same: &Sameness<'_>) -> Value {
    if NestedBlock::is_absent(forms.config) {
        return if is_new { Value::Unknown } else { forms.prior.clone() };
    }
    let rule_holds = || schema.same_when.as_ref().is_some_and(|rule| same.holds(rule, path, forms.prior, forms.config));
    let (prior, config) = (forms.prior.elements(), forms.config.elements());
    let all_agree = !prior.is_empty() && all_agree(schema, prior, config);
    if all_agree || rule_holds() { forms.prior.clone() } else { forms.config.clone() }
}

/// Whether stored blocks may be those that are configured: each in its place, or in a set wherever it is.
pub(super) fn all_agree(schema: &NestedBlock, prior: &[Value], config: &[Value]) -> bool {
    let agrees = |prior: &Value, config: &Value| agrees(&schema.block, prior, config);
    if prior.len() != config.len() {
        return false;
    }
    match schema.nesting {
        Nesting::Single | Nesting::List => prior.iter().zip(config).all(|(prior, config)| agrees(prior, config)),
        Nesting::Set => {
            let mut unclaimed: Vec<&Value> = prior.iter().collect();
            config.iter().all(|config| {
                let twin = unclaimed.iter().position(|prior| agrees(prior, config));
                twin.map(|at| unclaimed.swap_remove(at)).is_some()
            })
        }
    }
}

/// Whether a stored block may be the one that is configured: computed values aside, they are equal.
pub(super) fn agrees(schema: &Block, prior: &Value, config: &Value) -> bool {
    let attributes = schema.attributes.iter().all(|(name, attribute)| {
        let (prior, config) = (prior.get(name), config.get(name));
        match (config, &attribute.default) {
            (Value::Null, Some(default)) => prior == default,
            (Value::Null, None) if attribute.zero_is_unset => prior.is_zero(),
            (Value::Null, None) if attribute.is_computed() => true,
            (config, _) => prior == config,
        }
    });
    attributes
        && schema.blocks.iter().all(|(name, nested)| {
            let (prior, config) = (prior.get(name), config.get(name));
            if nested.computed_if_absent && NestedBlock::is_absent(config) {
                return true;
            }
            match nested.nesting {
                Nesting::Single => {
                    prior.is_null() == config.is_null() && (prior.is_null() || agrees(&nested.block, prior, config))
                }
                Nesting::List | Nesting::Set => all_agree(nested, prior.elements(), config.elements()),
            }
        })
}

const fn block_count(value: &Value) -> Option<usize> {
    match value {
        Value::List(items) => Some(items.len()),
        Value::Null => Some(0),
        _ => None,
    }
}
