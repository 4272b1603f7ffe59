//! Planning: from prior state, configuration and Terraform's proposal to the planned state.
//!
//! A pure function of values and schema, in four passes: fill in what was not configured, keep stored values that mean
//! the same, let the resource refine, and mark what the change makes uncertain. Invariant: what is configured is planned
//! as configured or as stored.

use crate::diagnostics::Diagnostics;
use crate::path::Path;
use crate::value::Value;

/// A plan as the schema alone makes it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Draft {
    pub(crate) prior: Option<Value>,
    pub(crate) config: Value,
    pub(crate) planned: Value,
    pub(crate) has_changes: bool,
}

/// What the resource made of a draft: its struct before and after, and what it demands.
#[derive(Clone, Debug)]
pub(crate) struct Refined {
    pub(crate) before: Value,
    pub(crate) after: Value,
    pub(crate) replace: Vec<Path>,
    pub(crate) diagnostics: Diagnostics,
}
