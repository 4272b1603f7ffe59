//! What the tests of the actions share: an IAM in memory, and requests as a client sends them.

use std::time::Duration;

use aws_wire::{Body, Call, Endpoint as _, World};
use bytes::Bytes;
use env::{Env, Timestamp};
use futures_util::FutureExt as _;
use http::Request;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use state_store::Store;

use crate::Iam;

/// A trust policy for Lambda.
pub(crate) const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
/// An identity policy.
pub(crate) const ALLOW: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kinesis:*","Resource":"*"}]}"#;
/// The ARN of the policy that [`Fixture::with_policy`] makes.
pub(crate) const POLICY: &str = "arn:aws:iam::000000000000:policy/p";
/// A policy that AWS brings along.
pub(crate) const AWS_POLICY: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole";

/// The members of a request, spelled as on the wire.
pub(crate) type Members<'a> = &'a [(&'a str, &'a str)];

pub(crate) struct Fixture {
    pub(crate) iam: Iam,
    pub(crate) env: Env,
    account: &'static str,
}

impl Fixture {
    /// Nothing in it; the clock stands at 2026-11-23T16:47:00.5Z.
    pub(crate) fn new() -> Self {
        Self::on(&Store::in_memory())
    }

    /// On what `store` holds.
    pub(crate) fn on(store: &Store) -> Self {
        let env = Env::manual(Timestamp::from_millis(1_795_452_420_500), 7);
        Self { iam: Iam::new(env.clone(), store).unwrap(), env, account: "000000000000" }
    }

    /// With the role `r`.
    pub(crate) fn with_role() -> Self {
        let fixture = Self::new();
        fixture.ok("CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)]);
        fixture
    }

    /// With the role `r` and the managed policy `p`, not attached.
    pub(crate) fn with_policy() -> Self {
        let fixture = Self::with_role();
        fixture.ok("CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", ALLOW)]);
        fixture
    }

    /// The same service for another account.
    pub(crate) fn of_account(&self, account: &'static str) -> Self {
        Self { iam: self.iam.clone(), env: self.env.clone(), account }
    }

    pub(crate) fn advance_secs(&self, secs: u64) {
        self.env.clock.advance(Duration::from_secs(secs));
    }

    /// Sends a request and returns the status and the document.
    pub(crate) fn send(&self, action: &str, members: Members<'_>) -> (u16, String) {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let mut form = format!("Action={action}&Version=2010-05-08");
        for (name, value) in members {
            form.push_str(&format!("&{name}={}", encode(value)));
        }
        let world = World::new(self.account, "us-east-1");
        let call = Call { world, access_key: None, invocation: None, request_id: "id".into() };
        let request = Request::post("/").body(Bytes::from(form)).unwrap();
        let reply = self.iam.serve(call, request).now_or_never().expect("nothing waits");
        let status = reply.status().as_u16();
        let Body::Full(body) = reply.into_body() else { panic!("not a stream") };
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// What is inside the result of a request that succeeds.
    #[track_caller]
    pub(crate) fn ok(&self, action: &str, members: Members<'_>) -> String {
        let (status, document) = self.send(action, members);
        assert_eq!(status, 200, "{document}");
        let inside = document.split_once(&format!("<{action}Result>")).map(|(_, rest)| rest);
        let inside = inside.and_then(|rest| rest.split_once(&format!("</{action}Result>")));
        inside.map(|(inside, _)| inside.to_owned()).unwrap_or_default()
    }

    /// The text of the first element called `name` in the result.
    #[track_caller]
    pub(crate) fn get(&self, action: &str, members: Members<'_>, name: &str) -> Option<String> {
        first(&self.ok(action, members), name)
    }

    /// Checks that a request is refused in these words.
    #[track_caller]
    pub(crate) fn refuses(&self, action: &str, members: Members<'_>, code: &str, message: &str) {
        let (_, document) = self.send(action, members);
        let found = (first(&document, "Code"), first(&document, "Message"));
        let message = message.replace('"', "&quot;");
        assert_eq!(found, (Some(code.to_owned()), Some(message)), "{document}");
    }
}

/// The text of the first element called `name`.
pub(crate) fn first(document: &str, name: &str) -> Option<String> {
    all(document, name).into_iter().next()
}

/// The texts of all elements called `name`.
pub(crate) fn all(document: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    document.split(&open).skip(1).filter_map(|rest| Some(rest.split_once(&close)?.0.to_owned())).collect()
}
