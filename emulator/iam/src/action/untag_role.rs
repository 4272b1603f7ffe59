//! UntagRole removes tags from a role. A key that it does not have is no error.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::role::Role;
use crate::{Error, Iam, shapes};

pub(crate) struct UntagRole;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    tag_keys: Vec<String>,
}

impl Action<Iam> for UntagRole {
    const NAME: &'static str = "UntagRole";
    const INPUT: Structure = Structure::new("UntagRoleRequest", &[shapes::role_name(), shapes::tag_keys()]);
    type Input = Input;
    type Output = ();

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<(), Error> {
        let write = iam.write();
        let mut role = Role::clone(&*write.existing_role(call, &input.role_name)?);
        role.tags.remove(&input.tag_keys);
        write.put_role(&call.world.account, role)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, all};

    #[test]
    fn removes_what_is_there() {
        let fixture = Fixture::with_role();
        for key in ["a", "b", "c"] {
            fixture.ok("TagRole", &[("RoleName", "r"), ("Tags.member.1.Key", key), ("Tags.member.1.Value", "")]);
        }
        fixture.ok("UntagRole", &[("RoleName", "r"), ("TagKeys.member.1", "b"), ("TagKeys.member.2", "absent")]);
        assert_eq!(all(&fixture.ok("ListRoleTags", &[("RoleName", "r")]), "Key"), ["a", "c"]);
    }
}
