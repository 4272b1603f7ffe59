//! DeletePolicyVersion removes a version of a managed policy that is not its default.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::policy::Policy;
use crate::{Error, Iam, shapes};

pub(crate) struct DeletePolicyVersion;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_arn: String,
    version_id: String,
}

impl Action<Iam> for DeletePolicyVersion {
    const NAME: &'static str = "DeletePolicyVersion";
    const INPUT: Structure =
        Structure::new("DeletePolicyVersionRequest", &[shapes::policy_arn(), shapes::version_id()]);
    type Input = Input;
    type Output = ();

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<(), Error> {
        let write = iam.write();
        let mut policy = Policy::clone(&*write.changeable_policy(call, Self::NAME, &input.policy_arn)?);
        let (number, _) = policy.version(&input.version_id)?;
        if number == policy.default_version {
            return Err(Error::DefaultVersion);
        }
        policy.versions.remove(&number);
        write.put_policy(&call.world.account, policy)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{ALLOW, Fixture, POLICY};

    #[test]
    fn not_the_default() {
        let fixture = Fixture::with_policy();
        let arn = ("PolicyArn", POLICY);
        fixture.ok("CreatePolicyVersion", &[arn, ("PolicyDocument", ALLOW)]);
        fixture.refuses(
            "DeletePolicyVersion",
            &[arn, ("VersionId", "v1")],
            "DeleteConflict",
            "Cannot delete the default version of a policy.",
        );
        fixture.ok("DeletePolicyVersion", &[arn, ("VersionId", "v2")]);
        fixture.refuses(
            "DeletePolicyVersion",
            &[arn, ("VersionId", "v2")],
            "NoSuchEntity",
            &format!("Policy {POLICY} version v2 does not exist or is not attachable."),
        );
    }
}
