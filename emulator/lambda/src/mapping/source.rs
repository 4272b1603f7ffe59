//! What a mapping needs to know about a stream, in its own words. The server implements it over the streams it has.
//!
//! Nothing here polls: [`RecordSource::read`] returns when there is something, so an idle mapping costs nothing and a
//! record is on its way the moment it is appended.

use std::time::Duration;

use aws_wire::World;
use env::Timestamp;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::mapping::checkpoint::Position;
use crate::mapping::machine::ReadRequest;
use crate::mapping::record::Record;

/// Somewhere that records come from. `source` is always the ARN that the mapping's owner gave, of a stream or of a
/// consumer, and `world` the world of the mapping.
pub trait RecordSource: Send + Sync + 'static {
    /// The stream as it is now.
    fn stream<'a>(&'a self, world: &'a World, source: &'a str) -> BoxFuture<'a, Result<Stream, SourceError>>;

    /// Turns `start` into a position in `shard` that means the same for ever after: whatever is put later comes behind
    /// [`StartingPosition::Latest`], restarts or not.
    fn resolve<'a>(
        &'a self,
        shard: ShardAddress<'a>,
        start: StartingPosition,
    ) -> BoxFuture<'a, Result<Position, SourceError>>;

    /// The records from `position` on, in order. If the request waits, until there is at least one or the shard is at its
    /// end. Dropping the future costs nothing: the position is the caller's.
    fn read<'a>(
        &'a self,
        shard: ShardAddress<'a>,
        position: &'a Position,
        request: ReadRequest,
    ) -> BoxFuture<'a, Result<Page, SourceError>>;
}

/// One shard of one stream, and of no other that bears its name before or after: a position in the one is none in the
/// other.
#[derive(Clone, Copy, Debug)]
pub struct ShardAddress<'a> {
    /// The world of the mapping.
    pub world: &'a World,
    /// The stream or consumer.
    pub source: &'a str,
    /// As in [`Stream::incarnation`]. If the stream is another by now, the shard is not found.
    pub incarnation: &'a str,
    /// The id of the shard.
    pub shard: &'a str,
}

/// A stream and its shards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Differs between two streams that bore the same name one after the other.
    pub incarnation: String,
    /// How long it keeps records.
    pub retention: Duration,
    /// Its shards, open and closed, parents before children.
    pub shards: Vec<Shard>,
}

/// A shard of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Its id.
    pub id: String,
    /// The shards that it was split off or merged from, listed or not.
    pub parents: Vec<String>,
    /// Whether it can still be written to.
    pub is_open: bool,
}

/// Records that were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// In order. None at the end of the shard, or if the request did not wait.
    pub records: Vec<Record>,
    /// The shard is closed and these are its last records.
    pub at_end: bool,
    /// The shard had more records than were asked for.
    pub is_behind: bool,
}

/// Where a mapping's owner wants it to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StartingPosition {
    /// With the oldest record kept.
    TrimHorizon,
    /// With the next record put.
    Latest,
    /// With the first record that arrived at this time or later.
    AtTimestamp(Timestamp),
}

/// Why there is nothing to read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// No such stream, consumer or shard.
    #[error("not found")]
    NotFound,
    /// It is there but cannot be read now; worth another try.
    #[error("{0}")]
    Unavailable(String),
}
