//! Checks of a configuration against its schema: the flags on the fields, before the author's own `validate`.
//!
//! Terraform has checked types, required attributes and block counts by then. Unknown values are passed over: they come
//! again when they are known. The words are those that users of the common toolkit know.

mod relations;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::path::Path;
use crate::schema::{Attribute, Block, Check, NestedBlock, Nesting};
use crate::value::{Type, Value};

/// Everything that the schema has to say against `config`.
pub(crate) fn configuration(schema: &Block, config: &Value) -> Diagnostics {
    let mut out = Diagnostics::new();
    block(schema, config, &Path::root(), &mut out);
    out
}

/// Complaints about write-only values, for a host that would store them.
pub(crate) fn no_write_only(schema: &Block, config: &Value) -> Diagnostics {
    let set = schema.attributes.iter().filter(|(name, a)| a.write_only && !config.get(name).is_null());
    let complaint = |(name, _): (&String, _)| {
        let detail = format!("{name} is never stored, which needs Terraform 1.11 or later.");
        Diagnostic::error("Write-only attribute not allowed", detail).at(Path::root().name(name))
    };
    set.map(complaint).collect()
}

fn block(schema: &Block, config: &Value, at: &Path, out: &mut Diagnostics) {
    if !matches!(config, Value::Map(_)) {
        return;
    }
    for (name, attribute) in &schema.attributes {
        self::attribute(name, attribute, config.get(name), &at.name(name), out);
        relations::check(name, &attribute.relations, config, at, out);
    }
    for (name, nested) in &schema.blocks {
        self::nested(nested, config.get(name), &at.name(name), out);
        relations::check(name, &nested.relations, config, at, out);
    }
}

fn attribute(name: &str, schema: &Attribute, value: &Value, at: &Path, out: &mut Diagnostics) {
    if value.is_null() || value.is_unknown() {
        return;
    }
    deprecation(schema.deprecated.as_deref(), at, out);
    checks(name, &schema.checks, value, schema.sensitive, at, out);
    if schema.element_checks.is_empty() {
        return;
    }
    match value {
        // Elements of a set have no path of their own.
        Value::List(items) => {
            for (i, item) in items.iter().enumerate() {
                let at = if matches!(schema.ty, Type::Set(_)) { at.clone() } else { at.index(i) };
                checks(&format!("{name}.{i}"), &schema.element_checks, item, schema.sensitive, &at, out);
            }
        }
        Value::Map(entries) => {
            for (key, item) in entries {
                checks(&format!("{name}.{key}"), &schema.element_checks, item, schema.sensitive, &at.key(key), out);
            }
        }
        Value::Null | Value::Unknown | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Dynamic(..) => {}
    }
}

fn checks(name: &str, checks: &[Check], value: &Value, sensitive: bool, at: &Path, out: &mut Diagnostics) {
    if value.is_null() || value.is_unknown() {
        return;
    }
    for check in checks {
        let Some(complaint) = check.complaint(name, value) else { continue };
        // A complaint may repeat the value.
        let complaint = if sensitive { format!("the value of {name} is not allowed") } else { complaint };
        out.push(Diagnostic::error(complaint, "Change the value in the configuration.").at(at.clone()));
    }
}

fn nested(schema: &NestedBlock, value: &Value, at: &Path, out: &mut Diagnostics) {
    match value {
        Value::List(items) => {
            if !items.is_empty() {
                deprecation(schema.deprecated.as_deref(), at, out);
            }
            for (i, item) in items.iter().enumerate() {
                let at = match schema.nesting {
                    Nesting::Set => at.clone(),
                    Nesting::List | Nesting::Single => at.index(i),
                };
                block(&schema.block, item, &at, out);
            }
        }
        Value::Map(_) => block(&schema.block, value, at, out),
        Value::Null | Value::Unknown | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Dynamic(..) => {}
    }
}

fn deprecation(advice: Option<&str>, at: &Path, out: &mut Diagnostics) {
    if let Some(advice) = advice {
        out.push(Diagnostic::warning("Argument is deprecated", advice).at(at.clone()));
    }
}

#[cfg(test)]
#[expect(clippy::needless_pass_by_value, reason = "a table of `json!` values reads better without borrows")]
mod tests {
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use super::*;
    use crate::schema::{derive, flags::*};
    use crate::value::from_json;
    use crate::{Attr, Blocks};

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Thing {
        #[schemars(extend("tf" = optional().exactly_one_of(&["file", "bucket"])))]
        file: Attr<String>,
        #[schemars(extend("tf" = optional().required_with(&["key"])))]
        bucket: Attr<String>,
        #[schemars(extend("tf" = optional().conflicts_with(&["file"])))]
        key: Attr<String>,
        #[schemars(extend("tf" = optional().sensitive().length(8..).deprecated("use key")))]
        password: Attr<String>,
        #[schemars(extend("tf" = optional().each(Check::length(..=2))))]
        tags: Attr<std::collections::BTreeMap<String, String>>,
        #[schemars(extend("tf" = computed_block().max_items(1)))]
        logging: Blocks<Logging>,
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Logging {
        #[schemars(extend("tf" = required().one_of(&["text", "json"])))]
        format: Attr<String>,
    }

    fn check(config: serde_json::Value, expected: &[&str]) {
        let schema = derive::<Thing>(0).unwrap();
        let config = schema.conform(from_json(config.to_string().as_bytes()).unwrap()).unwrap();
        let found: Vec<_> =
            configuration(&schema.block, &config).iter().map(|d| format!("{} @ {}", d.summary, d.path)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_sound_configuration_passes() {
        check(json!({"file": "f", "tags": {"a": "b"}, "logging": [{"format": "json"}]}), &[]);
    }

    #[test]
    fn relations_between_fields() {
        check(json!({}), &["Invalid combination of arguments @ file"]);
        check(
            json!({"file": "f", "bucket": "b", "key": "k"}),
            &["Invalid combination of arguments @ file", "Conflicting configuration arguments @ key"],
        );
        check(json!({"bucket": "b"}), &["Missing required argument @ bucket"]);
    }

    #[test]
    fn single_values() {
        check(
            json!({"file": "f", "tags": {"a": "long"}}),
            &["expected length of tags.a to be at most (2), got long @ tags[\"a\"]"],
        );
        check(
            json!({"file": "f", "password": "short"}),
            &["Argument is deprecated @ password", "the value of password is not allowed @ password"],
        );
    }

    #[test]
    fn computed_blocks_are_checked_like_blocks() {
        check(
            json!({"file": "f", "logging": [{"format": "text"}, {"format": "xml"}]}),
            &["expected format to be one of [\"text\" \"json\"], got xml @ logging[1].format"],
        );
    }

    #[test]
    fn an_unknown_value_is_never_held_against_the_user() {
        let schema = derive::<Thing>(0).unwrap();
        let found = |json: &str, unknown: &[&str]| {
            let mut config = schema.conform(from_json(json.as_bytes()).unwrap()).unwrap();
            for name in unknown {
                config.as_map_mut().unwrap().insert((*name).to_owned(), Value::Unknown);
            }
            configuration(&schema.block, &config).iter().map(|d| d.path.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(found("{}", &["file"]), [""; 0]);
        assert_eq!(found(r#"{"file": "f"}"#, &["bucket", "key", "tags", "logging"]), [""; 0]);
        assert_eq!(found(r#"{"bucket": "b"}"#, &["key"]), [""; 0]);
        assert_eq!(found("{}", &["bucket"]), [""; 0]);
        assert_eq!(found(r#"{"file": "f", "bucket": "b"}"#, &["key"]), ["file"]);
    }
}
