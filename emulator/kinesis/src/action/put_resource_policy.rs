//! PutResourcePolicy: what others may do with a stream or a consumer. Kept and told back as it was given.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::policy;
use crate::service::Kinesis;
use crate::shape;

use super::resource::Target;

pub(super) struct PutResourcePolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    policy: String,
}

impl Action<Kinesis> for PutResourcePolicy {
    const NAME: &'static str = "PutResourcePolicy";
    const INPUT: Structure = Structure::new(
        "PutResourcePolicyInput",
        &[
            shape::RESOURCE_ARN.member("ResourceARN").required(),
            Shape::string().member("Policy").required(),
            shape::STREAM_ID.member("StreamId"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<()> {
        let target = Target::find(service, call, &input.resource_arn).await?;
        let grantable = if target.consumer.is_some() { policy::OF_CONSUMER } else { policy::OF_STREAM };
        policy::check(&input.policy, grantable)?;
        service
            .catalog
            .change_in_any_state(&target.stream, |state, _| {
                *target.attributes(state)?.1 = Some(input.policy);
                Ok(())
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::Fixture;

    const STREAM: &str = "arn:aws:kinesis:us-east-1:000000000000:stream/s";

    fn granting(action: &str) -> String {
        let principal = json!({"AWS": "111111111111"});
        json!({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action, "Resource": STREAM}],
        })
        .to_string()
    }

    fn policy(policy: &str) -> Value {
        json!({"ResourceARN": STREAM, "Policy": policy})
    }

    #[tokio::test]
    async fn is_kept_until_it_is_deleted() {
        let mut fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let arn = json!({"ResourceARN": STREAM});
        let none = format!("ResourceNotFoundException: Resource policy of {STREAM} not found.");
        fixture.refused("GetResourcePolicy", arn.clone(), &none).await;
        let text = granting("kinesis:PutRecord");
        fixture.ok("PutResourcePolicy", policy(&text)).await;
        fixture.restart().await;
        assert_eq!(fixture.ok("GetResourcePolicy", arn.clone()).await, json!({"Policy": text}));
        fixture.ok("DeleteResourcePolicy", arn.clone()).await;
        fixture.refused("GetResourcePolicy", arn.clone(), &none).await;
        fixture.refused("DeleteResourcePolicy", arn, &none).await;
    }

    #[tokio::test]
    async fn grants_only_what_can_be_granted() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let malformed = "InvalidArgumentException: Policy is not a valid JSON policy document.";
        for text in ["", "x", "[]", "{}", r#"{"Statement": [{"Effect": "Allow"}]}"#] {
            fixture.refused("PutResourcePolicy", policy(text), malformed).await;
        }
        let words = "InvalidArgumentException: Policy grants kinesis:DeleteStream, which can not be granted on this \
                     resource.";
        fixture.refused("PutResourcePolicy", policy(&granting("kinesis:DeleteStream")), words).await;
    }
}
