//! DeleteRolePermissionsBoundary takes the boundary off a role, if it has one.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::role::Role;
use crate::{Error, Iam, shapes};

pub(crate) struct DeleteRolePermissionsBoundary;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
}

impl Action<Iam> for DeleteRolePermissionsBoundary {
    const NAME: &'static str = "DeleteRolePermissionsBoundary";
    const INPUT: Structure = Structure::new("DeleteRolePermissionsBoundaryRequest", &[shapes::role_name()]);
    type Input = Input;
    type Output = ();

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<(), Error> {
        let write = iam.write();
        let role = write.existing_role(call, &input.role_name)?;
        if role.boundary.is_some() {
            write.put_role(&call.world.account, Role { boundary: None, ..Role::clone(&role) })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{AWS_POLICY, Fixture};

    #[test]
    fn takes_it_off() {
        let fixture = Fixture::with_role();
        let role = ("RoleName", "r");
        fixture.ok("PutRolePermissionsBoundary", &[role, ("PermissionsBoundary", AWS_POLICY)]);
        for _ in 0..2 {
            fixture.ok("DeleteRolePermissionsBoundary", &[role]);
            assert_eq!(fixture.get("GetRole", &[role], "PermissionsBoundary"), None);
        }
    }
}
