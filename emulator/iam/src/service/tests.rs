//! What holds for the service as a whole: accounts are apart, a restart forgets nothing, other services can ask.

use state_store::Store;

use super::*;
use crate::fixture::{ALLOW, AWS_POLICY, Fixture, POLICY, TRUST, all};

const ROLE: &str = "arn:aws:iam::000000000000:role/r";

#[test]
fn others_can_ask_for_a_role() {
    let fixture = Fixture::with_role();
    let iam = &fixture.iam;
    assert_eq!(iam.assumable_by(ROLE, "lambda.amazonaws.com"), Assumable::Yes);
    assert_eq!(iam.assumable_by(ROLE, "ec2.amazonaws.com"), Assumable::NotTrusted);
    let facts = iam.role(ROLE).unwrap();
    assert_eq!((facts.name.as_str(), facts.max_session_secs), ("r", 3600));
    for other in [
        "",
        "r",
        "arn:aws:iam::000000000000:role/other",
        "arn:aws:iam::111111111111:role/r",
        "arn:aws:iam::000000000000:role/path/r",
        "arn:aws:iam::000000000000:user/r",
        "arn:aws-cn:iam::000000000000:role/r",
    ] {
        assert_eq!(iam.assumable_by(other, "lambda.amazonaws.com"), Assumable::NoSuchRole, "{other}");
    }
}

#[test]
fn accounts_do_not_see_each_other() {
    let fixture = Fixture::with_policy();
    let other = fixture.of_account("111111111111");
    other.refuses("GetRole", &[("RoleName", "r")], "NoSuchEntity", "The role with name r cannot be found.");
    other.refuses("GetPolicy", &[("PolicyArn", POLICY)], "NoSuchEntity", &format!("Policy {POLICY} was not found."));
    other.ok("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)]);
    other.ok("DeleteRole", &[("RoleName", "r")]);
    fixture.ok("GetRole", &[("RoleName", "r")]);
}

#[test]
fn everything_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    let questions: [(&str, &[(&str, &str)]); 6] = [
        ("GetRole", &[("RoleName", "r")]),
        ("GetRolePolicy", &[("RoleName", "r"), ("PolicyName", "inline")]),
        ("ListAttachedRolePolicies", &[("RoleName", "r")]),
        ("GetPolicy", &[("PolicyArn", POLICY)]),
        ("GetPolicyVersion", &[("PolicyArn", POLICY), ("VersionId", "v2")]),
        ("ListRoles", &[]),
    ];
    let answers = |fixture: &Fixture| questions.map(|(action, members)| fixture.ok(action, members));
    let before = {
        let fixture = Fixture::on(&Store::open(&path).unwrap());
        let tags = [("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")];
        let role = [("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST), ("Description", "d")];
        fixture.ok("CreateRole", &[&role[..], &tags[..]].concat());
        fixture.ok("CreateRole", &[("RoleName", "gone"), ("AssumeRolePolicyDocument", TRUST)]);
        fixture.ok("DeleteRole", &[("RoleName", "gone")]);
        fixture.ok("PutRolePolicy", &[("RoleName", "r"), ("PolicyName", "inline"), ("PolicyDocument", ALLOW)]);
        fixture.ok("CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", ALLOW)]);
        fixture.ok("CreatePolicyVersion", &[("PolicyArn", POLICY), ("PolicyDocument", ALLOW)]);
        fixture.ok("AttachRolePolicy", &[("RoleName", "r"), ("PolicyArn", AWS_POLICY)]);
        fixture.ok("AttachRolePolicy", &[("RoleName", "r"), ("PolicyArn", POLICY)]);
        answers(&fixture)
    };
    let fixture = Fixture::on(&Store::open(&path).unwrap());
    assert_eq!(answers(&fixture), before);
    assert_eq!(all(&before[5], "RoleName"), ["r"]);
    assert_eq!(fixture.iam.assumable_by(ROLE, "lambda.amazonaws.com"), Assumable::Yes);
}

#[test]
fn what_is_no_action_is_refused() {
    let fixture = Fixture::new();
    fixture.refuses(
        "CreateUnicorn",
        &[],
        "InvalidAction",
        "Could not find operation CreateUnicorn for version 2010-05-08",
    );
    fixture.refuses(
        "GetRole",
        &[],
        "ValidationError",
        "1 validation error detected: Value null at 'roleName' failed to satisfy constraint: Member must not be null",
    );
    fixture.refuses(
        "GetRole",
        &[("RoleName", "a b")],
        "ValidationError",
        "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-",
    );
    let (status, _) = fixture.send("GetRole", &[("RoleName", "absent")]);
    assert_eq!(status, 404);
}
