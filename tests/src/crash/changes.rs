//! A client that changes streams: makes and deletes them, reshards, tags, sets retention, registers consumers.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::chance::Chance;
use super::known::{Fact, Facts, Stream, Streams};
use crate::connection::{Connection, Outcome};

/// Streams at a time.
const STREAMS: usize = 3;
/// Most open shards of a stream.
const SHARDS: u32 = 5;

/// The client.
#[derive(Debug)]
pub(super) struct Changes {
    chance: Chance,
    made: u32,
    /// Changes acknowledged so far.
    pub(super) acknowledged: u64,
}

/// Whether the emulator is still there.
type Flow = Result<ControlFlow<()>>;

const GOES_ON: Flow = Ok(ControlFlow::Continue(()));
const IS_GONE: Flow = Ok(ControlFlow::Break(()));

impl Changes {
    pub(super) fn new(chance: Chance) -> Self {
        Self { chance, made: 0, acknowledged: 0 }
    }

    /// Before the first kill, so that there is something to write to.
    pub(super) fn make_first_streams(&mut self, streams: &Streams, address: &str) -> Result<()> {
        let mut connection = Connection::open(address)?;
        for _ in 0..STREAMS {
            if self.create(&mut connection, streams)?.is_break() {
                bail!("the emulator did not answer CreateStream");
            }
        }
        Ok(())
    }

    /// Changes streams until the connection breaks. Fails if an answer is one that must not be.
    pub(super) fn work(&mut self, streams: &Streams, address: &str) -> Result<()> {
        let Ok(mut connection) = Connection::open(address) else { return Ok(()) };
        while self.one(&mut connection, streams)?.is_continue() {}
        Ok(())
    }

    fn one(&mut self, connection: &mut Connection, streams: &Streams) -> Flow {
        let live: Vec<_> = streams.all().into_iter().filter(|stream| stream.facts().exists.known).collect();
        if live.len() < STREAMS {
            return self.create(connection, streams);
        }
        let stream = self.chance.pick(&live).context("there is a stream")?;
        let Some(arn) = until_active(connection, stream) else { return IS_GONE };
        let name = &stream.name;
        match self.chance.below(16) {
            0..3 => {
                let (tag, value) = (format!("t{}", self.chance.below(5)), self.chance.below(1000).to_string());
                let mut tags = stream.facts().tags.known.clone();
                tags.insert(tag.clone(), value.clone());
                let input = json!({"StreamName": name, "Tags": {tag: value}});
                self.change(connection, stream, "AddTagsToStream", &input, |facts| &mut facts.tags, tags)
            }
            3..6 => {
                let hours = 24 + self.chance.below(200);
                let more = hours > stream.facts().retention_hours.known;
                let verb = if more { "Increase" } else { "Decrease" };
                let input = json!({"StreamName": name, "RetentionPeriodHours": hours});
                let action = format!("{verb}StreamRetentionPeriod");
                self.change(connection, stream, &action, &input, |facts| &mut facts.retention_hours, hours)
            }
            6..9 => {
                let consumer = format!("c{}", self.chance.below(3));
                let mut consumers = stream.facts().consumers.known.clone();
                let register = consumers.insert(consumer.clone());
                if !register {
                    consumers.remove(&consumer);
                }
                let action = if register { "RegisterStreamConsumer" } else { "DeregisterStreamConsumer" };
                let input = json!({"StreamARN": arn, "ConsumerName": consumer});
                self.change(connection, stream, action, &input, |facts| &mut facts.consumers, consumers)
            }
            9..11 => {
                let target = 1 + self.chance.below(SHARDS);
                let input = json!({"StreamName": name, "TargetShardCount": target, "ScalingType": "UNIFORM_SCALING"});
                self.change(connection, stream, "UpdateShardCount", &input, |facts| &mut facts.open_shards, target)
            }
            11..13 => self.split(connection, stream),
            13..15 => self.merge(connection, stream),
            _ => {
                let input = json!({"StreamName": name, "EnforceConsumerDeletion": true});
                self.change(connection, stream, "DeleteStream", &input, |facts| &mut facts.exists, false)
            }
        }
    }

