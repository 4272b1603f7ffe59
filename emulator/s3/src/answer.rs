//! Answers: documents, headers, errors, and the two ids that every one carries.

use aws_wire::Reply;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};

use crate::error::Error;
use crate::xml::Xml;

const XML: &str = "application/xml";

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Reply {
    let mut reply = Reply::new(Bytes::new().into());
    *reply.status_mut() = status;
    reply
}

/// A document.
pub(crate) fn xml(document: String) -> Reply {
    aws_wire::reply::reply(StatusCode::OK, XML, document)
}

/// Adds a header. What no header can hold is left out: it came in as one, or is ours.
pub(crate) fn with(mut reply: Reply, name: &str, value: &str) -> Reply {
    if let (Ok(name), Ok(value)) = (
        HeaderName::try_from(name),
        HeaderValue::from_str(value).or_else(|_| HeaderValue::from_bytes(value.as_bytes())),
    ) {
        reply.headers_mut().insert(name, value);
    }
    reply
}

/// Likewise, if there is something to say.
pub(crate) fn with_maybe(reply: Reply, name: &str, value: Option<&str>) -> Reply {
    match value {
        Some(value) => with(reply, name, value),
        None => reply,
    }
}

/// An error. The answer to a question for a head has none of its own, and neither has one that says that nothing changed.
pub(crate) fn error(error: &Error, method: &Method, resource: &str, request_id: &str) -> Reply {
    let mut reply = empty(error.status());
    if method != Method::HEAD && error.status() != StatusCode::NOT_MODIFIED {
        let document = Xml::plain("Error", |xml| {
            xml.text("Code", error.code());
            xml.text("Message", error);
            for (name, value) in error.details() {
                xml.text(name, value);
            }
            xml.text("Resource", resource);
            xml.text("RequestId", request_id);
            xml.text("HostId", extended_id(request_id));
        });
        reply = aws_wire::reply::reply(error.status(), XML, document);
    }
    error.headers().into_iter().fold(reply, |reply, (name, value)| with(reply, name, &value))
}

/// Adds what every answer has.
pub(crate) fn stamped(reply: Reply, request_id: &str) -> Reply {
    let reply = with(reply, "x-amz-request-id", request_id);
    let reply = with(reply, "x-amz-id-2", &extended_id(request_id));
    with(reply, header::SERVER.as_str(), "AmazonS3")
}

/// Either id finds a request in the log.
fn extended_id(request_id: &str) -> String {
    STANDARD.encode(request_id.repeat(2))
}
