//! Random sequences of what several clients do, against [`super::reference`]: every answer is predicted. A failure prints
//! the sequence, and the seed that draws it again.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::reference::{Expected, NOT_FOUND, Pending, Record, Reference, Shard, middle};
use super::{Fixture, START};

const STREAMS: [&str; 3] = ["a", "b", "c"];
const ITERATOR_MILLIS: u64 = 300_000;

#[derive(Clone, Debug)]
enum Op {
    Create {
        stream: usize,
        shards: u32,
    },
    Delete {
        stream: usize,
    },
    /// Records of these keys in one call; a single one by PutRecord.
    Put {
        stream: usize,
        keys: Vec<u8>,
    },
    Split {
        stream: usize,
        shard: usize,
    },
    Merge {
        stream: usize,
        shard: usize,
        adjacent: usize,
    },
    /// Of the neighbour whose range follows, so that it often succeeds.
    MergeNext {
        stream: usize,
        shard: usize,
    },
    Scale {
        stream: usize,
        target: usize,
    },
    Switch {
        stream: usize,
        on_demand: bool,
    },
    Retain {
        stream: usize,
        increase: bool,
        hours: u64,
    },
    Open {
        client: usize,
        stream: usize,
        shard: usize,
        latest: bool,
    },
    Read {
        client: usize,
        limit: usize,
    },
    List {
        stream: usize,
    },
    Advance {
        millis: u64,
    },
    Restart,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let stream = || 0..STREAMS.len();
    let shard = || 0..9_usize;
    let client = || 0..3_usize;
    let millis = prop_oneof![6 => 1000..3000_u64, 3 => 1..1000_u64, 1 => 100_000..400_000_u64, 1 => (8..30_u64).prop_map(|hours| hours * 3_600_000)];
    let op = prop_oneof![
        4 => (stream(), 1..5_u32).prop_map(|(stream, shards)| Op::Create { stream, shards }),
        1 => stream().prop_map(|stream| Op::Delete { stream }),
        12 => (stream(), vec(0..20_u8, 1..6)).prop_map(|(stream, keys)| Op::Put { stream, keys }),
        4 => (stream(), shard()).prop_map(|(stream, shard)| Op::Split { stream, shard }),
        1 => (stream(), shard(), shard()).prop_map(|(stream, shard, adjacent)| Op::Merge { stream, shard, adjacent }),
        4 => (stream(), shard()).prop_map(|(stream, shard)| Op::MergeNext { stream, shard }),
        4 => (stream(), 1..9_usize).prop_map(|(stream, target)| Op::Scale { stream, target }),
        1 => (stream(), any::<bool>()).prop_map(|(stream, on_demand)| Op::Switch { stream, on_demand }),
        1 => (stream(), any::<bool>(), 24..60_u64)
            .prop_map(|(stream, increase, hours)| Op::Retain { stream, increase, hours }),
        6 => (client(), stream(), shard(), prop::bool::weighted(0.2))
            .prop_map(|(client, stream, shard, latest)| Op::Open { client, stream, shard, latest }),
        12 => (client(), 1..8_usize).prop_map(|(client, limit)| Op::Read { client, limit }),
        2 => stream().prop_map(|stream| Op::List { stream }),
        10 => millis.prop_map(|millis| Op::Advance { millis }),
        1 => Just(Op::Restart),
    ];
    vec(op, 1..120)
}

/// What a client holds to read on.
#[derive(Clone, Debug)]
struct Client {
    iterator: String,
    stream: &'static str,
    incarnation: usize,
    shard: usize,
    position: usize,
    issued: u64,
}

struct Play {
    fixture: Fixture,
    reference: Reference,
    clients: BTreeMap<usize, Client>,
}

fn id(shard: usize) -> String {
    format!("shardId-{shard:012}")
}

fn index(id: &Value) -> usize {
    id.as_str().unwrap().strip_prefix("shardId-").unwrap().parse().unwrap()
}

fn number(text: &Value) -> u128 {
    text.as_str().unwrap().parse().unwrap()
}

