//! Which service a request is for, and in which world it acts.
//!
//! The service is found from the scope it was signed for, else from its target header, its path or its query action; the
//! region from the scope; the account from the access key, if that is an account id. S3 has no mark of its own: what it is sent
//! without a scope (signed the old way, by nobody, for the host of a bucket) is what has a path and nothing else that tells.

use aws_wire::credential::Credential;
use aws_wire::json11::TARGET;
use aws_wire::{Call, Invocation, World, query};
use bytes::Bytes;
use http::Request;

/// A service that the emulator has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ServiceName {
    Kinesis,
    Kms,
    Lambda,
    Iam,
    Sts,
    Ec2,
    S3,
    Logs,
    Sqs,
    Sns,
}

impl ServiceName {
    /// Whether a request to it ends with its client. Who waits for messages and hangs up must not be given any; what SQS
    /// has begun by then, it finishes.
    pub(crate) const fn ends_with_client(self) -> bool {
        match self {
            Self::Sqs => true,
            Self::Kinesis
            | Self::Kms
            | Self::Lambda
            | Self::Iam
            | Self::Sts
            | Self::Ec2
            | Self::Sns
            | Self::S3
            | Self::Logs => false,
        }
    }
}

/// Where a request goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Route {
    /// To our own API under `/_millrace/`.
    Admin,
    /// To a service.
    Service(ServiceName),
    /// Nowhere: it is signed for, or addressed to, a service that we do not have.
    Unknown(String),
}

/// What a request says about itself where it says nothing.
#[derive(Clone, Debug)]
pub(crate) struct Defaults {
    pub(crate) region: String,
    pub(crate) account: String,
}

/// Where `request` goes.
pub(crate) fn route(request: &Request<Bytes>, credential: Option<&Credential>) -> Route {
    if request.uri().path().starts_with("/_millrace/") {
        return Route::Admin;
    }
    if let Some(credential) = credential {
        return by_name(&credential.service);
    }
    if let Some(target) = request.headers().get(TARGET).and_then(|value| value.to_str().ok()) {
        let prefix = target.split('.').next().unwrap_or_default();
        return match prefix {
            "Kinesis_20131202" => Route::Service(ServiceName::Kinesis),
            "TrentService" => Route::Service(ServiceName::Kms),
            "Logs_20140328" => Route::Service(ServiceName::Logs),
            "AmazonSQS" => Route::Service(ServiceName::Sqs),
            prefix => Route::Unknown(prefix.to_owned()),
        };
    }
    if is_lambda_path(request.uri().path()) {
        return Route::Service(ServiceName::Lambda);
    }
    if is_for_objects(request) {
        return Route::Service(ServiceName::S3);
    }
    match query::action_of(request).as_deref() {
        Some("GetCallerIdentity" | "AssumeRole" | "GetSessionToken") => Route::Service(ServiceName::Sts),
        // Links that SNS sends, which name no version.
        Some("ConfirmSubscription" | "Unsubscribe") => Route::Service(ServiceName::Sns),
        Some(_) => Route::Service(by_version(query::form(request).get("Version"))),
        // Queues have paths too, but ask by a form.
        None if request.uri().path() != "/" => Route::Service(ServiceName::S3),
        // What says nothing at all gets the words that Kinesis has for it.
        None => Route::Service(ServiceName::Kinesis),
    }
}

/// By the name that requests are signed for.
fn by_name(name: &str) -> Route {
    match name {
        "kinesis" => Route::Service(ServiceName::Kinesis),
        "kms" => Route::Service(ServiceName::Kms),
        "lambda" => Route::Service(ServiceName::Lambda),
        "iam" => Route::Service(ServiceName::Iam),
        "sts" => Route::Service(ServiceName::Sts),
        "ec2" => Route::Service(ServiceName::Ec2),
        "s3" => Route::Service(ServiceName::S3),
        "logs" => Route::Service(ServiceName::Logs),
        "sqs" => Route::Service(ServiceName::Sqs),
        "sns" => Route::Service(ServiceName::Sns),
        name => Route::Unknown(name.to_owned()),
    }
}

/// Whether a request is for S3 whatever it says else: it is for the host of a bucket, or signed as only S3 still is, with version 2.
fn is_for_objects(request: &Request<Bytes>) -> bool {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let host = request.uri().authority().map(http::uri::Authority::as_str).or_else(|| header(http::header::HOST));
    host.and_then(s3::bucket_of_host).is_some()
        || header(http::header::AUTHORIZATION).is_some_and(|value| value.starts_with("AWS "))
        || request.uri().query().is_some_and(|query| query.split('&').any(|pair| pair.starts_with("AWSAccessKeyId=")))
}

/// By the version of the API that a form names.
fn by_version(version: Option<&String>) -> ServiceName {
    match version.map(String::as_str) {
        Some("2012-11-05") => ServiceName::Sqs,
        Some("2010-03-31") => ServiceName::Sns,
        Some("2016-11-15") => ServiceName::Ec2,
        _ => ServiceName::Iam,
    }
}

/// Lambda's paths begin with the date of their API version: `/2015-03-31/functions`.
fn is_lambda_path(path: &str) -> bool {
    let version = path.trim_start_matches('/').split('/').next().unwrap_or_default().as_bytes();
    version.len() == 10
        && version
            .iter()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { *byte == b'-' } else { byte.is_ascii_digit() })
}

