//! What is a policy and what is not, in the words that the caller gets.

use super::*;

const LAMBDA: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

#[track_caller]
fn refuses(outcome: Result<(), Error>, words: &str) {
    let error = aws_wire::AwsError::from(outcome.unwrap_err());
    assert_eq!((&*error.code, error.message.as_deref()), ("MalformedPolicyDocument", Some(words)));
}

#[test]
fn good_permissions() {
    for document in [
        r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
        r#"{"Version":"2008-10-17","Id":"x","Statement":[{"Sid":"","Effect":"Deny","NotAction":["s3:Get*"],"NotResource":["arn:aws:s3:::b"]}]}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":true},"StringLike":{"s3:prefix":["a","b"]}}}]}"#,
        " {\n\"Version\": \"2012-10-17\", \"Statement\": [] }",
    ] {
        check_permissions("policyDocument", document).unwrap();
    }
}

#[test]
fn bad_permissions() {
    let check = |document: &str, words: &str| refuses(check_permissions("policyDocument", document), words);
    let statement = |members: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{{{members}}}]}}"#);
    for document in
        ["{", "", "[]", "7", "{}", r#"{"Version":"2020-01-01","Statement":[]}"#, r#"{"Statement":[],"More":1}"#]
    {
        check(document, "Syntax errors in policy.");
    }
    check(&statement(r#""Action":"s3:*","Resource":"*""#), "Syntax errors in policy.");
    check(&statement(r#""Effect":"Maybe","Action":"s3:*","Resource":"*""#), "Syntax errors in policy.");
    check(
        &statement(r#""Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"a":{}}}"#),
        "Syntax errors in policy.",
    );
    check(&statement(r#""Effect":"Allow","Resource":"*""#), "Policy statement must contain actions.");
    check(&statement(r#""Effect":"Allow","Action":[],"Resource":"*""#), "Policy statement must contain actions.");
    check(&statement(r#""Effect":"Allow","Action":"s3:*""#), "Policy statement must contain resources.");
    check(
        &statement(r#""Effect":"Allow","Action":"GetObject","Resource":"*""#),
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    );
    check(
        &statement(r#""Effect":"Allow","Action":"s3:*","Resource":"bucket""#),
        "Resource bucket must be in ARN format or \"*\".",
    );
    check(
        &statement(r#""Effect":"Allow","Action":"s3:*","Resource":"*","Principal":"*""#),
        "Policy document should not specify a principal.",
    );
    check(
        &statement(r#""Sid":"a b","Effect":"Allow","Action":"s3:*","Resource":"*""#),
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
    );
    let twice = r#""Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*""#;
    check(&statement(&format!("{twice}}},{{{twice}")), "Statement IDs (SID) in a single policy must be unique.");
}

#[test]
fn good_trust() {
    for document in [
        LAMBDA,
        r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":["sts:AssumeRole","sts:TagSession"]}}"#,
        r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::000000000000:root","000000000000","*"],"Service":["a.amazonaws.com"]},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"0"}}}]}"#,
        r#"{"Statement":[{"Effect":"Deny","NotPrincipal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity"}]}"#,
    ] {
        check_trust("assumeRolePolicyDocument", document).unwrap();
    }
}

#[test]
fn bad_trust() {
    let check = |document: &str, words: &str| refuses(check_trust("policyDocument", document), words);
    let statement = |members: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{{{members}}}]}}"#);
    check("{", "This policy contains invalid Json");
    check("{}", "Missing required field Statement");
    check(r#"{"Statement":[]}"#, "Could not parse the policy: Statement is empty!");
    check(r#"{"Statement":[7]}"#, "Syntax errors in policy.");
    check(&statement(r#""Principal":"*","Action":"sts:AssumeRole""#), "Missing required field Effect");
    check(&statement(r#""Effect":"Allow","Principal":"*""#), "Missing required field Action");
    check(&statement(r#""Effect":"Allow","Action":"sts:AssumeRole""#), "Missing required field Principal");
    check(
        &statement(r#""Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*""#),
        "Has prohibited field Resource",
    );
    check(
        &statement(r#""Effect":"Allow","Principal":"*","Action":"s3:GetObject""#),
        "AssumeRole policy may only specify STS AssumeRole actions.",
    );
    check(
        &statement(r#""Effect":"Allow","Principal":{"Service":"lambda"},"Action":"sts:AssumeRole""#),
        "Invalid principal in policy: \"SERVICE\":\"lambda\"",
    );
    check(
        &statement(r#""Effect":"Allow","Principal":{"Robot":"r2"},"Action":"sts:AssumeRole""#),
        "Invalid principal in policy: \"ROBOT\":\"r2\"",
    );
}

#[test]
fn other_alphabets_are_refused_as_a_value() {
    let error = aws_wire::AwsError::from(check_trust("policyDocument", "{\"Id\":\"数\"}").unwrap_err());
    assert_eq!(
        error.to_string(),
        "ValidationError: The specified value for policyDocument is invalid. It must contain only printable ASCII characters."
    );
}

#[test]
fn documents_travel_encoded() {
    assert_eq!(url_encoded("{\"a\": \"b-c_d.e~f*\"}"), "%7B%22a%22%3A%20%22b-c_d.e~f%2A%22%7D");
    assert_eq!(counted_length(" {\n\t\"a\": 1 }"), 7);
}
