//! AttachRolePolicy attaches a managed policy to a role, the account's own or one of AWS's.
//!
//! To attach it again changes nothing. A role may have ten.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::role::Role;
use crate::{Error, Iam, shapes};

const MOST: usize = 10;

pub(crate) struct AttachRolePolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    policy_arn: String,
}

impl Action<Iam> for AttachRolePolicy {
    const NAME: &'static str = "AttachRolePolicy";
    const INPUT: Structure = Structure::new("AttachRolePolicyRequest", &[shapes::role_name(), shapes::policy_arn()]);
    type Input = Input;
    type Output = ();

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<(), Error> {
        let write = iam.write();
        let role = write.existing_role(call, &input.role_name)?;
        let policy = write.existing_policy(call, &input.policy_arn).map_err(|error| match error {
            Error::PolicyNotFound { arn } => Error::PolicyNotAttachable { arn },
            error => error,
        })?;
        if role.attached.contains(&policy.arn) {
            return Ok(());
        }
        if role.attached.len() >= MOST {
            return Err(Error::Quota { quota: "PoliciesPerRole", most: MOST });
        }
        let mut role = Role::clone(&role);
        role.attached.insert(policy.arn.clone());
        write.put_role(&call.world.account, role)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{ALLOW, AWS_POLICY, Fixture, POLICY, all};

    #[test]
    fn own_policies_and_those_of_aws() {
        let fixture = Fixture::with_policy();
        for arn in [POLICY, POLICY, AWS_POLICY, "arn:aws:iam::aws:policy/AdministratorAccess"] {
            fixture.ok("AttachRolePolicy", &[("RoleName", "r"), ("PolicyArn", arn)]);
        }
        let attached = fixture.ok("ListAttachedRolePolicies", &[("RoleName", "r")]);
        assert_eq!(all(&attached, "PolicyName"), ["p", "AdministratorAccess", "AWSLambdaKinesisExecutionRole"]);
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        let fixture = Fixture::with_role();
        let attach = |arn: &str, code: &str, message: &str| {
            fixture.refuses("AttachRolePolicy", &[("RoleName", "r"), ("PolicyArn", arn)], code, message);
        };
        for arn in [
            POLICY,
            "arn:aws:iam::aws:policy/NoSuchPolicy",
            // The right name under a wrong path.
            "arn:aws:iam::aws:policy/AWSLambdaKinesisExecutionRole",
            "arn:aws:iam::111111111111:policy/p",
        ] {
            attach(arn, "NoSuchEntity", &format!("Policy {arn} does not exist or is not attachable."));
        }
        attach("no-arn-but-long-enough", "InvalidInput", "ARN no-arn-but-long-enough is not valid.");
        fixture.refuses(
            "AttachRolePolicy",
            &[("RoleName", "other"), ("PolicyArn", AWS_POLICY)],
            "NoSuchEntity",
            "The role with name other cannot be found.",
        );
    }

    #[test]
    fn ten_at_most() {
        let fixture = Fixture::with_role();
        for number in 0..11 {
            let name = format!("p{number}");
            fixture.ok("CreatePolicy", &[("PolicyName", &name), ("PolicyDocument", ALLOW)]);
            let arn = format!("arn:aws:iam::000000000000:policy/{name}");
            let members = [("RoleName", "r"), ("PolicyArn", arn.as_str())];
            if number < 10 {
                fixture.ok("AttachRolePolicy", &members);
            } else {
                let message = "Cannot exceed quota for PoliciesPerRole: 10";
                fixture.refuses("AttachRolePolicy", &members, "LimitExceeded", message);
            }
        }
    }
}
