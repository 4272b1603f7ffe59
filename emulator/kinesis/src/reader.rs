//! Records for event source mappings: what a poller needs, without HTTP.
//!
//! A poller names its source by ARN, lists shards with their parents, begins at a position, and reads and waits from
//! there; what it stores as its checkpoint is a sequence number. Polling counts towards nobody's throughput. Invariant: a
//! reader sees what the API shows, no record before the retention horizon and none twice from one position on.

use std::sync::Arc;
use std::time::Duration;

use aws_wire::World;
use env::Timestamp;
use shard_log::Offset;

use crate::error::{Error, Result};
use crate::name::Resource;
use crate::read::{self, StartingPosition, StoredRecord};
use crate::sequence::{Parsed, SequenceNumber};
use crate::service::Kinesis;
use crate::shard::{ShardHandle, ShardIndex};
use crate::stream::{Status, Stream, StreamState};

/// The streams of one world, to be read.
#[derive(Clone, Debug)]
pub struct Reader {
    kinesis: Kinesis,
    world: World,
}

/// A stream, or a consumer of it, that is read.
#[derive(Clone, Debug)]
pub struct Source {
    kinesis: Kinesis,
    stream: Arc<Stream>,
}

/// A shard of a source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceShard {
    /// Its number; prints as the shard id.
    pub shard: ShardIndex,
    /// What has to be read to its end first, as far as it is still there.
    pub parents: Vec<ShardIndex>,
    /// Whether it takes records.
    pub open: bool,
    /// When it was created.
    pub created: Timestamp,
}

/// Where to read on in a shard.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ShardPosition(Offset);

/// What a read found.
#[derive(Clone, Debug)]
pub struct ShardRecords {
    /// The records, in order.
    pub records: Vec<StoredRecord>,
    /// Where to read on.
    pub next: ShardPosition,
    /// How far the last record is behind the newest moment; 0 at the tip.
    pub millis_behind: u64,
    /// Whether the shard is closed and this was the last of it.
    pub at_end: bool,
}

impl Kinesis {
    /// Reads in `world`.
    pub fn reader(&self, world: World) -> Reader {
        Reader { kinesis: self.clone(), world }
    }
}

impl Reader {
    /// The stream that `arn` names, itself or through a consumer. It has to be usable.
    pub fn source(&self, arn: &str) -> Result<Source> {
        let resource = Resource::parse(arn).ok_or_else(|| Error::ResourceNotNamed { arn: arn.to_owned() })?;
        let not_found = || Error::StreamNotFound { stream: resource.stream.label(&resource.world) };
        if resource.world != self.world {
            return Err(not_found());
        }
        let stream = self.kinesis.usable_stream_named(&self.world, &resource.stream).ok_or_else(not_found)?;
        if let Some(named) = &resource.consumer {
            let state = stream.state();
            let known = state.consumers.get(&named.name).is_some_and(|known| known.created == named.created);
            if !known {
                let (consumer, name) = (named.name.clone(), stream.name.to_string());
                return Err(Error::ConsumerNotFound { consumer, name, account: self.world.account.clone() });
            }
        }
        Ok(Source { kinesis: self.kinesis.clone(), stream })
    }
}

impl Source {
    /// The ARN of the stream.
    pub fn stream_arn(&self) -> String {
        self.stream.arn()
    }

    /// What tells this stream from an earlier or later one of the same name.
    pub fn incarnation(&self) -> String {
        self.stream.state().settings.uid.to_string()
    }

    /// How long the stream keeps records.
    pub fn retention(&self) -> Duration {
        self.stream.state().settings.retention()
    }

    /// The shards of which something may still be read, in the order of numbers.
    pub fn shards(&self) -> Result<Vec<SourceShard>> {
        let (state, now) = self.look()?;
        let horizon = state.settings.horizon(now);
        let retained = |index: &ShardIndex| state.readable_shard(*index, now).is_some();
        let shards = state.shards.retained(horizon);
        Ok(shards
            .map(|shard| SourceShard {
                shard: shard.index,
                parents: shard.parents().into_iter().filter(retained).collect(),
                open: shard.is_open(),
                created: Timestamp::from_secs(shard.created),
            })
            .collect())
    }

