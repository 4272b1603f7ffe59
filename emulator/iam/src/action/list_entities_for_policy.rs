//! ListEntitiesForPolicy lists who uses a managed policy: roles, as there are neither users nor groups here.

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::page::{Page, PageEnd};
use crate::role::Role;
use crate::{Error, Iam, shapes};

pub(crate) struct ListEntitiesForPolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_arn: String,
    entity_filter: Option<String>,
    #[serde(default)]
    path_prefix: String,
    #[serde(default)]
    policy_usage_filter: UsageFilter,
    #[serde(flatten)]
    page: Page,
}

/// How the policy is used; what is not said is both.
#[derive(Clone, Copy, Default, Deserialize)]
enum UsageFilter {
    #[default]
    Any,
    PermissionsPolicy,
    PermissionsBoundary,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy_groups: [(); 0],
    policy_users: [(); 0],
    policy_roles: Vec<PolicyRole>,
    #[serde(flatten)]
    end: PageEnd,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyRole {
    role_name: String,
    role_id: String,
}

impl Action<Iam> for ListEntitiesForPolicy {
    const NAME: &'static str = "ListEntitiesForPolicy";
    const INPUT: Structure = Structure::new(
        "ListEntitiesForPolicyRequest",
        &[
            shapes::policy_arn(),
            Shape::string()
                .one_of(&["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"])
                .member("EntityFilter"),
            shapes::path_prefix(),
            shapes::policy_usage_filter(),
            shapes::marker(),
            shapes::max_items(),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<Output, Error> {
        let directory = iam.directory();
        let policy = directory.existing_policy(call, &input.policy_arn)?;
        let roles = directory.roles(&call.world.account);
        let roles_wanted = input.entity_filter.is_none_or(|kind| kind == "Role");
        let users = roles.iter().filter(|role| {
            roles_wanted
                && role.path.starts_with(&input.path_prefix)
                && input.policy_usage_filter.admits(role, &policy.arn)
        });
        let (page, end) = input.page.cut(users, |role| &role.name);
        let policy_roles =
            page.into_iter().map(|role| PolicyRole { role_name: role.name.clone(), role_id: role.id.clone() });
        Ok(Output { policy_groups: [], policy_users: [], policy_roles: policy_roles.collect(), end })
    }
}

impl UsageFilter {
    fn admits(self, role: &Role, arn: &str) -> bool {
        let (attached, boundary) = (role.attached.contains(arn), role.boundary.as_deref() == Some(arn));
        match self {
            Self::Any => attached || boundary,
            Self::PermissionsPolicy => attached,
            Self::PermissionsBoundary => boundary,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, POLICY, TRUST, all};

    #[test]
    fn roles_by_use() {
        let fixture = Fixture::with_policy();
        fixture.ok("AttachRolePolicy", &[("RoleName", "r"), ("PolicyArn", POLICY)]);
        fixture.ok(
            "CreateRole",
            &[("RoleName", "bounded"), ("AssumeRolePolicyDocument", TRUST), ("PermissionsBoundary", POLICY)],
        );
        let names = |members: &[(&str, &str)]| {
            let members = [&[("PolicyArn", POLICY)], members].concat();
            all(&fixture.ok("ListEntitiesForPolicy", &members), "RoleName")
        };
        assert_eq!(names(&[]), ["bounded", "r"]);
        assert_eq!(names(&[("PolicyUsageFilter", "PermissionsPolicy")]), ["r"]);
        assert_eq!(names(&[("PolicyUsageFilter", "PermissionsBoundary")]), ["bounded"]);
        assert_eq!(names(&[("EntityFilter", "Role"), ("PathPrefix", "/")]), ["bounded", "r"]);
        assert!(names(&[("EntityFilter", "User")]).is_empty());
    }
}
