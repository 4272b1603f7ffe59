//! Who may invoke a function, a version or an alias, or use a version of a layer: the statements of its resource policy, in
//! AWS's form.
//!
//! They are kept, returned and changed as on AWS; nothing is enforced as long as authorisation is not.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::Error;

/// The most that a policy may be as JSON.
const MAX_BYTES: usize = 20_480;

/// A resource policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub(crate) revision_id: String,
    /// Statement documents, in the order in which they came.
    statements: Vec<Value>,
}

/// What a permission allows to whom, and when.
#[derive(Clone, Debug, Default)]
pub(crate) struct Permission {
    pub(crate) sid: String,
    pub(crate) action: String,
    pub(crate) principal: String,
    pub(crate) source_arn: Option<String>,
    pub(crate) source_account: Option<String>,
    pub(crate) event_source_token: Option<String>,
    pub(crate) function_url_auth_type: Option<String>,
    pub(crate) invoked_via_function_url: Option<bool>,
    pub(crate) principal_org_id: Option<String>,
}

impl Policy {
    /// Adds a statement about `resource` and returns it.
    pub(crate) fn add(&mut self, permission: &Permission, resource: &str, partition: &str) -> Result<Value, Error> {
        if self.place(&permission.sid).is_some() {
            return Err(Error::StatementExists(permission.sid.clone()));
        }
        let statement = permission.statement(resource, partition)?;
        self.statements.push(statement.clone());
        let bytes = self.document().len();
        if bytes > MAX_BYTES {
            return Err(Error::PolicyTooLong(bytes));
        }
        Ok(statement)
    }

    /// Removes a statement.
    pub(crate) fn remove(&mut self, sid: &str) -> Result<(), Error> {
        let place = self.place(sid).ok_or_else(|| Error::StatementNotFound(sid.to_owned()))?;
        self.statements.remove(place);
        Ok(())
    }

    /// Refuses a caller who knows another revision; `told_by` is the action that tells the latest.
    pub(crate) fn check_revision(&self, known: Option<&str>, told_by: &'static str) -> Result<(), Error> {
        match known {
            Some(known) if known != self.revision_id => Err(Error::PolicyRevisionMismatch { told_by }),
            Some(_) | None => Ok(()),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// The whole policy as JSON.
    pub(crate) fn document(&self) -> String {
        json!({"Version": "2012-10-17", "Id": "default", "Statement": self.statements}).to_string()
    }

    fn place(&self, sid: &str) -> Option<usize> {
        self.statements.iter().position(|statement| statement["Sid"] == sid)
    }
}

impl Permission {
    fn statement(&self, resource: &str, partition: &str) -> Result<Value, Error> {
        let mut statement = json!({
            "Sid": self.sid, "Effect": "Allow", "Principal": principal(&self.principal, partition)?,
            "Action": self.action, "Resource": resource,
        });
        let equals = [
            ("AWS:SourceAccount", &self.source_account),
            ("lambda:EventSourceToken", &self.event_source_token),
            ("lambda:FunctionUrlAuthType", &self.function_url_auth_type),
            ("aws:PrincipalOrgID", &self.principal_org_id),
        ];
        let equals: Map<_, _> =
            equals.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.clone()?.into()))).collect();
        let mut condition = Map::new();
        if !equals.is_empty() {
            condition.insert("StringEquals".into(), equals.into());
        }
        if let Some(arn) = &self.source_arn {
            condition.insert("ArnLike".into(), json!({"AWS:SourceArn": arn}));
        }
        if let Some(via_url) = self.invoked_via_function_url {
            condition.insert("Bool".into(), json!({"lambda:InvokedViaFunctionUrl": via_url.to_string()}));
        }
        if !condition.is_empty() {
            statement["Condition"] = condition.into();
        }
        Ok(statement)
    }
}

/// What the names of services end with. AWS knows which services there are; here every name of one will do.
const SERVICES: [&str; 5] = [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".amazon.com", ".ic.gov"];

/// A service, everybody, an account by its number, or whatever an ARN names.
fn principal(text: &str, partition: &str) -> Result<Value, Error> {
    let is_account = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    match text {
        "*" => Ok("*".into()),
        _ if is_account => Ok(json!({"AWS": format!("arn:{partition}:iam::{text}:root")})),
        _ if text.starts_with("arn:") => Ok(json!({"AWS": text})),
        _ if SERVICES.iter().any(|suffix| text.strip_suffix(suffix).is_some_and(|name| !name.is_empty())) => {
            Ok(json!({"Service": text}))
        }
        _ => Err(Error::PrincipalInvalid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_have_four_forms() {
        let check = |text: &str, expected: Value| assert_eq!(principal(text, "aws").unwrap(), expected);
        check("*", json!("*"));
        check("123456789012", json!({"AWS": "arn:aws:iam::123456789012:root"}));
        check("arn:aws:iam::123456789012:role/r", json!({"AWS": "arn:aws:iam::123456789012:role/r"}));
        check("s3.amazonaws.com", json!({"Service": "s3.amazonaws.com"}));
        check("alexa-appkit.amazon.com", json!({"Service": "alexa-appkit.amazon.com"}));
        for text in ["s3", "amazonaws.com", ".amazonaws.com", "12345678901", "s3.example.com"] {
            assert!(matches!(principal(text, "aws"), Err(Error::PrincipalInvalid)), "{text}");
        }
    }

    #[test]
    fn a_policy_has_a_largest_size() {
        let mut policy = Policy::default();
        let added = (0..).find_map(|number| {
            let principal = format!("{}.amazonaws.com", "p".repeat(1000));
            let permission = Permission { sid: number.to_string(), principal, ..Permission::default() };
            policy.add(&permission, "r", "aws").err()
        });
        assert!(matches!(added, Some(Error::PolicyTooLong(bytes)) if bytes > MAX_BYTES));
    }
}
