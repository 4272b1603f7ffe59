//! GetRolePolicy shows an inline policy of a role.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::document::url_encoded;
use crate::name::check_name;
use crate::{Error, Iam, shapes};

pub(crate) struct GetRolePolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    policy_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    role_name: String,
    policy_name: String,
    policy_document: String,
}

impl Action<Iam> for GetRolePolicy {
    const NAME: &'static str = "GetRolePolicy";
    const INPUT: Structure = Structure::new("GetRolePolicyRequest", &[shapes::role_name(), shapes::policy_name()]);
    type Input = Input;
    type Output = Output;

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<Output, Error> {
        check_name("policyName", &input.policy_name)?;
        let role = iam.directory().existing_role(call, &input.role_name)?;
        match role.inline.get(&input.policy_name) {
            Some(document) => Ok(Output {
                role_name: input.role_name,
                policy_name: input.policy_name,
                policy_document: url_encoded(document),
            }),
            None => Err(Error::RolePolicyNotFound { name: input.policy_name }),
        }
    }
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;

    use crate::fixture::{ALLOW, Fixture, first};

    #[test]
    fn the_document_comes_back_as_it_was_sent() {
        let fixture = Fixture::with_role();
        let spaced = format!(" {ALLOW}\n");
        fixture.ok("PutRolePolicy", &[("RoleName", "r"), ("PolicyName", "p"), ("PolicyDocument", &spaced)]);
        let answer = fixture.ok("GetRolePolicy", &[("RoleName", "r"), ("PolicyName", "p")]);
        let document = first(&answer, "PolicyDocument").unwrap();
        assert_eq!(percent_decode_str(&document).decode_utf8().unwrap(), spaced);
        assert_eq!(first(&answer, "PolicyName").as_deref(), Some("p"));
        assert_eq!(first(&answer, "RoleName").as_deref(), Some("r"));
    }

    #[test]
    fn no_such_policy_or_role() {
        let fixture = Fixture::with_role();
        let get = |role: &str, message: &str| {
            fixture.refuses("GetRolePolicy", &[("RoleName", role), ("PolicyName", "p")], "NoSuchEntity", message);
        };
        get("r", "The role policy with name p cannot be found.");
        get("other", "The role with name other cannot be found.");
    }
}
