//! ListInstanceProfilesForRole lists nothing: there are no instance profiles here, so no role is in one.
//!
//! Terraform asks before it deletes a role.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::page::PageEnd;
use crate::{Error, Iam, shapes};

pub(crate) struct ListInstanceProfilesForRole;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    instance_profiles: [(); 0],
    #[serde(flatten)]
    end: PageEnd,
}

impl Action<Iam> for ListInstanceProfilesForRole {
    const NAME: &'static str = "ListInstanceProfilesForRole";
    const INPUT: Structure = Structure::new(
        "ListInstanceProfilesForRoleRequest",
        &[shapes::role_name(), shapes::marker(), shapes::max_items()],
    );
    type Input = Input;
    type Output = Output;

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<Output, Error> {
        iam.directory().existing_role(call, &input.role_name)?;
        Ok(Output { instance_profiles: [], end: PageEnd::LAST })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn none_for_a_role_that_exists() {
        let fixture = Fixture::with_role();
        assert_eq!(
            fixture.ok("ListInstanceProfilesForRole", &[("RoleName", "r")]),
            "<InstanceProfiles></InstanceProfiles><IsTruncated>false</IsTruncated>"
        );
        fixture.refuses(
            "ListInstanceProfilesForRole",
            &[("RoleName", "other")],
            "NoSuchEntity",
            "The role with name other cannot be found.",
        );
    }
}
