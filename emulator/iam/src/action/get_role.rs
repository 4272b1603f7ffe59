//! GetRole shows a role.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::role::RoleView;
use crate::{Error, Iam, shapes};

pub(crate) struct GetRole;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    role: RoleView,
}

impl Action<Iam> for GetRole {
    const NAME: &'static str = "GetRole";
    const INPUT: Structure = Structure::new("GetRoleRequest", &[shapes::role_name()]);
    type Input = Input;
    type Output = Output;

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<Output, Error> {
        let role = iam.directory().existing_role(call, &input.role_name)?;
        Ok(Output { role: RoleView::whole(&role) })
    }
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;

    use crate::fixture::{Fixture, TRUST, first};

    #[test]
    fn shows_what_was_created() {
        let role = Fixture::with_role().ok("GetRole", &[("RoleName", "r")]);
        assert_eq!(first(&role, "Arn").as_deref(), Some("arn:aws:iam::000000000000:role/r"));
        assert_eq!(first(&role, "MaxSessionDuration").as_deref(), Some("3600"));
        assert_eq!(first(&role, "RoleLastUsed").as_deref(), Some(""));
        for absent in ["Description", "Tags", "PermissionsBoundary"] {
            assert_eq!(first(&role, absent), None);
        }
        let document = first(&role, "AssumeRolePolicyDocument").unwrap();
        assert_eq!(percent_decode_str(&document).decode_utf8().unwrap(), TRUST);
    }

    #[test]
    fn no_such_role() {
        Fixture::with_role().refuses(
            "GetRole",
            &[("RoleName", "other")],
            "NoSuchEntity",
            "The role with name other cannot be found.",
        );
    }
}
