//! DeleteRole removes a role that has no policies left.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::{Error, Iam, shapes};

pub(crate) struct DeleteRole;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
}

impl Action<Iam> for DeleteRole {
    const NAME: &'static str = "DeleteRole";
    const INPUT: Structure = Structure::new("DeleteRoleRequest", &[shapes::role_name()]);
    type Input = Input;
    type Output = ();

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<(), Error> {
        let write = iam.write();
        let role = write.existing_role(call, &input.role_name)?;
        if !role.attached.is_empty() {
            return Err(Error::PoliciesAttached);
        }
        if !role.inline.is_empty() {
            return Err(Error::InlinePoliciesLeft);
        }
        write.remove_role(&call.world.account, &role.name)
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{ALLOW, AWS_POLICY, Fixture};

    #[test]
    fn only_without_policies() {
        let fixture = Fixture::with_role();
        let role = ("RoleName", "r");
        let conflict = |message: &str| fixture.refuses("DeleteRole", &[role], "DeleteConflict", message);
        fixture.ok("AttachRolePolicy", &[role, ("PolicyArn", AWS_POLICY)]);
        fixture.ok("PutRolePolicy", &[role, ("PolicyName", "p"), ("PolicyDocument", ALLOW)]);
        conflict("Cannot delete entity, must detach all policies first.");
        fixture.ok("DetachRolePolicy", &[role, ("PolicyArn", AWS_POLICY)]);
        conflict("Cannot delete entity, must delete policies first.");
        fixture.ok("DeleteRolePolicy", &[role, ("PolicyName", "p")]);
        fixture.ok("DeleteRole", &[role]);
        fixture.refuses("DeleteRole", &[role], "NoSuchEntity", "The role with name r cannot be found.");
    }
}
