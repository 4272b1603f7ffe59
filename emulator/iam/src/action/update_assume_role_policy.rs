//! UpdateAssumeRolePolicy replaces the trust policy of a role.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::document::{check_trust, counted_length};
use crate::role::Role;
use crate::{Error, Iam, shapes};

/// The most characters of a trust policy, white space not counted.
const MOST: usize = 2048;

pub(crate) struct UpdateAssumeRolePolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    policy_document: String,
}

impl Action<Iam> for UpdateAssumeRolePolicy {
    const NAME: &'static str = "UpdateAssumeRolePolicy";
    const INPUT: Structure =
        Structure::new("UpdateAssumeRolePolicyRequest", &[shapes::role_name(), shapes::document("PolicyDocument")]);
    type Input = Input;
    type Output = ();

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<(), Error> {
        let write = iam.write();
        let role = write.existing_role(call, &input.role_name)?;
        check_trust("policyDocument", &input.policy_document)?;
        check_trust_length(&input.policy_document)?;
        let role = Role { trust: input.policy_document, ..Role::clone(&role) };
        write.put_role(&call.world.account, role)?;
        Ok(())
    }
}

/// Refuses a trust policy that is too long.
pub(super) fn check_trust_length(document: &str) -> Result<(), Error> {
    if counted_length(document) > MOST {
        return Err(Error::Quota { quota: "ACLSizePerRole", most: MOST });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::Assumable;
    use crate::fixture::{Fixture, TRUST};

    #[test]
    fn replaces_whom_a_role_trusts() {
        let fixture = Fixture::with_role();
        let role = ("RoleName", "r");
        let other = TRUST.replace("lambda", "ec2");
        fixture.ok("UpdateAssumeRolePolicy", &[role, ("PolicyDocument", &other)]);
        let assumable = |service: &str| fixture.iam.assumable_by("arn:aws:iam::000000000000:role/r", service);
        assert_eq!(assumable("lambda.amazonaws.com"), Assumable::NotTrusted);
        assert_eq!(assumable("ec2.amazonaws.com"), Assumable::Yes);
        fixture.refuses(
            "UpdateAssumeRolePolicy",
            &[role, ("PolicyDocument", "{\"Statement\":[]}")],
            "MalformedPolicyDocument",
            "Could not parse the policy: Statement is empty!",
        );
        assert_eq!(assumable("ec2.amazonaws.com"), Assumable::Yes);
    }
}