    /// Returns when the shards may be others than they were when this was called: wait for it before listing again.
    pub async fn shards_changed(&self) {
        // The sender lives in `self`.
        drop(self.stream.watch().changed().await);
    }

    /// The place in a shard that `position` means now.
    pub async fn position(&self, shard: ShardIndex, position: StartingPosition) -> Result<ShardPosition> {
        let (state, now) = self.look()?;
        let handle = self.handle(&state, shard, now)?;
        read::resolve(&handle, position).await.map(ShardPosition)
    }

    /// The place of the record of this number, or of the first one after it.
    pub fn position_at(&self, shard: ShardIndex, number: &str) -> Result<ShardPosition> {
        self.number(shard, number).map(|number| ShardPosition(number.at()))
    }

    /// The place after the record of this number, which a poller stored as its checkpoint.
    pub fn position_after(&self, shard: ShardIndex, number: &str) -> Result<ShardPosition> {
        self.number(shard, number).map(|number| ShardPosition(number.after()))
    }

    fn number(&self, shard: ShardIndex, number: &str) -> Result<SequenceNumber> {
        match SequenceNumber::parse(number) {
            Some(Parsed::Current(parsed)) if parsed.shard == shard => Ok(parsed),
            Some(parsed) if parsed.shard() != shard => {
                Err(Error::SequenceNumberOfOtherShard { encoded: parsed.shard(), shard })
            }
            _ => Err(Error::StartingSequenceNumber { number: number.to_owned(), shard, stream: self.stream.label() }),
        }
    }

    /// The number that a record put at `position` now would get: a position in a form that can be stored.
    pub fn number_at(&self, shard: ShardIndex, position: ShardPosition) -> Result<SequenceNumber> {
        let (state, now) = self.look()?;
        let handle = self.handle(&state, shard, now)?;
        Ok(SequenceNumber::of_record(shard, handle.shard.created, position.0, now))
    }

    /// Records from `position` on: at most so many, of at most so many bytes, but one if there is one.
    pub async fn read(
        &self,
        shard: ShardIndex,
        position: ShardPosition,
        records: usize,
        bytes: usize,
    ) -> Result<ShardRecords> {
        let (state, now) = self.look()?;
        let handle = self.handle(&state, shard, now)?;
        let page = read::read(&state, &handle, position.0, read::limit(records, bytes), now).await?;
        Ok(ShardRecords {
            records: page.records().collect(),
            next: ShardPosition(page.next),
            millis_behind: page.millis_behind,
            at_end: page.at_end,
        })
    }

