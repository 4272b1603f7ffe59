//! The last passes: take over what the resource changed, and mark what an update makes uncertain.

use crate::schema::{Block, Nesting};
use crate::value::Value;

/// Takes over what changed from `before` to `after`, and nothing else: a struct cannot hold all that a value can (an
/// unknown element of a list, say), so what the resource did not touch stays as it was planned.
pub(super) fn overlay(planned: &mut Value, before: &Value, after: &Value) {
    if before == after {
        return;
    }
    match (&mut *planned, before, after) {
        (Value::Map(planned), Value::Map(before), Value::Map(after)) if before.keys().eq(after.keys()) => {
            for (name, after) in after {
                let slot = planned.entry(name.clone()).or_default();
                overlay(slot, before.get(name).unwrap_or(&Value::Null), after);
            }
        }
        (Value::List(planned), Value::List(before), Value::List(after))
            if planned.len() == before.len() && before.len() == after.len() =>
        {
            for ((planned, before), after) in planned.iter_mut().zip(before).zip(after) {
                overlay(planned, before, after);
            }
        }
        (planned, _, after) => *planned = after.clone(),
    }
}

/// Makes volatile values unknown, where they still have their prior value and are not configured.
pub(super) fn unsettle(planned: &mut Value, schema: &Block, prior: &Value, config: &Value) {
    let Some(entries) = planned.as_map_mut() else { return };
    for (name, _) in schema.attributes.iter().filter(|(_, attribute)| attribute.volatile) {
        let untouched = entries.get(name).is_some_and(|value| value == prior.get(name));
        if untouched && config.get(name).is_null() {
            entries.insert(name.clone(), Value::Unknown);
        }
    }
    for (name, nested) in schema.blocks.iter().filter(|(_, nested)| !nested.computed_if_absent) {
        let Some(held) = entries.get_mut(name) else { continue };
        let (prior, config) = (prior.get(name), config.get(name));
        match (nested.nesting, held) {
            (Nesting::Single, held) => unsettle(held, &nested.block, prior, config),
            (Nesting::List, Value::List(items)) => {
                for ((item, prior), config) in items.iter_mut().zip(prior.elements()).zip(config.elements()) {
                    unsettle(item, &nested.block, prior, config);
                }
            }
            // Elements of sets cannot be matched to their former selves once values in them are unknown.
            (Nesting::List | Nesting::Set, _) => {}
        }
    }
}
