//! DeleteRolePolicy removes an inline policy from a role.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::name::check_name;
use crate::role::Role;
use crate::{Error, Iam, shapes};

pub(crate) struct DeleteRolePolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    policy_name: String,
}

impl Action<Iam> for DeleteRolePolicy {
    const NAME: &'static str = "DeleteRolePolicy";
    const INPUT: Structure = Structure::new("DeleteRolePolicyRequest", &[shapes::role_name(), shapes::policy_name()]);
    type Input = Input;
    type Output = ();

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<(), Error> {
        check_name("policyName", &input.policy_name)?;
        let write = iam.write();
        let mut role = Role::clone(&*write.existing_role(call, &input.role_name)?);
        if role.inline.remove(&input.policy_name).is_none() {
            return Err(Error::RolePolicyNotFound { name: input.policy_name });
        }
        write.put_role(&call.world.account, role)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{ALLOW, Fixture};

    #[test]
    fn once() {
        let fixture = Fixture::with_role();
        let name = [("RoleName", "r"), ("PolicyName", "p")];
        fixture.ok("PutRolePolicy", &[name[0], name[1], ("PolicyDocument", ALLOW)]);
        fixture.ok("DeleteRolePolicy", &name);
        let message = "The role policy with name p cannot be found.";
        fixture.refuses("DeleteRolePolicy", &name, "NoSuchEntity", message);
    }
}
