//! Which changes cannot be made in place.

use crate::path::Path;
use crate::schema::{Block, NestedBlock, Nesting};
use crate::value::{NULL, Value};

/// The paths of `force_new` values that differ between the two states.
pub(super) fn paths(schema: &Block, prior: &Value, planned: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    block(schema, prior, planned, &Path::root(), &mut found);
    found
}

fn block(schema: &Block, prior: &Value, planned: &Value, at: &Path, found: &mut Vec<Path>) {
    for (name, attribute) in &schema.attributes {
        if attribute.force_new && prior.get(name) != planned.get(name) {
            found.push(at.name(name));
        }
    }
    for (name, nested) in &schema.blocks {
        self::nested(nested, prior.get(name), planned.get(name), &at.name(name), found);
    }
}

fn nested(schema: &NestedBlock, prior: &Value, planned: &Value, at: &Path, found: &mut Vec<Path>) {
    if prior == planned {
        return;
    }
    if schema.force_new {
        found.push(at.clone());
        return;
    }
    match schema.nesting {
        Nesting::Single => block(&schema.block, prior, planned, at, found),
        Nesting::List => {
            for i in 0..prior.elements().len().max(planned.elements().len()) {
                let prior = prior.elements().get(i).unwrap_or(&NULL);
                let planned = planned.elements().get(i).unwrap_or(&NULL);
                block(&schema.block, prior, planned, &at.index(i), found);
            }
        }
        // An element of a set has no path, and which of them changed has no answer: any difference that a force-new
        // value could be part of counts for the whole set.
        Nesting::Set => {
            if has_force_new(&schema.block) {
                found.push(at.clone());
            }
        }
    }
}

fn has_force_new(schema: &Block) -> bool {
    schema.attributes.values().any(|a| a.force_new)
        || schema.blocks.values().any(|b| b.force_new || has_force_new(&b.block))
}
