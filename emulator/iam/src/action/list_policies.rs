//! ListPolicies lists managed policies: the account's own, AWS's, or both, by name.

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::page::{Page, PageEnd};
use crate::policy::{Policy, PolicyView, Usage};
use crate::{Error, Iam, aws_managed, shapes};

pub(crate) struct ListPolicies;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    scope: Scope,
    #[serde(default)]
    only_attached: bool,
    #[serde(default)]
    path_prefix: String,
    policy_usage_filter: Option<UsageFilter>,
    #[serde(flatten)]
    page: Page,
}

#[derive(Clone, Copy, PartialEq, Default, Deserialize)]
enum Scope {
    #[default]
    All,
    #[serde(rename = "AWS")]
    Aws,
    Local,
}

#[derive(Clone, Copy, Deserialize)]
enum UsageFilter {
    PermissionsPolicy,
    PermissionsBoundary,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policies: Vec<PolicyView>,
    #[serde(flatten)]
    end: PageEnd,
}

impl Action<Iam> for ListPolicies {
    const NAME: &'static str = "ListPolicies";
    const INPUT: Structure = Structure::new(
        "ListPoliciesRequest",
        &[
            Shape::string().one_of(&["All", "AWS", "Local"]).member("Scope"),
            Shape::boolean().member("OnlyAttached"),
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
        let mut policies: Vec<Policy> = Vec::new();
        if input.scope != Scope::Aws {
            policies.extend(directory.policies(&call.world.account).iter().map(|policy| Policy::clone(policy)));
        }
        if input.scope != Scope::Local {
            policies.extend(aws_managed::all(call.world.partition()));
        }
        // An own policy may have the name of one of AWS's; the ARN tells them apart.
        policies.sort_by(|a, b| a.arn.cmp(&b.arn));
        let with_usage = policies.into_iter().map(|policy| {
            let usage = directory.usage_of(call, &policy);
            (policy, usage)
        });
        let wanted = with_usage.filter(|(policy, usage)| {
            policy.path.starts_with(&input.path_prefix)
                && (!input.only_attached || usage.attachments > 0)
                && input.policy_usage_filter.is_none_or(|filter| filter.admits(*usage))
        });
        let (page, end) = input.page.cut(wanted, |(policy, _)| &policy.arn);
        let policies = page.iter().map(|(policy, usage)| PolicyView::listed(policy, *usage)).collect();
        Ok(Output { policies, end })
    }
}

impl UsageFilter {
    const fn admits(self, usage: Usage) -> bool {
        match self {
            Self::PermissionsPolicy => usage.attachments > 0,
            Self::PermissionsBoundary => usage.boundaries > 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{AWS_POLICY, Fixture, POLICY, all, first};

    #[test]
    fn filters() {
        let fixture = Fixture::with_policy();
        let arns = |members: &[(&str, &str)]| all(&fixture.ok("ListPolicies", members), "Arn");
        assert_eq!(arns(&[("Scope", "Local")]), [POLICY]);
        assert!(arns(&[("Scope", "AWS")]).contains(&AWS_POLICY.to_owned()));
        assert_eq!(arns(&[("Scope", "AWS")]).len() + 1, arns(&[]).len());
        assert!(arns(&[("OnlyAttached", "true")]).is_empty());
        fixture.ok("AttachRolePolicy", &[("RoleName", "r"), ("PolicyArn", AWS_POLICY)]);
        fixture.ok("PutRolePermissionsBoundary", &[("RoleName", "r"), ("PermissionsBoundary", POLICY)]);
        assert_eq!(arns(&[("OnlyAttached", "true")]), [AWS_POLICY]);
        assert_eq!(arns(&[("PolicyUsageFilter", "PermissionsPolicy")]), [AWS_POLICY]);
        assert_eq!(arns(&[("PolicyUsageFilter", "PermissionsBoundary")]), [POLICY]);
        assert!(arns(&[("PathPrefix", "/service-role/")]).iter().all(|arn| arn.contains("/service-role/")));
    }

    #[test]
    fn pages_cover_everything_once() {
        let fixture = Fixture::with_policy();
        let (mut found, mut marker) = (Vec::new(), None);
        loop {
            let mut members = vec![("MaxItems", "7")];
            members.extend(marker.as_deref().map(|marker| ("Marker", marker)));
            let page = fixture.ok("ListPolicies", &members);
            found.extend(all(&page, "Arn"));
            marker = first(&page, "Marker");
            if marker.is_none() {
                break;
            }
        }
        assert_eq!(found, all(&fixture.ok("ListPolicies", &[]), "Arn"));
    }
}
