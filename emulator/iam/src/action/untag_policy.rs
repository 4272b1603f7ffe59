//! UntagPolicy removes tags from a managed policy. A key that it does not have is no error.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::policy::Policy;
use crate::{Error, Iam, shapes};

pub(crate) struct UntagPolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_arn: String,
    tag_keys: Vec<String>,
}

impl Action<Iam> for UntagPolicy {
    const NAME: &'static str = "UntagPolicy";
    const INPUT: Structure = Structure::new("UntagPolicyRequest", &[shapes::policy_arn(), shapes::tag_keys()]);
    type Input = Input;
    type Output = ();

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<(), Error> {
        let write = iam.write();
        let mut policy = Policy::clone(&*write.changeable_policy(call, Self::NAME, &input.policy_arn)?);
        policy.tags.remove(&input.tag_keys);
        write.put_policy(&call.world.account, policy)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, POLICY, all};

    #[test]
    fn removes_what_is_there() {
        let fixture = Fixture::with_policy();
        let arn = ("PolicyArn", POLICY);
        for key in ["a", "b"] {
            fixture.ok("TagPolicy", &[arn, ("Tags.member.1.Key", key), ("Tags.member.1.Value", "")]);
        }
        fixture.ok("UntagPolicy", &[arn, ("TagKeys.member.1", "a"), ("TagKeys.member.2", "absent")]);
        assert_eq!(all(&fixture.ok("ListPolicyTags", &[arn]), "Key"), ["b"]);
    }
}
