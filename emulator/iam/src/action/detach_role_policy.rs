//! DetachRolePolicy takes a managed policy off a role.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::role::Role;
use crate::{Error, Iam, shapes};

pub(crate) struct DetachRolePolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    policy_arn: String,
}

impl Action<Iam> for DetachRolePolicy {
    const NAME: &'static str = "DetachRolePolicy";
    const INPUT: Structure = Structure::new("DetachRolePolicyRequest", &[shapes::role_name(), shapes::policy_arn()]);
    type Input = Input;
    type Output = ();

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<(), Error> {
        let write = iam.write();
        let mut role = Role::clone(&*write.existing_role(call, &input.role_name)?);
        if !role.attached.remove(&input.policy_arn) {
            return Err(Error::PolicyNotFound { arn: input.policy_arn });
        }
        write.put_role(&call.world.account, role)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{AWS_POLICY, Fixture};

    #[test]
    fn once() {
        let fixture = Fixture::with_role();
        let members = [("RoleName", "r"), ("PolicyArn", AWS_POLICY)];
        fixture.ok("AttachRolePolicy", &members);
        fixture.ok("DetachRolePolicy", &members);
        let message = format!("Policy {AWS_POLICY} was not found.");
        fixture.refuses("DetachRolePolicy", &members, "NoSuchEntity", &message);
    }
}
