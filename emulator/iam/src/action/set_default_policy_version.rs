//! SetDefaultPolicyVersion puts a version of a managed policy in force.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::policy::Policy;
use crate::{Error, Iam, shapes};

pub(crate) struct SetDefaultPolicyVersion;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_arn: String,
    version_id: String,
}

impl Action<Iam> for SetDefaultPolicyVersion {
    const NAME: &'static str = "SetDefaultPolicyVersion";
    const INPUT: Structure =
        Structure::new("SetDefaultPolicyVersionRequest", &[shapes::policy_arn(), shapes::version_id()]);
    type Input = Input;
    type Output = ();

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<(), Error> {
        let write = iam.write();
        let policy = write.changeable_policy(call, Self::NAME, &input.policy_arn)?;
        let (default_version, _) = policy.version(&input.version_id)?;
        let policy = Policy { default_version, updated: iam.now(), ..Policy::clone(&policy) };
        write.put_policy(&call.world.account, policy)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{ALLOW, Fixture, POLICY};

    #[test]
    fn to_and_fro() {
        let fixture = Fixture::with_policy();
        let arn = ("PolicyArn", POLICY);
        fixture.ok("CreatePolicyVersion", &[arn, ("PolicyDocument", ALLOW)]);
        for version in ["v2", "v1"] {
            fixture.ok("SetDefaultPolicyVersion", &[arn, ("VersionId", version)]);
            assert_eq!(fixture.get("GetPolicy", &[arn], "DefaultVersionId").as_deref(), Some(version));
        }
        fixture.refuses(
            "SetDefaultPolicyVersion",
            &[arn, ("VersionId", "v3")],
            "NoSuchEntity",
            &format!("Policy {POLICY} version v3 does not exist or is not attachable."),
        );
    }
}
