//! Streams as Lambda sees them: the record source of event source mappings, over the streams of `kinesis`.
//!
//! A position that a mapping stores is a sequence number, which means the same after a restart; a position in a log never
//! leaves this file.

use aws_wire::World;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use kinesis::{Error, Kinesis, ShardIndex, ShardPosition, Source, StoredRecord};
use lambda::mapping::{
    Page, Position, ReadRequest, Record, RecordSource, Shard, ShardAddress, SourceError, StartingPosition, Stream,
};

/// The streams of all worlds.
pub(super) struct Streams(pub(super) Kinesis);

impl Streams {
    fn source(&self, world: &World, arn: &str) -> Result<Source, SourceError> {
        self.0.reader(world.clone()).source(arn).map_err(said)
    }

    /// The source and the shard, if the stream is still the one that is meant.
    fn shard(&self, address: ShardAddress<'_>) -> Result<(Source, ShardIndex), SourceError> {
        let source = self.source(address.world, address.source)?;
        if source.incarnation() != address.incarnation {
            return Err(SourceError::NotFound);
        }
        Ok((source, ShardIndex::parse(address.shard).ok_or(SourceError::NotFound)?))
    }
}

impl RecordSource for Streams {
    fn stream<'a>(&'a self, world: &'a World, source: &'a str) -> BoxFuture<'a, Result<Stream, SourceError>> {
        async move {
            let source = self.source(world, source)?;
            let shards = source.shards().map_err(said)?.into_iter().map(|shard| Shard {
                id: shard.shard.to_string(),
                parents: shard.parents.iter().map(ShardIndex::to_string).collect(),
                is_open: shard.open,
            });
            Ok(Stream { incarnation: source.incarnation(), retention: source.retention(), shards: shards.collect() })
        }
        .boxed()
    }

    fn resolve<'a>(
        &'a self,
        shard: ShardAddress<'a>,
        start: StartingPosition,
    ) -> BoxFuture<'a, Result<Position, SourceError>> {
        async move {
            let start = match start {
                StartingPosition::TrimHorizon => return Ok(Position::TrimHorizon),
                StartingPosition::Latest => kinesis::StartingPosition::Latest,
                StartingPosition::AtTimestamp(at) => kinesis::StartingPosition::AtTimestamp(at),
            };
            let (source, shard) = self.shard(shard)?;
            let position = source.position(shard, start).await.map_err(said)?;
            let number = source.number_at(shard, position).map_err(said)?;
            Ok(Position::At(number.to_string().as_str().into()))
        }
        .boxed()
    }

    fn read<'a>(
        &'a self,
        shard: ShardAddress<'a>,
        position: &'a Position,
        request: ReadRequest,
    ) -> BoxFuture<'a, Result<Page, SourceError>> {
        async move {
            let (source, shard) = self.shard(shard)?;
            let mut position = place(&source, shard, position).await.map_err(said)?;
            loop {
                let page = source.read(shard, position, request.records, request.bytes).await.map_err(said)?;
                if page.at_end || !request.waits || !page.records.is_empty() {
                    let records = page.records.into_iter().map(record).collect();
                    return Ok(Page { records, at_end: page.at_end, is_behind: page.millis_behind > 0 });
                }
                position = page.next;
                source.wait(shard, position).await.map_err(said)?;
            }
        }
        .boxed()
    }
}

/// Where in the shard's log a stored position is.
async fn place(source: &Source, shard: ShardIndex, position: &Position) -> Result<ShardPosition, Error> {
    match position {
        Position::TrimHorizon => source.position(shard, kinesis::StartingPosition::TrimHorizon).await,
        Position::At(number) => source.position_at(shard, number.as_str()),
        Position::After(number) => source.position_after(shard, number.as_str()),
    }
}

fn record(stored: StoredRecord) -> Record {
    Record {
        sequence_number: stored.number.to_string().as_str().into(),
        partition_key: (&*stored.partition_key.text()).into(),
        data: stored.data,
        arrival: stored.arrival,
    }
}

/// What is not there is not there; everything else is worth another try.
fn said(error: Error) -> SourceError {
    match error {
        Error::StreamNotFound { .. } | Error::ConsumerNotFound { .. } | Error::ShardNotThere { .. } => {
            SourceError::NotFound
        }
        other => SourceError::Unavailable(other.to_string()),
    }
}
