//! What a schema must not say, although a struct can: contradictions, and what Terraform refuses.

use super::{Attribute, Block, Check, Mode, NestedBlock, Nesting, SchemaError};
use crate::value::Type;

/// Finds the first mistake in `block`, whose own name is `at`.
pub(super) fn check(block: &Block, at: &str) -> Result<(), SchemaError> {
    let path = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    for (name, attribute) in &block.attributes {
        refuse(&path(name), of_attribute(attribute))?;
        relations(block, &path(name), &attribute.relations)?;
    }
    for (name, nested) in &block.blocks {
        refuse(&path(name), of_block(nested))?;
        relations(block, &path(name), &nested.relations)?;
        check(&nested.block, &path(name))?;
    }
    Ok(())
}

fn refuse(at: &str, mistake: Option<String>) -> Result<(), SchemaError> {
    mistake.map_or(Ok(()), |reason| Err(SchemaError::new(at, reason)))
}

fn of_attribute(attribute: &Attribute) -> Option<String> {
    let optional = matches!(attribute.mode, Mode::Optional | Mode::OptionalComputed);
    let computed = matches!(attribute.mode, Mode::Computed | Mode::OptionalComputed);
    let has_default = attribute.default.is_some();
    let mistakes = [
        (has_default && !optional, "only an optional attribute has a default"),
        (attribute.write_only && (computed || has_default), "a write-only attribute is never computed"),
        (attribute.write_only && attribute.force_new, "a write-only attribute has no former value to differ from"),
        (attribute.volatile && !computed, "only a computed attribute is volatile"),
        (
            attribute.zero_is_unset && (attribute.mode != Mode::Optional || has_default || attribute.write_only),
            "only an optional attribute without a default can be unset by a zero",
        ),
        (
            !attribute.element_checks.is_empty()
                && !matches!(attribute.ty, Type::List(_) | Type::Set(_) | Type::Map(_)),
            "only a collection has elements to check",
        ),
        (attribute.mode == Mode::Computed && !attribute.checks.is_empty(), "only a configured value is checked"),
    ];
    let mistake = mistakes.into_iter().find_map(|(found, reason)| found.then(|| reason.to_owned()));
    mistake.or_else(|| attribute.checks.iter().chain(&attribute.element_checks).find_map(of_check))
}

fn of_check(check: &Check) -> Option<String> {
    match check {
        Check::Pattern(regex, _) => regex_lite::Regex::new(regex).err().map(|e| e.to_string()),
        Check::Any(checks) => checks.iter().find_map(of_check),
        Check::OrEmpty(check) => of_check(check),
        Check::Length(..) | Check::Range(..) | Check::Items(..) | Check::OneOf(_) | Check::Json | Check::Duration => {
            None
        }
    }
}

fn of_block(nested: &NestedBlock) -> Option<String> {
    let bounded = nested.min_items > 0 || nested.max_items > 0;
    let has_write_only = nested.nesting == Nesting::Set || nested.computed_if_absent;
    let mistakes = [
        (bounded && nested.nesting == Nesting::Single, "a single block has no number to limit"),
        (nested.max_items > 0 && nested.min_items > nested.max_items, "more blocks are required than allowed"),
        (
            nested.computed_if_absent && !nested.block.blocks.values().all(|inner| inner.computed_if_absent),
            "blocks inside a computed block must be computed blocks",
        ),
        (
            has_write_only && nested.block.any_attribute(&|a| a.write_only),
            "elements of sets and computed blocks cannot be write-only",
        ),
        (
            nested.nesting == Nesting::Set && nested.block.any_attribute(&|a| a.ty == Type::Dynamic),
            "elements of sets cannot be dynamic",
        ),
    ];
    mistakes.into_iter().find_map(|(found, reason)| found.then(|| reason.to_owned()))
}

fn relations(block: &Block, at: &str, relations: &[super::Relation]) -> Result<(), SchemaError> {
    let exists = |name: &String| block.attributes.contains_key(name) || block.blocks.contains_key(name);
    let missing = relations.iter().flat_map(super::Relation::names).find(|name| !exists(name));
    refuse(at, missing.map(|name| format!("related to {name}, which does not exist")))
}
