//! Where a reader wants to begin, as GetShardIterator and SubscribeToShard take it.

use aws_wire::Shape;
use env::Timestamp;

use crate::error::{Error, Result};
use crate::read::StartingPosition;
use crate::sequence::{Parsed, SequenceNumber};
use crate::shard::Shard;
use crate::stream::Stream;

/// In the order in which AWS lists them in messages.
pub(super) const TYPE: Shape =
    Shape::string().one_of(&["AFTER_SEQUENCE_NUMBER", "LATEST", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON"]);

/// What a request says.
pub(super) struct Requested<'a> {
    pub(super) kind: &'a str,
    pub(super) sequence_number: Option<&'a str>,
    pub(super) timestamp: Option<Timestamp>,
}

/// The position, if the parts of the request go together and fit the shard.
pub(super) fn check(
    requested: &Requested<'_>,
    stream: &Stream,
    shard: &Shard,
    now: Timestamp,
) -> Result<StartingPosition> {
    let number = || sequence_number(requested.sequence_number, stream, shard);
    match requested.kind {
        "AT_SEQUENCE_NUMBER" => number()?
            .map(StartingPosition::AtSequenceNumber)
            .ok_or(Error::IteratorPosition { kind: "AT_SEQUENCE_NUMBER", number_given: false }),
        "AFTER_SEQUENCE_NUMBER" => number()?
            .map(StartingPosition::AfterSequenceNumber)
            .ok_or(Error::IteratorPosition { kind: "AFTER_SEQUENCE_NUMBER", number_given: false }),
        "TRIM_HORIZON" => without_number(requested, "TRIM_HORIZON", StartingPosition::TrimHorizon),
        "AT_TIMESTAMP" => {
            let timestamp = requested.timestamp.ok_or(Error::TimestampMissing)?;
            if timestamp > now {
                let (timestamp, now) = (timestamp.as_millis(), now.as_millis());
                return Err(Error::TimestampInFuture { timestamp, now });
            }
            Ok(StartingPosition::AtTimestamp(timestamp))
        }
        // The constraint leaves no other.
        _ => without_number(requested, "LATEST", StartingPosition::Latest),
    }
}

fn without_number(
    requested: &Requested<'_>,
    kind: &'static str,
    position: StartingPosition,
) -> Result<StartingPosition> {
    match requested.sequence_number {
        None => Ok(position),
        Some(_) => Err(Error::IteratorPosition { kind, number_given: true }),
    }
}

/// The number, if it can have come from this shard.
fn sequence_number(text: Option<&str>, stream: &Stream, shard: &Shard) -> Result<Option<SequenceNumber>> {
    let Some(text) = text else { return Ok(None) };
    let (number, stream) = (text.to_owned(), stream.label());
    let Some(parsed) = SequenceNumber::parse(text) else {
        return Err(Error::StartingSequenceNumber { number, shard: shard.index, stream });
    };
    if parsed.shard() != shard.index {
        return Err(Error::SequenceNumberOfOtherShard { encoded: parsed.shard(), shard: shard.index });
    }
    match parsed {
        Parsed::Current(parsed) if parsed.shard_created == shard.created => Ok(Some(parsed)),
        Parsed::Current(_) => Err(Error::SequenceNumberOfOtherStream { number, shard: shard.index, stream }),
        // AWS fails on these, too: they are of a layout that it no longer gives out.
        Parsed::Legacy { .. } => Err(Error::Internal),
    }
}
