//! Resource policies: whether a text is one, and whether it grants only what can be granted.
//!
//! Left to others: deciding by them (IAM).

use serde_json::Value;

use crate::error::{Error, Result};

/// What can be granted on a stream.
pub(crate) const OF_STREAM: &[&str] = &[
    "DescribeStream",
    "DescribeStreamSummary",
    "ListShards",
    "GetShardIterator",
    "GetRecords",
    "PutRecord",
    "PutRecords",
];
/// What can be granted on a consumer.
pub(crate) const OF_CONSUMER: &[&str] = &["DescribeStreamConsumer", "SubscribeToShard"];
/// The longest policy, in bytes.
const LONGEST: usize = 20 * 1024;

/// Checks that `text` is a policy that grants nothing but `grantable` actions.
pub(crate) fn check(text: &str, grantable: &[&str]) -> Result<()> {
    let document: Value = serde_json::from_str(text).map_err(|_| Error::PolicyMalformed)?;
    let statements = one_or_many(&document["Statement"]);
    if text.len() > LONGEST || statements.is_empty() {
        return Err(Error::PolicyMalformed);
    }
    for statement in statements {
        let actions = one_or_many(&statement["Action"]);
        let effect = statement["Effect"].as_str();
        if !matches!(effect, Some("Allow" | "Deny")) || actions.is_empty() {
            return Err(Error::PolicyMalformed);
        }
        for action in actions {
            let action = action.as_str().ok_or(Error::PolicyMalformed)?;
            let name = action.split_once(':').filter(|(service, _)| service.eq_ignore_ascii_case("kinesis"));
            let granted = name.is_some_and(|(_, name)| grantable.iter().any(|known| known.eq_ignore_ascii_case(name)));
            if !granted {
                return Err(Error::PolicyAction { action: action.to_owned() });
            }
        }
    }
    Ok(())
}

/// Policies write one of something with or without a list around it.
fn one_or_many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    }
}
