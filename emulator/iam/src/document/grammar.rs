//! The grammar of policies: what is allowed where, without what it means.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A policy.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Policy {
    #[serde(rename = "Version", default)]
    _version: Option<LanguageVersion>,
    #[serde(rename = "Id", default)]
    _id: Option<String>,
    #[serde(default)]
    statement: Option<Statements>,
}

impl Policy {
    /// Its statements, if it has any such member.
    pub(crate) fn statements(&self) -> Option<&[Statement]> {
        Some(match self.statement.as_ref()? {
            Statements::Many(statements) => statements,
            Statements::One(statement) => std::slice::from_ref(statement),
        })
    }
}

/// The versions of the policy language.
#[derive(Deserialize)]
enum LanguageVersion {
    #[serde(rename = "2008-10-17")]
    Old,
    #[serde(rename = "2012-10-17")]
    Current,
}

enum Statements {
    Many(Vec<Statement>),
    One(Box<Statement>),
}

impl<'de> Deserialize<'de> for Statements {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let statements = match value {
            Value::Array(_) => serde_json::from_value(value).map(Self::Many),
            one => serde_json::from_value(one).map(Self::One),
        };
        statements.map_err(serde::de::Error::custom)
    }
}

/// A statement. What it must have depends on the kind of policy, so nothing is required here.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Statement {
    pub(crate) sid: Option<String>,
    pub(crate) effect: Option<Effect>,
    pub(crate) principal: Option<Principal>,
    pub(crate) not_principal: Option<Principal>,
    pub(crate) action: Option<OneOrMany>,
    pub(crate) not_action: Option<OneOrMany>,
    pub(crate) resource: Option<OneOrMany>,
    pub(crate) not_resource: Option<OneOrMany>,
    pub(crate) condition: Option<Conditions>,
}

/// Operator, key, values.
pub(crate) type Conditions = BTreeMap<String, BTreeMap<String, ConditionValues>>;

/// Whether a statement allows or denies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

/// A text or a list of texts.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(text) => std::slice::from_ref(text).iter().map(String::as_str),
            Self::Many(texts) => texts.iter().map(String::as_str),
        }
    }
}

/// Who a statement is about.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Principal {
    Anyone(Asterisk),
    Kinds(BTreeMap<String, OneOrMany>),
}

/// `"*"`.
#[derive(Deserialize)]
pub(crate) enum Asterisk {
    #[serde(rename = "*")]
    Asterisk,
}

/// The values of a condition: texts, numbers and booleans, one or several. Nothing reads them yet; that they are such
/// is all that is known of them.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
pub(crate) struct ConditionValues;

impl TryFrom<Value> for ConditionValues {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let scalar = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
        let good = value.as_array().map_or_else(|| scalar(&value), |values| values.iter().all(scalar));
        if good { Ok(Self) } else { Err("a condition compares with texts, numbers or booleans") }
    }
}
