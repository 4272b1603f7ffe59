//! ListPolicyTags lists the tags of a managed policy by key.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::page::{Page, PageEnd};
use crate::tag::Tag;
use crate::{Error, Iam, shapes};

pub(crate) struct ListPolicyTags;

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
    tags: Vec<Tag>,
    #[serde(flatten)]
    end: PageEnd,
}

impl Action<Iam> for ListPolicyTags {
    const NAME: &'static str = "ListPolicyTags";
    const INPUT: Structure =
        Structure::new("ListPolicyTagsRequest", &[shapes::policy_arn(), shapes::marker(), shapes::max_items()]);
    type Input = Input;
    type Output = Output;

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<Output, Error> {
        let policy = iam.directory().existing_policy(call, &input.policy_arn)?;
        let (tags, end) = input.page.cut(policy.tags.list(), |tag| &tag.key);
        Ok(Output { tags, end })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, POLICY};

    #[test]
    fn by_key() {
        let fixture = Fixture::with_policy();
        let arn = ("PolicyArn", POLICY);
        for key in ["b", "a"] {
            fixture.ok("TagPolicy", &[arn, ("Tags.member.1.Key", key), ("Tags.member.1.Value", "v")]);
        }
        assert_eq!(
            fixture.ok("ListPolicyTags", &[arn, ("MaxItems", "1")]),
            "<IsTruncated>true</IsTruncated><Marker>a</Marker><Tags><member><Key>a</Key><Value>v</Value></member></Tags>"
        );
    }
}
