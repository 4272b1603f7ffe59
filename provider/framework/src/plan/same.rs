//! "Same as stored": configured values that differ from the stored ones in spelling only.

use crate::path::Path;
use crate::resource::Comparison;
use crate::value::Value;

/// The rules that hold for one plan: the built-in ones and the resource's own.
pub(crate) struct Sameness<'a> {
    pub(crate) own: &'a dyn Fn(&Comparison<'_>) -> bool,
    pub(crate) prior: &'a Value,
    pub(crate) config: &'a Value,
}

impl Sameness<'_> {
    /// Whether `rule` calls the two values the same. A value that is missing or not known is the same as nothing.
    pub(crate) fn holds(&self, rule: &str, path: &Path, prior: &Value, config: &Value) -> bool {
        if prior.is_null() || !config.is_wholly_known() || config.is_null() {
            return false;
        }
        if prior == config {
            return true;
        }
        match rule {
            "case" => both_text(prior, config, str::eq_ignore_ascii_case),
            "json" => both_text(prior, config, same_json),
            rule => (self.own)(&Comparison {
                rule,
                path,
                prior,
                config,
                prior_resource: self.prior,
                config_resource: self.config,
            }),
        }
    }
}

fn both_text(a: &Value, b: &Value, same: impl Fn(&str, &str) -> bool) -> bool {
    matches!((a, b), (Value::String(a), Value::String(b)) if same(a, b))
}

fn same_json(a: &str, b: &str) -> bool {
    let parse = |text: &str| crate::value::from_json(text.as_bytes()).ok();
    parse(a).is_some_and(|a| parse(b) == Some(a))
}
