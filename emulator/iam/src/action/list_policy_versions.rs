//! ListPolicyVersions lists the versions of a managed policy, the newest first, without their documents.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::page::{Page, PageEnd};
use crate::policy::VersionView;
use crate::{Error, Iam, shapes};

pub(crate) struct ListPolicyVersions;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_arn: String,
    #[serde(flatten)]
    page: Page,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    versions: Vec<VersionView>,
    #[serde(flatten)]
    end: PageEnd,
}

impl Action<Iam> for ListPolicyVersions {
    const NAME: &'static str = "ListPolicyVersions";
    const INPUT: Structure =
        Structure::new("ListPolicyVersionsRequest", &[shapes::policy_arn(), shapes::marker(), shapes::max_items()]);
    type Input = Input;
    type Output = Output;

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<Output, Error> {
        let policy = iam.directory().existing_policy(call, &input.policy_arn)?;
        // Pages follow the order of their keys, so the key of a version falls as its number rises.
        let newest_first = policy.versions.iter().rev().map(|(number, version)| {
            (format!("{:010}", u32::MAX - number), VersionView::listed(&policy, *number, version))
        });
        let (versions, end) = input.page.cut(newest_first, |(key, _)| key);
        Ok(Output { versions: versions.into_iter().map(|(_, version)| version).collect(), end })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{ALLOW, Fixture, POLICY, all, first};

    #[test]
    fn newest_first_page_by_page() {
        let fixture = Fixture::with_policy();
        let arn = ("PolicyArn", POLICY);
        for _ in 0..2 {
            fixture.ok("CreatePolicyVersion", &[arn, ("PolicyDocument", ALLOW)]);
        }
        let page = fixture.ok("ListPolicyVersions", &[arn, ("MaxItems", "2")]);
        assert_eq!(all(&page, "VersionId"), ["v3", "v2"]);
        assert_eq!(first(&page, "Document"), None);
        let marker = first(&page, "Marker").unwrap();
        let rest = fixture.ok("ListPolicyVersions", &[arn, ("Marker", &marker)]);
        assert_eq!(all(&rest, "VersionId"), ["v1"]);
        assert_eq!(first(&rest, "IsTruncated").as_deref(), Some("false"));
    }
}
