//! CreatePolicyVersion gives a managed policy another wording, which becomes the default if asked.

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use super::create_policy::check_document;
use crate::policy::{Policy, VersionView};
use crate::{Error, Iam, shapes};

pub(crate) struct CreatePolicyVersion;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_arn: String,
    policy_document: String,
    #[serde(default)]
    set_as_default: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy_version: VersionView,
}

impl Action<Iam> for CreatePolicyVersion {
    const NAME: &'static str = "CreatePolicyVersion";
    const INPUT: Structure = Structure::new(
        "CreatePolicyVersionRequest",
        &[shapes::policy_arn(), shapes::document("PolicyDocument"), Shape::boolean().member("SetAsDefault")],
    );
    type Input = Input;
    type Output = Output;

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<Output, Error> {
        let write = iam.write();
        let mut policy = Policy::clone(&*write.changeable_policy(call, Self::NAME, &input.policy_arn)?);
        check_document(&input.policy_document)?;
        let number = policy.add_version(input.policy_document, iam.now())?;
        if input.set_as_default {
            policy.default_version = number;
        }
        let policy_version = VersionView::listed(&policy, number, &policy.versions[&number]);
        write.put_policy(&call.world.account, policy)?;
        Ok(Output { policy_version })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{ALLOW, Fixture, POLICY, all, first};

    #[test]
    fn five_at_most_and_numbers_are_not_used_again() {
        let fixture = Fixture::with_policy();
        let arn = ("PolicyArn", POLICY);
        let create = [arn, ("PolicyDocument", ALLOW)];
        for number in 2..=5 {
            let version = fixture.get("CreatePolicyVersion", &create, "VersionId");
            assert_eq!(version, Some(format!("v{number}")));
        }
        fixture.refuses(
            "CreatePolicyVersion",
            &create,
            "LimitExceeded",
            "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
        );
        fixture.ok("DeletePolicyVersion", &[arn, ("VersionId", "v5")]);
        assert_eq!(fixture.get("CreatePolicyVersion", &create, "VersionId").as_deref(), Some("v6"));
        let versions = all(&fixture.ok("ListPolicyVersions", &[arn]), "VersionId");
        assert_eq!(versions, ["v6", "v4", "v3", "v2", "v1"]);
    }

    #[test]
    fn the_default_changes_only_if_asked() {
        let fixture = Fixture::with_policy();
        let arn = ("PolicyArn", POLICY);
        let default = || fixture.get("GetPolicy", &[arn], "DefaultVersionId");
        fixture.advance_secs(60);
        let answer = fixture.ok("CreatePolicyVersion", &[arn, ("PolicyDocument", ALLOW)]);
        assert_eq!(first(&answer, "IsDefaultVersion").as_deref(), Some("false"));
        assert_eq!(first(&answer, "CreateDate").as_deref(), Some("2026-11-23T16:48:00Z"));
        assert_eq!(default().as_deref(), Some("v1"));
        let answer = fixture.ok("CreatePolicyVersion", &[arn, ("PolicyDocument", ALLOW), ("SetAsDefault", "true")]);
        assert_eq!(first(&answer, "IsDefaultVersion").as_deref(), Some("true"));
        assert_eq!(default().as_deref(), Some("v3"));
        let updated = fixture.get("GetPolicy", &[arn], "UpdateDate");
        assert_eq!(updated.as_deref(), Some("2026-11-23T16:48:00Z"));
    }
}
