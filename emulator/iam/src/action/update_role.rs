//! UpdateRole changes the description and the longest session of a role.
//!
//! A description that is not given stays; a session length that is not given becomes the default of one hour, which is
//! how AWS documents it.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::role::{DEFAULT_SESSION_SECS, Role};
use crate::{Error, Iam, shapes};

pub(crate) struct UpdateRole;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    description: Option<String>,
    max_session_duration: Option<u32>,
}

/// A result without members, which clients look for all the same.
#[derive(Serialize)]
pub(crate) struct Output {}

impl Action<Iam> for UpdateRole {
    const NAME: &'static str = "UpdateRole";
    const INPUT: Structure = Structure::new(
        "UpdateRoleRequest",
        &[shapes::role_name(), shapes::role_description(), shapes::max_session_duration()],
    );
    type Input = Input;
    type Output = Output;

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<Output, Error> {
        let write = iam.write();
        let role = write.existing_role(call, &input.role_name)?;
        let role = Role {
            description: input.description.or_else(|| role.description.clone()),
            max_session_secs: input.max_session_duration.unwrap_or(DEFAULT_SESSION_SECS),
            ..Role::clone(&role)
        };
        write.put_role(&call.world.account, role)?;
        Ok(Output {})
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn changes_what_is_given() {
        let fixture = Fixture::with_role();
        let role = ("RoleName", "r");
        let (_, document) = fixture.send("UpdateRole", &[role, ("Description", "d"), ("MaxSessionDuration", "3601")]);
        assert!(document.contains("<UpdateRoleResult></UpdateRoleResult>"), "{document}");
        let check = |name: &str, expected: &str| {
            assert_eq!(fixture.get("GetRole", &[role], name).as_deref(), Some(expected));
        };
        check("MaxSessionDuration", "3601");
        fixture.ok("UpdateRole", &[role]);
        check("Description", "d");
        check("MaxSessionDuration", "3600");
        fixture.ok("UpdateRole", &[role, ("Description", "")]);
        check("Description", "");
    }
}
