//! PutRolePermissionsBoundary bounds a role by a managed policy, in place of the one that bounded it before.

use std::sync::Arc;

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::directory::Directory;
use crate::policy::Policy;
use crate::role::Role;
use crate::{Error, Iam, shapes};

pub(crate) struct PutRolePermissionsBoundary;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    permissions_boundary: String,
}

impl Action<Iam> for PutRolePermissionsBoundary {
    const NAME: &'static str = "PutRolePermissionsBoundary";
    const INPUT: Structure = Structure::new(
        "PutRolePermissionsBoundaryRequest",
        &[shapes::role_name(), shapes::arn("PermissionsBoundary").required()],
    );
    type Input = Input;
    type Output = ();

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<(), Error> {
        let write = iam.write();
        let role = write.existing_role(call, &input.role_name)?;
        let policy = write.existing_boundary(call, &input.permissions_boundary)?;
        let role = Role { boundary: Some(policy.arn.clone()), ..Role::clone(&role) };
        write.put_role(&call.world.account, role)?;
        Ok(())
    }
}

impl Directory {
    /// The policy that is to be a boundary; AWS has other words when there is none.
    pub(super) fn existing_boundary(&self, call: &Call, arn: &str) -> Result<Arc<Policy>, Error> {
        self.existing_policy(call, arn).map_err(|error| match error {
            Error::PolicyNotFound { arn } => Error::BoundaryNotFound { arn },
            error => error,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, POLICY};

    #[test]
    fn a_bounding_policy_is_in_use() {
        let fixture = Fixture::with_policy();
        fixture.ok("PutRolePermissionsBoundary", &[("RoleName", "r"), ("PermissionsBoundary", POLICY)]);
        let boundary = fixture.get("GetRole", &[("RoleName", "r")], "PermissionsBoundaryArn");
        assert_eq!(boundary.as_deref(), Some(POLICY));
        let usage = fixture.get("GetPolicy", &[("PolicyArn", POLICY)], "PermissionsBoundaryUsageCount");
        assert_eq!(usage.as_deref(), Some("1"));
        fixture.refuses(
            "DeletePolicy",
            &[("PolicyArn", POLICY)],
            "DeleteConflict",
            "Cannot delete a policy attached to entities.",
        );
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        let fixture = Fixture::with_role();
        let put = |arn: &str, code: &str, message: &str| {
            let members = [("RoleName", "r"), ("PermissionsBoundary", arn)];
            fixture.refuses("PutRolePermissionsBoundary", &members, code, message);
        };
        put(POLICY, "NoSuchEntity", &format!("Scope ARN: {POLICY} does not exist or is not attachable."));
        put("arn:aws:iam::000000000000:role/r", "InvalidInput", "ARN arn:aws:iam::000000000000:role/r is not valid.");
    }
}