/// What the actions are told about a request. None: it is signed for what cannot be a region.
pub(crate) fn call(
    credential: Option<&Credential>,
    invocation: Option<Invocation>,
    defaults: &Defaults,
    request_id: String,
) -> Option<Call> {
    let region = credential.map(|credential| credential.region.clone()).filter(|region| !region.is_empty());
    if !region.as_deref().is_none_or(is_region) {
        return None;
    }
    let access_key = credential.map(|credential| credential.access_key.clone());
    let is_account = |key: &&String| key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_digit());
    let account = access_key.as_ref().filter(is_account).cloned();
    // A temporary key of a role or session tells the account it belongs to.
    let account = account.or_else(|| sts::access_key::account_of(access_key.as_deref()?));
    let world = World::new(
        account.unwrap_or_else(|| defaults.account.clone()),
        region.unwrap_or_else(|| defaults.region.clone()),
    );
    Some(Call { world, access_key, invocation, request_id })
}

/// A region becomes part of names and paths.
fn is_region(text: &str) -> bool {
    text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(uri: &str, headers: &[(&str, &str)], body: &'static str, expected: &Route) {
        let mut request = Request::post(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, body) = request.body(Bytes::from_static(body.as_bytes())).unwrap().into_parts();
        let credential = Credential::of(&parts);
        assert_eq!(&route(&Request::from_parts(parts, body), credential.as_ref()), expected);
    }

    #[test]
    fn services_are_found_by_what_a_request_shows() {
        let service = Route::Service;
        let signed =
            |name: &str| format!("AWS4-HMAC-SHA256 Credential=k/20260101/eu-west-1/{name}/aws4_request, Signature=0");
        check("/", &[("authorization", &signed("sts"))], "", &service(ServiceName::Sts));
        check("/", &[("authorization", &signed("dynamodb"))], "", &Route::Unknown("dynamodb".into()));
        check("/", &[("x-amz-target", "Kinesis_20131202.ListStreams")], "{}", &service(ServiceName::Kinesis));
        check(
            "/",
            &[("x-amz-target", "DynamoDB_20120810.ListTables")],
            "{}",
            &Route::Unknown("DynamoDB_20120810".into()),
        );
        check("/2015-03-31/functions/", &[], "", &service(ServiceName::Lambda));
        check("/", &[], "Action=GetCallerIdentity&Version=2011-06-15", &service(ServiceName::Sts));
        check("/", &[], "Action=CreateRole&Version=2010-05-08", &service(ServiceName::Iam));
        check("/", &[("x-amz-target", "AmazonSQS.ListQueues")], "{}", &service(ServiceName::Sqs));
        check("/000000000000/q", &[], "Action=SendMessage&Version=2012-11-05", &service(ServiceName::Sqs));
        check("/", &[], "Action=Publish&Version=2010-03-31", &service(ServiceName::Sns));
        check("/", &[], "Action=DescribeAvailabilityZones&Version=2016-11-15", &service(ServiceName::Ec2));
        check("/", &[("authorization", &signed("ec2"))], "", &service(ServiceName::Ec2));
        check("/?Action=ConfirmSubscription&TopicArn=a&Token=b", &[], "", &service(ServiceName::Sns));
        check("/", &[], "", &service(ServiceName::Kinesis));
        check("/", &[("x-amz-target", "Logs_20140328.DescribeLogGroups")], "{}", &service(ServiceName::Logs));
        check("/", &[("authorization", &signed("logs"))], "{}", &service(ServiceName::Logs));
        check("/", &[("authorization", &signed("s3"))], "", &service(ServiceName::S3));
        check("/bucket/key", &[], "", &service(ServiceName::S3));
        check("/", &[("host", "bucket.localhost:4566")], "", &service(ServiceName::S3));
        check("/", &[("host", "localhost:4566")], "", &service(ServiceName::Kinesis));
        check("/", &[("authorization", "AWS key:signature")], "", &service(ServiceName::S3));
        check("/?AWSAccessKeyId=key&Signature=s&Expires=1", &[], "", &service(ServiceName::S3));
        check("/_millrace/health", &[("authorization", &signed("sts"))], "", &Route::Admin);
    }

    #[test]
    fn worlds_come_from_scope_and_key() {
        let defaults = Defaults { region: "us-east-1".into(), account: "000000000000".into() };
        let of = |access_key: &str, region: &str| {
            let credential =
                Credential { access_key: access_key.into(), region: region.into(), service: "kinesis".into() };
            call(Some(&credential), None, &defaults, "id".into()).map(|call| call.world.to_string())
        };
        assert_eq!(of("123456789012", "eu-west-1").unwrap(), "123456789012/eu-west-1");
        assert_eq!(of("test", "eu-west-1").unwrap(), "000000000000/eu-west-1");
        assert_eq!(of("test", "").unwrap(), "000000000000/us-east-1");
        assert_eq!(call(None, None, &defaults, "id".into()).unwrap().world.to_string(), "000000000000/us-east-1");
        for region in ["../..", "a:b", &"a".repeat(33)] {
            assert_eq!(of("test", region), None, "{region}");
        }
    }
}
