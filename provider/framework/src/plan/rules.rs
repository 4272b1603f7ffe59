//! What Terraform accepts of a planned state, checked before it sees it, so that the author of a resource reads his own
//! words and not a host's.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::path::Path;
use crate::schema::{Block, NestedBlock, Nesting};
use crate::value::Value;

/// Complaints about a planned value that is neither configured, stored nor computed.
pub(super) fn check(schema: &Block, prior: &Value, config: &Value, planned: &Value) -> Diagnostics {
    let mut complaints = Diagnostics::new();
    block(schema, prior, config, planned, &Path::root(), &mut complaints);
    complaints
}

fn block(schema: &Block, prior: &Value, config: &Value, planned: &Value, at: &Path, out: &mut Diagnostics) {
    for (name, attribute) in &schema.attributes {
        let (prior, config, planned) = (prior.get(name), config.get(name), planned.get(name));
        let allowed = if attribute.write_only {
            planned.is_null()
        } else if config.is_null() {
            attribute.is_computed() || planned.is_null()
        } else {
            planned == config || planned == prior
        };
        if !allowed {
            out.push(invalid(&at.name(name)));
        }
    }
    for (name, nested) in &schema.blocks {
        let (prior, config, planned) = (prior.get(name), config.get(name), planned.get(name));
        let at = at.name(name);
        if nested.computed_if_absent {
            if !(NestedBlock::is_absent(config) || planned == config || planned == prior) {
                out.push(invalid(&at));
            }
            continue;
        }
        match (nested.nesting, config, planned) {
            (Nesting::Single, Value::Map(_), Value::Map(_)) => block(&nested.block, prior, config, planned, &at, out),
            (Nesting::List, Value::List(configs), Value::List(items)) if configs.len() == items.len() => {
                for (i, (config, item)) in configs.iter().zip(items).enumerate() {
                    let prior = prior.elements().get(i).unwrap_or(&Value::Null);
                    block(&nested.block, prior, config, item, &at.index(i), out);
                }
            }
            (Nesting::Set, Value::List(configs), Value::List(items)) if configs.len() == items.len() => {}
            (_, config, planned) if config == planned => {}
            _ => out.push(invalid(&at)),
        }
    }
}

fn invalid(path: &Path) -> Diagnostic {
    Diagnostic::error(
        "Provider made an invalid plan",
        format!(
            "This is a bug in the provider: {path} is planned neither as configured nor as stored, and the provider is \
             not free to choose its value."
        ),
    )
    .at(path.clone())
}