    fn create(&mut self, connection: &mut Connection, streams: &Streams) -> Flow {
        self.made += 1;
        let shards = 1 + self.chance.below(SHARDS);
        let stream = Arc::new(Stream::new(format!("s{}", self.made), shards));
        streams.add(Arc::clone(&stream));
        let input = json!({"StreamName": stream.name, "ShardCount": shards});
        self.change(connection, &stream, "CreateStream", &input, |facts| &mut facts.exists, true)
    }

    fn split(&mut self, connection: &mut Connection, stream: &Stream) -> Flow {
        let Some(shards) = open_shards(connection, stream)? else { return IS_GONE };
        let Some(shard) = self.chance.pick(&shards) else { return GOES_ON };
        let middle = shard.first + (shard.last - shard.first) / 2;
        if shards.len() >= SHARDS as usize || middle <= shard.first {
            return GOES_ON;
        }
        let open = u32::try_from(shards.len() + 1)?;
        let input =
            json!({"StreamName": stream.name, "ShardToSplit": shard.id, "NewStartingHashKey": middle.to_string()});
        self.change(connection, stream, "SplitShard", &input, |facts| &mut facts.open_shards, open)
    }

    fn merge(&mut self, connection: &mut Connection, stream: &Stream) -> Flow {
        let Some(shards) = open_shards(connection, stream)? else { return IS_GONE };
        let pairs: Vec<_> = shards.windows(2).collect();
        let Some([left, right]) = self.chance.pick(&pairs) else { return GOES_ON };
        let open = u32::try_from(shards.len() - 1)?;
        let input = json!({"StreamName": stream.name, "ShardToMerge": left.id, "AdjacentShardToMerge": right.id});
        self.change(connection, stream, "MergeShards", &input, |facts| &mut facts.open_shards, open)
    }

    /// Makes a change that turns `fact` into `value`, if it is not refused.
    fn change<T: Clone + PartialEq + std::fmt::Debug>(
        &mut self,
        connection: &mut Connection,
        stream: &Stream,
        action: &str,
        input: &Value,
        fact: fn(&mut Facts) -> &mut Fact<T>,
        value: T,
    ) -> Flow {
        fact(&mut stream.facts()).attempt(value);
        let Ok(outcome) = connection.kinesis(action, &input.to_string()) else { return IS_GONE };
        let done = match outcome {
            Outcome::Done(_) => true,
            Outcome::Refused { status, body } if status >= 500 => bail!("{action} answered {status}: {body}"),
            Outcome::Refused { .. } => false,
        };
        fact(&mut stream.facts()).answered(done);
        self.acknowledged += u64::from(done);
        GOES_ON
    }
}

/// Waits until the stream may be changed, and returns its name for consumers.
fn until_active(connection: &mut Connection, stream: &Stream) -> Option<String> {
    let input = json!({"StreamName": stream.name}).to_string();
    loop {
        let Ok(Outcome::Done(output)) = connection.kinesis("DescribeStreamSummary", &input) else { return None };
        let summary = &output["StreamDescriptionSummary"];
        if summary["StreamStatus"] == "ACTIVE" {
            return summary["StreamARN"].as_str().map(str::to_owned);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// An open shard and its part of the hash keys.
#[derive(Debug)]
struct OpenShard {
    id: String,
    first: u128,
    last: u128,
}

/// The open shards in order of their hash keys; `None` if the emulator is gone.
fn open_shards(connection: &mut Connection, stream: &Stream) -> Result<Option<Vec<OpenShard>>> {
    let input = json!({"StreamName": stream.name}).to_string();
    let Ok(Outcome::Done(output)) = connection.kinesis("ListShards", &input) else { return Ok(None) };
    let shards = output["Shards"].as_array().context("ListShards answers shards")?;
    let open = shards.iter().filter(|shard| shard["SequenceNumberRange"]["EndingSequenceNumber"].is_null());
    let parse = |shard: &Value| {
        let key = |name| shard["HashKeyRange"][name].as_str()?.parse().ok();
        let id = shard["ShardId"].as_str()?.to_owned();
        Some(OpenShard { id, first: key("StartingHashKey")?, last: key("EndingHashKey")? })
    };
    let mut open: Vec<_> = open.map(parse).collect::<Option<_>>().context("a shard has an id and a range")?;
    open.sort_by_key(|shard| shard.first);
    Ok(Some(open))
}
