//! Where a request belongs. Every region of every account is a world of its own: nothing is seen from one in another.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One region of one account.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct World {
    /// Twelve digits.
    pub account: String,
    /// `us-east-1` and so on.
    pub region: String,
}

impl World {
    /// The world of `region` in `account`.
    pub fn new(account: impl Into<String>, region: impl Into<String>) -> Self {
        Self { account: account.into(), region: region.into() }
    }

    /// The partition that the region lies in: the second part of every ARN.
    pub fn partition(&self) -> &'static str {
        match self.region.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }

    /// The ARN of a resource of `service` in this world.
    pub fn arn(&self, service: &str, resource: impl fmt::Display) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.partition(), self.region, self.account)
    }
}

/// `account/region`, the form used in keys and logs.
impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

/// What a client's library calls one call by, however often it sends it: the header `amz-sdk-invocation-id`.
///
/// What is created keeps it. A create that is sent again because its answer was lost then finds what it made, where the
/// name alone would say that somebody has it already, and where there is no name a second thing would be made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Invocation(String);

impl Invocation {
    /// The name of the header.
    pub const HEADER: &'static str = "amz-sdk-invocation-id";
    /// A UUID has 36 characters; what is much longer is not kept.
    const MOST: usize = 64;

    /// Reads the header's value; `None` when it is not one that a library makes.
    pub fn parse(text: &str) -> Option<Self> {
        let is_id = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
        ((1..=Self::MOST).contains(&text.len()) && text.bytes().all(is_id)).then(|| Self(text.to_owned()))
    }
}

/// What every action knows about the request beside its input.
#[derive(Clone, Debug)]
pub struct Call {
    /// The world it acts in.
    pub world: World,
    /// The access key it was signed with.
    pub access_key: Option<String>,
    /// Which call of the client it is; `None` when its library does not say.
    pub invocation: Option<Invocation>,
    /// The id that the answer carries, for the log and for error texts.
    pub request_id: String,
}

impl Call {
    /// Whether this is the call that made something, as kept beside it, sent again.
    pub fn repeats(&self, maker: Option<&Invocation>) -> bool {
        maker.is_some() && self.invocation.as_ref() == maker
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invocation_is_what_libraries_send() {
        let id = "01234567-89ab-cdef-0123-456789abcdef";
        assert_eq!(Invocation::parse(id), Some(Invocation(id.to_owned())));
        for other in ["", "not hex", "é", &"a".repeat(65)] {
            assert_eq!(Invocation::parse(other), None, "{other}");
        }
    }

    #[test]
    fn only_a_call_that_is_known_repeats_anything() {
        let call = |invocation| Call {
            world: World::new("000000000000", "us-east-1"),
            access_key: None,
            invocation,
            request_id: "id".into(),
        };
        let (first, second) = (Invocation::parse("a"), Invocation::parse("b"));
        assert!(call(first.clone()).repeats(first.as_ref()));
        assert!(!call(second).repeats(first.as_ref()) && !call(None).repeats(first.as_ref()));
        assert!(!call(None).repeats(None) && !call(first).repeats(None));
    }
}
