//! Keeps the spelling that the user chose when the service answers with another.

use super::draft::all_agree;
use super::same::Sameness;
use crate::path::Path;
use crate::schema::{Block, Nesting};
use crate::value::Value;

/// Puts values of `kept` into `found` where the schema's rules call the two the same.
pub(super) fn block(schema: &Block, kept: &Value, found: &mut Value, at: &Path, same: &Sameness<'_>) {
    let Some(entries) = found.as_map_mut() else { return };
    for (name, attribute) in &schema.attributes {
        let (kept, Some(found)) = (kept.get(name), entries.get_mut(name)) else { continue };
        if attribute.zero_is_unset && kept.is_zero() && found.is_zero() {
            *found = kept.clone();
        }
        let Some(rule) = &attribute.same_when else { continue };
        // The rule asks whether the user's value means the same as the service's.
        if same.holds(rule, &at.name(name), found, kept) {
            *found = kept.clone();
        }
    }
    for (name, nested) in &schema.blocks {
        let (kept, at) = (kept.get(name), at.name(name));
        let Some(found) = entries.get_mut(name) else { continue };
        if nested.computed_if_absent {
            // Planned as a whole: it must come back so, to the last detail that the service added.
            if !kept.elements().is_empty() && all_agree(nested, found.elements(), kept.elements()) {
                *found = kept.clone();
            }
            continue;
        }
        match (nested.nesting, found) {
            (Nesting::Single, found) => block(&nested.block, kept, found, &at, same),
            (Nesting::List, Value::List(items)) => {
                for (i, (item, kept)) in items.iter_mut().zip(kept.elements()).enumerate() {
                    block(&nested.block, kept, item, &at.index(i), same);
                }
            }
            (Nesting::List | Nesting::Set, _) => {}
        }
    }
}
