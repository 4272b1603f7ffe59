//! Amazon resource names, split once so that nobody searches for colons twice.

use crate::World;

/// `arn:partition:service:region:account:resource`. Region and account may be empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn` …
    pub partition: &'a str,
    /// `kinesis`, `lambda` …
    pub service: &'a str,
    /// The region, empty for global services.
    pub region: &'a str,
    /// The account.
    pub account: &'a str,
    /// The rest, which may contain colons and slashes.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Splits `text` if it is an ARN.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let arn = Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        };
        (!arn.partition.is_empty() && !arn.service.is_empty() && !arn.resource.is_empty()).then_some(arn)
    }

    /// The world it names.
    pub fn world(&self) -> World {
        World::new(self.account, self.region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_what_is_an_arn_and_nothing_else() {
        let arn = Arn::parse("arn:aws:lambda:us-east-1:000000000000:function:f:live").unwrap();
        assert_eq!((arn.service, arn.region, arn.resource), ("lambda", "us-east-1", "function:f:live"));
        assert_eq!(Arn::parse("arn:aws:iam::000000000000:role/r").unwrap().region, "");
        for text in ["", "arn:", "arn:aws:kinesis:us-east-1:000000000000", "arn:aws:kinesis:r:a:", "role/r"] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }
}
