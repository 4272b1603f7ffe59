//! IAM policies as text: whether two of them say the same.
//!
//! IAM answers with its own spelling of a policy. Order, spacing and a string in place of a one-element list mean nothing;
//! everything else does.

pub(crate) mod document;

use serde_json::{Map, Value as Json};
use tf_framework::{Check, Comparison, Value};

use crate::arn::{account_of_arn, resource_of_arn};

/// The name of the rule for `same_when` on attributes that hold a policy.
pub(crate) const SAME_POLICY: &str = "iam-policy";

/// The name of the rule for documents that the service fills in or keeps when the user gives none.
pub(crate) const SAME_DOCUMENT: &str = "document";

/// For a resource's `same`: whether the rule is ours and both values are the same policy or document.
///
/// Text that is empty asks for nothing, so whatever is there is the same. Only attributes that the service fills in may be
/// empty.
pub(crate) fn same(comparison: &Comparison<'_>) -> bool {
    let (Value::String(prior), Value::String(config)) = (comparison.prior, comparison.config) else { return false };
    match comparison.rule {
        SAME_POLICY => config.is_empty() || are_equivalent(prior, config),
        SAME_DOCUMENT => config.is_empty() || are_equal(prior, config),
        _ => false,
    }
}

/// For an attribute that holds a document or, as modules with a default for it write, nothing.
pub(crate) fn must_be_json_or_empty() -> Check {
    Check::Json.or_empty()
}

/// Whether two documents are the same JSON.
pub(crate) fn are_equal(a: &str, b: &str) -> bool {
    let parse = |text| serde_json::from_str::<Json>(text).ok();
    a == b || parse(a).is_some_and(|a| parse(b) == Some(a))
}

/// Whether two policies say the same.
pub(crate) fn are_equivalent(a: &str, b: &str) -> bool {
    let canonical = |text| serde_json::from_str(text).ok().map(canonical);
    a == b || canonical(a).is_some_and(|a| canonical(b) == Some(a))
}

fn canonical(policy: Json) -> Json {
    let Json::Object(mut policy) = policy else { return policy };
    if let Some(statements) = policy.remove("Statement") {
        let statements = as_list(statements).into_iter().map(statement).collect();
        policy.insert("Statement".to_owned(), sorted(statements));
    }
    Json::Object(policy)
}

fn statement(statement: Json) -> Json {
    let Json::Object(statement) = statement else { return statement };
    let part = |(key, value): (String, Json)| {
        let value = match key.as_str() {
            "Sid" if value == "" => return None,
            "Action" | "NotAction" | "Resource" | "NotResource" => strings(value, |text| text),
            "Principal" | "NotPrincipal" => principals(value),
            "Condition" => conditions(value),
            _ => value,
        };
        Some((key, value))
    };
    Json::Object(statement.into_iter().filter_map(part).collect())
}

/// `"*"` is everybody, as is `{"AWS": "*"}`.
fn principals(value: Json) -> Json {
    match value {
        Json::Object(by_type) => {
            let one_type = |(kind, names): (String, Json)| {
                let names = if kind == "AWS" { strings(names, root_as_account) } else { strings(names, |text| text) };
                (kind, names)
            };
            Json::Object(by_type.into_iter().map(one_type).collect())
        }
        everybody => Json::Object(Map::from_iter([("AWS".to_owned(), strings(everybody, |text| text))])),
    }
}

/// The root user stands for the account; IAM writes one for the other.
fn root_as_account(principal: String) -> String {
    match (account_of_arn(&principal), resource_of_arn(&principal)) {
        (Some(account), Some("root")) => account.to_owned(),
        _ => principal,
    }
}

fn conditions(value: Json) -> Json {
    let Json::Object(by_test) = value else { return value };
    let one_test = |(test, variables): (String, Json)| {
        let Json::Object(variables) = variables else { return (test, variables) };
        let variables = variables.into_iter().map(|(name, values)| (name, strings(values, |text| text)));
        (test, Json::Object(variables.collect()))
    };
    Json::Object(by_test.into_iter().map(one_test).collect())
}

/// One value or many, in any order: a sorted list of distinct texts. `true` is the text "true" to IAM.
fn strings(value: Json, form: impl Fn(String) -> String) -> Json {
    let text = |item| match item {
        Json::String(text) => form(text),
        other => other.to_string(),
    };
    sorted(as_list(value).into_iter().map(|item| Json::String(text(item))).collect())
}

fn as_list(value: Json) -> Vec<Json> {
    match value {
        Json::Array(items) => items,
        single => vec![single],
    }
}

fn sorted(mut items: Vec<Json>) -> Json {
    items.sort_by_cached_key(Json::to_string);
    items.dedup();
    Json::Array(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: bool) {
        assert_eq!(are_equivalent(a, b), expected, "{a} and {b}");
        assert_eq!(are_equivalent(b, a), expected, "{b} and {a}");
    }

    #[test]
    fn spelling_means_nothing() {
        let policy =
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["a:b","a:c"],"Resource":"*"}]}"#;
        check(policy, policy, true);
        check(
            policy,
            r#"{ "Statement": {"Resource": ["*"], "Action": ["a:c", "a:b"], "Effect": "Allow", "Sid": ""},
                 "Version": "2012-10-17" }"#,
            true,
        );
    }

    #[test]
    fn principals_and_conditions_have_several_spellings() {
        check(
            r#"{"Statement":[{"Principal":"*","Condition":{"Bool":{"aws:SecureTransport":true}}}]}"#,
            r#"{"Statement":[{"Principal":{"AWS":"*"},"Condition":{"Bool":{"aws:SecureTransport":["true"]}}}]}"#,
            true,
        );
        check(
            r#"{"Statement":[{"Principal":{"AWS":"123456789012"}}]}"#,
            r#"{"Statement":[{"Principal":{"AWS":["arn:aws:iam::123456789012:root"]}}]}"#,
            true,
        );
    }

    #[test]
    fn meaning_counts() {
        let allow = r#"{"Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*"}]}"#;
        check(allow, &allow.replace("Allow", "Deny"), false);
        check(allow, &allow.replace("a:b", "a:c"), false);
        check(allow, &allow.replace("Action", "NotAction"), false);
        check(allow, "not json", false);
    }
}
