//! What the tests of the actions share: an STS that knows one role, and requests as a client sends them.

use aws_wire::{Body, Call, Endpoint as _, World};
use bytes::Bytes;
use env::{Env, Timestamp};
use futures_util::FutureExt as _;
use http::Request;

use crate::{Role, Roles, Sts};

/// The role that there is.
pub(crate) const ROLE: &str = "arn:aws:iam::111111111111:role/path/reader";

struct OneRole;

impl Roles for OneRole {
    fn role(&self, arn: &str) -> Option<Role> {
        (arn == ROLE).then(|| Role { id: "AROAREADER".into(), name: "reader".into(), max_session_secs: 7200 })
    }
}

/// What a request from account 000000000000 at 2026-11-23T16:47:00.5Z gets: the status and the document.
pub(crate) fn send(form: &str) -> (u16, String) {
    let sts = Sts::new(Env::manual(Timestamp::from_millis(1_795_452_420_500), 7), OneRole);
    let call = Call {
        world: World::new("000000000000", "us-east-1"),
        access_key: None,
        invocation: None,
        request_id: "id".into(),
    };
    let request = Request::post("/").body(Bytes::copy_from_slice(form.as_bytes())).unwrap();
    let reply = sts.serve(call, request).now_or_never().expect("nothing waits");
    let status = reply.status().as_u16();
    let Body::Full(body) = reply.into_body() else { panic!("not a stream") };
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// The text of the first element called `name`.
pub(crate) fn first(document: &str, name: &str) -> Option<String> {
    let (_, rest) = document.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0.to_owned())
}

/// Checks that a request is refused in these words.
#[track_caller]
pub(crate) fn refuses(form: &str, status: u16, code: &str, message: &str) {
    let (found, document) = send(form);
    assert_eq!(found, status, "{document}");
    assert_eq!(first(&document, "Code").as_deref(), Some(code));
    assert_eq!(first(&document, "Message").as_deref(), Some(message));
}
