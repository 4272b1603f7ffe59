//! TagPolicy adds tags to a managed policy, or gives those it has another value.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::policy::Policy;
use crate::tag::Tag;
use crate::{Error, Iam, shapes};

pub(crate) struct TagPolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_arn: String,
    tags: Vec<Tag>,
}

impl Action<Iam> for TagPolicy {
    const NAME: &'static str = "TagPolicy";
    const INPUT: Structure = Structure::new("TagPolicyRequest", &[shapes::policy_arn(), shapes::tags().required()]);
    type Input = Input;
    type Output = ();

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<(), Error> {
        let write = iam.write();
        let mut policy = Policy::clone(&*write.changeable_policy(call, Self::NAME, &input.policy_arn)?);
        policy.tags.set(input.tags)?;
        write.put_policy(&call.world.account, policy)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{AWS_POLICY, Fixture, POLICY};

    const TAG: [(&str, &str); 2] = [("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")];

    #[test]
    fn tags_are_shown() {
        let fixture = Fixture::with_policy();
        fixture.ok("TagPolicy", &[("PolicyArn", POLICY), TAG[0], TAG[1]]);
        let tags = fixture.get("GetPolicy", &[("PolicyArn", POLICY)], "Tags");
        assert_eq!(tags.as_deref(), Some("<member><Key>k</Key><Value>v</Value></member>"));
    }

    #[test]
    fn the_policies_of_aws_have_no_tags() {
        let message = format!(
            "User: arn:aws:iam::000000000000:root is not authorized to perform: iam:TagPolicy on resource: policy {AWS_POLICY}"
        );
        Fixture::new().refuses("TagPolicy", &[("PolicyArn", AWS_POLICY), TAG[0], TAG[1]], "AccessDenied", &message);
    }
}
