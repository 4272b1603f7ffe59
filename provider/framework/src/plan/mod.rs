//! Planning: from prior state and configuration to the planned state.
//!
//! Pure functions of values and schema around the resource's own refinement: fill in what was not configured, keep stored
//! values that mean the same, let the resource refine, mark what the change makes uncertain. Invariant: what is
//! configured is planned as configured or as stored, and what is not configured and not computed is null.

mod draft;
mod keep;
mod refine;
mod replace;
mod rules;
mod same;

use crate::diagnostics::Diagnostics;
use crate::path::Path;
use crate::resource::Comparison;
use crate::schema::Schema;
use crate::value::{Mismatch, NULL, Value};

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

/// The answer to Terraform.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Planned {
    pub(crate) state: Value,
    pub(crate) replace: Vec<Path>,
    pub(crate) diagnostics: Diagnostics,
}

/// The plan that follows from the schema. `same` is the resource's own word on values that mean the same.
pub(crate) fn draft(
    schema: &Schema,
    prior: Option<Value>,
    config: Value,
    same: &dyn Fn(&Comparison<'_>) -> bool,
) -> Draft {
    let before = prior.as_ref().unwrap_or(&NULL);
    let sameness = same::Sameness { own: same, prior: before, config: &config };
    let mut planned = draft::block(&schema.block, before, &config, &Path::root(), &sameness);
    let has_changes = planned != *before;
    if has_changes && prior.is_some() {
        refine::unsettle(&mut planned, &schema.block, before, &config);
    }
    Draft { prior, config, planned, has_changes }
}

/// The plan after the resource had its say.
pub(crate) fn finish(schema: &Schema, draft: Draft, refined: Refined) -> Result<Planned, Mismatch> {
    let Draft { prior, config, mut planned, has_changes } = draft;
    let before = prior.as_ref().unwrap_or(&NULL);
    refine::overlay(&mut planned, &refined.before, &refined.after);
    let mut planned = schema.conform(planned)?;
    if !has_changes && prior.is_some() && planned != *before {
        refine::unsettle(&mut planned, &schema.block, before, &config);
    }
    let mut diagnostics = refined.diagnostics;
    diagnostics.append(rules::check(&schema.block, before, &config, &planned));
    let mut replace = Vec::new();
    if prior.is_some() {
        replace = replace::paths(&schema.block, before, &planned);
        replace.extend(refined.replace);
    }
    Ok(Planned { state: planned, replace, diagnostics })
}

/// What was found, with values kept as they were where only their spelling differs: a configured value comes back from
/// apply as planned and from a read as stored.
pub(crate) fn keep_spelling(
    schema: &Schema,
    kept: &Value,
    found: &Value,
    same: &dyn Fn(&Comparison<'_>) -> bool,
) -> Value {
    let mut result = found.clone();
    let sameness = same::Sameness { own: same, prior: found, config: kept };
    keep::block(&schema.block, kept, &mut result, &Path::root(), &sameness);
    result
}

#[cfg(test)]
#[expect(clippy::needless_pass_by_value, reason = "a table of `json!` values reads better without borrows")]
mod tests;