impl Play {
    /// The answer, if there should be one; that the code is the right one otherwise.
    async fn ask(&self, action: &'static str, input: Value, expected: Expected) -> Option<Value> {
        let answer = self.fixture.call(action, input.clone()).await;
        let code = answer.as_ref().err().and_then(|error| error.split(':').next());
        assert_eq!(code, expected.err(), "{action} {input}: {answer:?}");
        answer.ok()
    }

    async fn play(&mut self, op: Op) {
        match op {
            Op::Create { stream, shards } => {
                let expected = self.reference.create(STREAMS[stream], shards);
                self.ask("CreateStream", json!({"StreamName": STREAMS[stream], "ShardCount": shards}), expected).await;
            }
            Op::Delete { stream } => {
                let expected = self.reference.delete(STREAMS[stream]);
                self.ask("DeleteStream", json!({"StreamName": STREAMS[stream]}), expected).await;
            }
            Op::Put { stream, keys } => self.put(STREAMS[stream], &keys).await,
            Op::Split { stream, shard } => {
                let name = STREAMS[stream];
                let known = self.reference.streams.get(name).and_then(|stream| stream.shards.get(shard));
                let at = known.map_or(7, |shard| middle(shard.range)).to_string();
                let expected = self.reference.reshard(name, Pending::Split(shard));
                let input = json!({"StreamName": name, "ShardToSplit": id(shard), "NewStartingHashKey": at});
                self.ask("SplitShard", input, expected).await;
            }
            Op::Merge { stream, shard, adjacent } => self.merge(STREAMS[stream], shard, adjacent).await,
            Op::MergeNext { stream, shard } => {
                let Some(known) = self.reference.streams.get(STREAMS[stream]) else { return };
                let open = known.open();
                if let [left, right] = open[shard % open.len()..].iter().take(2).collect::<Vec<_>>()[..] {
                    self.merge(STREAMS[stream], *left, *right).await;
                }
            }
            Op::Scale { stream, target } => {
                let expected = self.reference.reshard(STREAMS[stream], Pending::Scale(target));
                let input = json!({"StreamName": STREAMS[stream], "TargetShardCount": target, "ScalingType": "UNIFORM_SCALING"});
                self.ask("UpdateShardCount", input, expected).await;
            }
            Op::Switch { stream, on_demand } => {
                let expected = self.reference.switch(STREAMS[stream], on_demand);
                let arn = format!("arn:aws:kinesis:us-east-1:000000000000:stream/{}", STREAMS[stream]);
                let mode = if on_demand { "ON_DEMAND" } else { "PROVISIONED" };
                let input = json!({"StreamARN": arn, "StreamModeDetails": {"StreamMode": mode}});
                self.ask("UpdateStreamMode", input, expected).await;
            }
            Op::Retain { stream, increase, hours } => {
                let expected = self.reference.retain(STREAMS[stream], increase, hours);
                let action = if increase { "IncreaseStreamRetentionPeriod" } else { "DecreaseStreamRetentionPeriod" };
                let input = json!({"StreamName": STREAMS[stream], "RetentionPeriodHours": hours});
                self.ask(action, input, expected).await;
            }
            Op::Open { client, stream, shard, latest } => self.open(client, STREAMS[stream], shard, latest).await,
            Op::Read { client, limit } => self.read(client, limit).await,
            Op::List { stream } => self.list(STREAMS[stream]).await,
            Op::Advance { millis } => {
                let due = self.reference.advance(millis);
                self.fixture.advance(Duration::from_millis(millis)).await;
                for (stream, pending) in due {
                    self.take_over(stream, pending).await;
                }
            }
            Op::Restart => self.fixture.restart().await,
        }
    }

    async fn merge(&mut self, stream: &'static str, shard: usize, adjacent: usize) {
        let expected = self.reference.reshard(stream, Pending::Merge(shard, adjacent));
        let input = json!({"StreamName": stream, "ShardToMerge": id(shard), "AdjacentShardToMerge": id(adjacent)});
        self.ask("MergeShards", input, expected).await;
    }

