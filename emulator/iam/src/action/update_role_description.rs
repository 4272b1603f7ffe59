//! UpdateRoleDescription changes the description of a role.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::role::{Role, RoleView};
use crate::{Error, Iam, shapes};

pub(crate) struct UpdateRoleDescription;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    description: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    role: RoleView,
}

impl Action<Iam> for UpdateRoleDescription {
    const NAME: &'static str = "UpdateRoleDescription";
    const INPUT: Structure =
        Structure::new("UpdateRoleDescriptionRequest", &[shapes::role_name(), shapes::role_description().required()]);
    type Input = Input;
    type Output = Output;

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<Output, Error> {
        let write = iam.write();
        let role = write.existing_role(call, &input.role_name)?;
        let role = Role { description: Some(input.description), ..Role::clone(&role) };
        let role = write.put_role(&call.world.account, role)?;
        Ok(Output { role: RoleView::whole(&role) })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, first};

    #[test]
    fn replaces_the_description() {
        let fixture = Fixture::with_role();
        for text in ["first", "second", ""] {
            let role = fixture.ok("UpdateRoleDescription", &[("RoleName", "r"), ("Description", text)]);
            assert_eq!(first(&role, "Description").as_deref(), Some(text));
        }
    }

    #[test]
    fn other_alphabets_are_refused() {
        Fixture::with_role().refuses(
            "UpdateRoleDescription",
            &[("RoleName", "r"), ("Description", "数")],
            "ValidationError",
            r"1 validation error detected: Value '数' at 'description' failed to satisfy constraint: Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*",
        );
    }
}
