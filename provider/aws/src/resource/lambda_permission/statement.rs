//! A statement of a function's policy, and the state that it amounts to.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use tf_framework::Attr;

use super::LambdaPermission;
use crate::arn::{account_of_arn, resource_of_arn};
use crate::resource::lambda::Named;
use crate::resource::name::prefix_of;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    /// Not all of them need be permissions.
    statement: Vec<Value>,
}

/// A statement as the service words it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Statement {
    sid: String,
    action: String,
    resource: String,
    principal: Value,
    #[serde(default)]
    condition: BTreeMap<String, BTreeMap<String, String>>,
}

impl Statement {
    /// The statement `sid` of a policy. One that says what no permission can say is somebody else's.
    pub(super) fn find(policy: &str, sid: &str) -> Option<Self> {
        let policy: Policy = serde_json::from_str(policy).ok()?;
        let statement = policy.statement.into_iter().find(|statement| statement["Sid"] == sid)?;
        serde_json::from_value(statement).ok()
    }

    fn condition(&self, operator: &str, key: &str) -> Attr<String> {
        self.condition.get(operator).and_then(|keys| keys.get(key)).cloned().into()
    }

    /// Who is allowed: `*`, or the one entry of an object.
    fn principal(&self) -> Attr<String> {
        let text = match &self.principal {
            Value::Object(kinds) => kinds.get("AWS").or_else(|| kinds.values().next()).and_then(Value::as_str),
            other => other.as_str(),
        };
        text.map(str::to_owned).into()
    }
}

impl LambdaPermission {
    /// The state after looking. The function stays written as it is, by name or by ARN.
    pub(super) fn observed(self, found: &Statement, region: Attr<String>) -> Self {
        let equals = |key| found.condition("StringEquals", key);
        let named = Named::parse(&found.resource);
        let qualifier = named.and_then(|named| named.qualifier);
        let stored = self.function_name.text();
        let unqualified = match qualifier {
            Some(qualifier) => found.resource.strip_suffix(qualifier).unwrap_or_default().trim_end_matches(':'),
            None => &found.resource,
        };
        let is_qualified = Named::parse(stored).is_some_and(|stored| stored.qualifier.is_some());
        let found_name = named.map_or("", |named| named.name);
        let function_name = match stored {
            _ if is_qualified => stored,
            arn if arn.starts_with("arn:") => unqualified,
            other if Named::name_in(other) == Some(found_name) => other,
            _ => found_name,
        };
        let via_url = found.condition("Bool", "lambda:InvokedViaFunctionUrl");
        Self {
            action: found.action.as_str().into(),
            event_source_token: equals("lambda:EventSourceToken"),
            function_name: function_name.into(),
            function_url_auth_type: equals("lambda:FunctionUrlAuthType"),
            id: found.sid.as_str().into(),
            invoked_via_function_url: via_url.map(|only| only.eq_ignore_ascii_case("true")),
            principal: found.principal(),
            principal_org_id: equals("aws:PrincipalOrgID"),
            // A qualifier that stands in the function's name stays there.
            qualifier: qualifier.filter(|_| !is_qualified).map(str::to_owned).into(),
            region,
            source_account: equals("AWS:SourceAccount"),
            source_arn: found.condition("ArnLike", "AWS:SourceArn"),
            statement_id_prefix: prefix_of(&found.sid).into(),
            statement_id: found.sid.as_str().into(),
            timeouts: self.timeouts.clone(),
        }
    }
}

/// Whether two ways to write a principal mean the same: the service keeps an account as the ARN of its root.
pub(super) fn is_same_principal(a: &str, b: &str) -> bool {
    let is_root = |arn: &str, account: &str| {
        account_of_arn(arn) == Some(account) && resource_of_arn(arn) == Some("root") && arn.contains(":iam::")
    };
    is_root(a, b) || is_root(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

    fn statement(resource: &str, principal: &str, condition: &str) -> Statement {
        let statement = format!(
            r#"{{"Sid":"s","Effect":"Allow","Principal":{principal},"Action":"lambda:InvokeFunction","Resource":"{resource}","Condition":{condition}}}"#
        );
        let policy =
            format!(r#"{{"Version":"2012-10-17","Id":"default","Statement":[{{"Action":["*"]}},{statement}]}}"#);
        Statement::find(&policy, "s").unwrap()
    }

    fn observed(function: &str, found: &Statement) -> LambdaPermission {
        let stored = LambdaPermission { function_name: function.into(), ..LambdaPermission::default() };
        stored.observed(found, "us-east-1".into())
    }

    #[test]
    fn conditions_become_arguments() {
        let condition = r#"{"StringEquals":{"AWS:SourceAccount":"123456789012","aws:PrincipalOrgID":"o-a1b2c3d4e5",
            "lambda:EventSourceToken":"t","lambda:FunctionUrlAuthType":"NONE"},
            "ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b"},"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}"#;
        let found = observed("f", &statement(ARN, r#"{"Service":"s3.amazonaws.com"}"#, condition));
        let texts = [
            (&found.principal, "s3.amazonaws.com"),
            (&found.source_account, "123456789012"),
            (&found.principal_org_id, "o-a1b2c3d4e5"),
            (&found.event_source_token, "t"),
            (&found.function_url_auth_type, "NONE"),
            (&found.source_arn, "arn:aws:s3:::b"),
            (&found.statement_id, "s"),
            (&found.statement_id_prefix, ""),
        ];
        texts.iter().for_each(|(attr, expected)| assert_eq!(attr.text(), *expected));
        assert_eq!(found.invoked_via_function_url, true.into());
        let bare = observed("f", &statement(ARN, r#""*""#, "{}"));
        assert_eq!(
            (bare.principal.text(), &bare.source_arn, &bare.invoked_via_function_url),
            ("*", &Attr::Null, &Attr::Null)
        );
    }

    #[test]
    fn a_function_stays_written_as_it_is() {
        let qualified = format!("{ARN}:live");
        for (stored, resource, function, qualifier) in [
            ("f", ARN, "f", None),
            ("f", &qualified, "f", Some("live")),
            (ARN, ARN, ARN, None),
            (ARN, &qualified, ARN, Some("live")),
            ("f:live", &qualified, "f:live", None),
            ("000000000000:function:f", ARN, "000000000000:function:f", None),
            ("g", ARN, "f", None),
        ] {
            let found = observed(stored, &statement(resource, r#""*""#, "{}"));
            assert_eq!(
                (found.function_name.text(), found.qualifier.as_str()),
                (function, qualifier),
                "{stored} in {resource}"
            );
        }
    }

    #[test]
    fn an_account_is_its_root() {
        let root = "arn:aws:iam::123456789012:root";
        assert!(is_same_principal(root, "123456789012"));
        assert!(is_same_principal("123456789012", root));
        assert!(!is_same_principal(root, "210987654321"));
        assert!(!is_same_principal("arn:aws:iam::123456789012:role/root", "123456789012"));
    }

    #[test]
    fn what_is_no_policy_has_no_statement() {
        for policy in ["", "{}", r#"{"Statement":[]}"#, r#"{"Statement":[{"Sid":"s"}]}"#] {
            assert_eq!(Statement::find(policy, "s"), None, "{policy}");
        }
    }
}
