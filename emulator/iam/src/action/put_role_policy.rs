//! PutRolePolicy adds an inline policy to a role, or replaces the one of that name.
//!
//! All inline policies of a role together may have 10240 characters, white space not counted.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::document::{check_permissions, counted_length};
use crate::name::check_name;
use crate::role::Role;
use crate::{Error, Iam, shapes};

const MOST: usize = 10_240;

pub(crate) struct PutRolePolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    policy_name: String,
    policy_document: String,
}

impl Action<Iam> for PutRolePolicy {
    const NAME: &'static str = "PutRolePolicy";
    const INPUT: Structure = Structure::new(
        "PutRolePolicyRequest",
        &[shapes::role_name(), shapes::policy_name(), shapes::document("PolicyDocument")],
    );
    type Input = Input;
    type Output = ();

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<(), Error> {
        check_name("policyName", &input.policy_name)?;
        let write = iam.write();
        let mut role = Role::clone(&*write.existing_role(call, &input.role_name)?);
        check_permissions("policyDocument", &input.policy_document)?;
        role.inline.insert(input.policy_name, input.policy_document);
        if role.inline.values().map(|document| counted_length(document)).sum::<usize>() > MOST {
            return Err(Error::InlinePoliciesTooLong { role: role.name, most: MOST });
        }
        write.put_role(&call.world.account, role)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{ALLOW, Fixture};

    #[test]
    fn adds_and_replaces() {
        let fixture = Fixture::with_role();
        let name = [("RoleName", "r"), ("PolicyName", "p")];
        let other = ALLOW.replace("kinesis", "sqs");
        for document in [ALLOW, &other] {
            fixture.ok("PutRolePolicy", &[name[0], name[1], ("PolicyDocument", document)]);
        }
        let document = fixture.get("GetRolePolicy", &name, "PolicyDocument").unwrap();
        assert!(document.contains("sqs"), "{document}");
    }

    #[test]
    fn bad_policies() {
        let fixture = Fixture::with_role();
        let put = |name: &str, document: &str, code: &str, message: &str| {
            let members = [("RoleName", "r"), ("PolicyName", name), ("PolicyDocument", document)];
            fixture.refuses("PutRolePolicy", &members, code, message);
        };
        put("p", "not json", "MalformedPolicyDocument", "Syntax errors in policy.");
        put(
            "p q",
            ALLOW,
            "ValidationError",
            "The specified value for policyName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-",
        );
        let half = ALLOW.replace("\"*\"", &format!("\"arn:aws:s3:::{}\"", "x".repeat(5100)));
        fixture.ok("PutRolePolicy", &[("RoleName", "r"), ("PolicyName", "half"), ("PolicyDocument", &half)]);
        let too_long = "Maximum policy size of 10240 bytes exceeded for role r";
        put("other", &half, "LimitExceeded", too_long);
        assert_eq!(fixture.get("ListRolePolicies", &[("RoleName", "r")], "member").as_deref(), Some("half"));
    }
}
