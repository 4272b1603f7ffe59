//! PutKeyPolicy: another policy for a key. It is kept as it was sent; deciding by it is the business of others.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use crate::action::get_key_policy::POLICY_NAME;
use crate::error::{Error, Result};
use crate::service::Kms;
use crate::shape;

pub(super) struct PutKeyPolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    policy_name: Option<String>,
    policy: String,
}

/// Fails unless `policy` looks like one.
pub(super) fn check_policy(policy: &str) -> Result<()> {
    let document: serde_json::Value = serde_json::from_str(policy).map_err(|_| Error::PolicyMalformed)?;
    let has_statements =
        document.get("Statement").is_some_and(|statement| statement.is_array() || statement.is_object());
    if has_statements { Ok(()) } else { Err(Error::PolicyMalformed) }
}

impl Action<Kms> for PutKeyPolicy {
    const NAME: &'static str = "PutKeyPolicy";
    const INPUT: Structure = Structure::new(
        "PutKeyPolicyRequest",
        &[
            shape::KEY_ID.member("KeyId").required(),
            shape::POLICY_NAME.member("PolicyName"),
            shape::POLICY.member("Policy").required(),
            Shape::boolean().member("BypassPolicyLockoutSafetyCheck"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<()> {
        if input.policy_name.is_some_and(|name| name != POLICY_NAME) {
            return Err(Error::PolicyNotFound);
        }
        check_policy(&input.policy)?;
        service
            .change(call, Self::NAME, &input.key_id, |key, _| {
                key.policy = input.policy;
                Ok(())
            })
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn a_policy_comes_back_as_it_was_put() {
        let fixture = Fixture::new();
        let (key, _) = fixture.key().await;
        let get = async || fixture.ok("GetKeyPolicy", json!({"KeyId": key, "PolicyName": "default"})).await;
        assert!(get().await["Policy"].as_str().unwrap().contains("arn:aws:iam::000000000000:root"));
        let policy = r#"{ "Statement": [] }"#;
        fixture.ok("PutKeyPolicy", json!({"KeyId": key, "Policy": policy})).await;
        assert_eq!(get().await, json!({"Policy": policy, "PolicyName": "default"}));
        let malformed = "MalformedPolicyDocumentException: The key policy is not a JSON document with statements";
        fixture.refused("PutKeyPolicy", json!({"KeyId": key, "Policy": "{}"}), malformed).await;
        let other = json!({"KeyId": key, "PolicyName": "other"});
        fixture.refused("GetKeyPolicy", other, "NotFoundException: No such policy exists").await;
    }
}
