//! The crossing between protocol messages and the framework's own types.

use tfplugin::tfplugin6 as proto;

use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::path::{Path, Step};
use crate::schema::{Schema, SchemaError};
use crate::value::{self, Value};

/// The value of a resource, data source or provider block, typed by its schema.
pub(super) fn read(message: Option<proto::DynamicValue>, schema: &Schema) -> Result<Value, Diagnostics> {
    let Some(proto::DynamicValue { msgpack, json }) = message else { return Ok(Value::Null) };
    if msgpack.is_empty() && !json.is_empty() {
        return stored(&json, schema);
    }
    value::decode(&msgpack, &schema.ty).map_err(|e| malformed("Terraform sent", &e))
}

/// A value from a state file, fitted to the schema of today.
pub(super) fn stored(json: &[u8], schema: &Schema) -> Result<Value, Diagnostics> {
    let value = value::from_json(json).map_err(|e| malformed("the state holds", &e))?;
    schema.conform(schema.with_later_defaults(value)).map_err(|e| malformed("the state holds", &e))
}

/// A value for Terraform: fitted to its schema, write-only values left out.
pub(super) fn write(value: Value, schema: &Schema) -> Result<proto::DynamicValue, Diagnostics> {
    let value = schema.conform(value).map_err(|e| malformed("the provider made", &e))?;
    let value = schema.without_write_only(value);
    let msgpack = value::encode(&value, &schema.ty).map_err(|e| malformed("the provider made", &e))?;
    Ok(proto::DynamicValue { msgpack, json: Vec::new() })
}

/// "No such object."
pub(super) fn null() -> proto::DynamicValue {
    // MessagePack's nil.
    proto::DynamicValue { msgpack: vec![0xc0], json: Vec::new() }
}

pub(super) fn malformed(who: &str, error: &dyn std::fmt::Display) -> Diagnostics {
    Diagnostics::error("Malformed value", format!("What {who} does not fit the schema: {error}."))
}

/// A schema that the provider's author got wrong.
pub(super) fn invalid_schema(error: &SchemaError) -> Diagnostics {
    Diagnostics::error("Provider has an invalid schema", format!("This is a bug in the provider: {error}."))
}

pub(super) fn diagnostics(diagnostics: Diagnostics) -> Vec<proto::Diagnostic> {
    diagnostics.into_iter().map(diagnostic).collect()
}

fn diagnostic(diagnostic: Diagnostic) -> proto::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => proto::diagnostic::Severity::Error,
        Severity::Warning => proto::diagnostic::Severity::Warning,
    };
    proto::Diagnostic {
        severity: severity.into(),
        summary: diagnostic.summary,
        detail: diagnostic.detail,
        attribute: (!diagnostic.path.steps().is_empty()).then(|| path(&diagnostic.path)),
    }
}

pub(super) fn path(path: &Path) -> proto::AttributePath {
    use proto::attribute_path::step::Selector;
    let step = |step: &Step| {
        let selector = match step {
            Step::Name(name) => Selector::AttributeName(name.clone()),
            Step::Key(key) => Selector::ElementKeyString(key.clone()),
            Step::Index(index) => Selector::ElementKeyInt(i64::try_from(*index).unwrap_or(i64::MAX)),
        };
        proto::attribute_path::Step { selector: Some(selector) }
    };
    proto::AttributePath { steps: path.steps().iter().map(step).collect() }
}
