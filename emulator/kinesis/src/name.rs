//! Names of streams and consumers, alone and in ARNs.
//!
//! Invariant: a [`StreamName`] is one that AWS accepts, so it contains neither a slash nor a colon.

use std::borrow::Borrow;
use std::fmt;

use aws_wire::{Arn, World};

use crate::error::StreamLabel;

/// Whether AWS takes `text` for the name of a stream, a consumer or a shard.
pub(crate) fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    (1..=128).contains(&text.len()) && text.bytes().all(allowed)
}

/// The name of a stream.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct StreamName(String);

impl StreamName {
    /// Takes `text` if it can name a stream.
    pub(crate) fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        is_name(&text).then_some(Self(text))
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The ARN of the stream of this name in `world`.
    pub(crate) fn arn(&self, world: &World) -> String {
        world.arn("kinesis", format_args!("stream/{self}"))
    }

    /// The way error messages speak of this stream.
    pub(crate) fn label(&self, world: &World) -> StreamLabel {
        StreamLabel { name: self.0.clone(), account: world.account.clone() }
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for StreamName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// What an ARN of this service names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Resource {
    /// Where it is.
    pub(crate) world: World,
    /// The stream itself, or the one that the consumer reads.
    pub(crate) stream: StreamName,
    /// The consumer, if it names one.
    pub(crate) consumer: Option<ConsumerRef>,
}

/// A consumer as its ARN names it: the creation tells it from an earlier one of the same name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ConsumerRef {
    /// Its name.
    pub(crate) name: String,
    /// When it was registered, in epoch seconds.
    pub(crate) created: u64,
}

impl Resource {
    /// Reads `stream/NAME` or `stream/NAME/consumer/NAME:SECONDS` out of an ARN.
    pub(crate) fn parse(arn: &str) -> Option<Self> {
        let arn = Arn::parse(arn).filter(|arn| arn.service == "kinesis")?;
        let path = arn.resource.strip_prefix("stream/")?;
        let (stream, consumer) = match path.split_once("/consumer/") {
            None => (path, None),
            Some((stream, consumer)) => {
                let (name, created) = consumer.rsplit_once(':')?;
                let name = Some(name).filter(|name| is_name(name))?.to_owned();
                (stream, Some(ConsumerRef { name, created: created.parse().ok()? }))
            }
        };
        Some(Self { world: arn.world(), stream: StreamName::new(stream)?, consumer })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_kinds_of_arn() {
        let parsed = Resource::parse("arn:aws:kinesis:eu-west-1:123456789012:stream/orders").unwrap();
        assert_eq!(parsed.world, World::new("123456789012", "eu-west-1"));
        assert_eq!((parsed.stream.as_str(), parsed.consumer), ("orders", None));
        assert_eq!(parsed.stream.arn(&parsed.world), "arn:aws:kinesis:eu-west-1:123456789012:stream/orders");
        let parsed =
            Resource::parse("arn:aws:kinesis:eu-west-1:123456789012:stream/orders/consumer/app:1700000000").unwrap();
        assert_eq!(parsed.consumer, Some(ConsumerRef { name: "app".into(), created: 1_700_000_000 }));
    }

    #[test]
    fn refuses_everything_else() {
        for arn in [
            "orders",
            "arn:aws:sqs:eu-west-1:123456789012:stream/orders",
            "arn:aws:kinesis:eu-west-1:123456789012:queue/orders",
            "arn:aws:kinesis:eu-west-1:123456789012:stream/",
            "arn:aws:kinesis:eu-west-1:123456789012:stream/a b",
            "arn:aws:kinesis:eu-west-1:123456789012:stream/orders/consumer/app",
            "arn:aws:kinesis:eu-west-1:123456789012:stream/orders/consumer/app:x",
        ] {
            assert_eq!(Resource::parse(arn), None, "{arn}");
        }
    }
}
