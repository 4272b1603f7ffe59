//! AssumeRole gives temporary credentials of a role, for 15 minutes up to what the role allows; one hour unless told.
//!
//! The role must exist. Whether it trusts the caller is a question of enforcement and is not asked yet; session policies,
//! tags and codes are checked for their form and have no effect.

use aws_wire::{Action, Arn, Call, Pattern, Shape, Structure};
use serde::{Deserialize, Serialize};

use super::get_session_token::{DEVICE, DIGITS};
use crate::credentials::Credentials;
use crate::service::caller_arn;
use crate::{Error, Sts};

const DEFAULT_SECS: u32 = 3600;

pub(crate) struct AssumeRole;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_arn: String,
    role_session_name: String,
    policy: Option<String>,
    duration_seconds: Option<u32>,
    source_identity: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    credentials: Credentials,
    assumed_role_user: AssumedRoleUser,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_identity: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumedRoleUser {
    assumed_role_id: String,
    arn: String,
}

impl Action<Sts> for AssumeRole {
    const NAME: &'static str = "AssumeRole";
    const INPUT: Structure = Structure::new(
        "AssumeRoleRequest",
        &[
            Shape::string().length(20, 2048).member("RoleArn").required(),
            Shape::string().length(2, 64).pattern(SESSION_NAME).member("RoleSessionName").required(),
            Shape::list(&POLICY_ARN).member("PolicyArns"),
            Shape::string().at_least(1).member("Policy"),
            Shape::integer().range(900, 43_200).member("DurationSeconds"),
            Shape::list(&TAG).at_most(50).member("Tags"),
            Shape::list(&TAG_KEY).at_most(50).member("TransitiveTagKeys"),
            Shape::string().length(2, 1224).pattern(EXTERNAL_ID).member("ExternalId"),
            Shape::string().length(9, 256).pattern(DEVICE).member("SerialNumber"),
            Shape::string().length(6, 6).pattern(DIGITS).member("TokenCode"),
            Shape::string().length(2, 64).pattern(SESSION_NAME).member("SourceIdentity"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(sts: &Sts, call: &Call, input: Input) -> Result<Output, Error> {
        let is_role = |arn: &Arn<'_>| arn.service == "iam" && arn.resource.starts_with("role/");
        let Some(arn) = Arn::parse(&input.role_arn).filter(is_role) else {
            return Err(Error::InvalidRoleArn { arn: input.role_arn });
        };
        if input.policy.is_some_and(|policy| serde_json::from_str::<serde_json::Map<_, _>>(&policy).is_err()) {
            return Err(Error::MalformedPolicy);
        }
        let Some(role) = sts.roles().role(&input.role_arn) else {
            return Err(Error::MayNotAssume { caller: caller_arn(call), arn: input.role_arn });
        };
        let secs = input.duration_seconds.unwrap_or(DEFAULT_SECS);
        if secs > role.max_session_secs {
            return Err(Error::TooLong);
        }
        let session = input.role_session_name;
        let assumed_role_user = AssumedRoleUser {
            assumed_role_id: format!("{}:{session}", role.id),
            arn: format!("arn:{}:sts::{}:assumed-role/{}/{session}", arn.partition, arn.account, role.name),
        };
        Ok(Output {
            credentials: Credentials::issue(sts.env(), arn.account, secs),
            assumed_role_user,
            source_identity: input.source_identity,
        })
    }
}

const SESSION_NAME: Pattern = Pattern {
    text: r"[\w+=,.@-]*",
    matches: |text| text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)),
};
const EXTERNAL_ID: Pattern = Pattern {
    text: r"[\w+=,.@:\/-]*",
    matches: |text| text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c)),
};
const POLICY_ARN: Shape = Shape::structure(&POLICY_DESCRIPTOR);
const POLICY_DESCRIPTOR: Structure =
    Structure::new("PolicyDescriptorType", &[Shape::string().length(20, 2048).member("arn")]);
const TAG_KEY: Shape = Shape::string().length(1, 128);
const TAG: Shape = Shape::structure(&TAG_STRUCTURE);
const TAG_STRUCTURE: Structure = Structure::new(
    "Tag",
    &[TAG_KEY.member("Key").required(), Shape::string().length(0, 256).member("Value").required()],
);

#[cfg(test)]
mod tests {
    use crate::access_key::account_of;
    use crate::fixture::{ROLE, first, refuses, send};

    fn form(role: &str, more: &str) -> String {
        format!("Action=AssumeRole&RoleArn={role}&RoleSessionName=me%40here{more}")
    }

    #[test]
    fn credentials_of_the_role() {
        let (status, answer) = send(&form(ROLE, "&DurationSeconds=7200&SourceIdentity=alice"));
        assert_eq!(status, 200, "{answer}");
        let check = |name: &str, expected: &str| assert_eq!(first(&answer, name).as_deref(), Some(expected));
        check("AssumedRoleId", "AROAREADER:me@here");
        check("Arn", "arn:aws:sts::111111111111:assumed-role/reader/me@here");
        check("Expiration", "2026-11-23T18:47:00Z");
        check("SourceIdentity", "alice");
        let key = first(&answer, "AccessKeyId").unwrap();
        assert_eq!(account_of(&key).as_deref(), Some("111111111111"));
    }

    #[test]
    fn refusals() {
        let absent = "arn:aws:iam::111111111111:role/absent";
        refuses(
            &form(absent, ""),
            403,
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::000000000000:root is not authorized to perform: sts:AssumeRole on resource: {absent}"
            ),
        );
        let user = "arn:aws:iam::111111111111:user/reader";
        refuses(&form(user, ""), 400, "ValidationError", &format!("{user} is invalid"));
        refuses(
            &form(ROLE, "&DurationSeconds=7201"),
            400,
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        );
        refuses(&form(ROLE, "&Policy=%7B"), 400, "MalformedPolicyDocument", "Syntax errors in policy.");
        refuses(
            &format!("Action=AssumeRole&RoleArn={ROLE}&RoleSessionName=a+b"),
            400,
            "ValidationError",
            r"1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*",
        );
    }
}
