//! How fields of one block depend on each other.
//!
//! An unknown field may turn out set or null. It is never held against the user: it counts as set where something must
//! be, and as not set where something must not be.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::path::Path;
use crate::schema::Relation;
use crate::value::Value;

/// Checks what the field `name` says about itself and its siblings in `config`, the block at `at`.
pub(super) fn check(name: &str, relations: &[Relation], config: &Value, at: &Path, out: &mut Diagnostics) {
    let complaints = relations.iter().filter_map(|relation| complaint(name, relation, config));
    for (summary, detail) in complaints {
        out.push(Diagnostic::error(summary, detail).at(at.name(name)));
    }
}

fn complaint(name: &str, relation: &Relation, config: &Value) -> Option<(&'static str, String)> {
    let set: Vec<&str> = relation.names().iter().map(String::as_str).filter(|n| is_set(config.get(n))).collect();
    let none_may_be_set = || set.is_empty() && !relation.names().iter().any(|n| config.get(n).is_unknown());
    let own_is_set = is_set(config.get(name));
    match relation {
        Relation::ExactlyOneOf(names) if none_may_be_set() => Some((
            "Invalid combination of arguments",
            format!("{name:?}: one of `{}` must be specified", names.join(",")),
        )),
        Relation::ExactlyOneOf(names) if set.len() > 1 => Some((
            "Invalid combination of arguments",
            format!(
                "{name:?}: only one of `{}` can be specified, but `{}` were specified.",
                names.join(","),
                set.join(",")
            ),
        )),
        Relation::AtLeastOneOf(names) if none_may_be_set() => {
            Some(("Missing required argument", format!("{name:?}: one of `{}` must be specified", names.join(","))))
        }
        Relation::ConflictsWith(_) if own_is_set => {
            let other = set.into_iter().find(|&other| other != name)?;
            Some(("Conflicting configuration arguments", format!("{name:?}: conflicts with {other}")))
        }
        Relation::RequiredWith(names) if own_is_set && names.iter().any(|n| is_absent(config.get(n))) => {
            Some(("Missing required argument", format!("{name:?}: all of `{}` must be specified", names.join(","))))
        }
        Relation::ExactlyOneOf(_)
        | Relation::AtLeastOneOf(_)
        | Relation::ConflictsWith(_)
        | Relation::RequiredWith(_) => None,
    }
}

/// Set for certain.
fn is_set(value: &Value) -> bool {
    !value.is_unknown() && !is_absent(value)
}

/// Not set for certain; no block at all is an empty list.
fn is_absent(value: &Value) -> bool {
    value.is_null() || matches!(value, Value::List(items) if items.is_empty())
}
