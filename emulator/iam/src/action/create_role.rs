//! CreateRole makes a role that nobody has permissions through yet: only its trust policy, and what is said about it.
//!
//! Names are unique in an account whatever their case. A trust policy may have 2048 characters, white space not counted;
//! an account may have 1000 roles.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use super::update_assume_role_policy::check_trust_length;
use crate::document::check_trust;
use crate::name::{check_name, check_path};
use crate::role::{DEFAULT_SESSION_SECS, Role, RoleView};
use crate::tag::{Tag, Tags};
use crate::{Error, Iam, shapes};

const MOST_ROLES: usize = 1000;

pub(crate) struct CreateRole;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    path: Option<String>,
    role_name: String,
    assume_role_policy_document: String,
    description: Option<String>,
    max_session_duration: Option<u32>,
    permissions_boundary: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    role: RoleView,
}

impl Action<Iam> for CreateRole {
    const NAME: &'static str = "CreateRole";
    const INPUT: Structure = Structure::new(
        "CreateRoleRequest",
        &[
            shapes::path(),
            shapes::role_name(),
            shapes::document("AssumeRolePolicyDocument"),
            shapes::role_description(),
            shapes::max_session_duration(),
            shapes::arn("PermissionsBoundary"),
            shapes::tags(),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<Output, Error> {
        let path = input.path.unwrap_or_else(|| "/".to_owned());
        check_name("roleName", &input.role_name)?;
        check_path(&path)?;
        check_trust("assumeRolePolicyDocument", &input.assume_role_policy_document)?;
        check_trust_length(&input.assume_role_policy_document)?;
        let tags = Tags::new(input.tags)?;
        let write = iam.write();
        if let Some(arn) = &input.permissions_boundary {
            write.existing_boundary(call, arn)?;
        }
        let account = &call.world.account;
        let roles = write.roles(account);
        if let Some(there) = roles.iter().find(|role| call.repeats(role.maker.as_ref())) {
            return Ok(Output { role: RoleView::whole(there) });
        }
        check_room(&roles, &input.role_name)?;
        let role = Role {
            id: format!("AROA{}", iam.env().random.base32(17)),
            arn: format!("arn:{}:iam::{account}:role{path}{}", call.world.partition(), input.role_name),
            name: input.role_name,
            path,
            maker: call.invocation.clone(),
            created: iam.now(),
            trust: input.assume_role_policy_document,
            description: input.description,
            max_session_secs: input.max_session_duration.unwrap_or(DEFAULT_SESSION_SECS),
            boundary: input.permissions_boundary,
            tags,
            inline: BTreeMap::new(),
            attached: BTreeSet::new(),
        };
        let role = write.put_role(account, role)?;
        Ok(Output { role: RoleView::whole(&role) })
    }
}

fn check_room(roles: &[Arc<Role>], name: &str) -> Result<(), Error> {
    if roles.iter().any(|role| role.name.eq_ignore_ascii_case(name)) {
        return Err(Error::RoleExists { name: name.to_owned() });
    }
    if roles.len() >= MOST_ROLES {
        return Err(Error::Quota { quota: "RolesPerAccount", most: MOST_ROLES });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::fixture::{AWS_POLICY, Fixture, TRUST, first};

    #[test]
    fn answers_what_was_made() {
        let role = Fixture::new().ok(
            "CreateRole",
            &[
                ("RoleName", "r"),
                ("Path", "/service-role/"),
                ("AssumeRolePolicyDocument", TRUST),
                ("Description", "reads"),
                ("MaxSessionDuration", "7200"),
                ("PermissionsBoundary", AWS_POLICY),
                ("Tags.member.1.Key", "k"),
                ("Tags.member.1.Value", "v"),
            ],
        );
        let check = |name: &str, expected: &str| assert_eq!(first(&role, name).as_deref(), Some(expected), "{role}");
        check("RoleName", "r");
        check("Path", "/service-role/");
        check("Arn", "arn:aws:iam::000000000000:role/service-role/r");
        check("CreateDate", "2026-11-23T16:47:00Z");
        check("Description", "reads");
        check("MaxSessionDuration", "7200");
        check("PermissionsBoundaryArn", AWS_POLICY);
        check("PermissionsBoundaryType", "PermissionsBoundaryPolicy");
        check("Tags", "<member><Key>k</Key><Value>v</Value></member>");
        let document = first(&role, "AssumeRolePolicyDocument").unwrap();
        assert!(document.starts_with("%7B%22Version%22%3A%222012-10-17%22"), "{document}");
        let id = first(&role, "RoleId").unwrap();
        assert!(id.starts_with("AROA") && id.len() == 21, "{id}");
    }

    #[test]
    fn names_are_unique_whatever_their_case() {
        let fixture = Fixture::with_role();
        for name in ["r", "R"] {
            let members = [("RoleName", name), ("AssumeRolePolicyDocument", TRUST), ("Path", "/other/")];
            let message = format!("Role with name {name} already exists.");
            fixture.refuses("CreateRole", &members, "EntityAlreadyExists", &message);
        }
    }

    #[test]
    fn bad_input() {
        let fixture = Fixture::new();
        let check = |member: (&str, &str), code: &str, message: &str| {
            let mut members = vec![("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)];
            members.retain(|(name, _)| *name != member.0);
            members.push(member);
            fixture.refuses("CreateRole", &members, code, message);
        };
        check(
            ("RoleName", "no spaces"),
            "ValidationError",
            "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-",
        );
        check(
            ("MaxSessionDuration", "60"),
            "ValidationError",
            "1 validation error detected: Value '60' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600",
        );
        check(
            ("Path", "nowhere"),
            "ValidationError",
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
        );
        check(("AssumeRolePolicyDocument", "{"), "MalformedPolicyDocument", "This policy contains invalid Json");
        check(
            ("PermissionsBoundary", "arn:aws:iam::000000000000:policy/none"),
            "NoSuchEntity",
            "Scope ARN: arn:aws:iam::000000000000:policy/none does not exist or is not attachable.",
        );
        let long = TRUST.replace("\"sts:AssumeRole\"", &format!("[\"sts:AssumeRole{}\"]", "x".repeat(2048)));
        check(("AssumeRolePolicyDocument", &long), "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048");
        assert_eq!(fixture.ok("ListRoles", &[]), "<IsTruncated>false</IsTruncated><Roles></Roles>");
    }
}
