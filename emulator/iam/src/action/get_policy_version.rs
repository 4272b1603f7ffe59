//! GetPolicyVersion shows one version of a managed policy with its document.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::policy::VersionView;
use crate::{Error, Iam, shapes};

pub(crate) struct GetPolicyVersion;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_arn: String,
    version_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy_version: VersionView,
}

impl Action<Iam> for GetPolicyVersion {
    const NAME: &'static str = "GetPolicyVersion";
    const INPUT: Structure = Structure::new("GetPolicyVersionRequest", &[shapes::policy_arn(), shapes::version_id()]);
    type Input = Input;
    type Output = Output;

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<Output, Error> {
        let policy = iam.directory().existing_policy(call, &input.policy_arn)?;
        let (number, version) = policy.version(&input.version_id)?;
        Ok(Output { policy_version: VersionView::whole(&policy, number, version) })
    }
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;

    use crate::fixture::{ALLOW, AWS_POLICY, Fixture, POLICY, first};

    #[test]
    fn the_document_comes_back() {
        let fixture = Fixture::with_policy();
        let version = fixture.ok("GetPolicyVersion", &[("PolicyArn", POLICY), ("VersionId", "v1")]);
        let document = first(&version, "Document").unwrap();
        assert_eq!(percent_decode_str(&document).decode_utf8().unwrap(), ALLOW);
        assert_eq!(first(&version, "IsDefaultVersion").as_deref(), Some("true"));
        let document = fixture.get("GetPolicyVersion", &[("PolicyArn", AWS_POLICY), ("VersionId", "v2")], "Document");
        assert!(document.unwrap().contains("kinesis%3AGetRecords"));
    }

    #[test]
    fn no_such_version() {
        let fixture = Fixture::with_policy();
        for version in ["v2", "v1.x", "v99999999999"] {
            fixture.refuses(
                "GetPolicyVersion",
                &[("PolicyArn", POLICY), ("VersionId", version)],
                "NoSuchEntity",
                &format!("Policy {POLICY} version {version} does not exist or is not attachable."),
            );
        }
    }
}