    async fn put(&mut self, stream: &'static str, keys: &[u8]) {
        let expected = self.reference.usable(stream).map(|_| ());
        let keys: Vec<String> = keys.iter().map(|key| format!("key {key}")).collect();
        let outcomes = if let [key] = &keys[..] {
            let input = json!({"StreamName": stream, "PartitionKey": key, "Data": ""});
            self.ask("PutRecord", input, expected).await.map(|answer| vec![answer])
        } else {
            let records: Vec<_> = keys.iter().map(|key| json!({"PartitionKey": key, "Data": ""})).collect();
            let answer = self.ask("PutRecords", json!({"StreamName": stream, "Records": records}), expected).await;
            answer.map(|answer| answer["Records"].as_array().unwrap().clone())
        };
        let Some(outcomes) = outcomes else { return };
        assert_eq!(outcomes.len(), keys.len());
        let arrival = self.reference.now;
        let known = self.reference.usable(stream).unwrap();
        for (key, outcome) in keys.into_iter().zip(outcomes) {
            let shard = known.route(&key);
            assert_eq!(index(&outcome["ShardId"]), shard, "{outcome}");
            let number = outcome["SequenceNumber"].as_str().unwrap().to_owned();
            // Greater than all of the shard and of those before it: numbers have the same length.
            let lineage = known.shards[shard].parents.iter().chain([&shard]);
            let newest =
                lineage.filter_map(|shard| known.shards[*shard].records.last()).map(|record| &record.number).max();
            assert!(newest.is_none_or(|newest| *newest < number), "{number} after {newest:?}");
            known.shards[shard].records.push(Record { key, number, arrival });
        }
    }

    async fn open(&mut self, client: usize, stream: &'static str, shard: usize, latest: bool) {
        let now = self.reference.now;
        let readable = self.reference.usable(stream).and_then(|known| {
            let found = known.shards.get(shard).filter(|found| !known.is_expired(found, now));
            found.map(|found| (known.incarnation, found.records.len())).ok_or(NOT_FOUND)
        });
        let kind = if latest { "LATEST" } else { "TRIM_HORIZON" };
        let input = json!({"StreamName": stream, "ShardId": id(shard), "ShardIteratorType": kind});
        let answer = self.ask("GetShardIterator", input, readable.map(|_| ())).await;
        if let (Some(answer), Ok((incarnation, newest))) = (answer, readable) {
            let iterator = answer["ShardIterator"].as_str().unwrap().to_owned();
            let position = if latest { newest } else { 0 };
            self.clients.insert(client, Client { iterator, stream, incarnation, shard, position, issued: now });
        }
    }

    async fn read(&mut self, client: usize, limit: usize) {
        let Some(held) = self.clients.get(&client).cloned() else { return };
        let now = self.reference.now;
        let input = json!({"ShardIterator": held.iterator, "Limit": limit});
        if now - held.issued > ITERATOR_MILLIS {
            self.ask("GetRecords", input, Err("ExpiredIteratorException")).await;
            return;
        }
        let known = self.reference.usable(held.stream).ok().filter(|known| known.incarnation == held.incarnation);
        let found = known.and_then(|known| {
            let shard = known.shards.get(held.shard).filter(|shard| !known.is_expired(shard, now))?;
            let kept = shard.records.partition_point(|record| record.arrival < known.horizon(now));
            let from = held.position.max(kept);
            let to = (from + limit).min(shard.records.len());
            let at_end = to == shard.records.len();
            let children = (0..known.shards.len()).filter(|child| known.shards[*child].parents.contains(&held.shard));
            let children: Vec<usize> = if at_end && shard.closed.is_some() { children.collect() } else { Vec::new() };
            Some((shard.records[from..to].to_vec(), to, at_end, shard.closed.is_some(), children))
        });
        let Some(answer) = self.ask("GetRecords", input, found.as_ref().map(|_| ()).ok_or(NOT_FOUND)).await else {
            return;
        };
        let Some((records, to, at_end, closed, children)) = found else { return };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let got = answer["Records"].as_array().unwrap().iter();
        let got: Vec<_> = got.map(|record| (text(&record["PartitionKey"]), text(&record["SequenceNumber"]))).collect();
        let wanted: Vec<_> = records.into_iter().map(|record| (record.key, record.number)).collect();
        assert_eq!(got, wanted, "{held:?}");
        assert!(!at_end || answer["MillisBehindLatest"] == 0, "{answer}");
        let named = answer["ChildShards"]
            .as_array()
            .map_or(Vec::new(), |named| named.iter().map(|child| index(&child["ShardId"])).collect());
        assert_eq!(named, children, "{answer}");
        match answer["NextShardIterator"].as_str() {
            Some(next) => {
                assert!(!(at_end && closed), "{answer}");
                let next = Client { iterator: next.to_owned(), position: to, issued: now, ..held };
                self.clients.insert(client, next);
            }
            None => {
                assert!(at_end && closed, "{answer}");
                self.clients.remove(&client);
            }
        }
    }

