//! ListRolePolicies lists the names of a role's inline policies.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::page::{Page, PageEnd};
use crate::{Error, Iam, shapes};

pub(crate) struct ListRolePolicies;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    #[serde(flatten)]
    page: Page,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy_names: Vec<String>,
    #[serde(flatten)]
    end: PageEnd,
}

impl Action<Iam> for ListRolePolicies {
    const NAME: &'static str = "ListRolePolicies";
    const INPUT: Structure =
        Structure::new("ListRolePoliciesRequest", &[shapes::role_name(), shapes::marker(), shapes::max_items()]);
    type Input = Input;
    type Output = Output;

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<Output, Error> {
        let role = iam.directory().existing_role(call, &input.role_name)?;
        let (policy_names, end) = input.page.cut(role.inline.keys().cloned(), |name| name);
        Ok(Output { policy_names, end })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{ALLOW, Fixture};

    #[test]
    fn by_name() {
        let fixture = Fixture::with_role();
        let list = |expected: &str| {
            let found = fixture.ok("ListRolePolicies", &[("RoleName", "r")]);
            assert_eq!(found, format!("<IsTruncated>false</IsTruncated><PolicyNames>{expected}</PolicyNames>"));
        };
        list("");
        for name in ["b", "a"] {
            fixture.ok("PutRolePolicy", &[("RoleName", "r"), ("PolicyName", name), ("PolicyDocument", ALLOW)]);
        }
        list("<member>a</member><member>b</member>");
    }
}
