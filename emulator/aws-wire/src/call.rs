//! Where a request belongs. Every region of every account is a world of its own: nothing is seen from one in another.

use std::fmt;

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

/// What every action knows about the request beside its input.
#[derive(Clone, Debug)]
pub struct Call {
    /// The world it acts in.
    pub world: World,
    /// The access key it was signed with.
    pub access_key: Option<String>,
    /// The id that the answer carries, for the log and for error texts.
    pub request_id: String,
}