    /// Returns when a read from `position` will find a record or the end of the shard, or will fail.
    pub async fn wait(&self, shard: ShardIndex, position: ShardPosition) -> Result<()> {
        loop {
            // Watched before the look, so that nothing is missed between the look and the wait.
            let mut changes = self.stream.watch();
            let (state, now) = self.look()?;
            let handle = self.handle(&state, shard, now)?;
            if !handle.shard.is_open() {
                return Ok(());
            }
            let log = read::readable_log(&handle).await?;
            let mut tail = log.as_ref().map(|log| log.tail());
            if log.is_some_and(|log| log.bounds().next > position.0) {
                return Ok(());
            }
            let grown = async {
                match &mut tail {
                    // A log that is let go, removed or to be recovered, is looked for again.
                    Some(tail) => drop(tail.changed().await),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = grown => {}
                _ = changes.changed() => {}
            }
        }
    }

    fn look(&self) -> Result<(Arc<StreamState>, Timestamp)> {
        let (state, now) = (self.stream.state(), self.kinesis.now());
        match state.settings.status(now) {
            Status::Active | Status::Updating => Ok((state, now)),
            Status::Creating | Status::Deleting => Err(self.stream.not_found()),
        }
    }

    fn handle(&self, state: &StreamState, shard: ShardIndex, now: Timestamp) -> Result<Arc<ShardHandle>> {
        let missing = || Error::ShardNotThere { shard, stream: self.stream.label() };
        state.readable_shard(shard, now).cloned().ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use futures_util::FutureExt as _;
    use serde_json::json;

    use super::*;
    use crate::test::Fixture;

    const STREAM: &str = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    const FIRST: ShardIndex = ShardIndex(0);

    fn keys(page: &ShardRecords) -> Vec<Cow<'_, str>> {
        page.records.iter().map(|record| record.partition_key.text()).collect()
    }

    #[tokio::test]
    async fn reads_waits_and_goes_on_after_a_checkpoint() {
        let mut fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let source = fixture.kinesis.reader(fixture.world.clone()).source(STREAM).unwrap();
        assert_eq!(source.stream_arn(), STREAM);
        let latest = source.position(FIRST, StartingPosition::Latest).await.unwrap();
        assert!(source.wait(FIRST, latest).now_or_never().is_none());
        let waiting = tokio::spawn({
            let source = source.clone();
            async move { source.wait(FIRST, latest).await }
        });
        for key in ["a", "b", "c"] {
            fixture.put("s", key, key).await;
        }
        waiting.await.unwrap().unwrap();
        let page = source.read(FIRST, latest, 2, 1 << 20).await.unwrap();
        assert_eq!((keys(&page), page.at_end), (vec!["a".into(), "b".into()], false));
        let checkpoint = page.records[1].number.to_string();
        fixture.restart().await;
        let source = fixture.kinesis.reader(fixture.world.clone()).source(STREAM).unwrap();
        let position = source.position_after(FIRST, &checkpoint).unwrap();
        assert_eq!(position, page.next);
        assert_eq!(keys(&source.read(FIRST, position, 100, 1 << 20).await.unwrap()), ["c"]);
    }

    #[tokio::test]
    async fn follows_a_reshard_from_parents_to_children() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let source = fixture.kinesis.reader(fixture.world.clone()).source(STREAM).unwrap();
        let start = source.position(FIRST, StartingPosition::TrimHorizon).await.unwrap();
        let waiting = tokio::spawn({
            let source = source.clone();
            async move { source.wait(FIRST, start).await }
        });
        let scale = json!({"StreamName": "s", "TargetShardCount": 2, "ScalingType": "UNIFORM_SCALING"});
        fixture.ok("UpdateShardCount", scale).await;
        fixture.advance_secs(1).await;
        waiting.await.unwrap().unwrap();
        assert!(source.read(FIRST, start, 100, 1 << 20).await.unwrap().at_end);
        let shards = source.shards().unwrap();
        let lineage: Vec<_> = shards.iter().map(|shard| (shard.shard.0, shard.open, shard.parents.clone())).collect();
        assert_eq!(lineage, [(0, false, vec![]), (1, true, vec![FIRST]), (2, true, vec![FIRST])]);
    }

    #[tokio::test]
    async fn a_source_is_a_stream_or_a_consumer_and_ends_with_it() {
        let fixture = Fixture::new().await;
        let reader = fixture.kinesis.reader(fixture.world.clone());
        let unknown = "Stream s under account 000000000000 not found.";
        assert_eq!(reader.source(STREAM).unwrap_err().to_string(), unknown);
        fixture.stream("s", 1).await;
        let consumer = json!({"StreamARN": STREAM, "ConsumerName": "c"});
        let registered = fixture.ok("RegisterStreamConsumer", consumer).await;
        let source = reader.source(registered["Consumer"]["ConsumerARN"].as_str().unwrap()).unwrap();
        let no_consumer = reader.source(&format!("{STREAM}/consumer/c:1")).unwrap_err().to_string();
        assert_eq!(no_consumer, "Consumer c under stream s not found for account 000000000000.");
        let start = source.position(FIRST, StartingPosition::TrimHorizon).await.unwrap();
        let waiting = tokio::spawn({
            let source = source.clone();
            async move { source.wait(FIRST, start).await }
        });
        tokio::task::yield_now().await;
        fixture.ok("DeleteStream", json!({"StreamName": "s", "EnforceConsumerDeletion": true})).await;
        assert_eq!(waiting.await.unwrap().unwrap_err().to_string(), unknown);
        assert_eq!(source.shards().unwrap_err().to_string(), unknown);
    }
}
