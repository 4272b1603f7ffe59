//! What the tests share: requests as a client sends them, and a look into the answers.

use aws_wire::{Body, Call, Endpoint as _, World};
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::Request;

use crate::Ec2;

/// What a request in `region` gets: the status and the document.
pub(crate) fn send(region: &str, form: &str) -> (u16, String) {
    let call =
        Call { world: World::new("000000000000", region), access_key: None, invocation: None, request_id: "id".into() };
    let request = Request::post("/").body(Bytes::copy_from_slice(form.as_bytes())).unwrap();
    let reply = Ec2::new().serve(call, request).now_or_never().expect("nothing waits");
    let status = reply.status().as_u16();
    let Body::Full(body) = reply.into_body() else { panic!("not a stream") };
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// The texts of all elements called `name`.
pub(crate) fn all(document: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    document.split(&open).skip(1).filter_map(|rest| Some(rest.split_once(&close)?.0.to_owned())).collect()
}

/// Checks that a request is refused in these words.
#[track_caller]
pub(crate) fn refuses(region: &str, form: &str, status: u16, code: &str, message: &str) {
    let (found, document) = send(region, form);
    assert_eq!(found, status, "{document}");
    assert_eq!((all(&document, "Code"), all(&document, "Message")), (vec![code.to_owned()], vec![message.to_owned()]));
}
