//! ListAttachedRolePolicies lists the managed policies attached to a role whose path begins as asked.

use aws_wire::{Action, Arn, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::page::{Page, PageEnd};
use crate::{Error, Iam, shapes};

pub(crate) struct ListAttachedRolePolicies;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    #[serde(default)]
    path_prefix: String,
    #[serde(flatten)]
    page: Page,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    attached_policies: Vec<Attached>,
    #[serde(flatten)]
    end: PageEnd,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Attached {
    policy_name: String,
    policy_arn: String,
}

impl Action<Iam> for ListAttachedRolePolicies {
    const NAME: &'static str = "ListAttachedRolePolicies";
    const INPUT: Structure = Structure::new(
        "ListAttachedRolePoliciesRequest",
        &[shapes::role_name(), shapes::path_prefix(), shapes::marker(), shapes::max_items()],
    );
    type Input = Input;
    type Output = Output;

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<Output, Error> {
        let role = iam.directory().existing_role(call, &input.role_name)?;
        let below = role.attached.iter().filter(|arn| path_and_name(arn).0.starts_with(&input.path_prefix));
        let (attached, end) = input.page.cut(below, |arn| arn);
        let attached_policies = attached
            .into_iter()
            .map(|arn| Attached { policy_name: path_and_name(arn).1.to_owned(), policy_arn: arn.clone() });
        Ok(Output { attached_policies: attached_policies.collect(), end })
    }
}

/// Path and name in the ARN of a policy that was found when it was attached.
fn path_and_name(arn: &str) -> (&str, &str) {
    let resource = Arn::parse(arn).and_then(|arn| arn.resource.strip_prefix("policy"));
    let resource = resource.unwrap_or_default();
    resource.split_at(resource.rfind('/').map_or(0, |slash| slash + 1))
}

#[cfg(test)]
mod tests {
    use crate::fixture::{AWS_POLICY, Fixture, POLICY, all, first};

    #[test]
    fn by_path_and_page() {
        let fixture = Fixture::with_policy();
        let role = ("RoleName", "r");
        for arn in [POLICY, AWS_POLICY] {
            fixture.ok("AttachRolePolicy", &[role, ("PolicyArn", arn)]);
        }
        let list = |members: &[(&str, &str)]| fixture.ok("ListAttachedRolePolicies", &[&[role], members].concat());
        assert_eq!(
            list(&[("PathPrefix", "/service-role/")]),
            format!(
                "<AttachedPolicies><member><PolicyArn>{AWS_POLICY}</PolicyArn>\
                 <PolicyName>AWSLambdaKinesisExecutionRole</PolicyName></member></AttachedPolicies>\
                 <IsTruncated>false</IsTruncated>"
            )
        );
        let page = list(&[("MaxItems", "1")]);
        assert_eq!(all(&page, "PolicyArn"), [POLICY]);
        let marker = first(&page, "Marker").unwrap();
        assert_eq!(all(&list(&[("Marker", &marker)]), "PolicyArn"), [AWS_POLICY]);
    }
}
