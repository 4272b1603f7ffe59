//! ListRoles lists the roles of an account whose path begins as asked.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::page::{Page, PageEnd};
use crate::role::RoleView;
use crate::{Error, Iam, shapes};

pub(crate) struct ListRoles;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    path_prefix: String,
    #[serde(flatten)]
    page: Page,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    roles: Vec<RoleView>,
    #[serde(flatten)]
    end: PageEnd,
}

impl Action<Iam> for ListRoles {
    const NAME: &'static str = "ListRoles";
    const INPUT: Structure =
        Structure::new("ListRolesRequest", &[shapes::path_prefix(), shapes::marker(), shapes::max_items()]);
    type Input = Input;
    type Output = Output;

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<Output, Error> {
        let roles = iam.directory().roles(&call.world.account);
        let below = roles.iter().filter(|role| role.path.starts_with(&input.path_prefix));
        let (roles, end) = input.page.cut(below, |role| &role.name);
        Ok(Output { roles: roles.into_iter().map(|role| RoleView::listed(role)).collect(), end })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, TRUST, all, first};

    #[test]
    fn by_path_and_page() {
        let fixture = Fixture::new();
        for (name, path) in [("b", "/"), ("a", "/x/"), ("c", "/x/y/"), ("d", "/z/")] {
            fixture.ok("CreateRole", &[("RoleName", name), ("Path", path), ("AssumeRolePolicyDocument", TRUST)]);
        }
        let names = |members: &[(&str, &str)]| all(&fixture.ok("ListRoles", members), "RoleName");
        assert_eq!(names(&[]), ["a", "b", "c", "d"]);
        assert_eq!(names(&[("PathPrefix", "/x/")]), ["a", "c"]);
        let page = fixture.ok("ListRoles", &[("MaxItems", "3")]);
        assert_eq!(first(&page, "IsTruncated").as_deref(), Some("true"));
        let marker = first(&page, "Marker").unwrap();
        assert_eq!(names(&[("Marker", &marker)]), ["d"]);
    }
}
