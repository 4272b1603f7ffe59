//! DeletePolicy removes a managed policy that nobody uses, with its default version; further versions go first.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::policy::Usage;
use crate::{Error, Iam, shapes};

pub(crate) struct DeletePolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_arn: String,
}

impl Action<Iam> for DeletePolicy {
    const NAME: &'static str = "DeletePolicy";
    const INPUT: Structure = Structure::new("DeletePolicyRequest", &[shapes::policy_arn()]);
    type Input = Input;
    type Output = ();

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<(), Error> {
        let write = iam.write();
        let policy = write.changeable_policy(call, Self::NAME, &input.policy_arn)?;
        if write.usage_of(call, &policy) != Usage::default() {
            return Err(Error::PolicyInUse);
        }
        if policy.versions.len() > 1 {
            return Err(Error::VersionsLeft);
        }
        write.remove_policy(&call.world.account, &policy.name)
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{ALLOW, AWS_POLICY, Fixture, POLICY};

    #[test]
    fn only_when_nobody_needs_it() {
        let fixture = Fixture::with_policy();
        let arn = ("PolicyArn", POLICY);
        fixture.ok("AttachRolePolicy", &[("RoleName", "r"), arn]);
        fixture.ok("CreatePolicyVersion", &[arn, ("PolicyDocument", ALLOW)]);
        let conflict = |message: &str| fixture.refuses("DeletePolicy", &[arn], "DeleteConflict", message);
        conflict("Cannot delete a policy attached to entities.");
        fixture.ok("DetachRolePolicy", &[("RoleName", "r"), arn]);
        conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. \
             The default version is deleted with the policy.",
        );
        fixture.ok("DeletePolicyVersion", &[arn, ("VersionId", "v2")]);
        fixture.ok("DeletePolicy", &[arn]);
        fixture.refuses("DeletePolicy", &[arn], "NoSuchEntity", &format!("Policy {POLICY} was not found."));
    }

    #[test]
    fn nobody_deletes_the_policies_of_aws() {
        let message = format!(
            "User: arn:aws:iam::000000000000:root is not authorized to perform: iam:DeletePolicy on resource: policy {AWS_POLICY}"
        );
        Fixture::new().refuses("DeletePolicy", &[("PolicyArn", AWS_POLICY)], "AccessDenied", &message);
    }
}
