//! GetPolicy shows a managed policy, the account's own or one of AWS's, without its document.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::policy::PolicyView;
use crate::{Error, Iam, shapes};

pub(crate) struct GetPolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy: PolicyView,
}

impl Action<Iam> for GetPolicy {
    const NAME: &'static str = "GetPolicy";
    const INPUT: Structure = Structure::new("GetPolicyRequest", &[shapes::policy_arn()]);
    type Input = Input;
    type Output = Output;

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<Output, Error> {
        let directory = iam.directory();
        let policy = directory.existing_policy(call, &input.policy_arn)?;
        Ok(Output { policy: PolicyView::whole(&policy, directory.usage_of(call, &policy)) })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{AWS_POLICY, Fixture, POLICY, first};

    #[test]
    fn counts_attachments() {
        let fixture = Fixture::with_policy();
        for arn in [POLICY, AWS_POLICY] {
            let count = || fixture.get("GetPolicy", &[("PolicyArn", arn)], "AttachmentCount");
            assert_eq!(count().as_deref(), Some("0"));
            fixture.ok("AttachRolePolicy", &[("RoleName", "r"), ("PolicyArn", arn)]);
            assert_eq!(count().as_deref(), Some("1"));
        }
    }

    #[test]
    fn a_policy_of_aws() {
        let policy = Fixture::new().ok("GetPolicy", &[("PolicyArn", AWS_POLICY)]);
        let check =
            |name: &str, expected: &str| assert_eq!(first(&policy, name).as_deref(), Some(expected), "{policy}");
        check("Path", "/service-role/");
        check("DefaultVersionId", "v2");
        check("CreateDate", "2015-04-09T15:14:16Z");
    }

    #[test]
    fn no_such_policy() {
        let message = format!("Policy {POLICY} was not found.");
        Fixture::new().refuses("GetPolicy", &[("PolicyArn", POLICY)], "NoSuchEntity", &message);
    }
}
