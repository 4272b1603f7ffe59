//! CreatePolicy makes a managed policy; its document is version `v1` and the default.
//!
//! Names are unique in an account whatever their case and path. A document may have 6144 characters, white space not
//! counted; an account may have 1500 policies.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::document::{check_permissions, counted_length};
use crate::name::{check_name, check_path};
use crate::policy::{Policy, PolicyView, Usage, Version};
use crate::tag::{Tag, Tags};
use crate::{Error, Iam, shapes};

const MOST_CHARACTERS: usize = 6144;
const MOST_POLICIES: usize = 1500;

pub(crate) struct CreatePolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_name: String,
    path: Option<String>,
    policy_document: String,
    description: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy: PolicyView,
}

impl Action<Iam> for CreatePolicy {
    const NAME: &'static str = "CreatePolicy";
    const INPUT: Structure = Structure::new(
        "CreatePolicyRequest",
        &[
            shapes::policy_name(),
            shapes::path(),
            shapes::document("PolicyDocument"),
            Shape::string().at_most(1000).member("Description"),
            shapes::tags(),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<Output, Error> {
        let path = input.path.unwrap_or_else(|| "/".to_owned());
        check_name("policyName", &input.policy_name)?;
        check_path(&path)?;
        check_document(&input.policy_document)?;
        let tags = Tags::new(input.tags)?;
        let write = iam.write();
        let account = &call.world.account;
        let policies = write.policies(account);
        if let Some(there) = policies.iter().find(|policy| call.repeats(policy.maker.as_ref())) {
            return Ok(Output { policy: PolicyView::whole(there, write.usage(account, &there.arn)) });
        }
        check_room(&policies, &input.policy_name)?;
        let created = iam.now();
        let policy = Policy {
            id: format!("ANPA{}", iam.env().random.base32(17)),
            arn: format!("arn:{}:iam::{account}:policy{path}{}", call.world.partition(), input.policy_name),
            name: input.policy_name,
            path,
            maker: call.invocation.clone(),
            created,
            updated: created,
            description: input.description.filter(|text| !text.is_empty()),
            tags,
            default_version: 1,
            last_version: 1,
            versions: BTreeMap::from([(1, Version { document: input.policy_document, created })]),
        };
        let policy = write.put_policy(account, policy)?;
        Ok(Output { policy: PolicyView::whole(&policy, Usage::default()) })
    }
}

/// Refuses what cannot be the document of a managed policy.
pub(super) fn check_document(document: &str) -> Result<(), Error> {
    check_permissions("policyDocument", document)?;
    if counted_length(document) > MOST_CHARACTERS {
        return Err(Error::Quota { quota: "PolicySize", most: MOST_CHARACTERS });
    }
    Ok(())
}

fn check_room(policies: &[Arc<Policy>], name: &str) -> Result<(), Error> {
    if policies.iter().any(|policy| policy.name.eq_ignore_ascii_case(name)) {
        return Err(Error::PolicyExists { name: name.to_owned() });
    }
    if policies.len() >= MOST_POLICIES {
        return Err(Error::Quota { quota: "PoliciesPerAccount", most: MOST_POLICIES });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::fixture::{ALLOW, Fixture, first};

    #[test]
    fn answers_what_was_made() {
        let policy = Fixture::new().ok(
            "CreatePolicy",
            &[
                ("PolicyName", "p"),
                ("Path", "/team/"),
                ("PolicyDocument", ALLOW),
                ("Description", "streams"),
                ("Tags.member.1.Key", "k"),
                ("Tags.member.1.Value", "v"),
            ],
        );
        let check =
            |name: &str, expected: &str| assert_eq!(first(&policy, name).as_deref(), Some(expected), "{policy}");
        check("PolicyName", "p");
        check("Arn", "arn:aws:iam::000000000000:policy/team/p");
        check("DefaultVersionId", "v1");
        check("AttachmentCount", "0");
        check("PermissionsBoundaryUsageCount", "0");
        check("IsAttachable", "true");
        check("CreateDate", "2026-11-23T16:47:00Z");
        check("UpdateDate", "2026-11-23T16:47:00Z");
        check("Key", "k");
        let id = first(&policy, "PolicyId").unwrap();
        assert!(id.starts_with("ANPA") && id.len() == 21, "{id}");
    }

    #[test]
    fn refusals() {
        let fixture = Fixture::with_policy();
        let create = |name: &str, document: &str, code: &str, message: &str| {
            let members = [("PolicyName", name), ("Path", "/x/"), ("PolicyDocument", document)];
            fixture.refuses("CreatePolicy", &members, code, message);
        };
        let exists = "A policy called P already exists. Duplicate names are not allowed.";
        create("P", ALLOW, "EntityAlreadyExists", exists);
        create("q", "[]", "MalformedPolicyDocument", "Syntax errors in policy.");
        let long = ALLOW.replace("\"*\"", &format!("\"arn:aws:s3:::{}\"", "x".repeat(6144)));
        create("q", &long, "LimitExceeded", "Cannot exceed quota for PolicySize: 6144");
    }
}