    /// The shards that are listed, by number: range, parents, whether it is open.
    async fn listed(&self, stream: &'static str) -> BTreeMap<usize, ((u128, u128), Vec<usize>, bool)> {
        let answer = self.ask("ListShards", json!({"StreamName": stream}), Ok(())).await.unwrap();
        let shards = answer["Shards"].as_array().unwrap().iter();
        let described = shards.map(|shard| {
            let range = &shard["HashKeyRange"];
            let range = (number(&range["StartingHashKey"]), number(&range["EndingHashKey"]));
            let parents = ["ParentShardId", "AdjacentParentShardId"].map(|member| &shard[member]);
            let parents = parents.into_iter().filter(|parent| !parent.is_null()).map(index).collect();
            (index(&shard["ShardId"]), (range, parents, shard["SequenceNumberRange"]["EndingSequenceNumber"].is_null()))
        });
        described.collect()
    }

    async fn list(&mut self, stream: &'static str) {
        let now = self.reference.now;
        let Ok(known) = self.reference.usable(stream) else { return };
        let kept = known.shards.iter().enumerate().filter(|(_, shard)| !known.is_expired(shard, now));
        let wanted: BTreeMap<_, _> =
            kept.map(|(index, shard)| (index, (shard.range, shard.parents.clone(), shard.closed.is_none()))).collect();
        assert_eq!(self.listed(stream).await, wanted);
    }

    /// A reshard is done: the new shards are what it asked for, and nothing else changed.
    async fn take_over(&mut self, stream: &'static str, pending: Pending) {
        let listed = self.listed(stream).await;
        let now = self.reference.now;
        let known = self.reference.usable(stream).unwrap();
        let before = known.shards.len();
        let wanted = known.ranges_after(pending);
        for (index, (range, parents, is_open)) in listed {
            if index < before {
                let shard = &mut known.shards[index];
                assert_eq!((shard.range, &shard.parents), (range, &parents));
                assert!(shard.closed.is_none() || !is_open, "shard {index} came back");
                shard.closed = shard.closed.or((!is_open).then_some(now));
            } else {
                assert_eq!(index, known.shards.len());
                assert!(!parents.is_empty() && parents.iter().all(|parent| *parent < index));
                known.shards.push(Shard { range, parents, closed: (!is_open).then_some(now), records: Vec::new() });
            }
        }
        let open: Vec<_> = known.open().into_iter().map(|index| known.shards[index].range).collect();
        assert_eq!((open[0].0, open[open.len() - 1].1), (0, u128::MAX));
        assert!(open.windows(2).all(|pair| pair[0].1 + 1 == pair[1].0), "{open:?}");
        match (wanted, pending) {
            (Some(wanted), _) => assert_eq!(open, wanted),
            (None, Pending::Scale(target)) => assert_eq!(open.len(), target),
            (None, Pending::Split(_) | Pending::Merge(..)) => {}
        }
    }
}

/// A case is long, so there are fewer than of others. `PROPTEST_CASES=10000` looks for longer.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases / 4, ..usual }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn clients_see_what_the_reference_says(ops in ops()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let fixture = Fixture::new().await;
            let mut play = Play { fixture, reference: Reference::at(START.as_millis()), clients: BTreeMap::new() };
            for op in ops {
                play.play(op).await;
            }
            // Whatever is left unread is there.
            for stream in STREAMS {
                play.list(stream).await;
                let shards = play.reference.streams.get(stream).map_or(0, |known| known.shards.len());
                for shard in 0..shards {
                    play.open(0, stream, shard, false).await;
                    play.read(0, 1000).await;
                }
            }
        });
    }
}
