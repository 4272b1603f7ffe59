//! DisableKey: lets nobody encrypt or decrypt under a key until it is enabled again. It takes effect at once.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::key::State;
use crate::service::Kms;
use crate::shape;

pub(super) struct DisableKey;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
}

impl Action<Kms> for DisableKey {
    const NAME: &'static str = "DisableKey";
    const INPUT: Structure = Structure::new("DisableKeyRequest", &[shape::KEY_ID.member("KeyId").required()]);
    type Input = Input;
    type Output = ();

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<()> {
        service
            .change(call, Self::NAME, &input.key_id, |key, _| {
                key.check_not_pending()?;
                key.state = State::Disabled;
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
    async fn a_disabled_key_does_nothing_until_it_is_enabled() {
        let fixture = Fixture::new();
        let (key, arn) = fixture.key().await;
        let blob = fixture.ok("Encrypt", json!({"KeyId": key, "Plaintext": "AAAA"})).await["CiphertextBlob"].clone();
        fixture.ok("DisableKey", json!({"KeyId": key})).await;
        let metadata = &fixture.ok("DescribeKey", json!({"KeyId": key})).await["KeyMetadata"];
        assert_eq!((&metadata["KeyState"], &metadata["Enabled"]), (&json!("Disabled"), &json!(false)));
        let disabled = format!("DisabledException: {arn} is disabled.");
        fixture.refused("Encrypt", json!({"KeyId": key, "Plaintext": "AAAA"}), &disabled).await;
        fixture.refused("Decrypt", json!({"CiphertextBlob": blob}), &disabled).await;
        fixture.refused("GenerateDataKey", json!({"KeyId": key, "KeySpec": "AES_256"}), &disabled).await;
        fixture.refused("EnableKeyRotation", json!({"KeyId": key}), &disabled).await;
        fixture.ok("EnableKey", json!({"KeyId": key})).await;
        assert_eq!(fixture.ok("Decrypt", json!({"CiphertextBlob": blob})).await["Plaintext"], "AAAA");
    }

    #[tokio::test]
    async fn nobody_changes_the_keys_of_aws() {
        let fixture = Fixture::new();
        let described = fixture.ok("DescribeKey", json!({"KeyId": "alias/aws/kinesis"})).await;
        let metadata = &described["KeyMetadata"];
        assert_eq!((&metadata["KeyManager"], &metadata["Enabled"]), (&json!("AWS"), &json!(true)));
        let (key, arn) = (metadata["KeyId"].as_str().unwrap(), metadata["Arn"].as_str().unwrap());
        for action in ["DisableKey", "ScheduleKeyDeletion", "DisableKeyRotation"] {
            let words = format!(
                "AccessDeniedException: User: arn:aws:iam::000000000000:root is not authorized to perform: kms:{action} on \
                 resource: {arn} because no resource-based policy allows the kms:{action} action"
            );
            fixture.refused(action, json!({"KeyId": key}), &words).await;
        }
    }
}
