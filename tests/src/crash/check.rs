//! After a restart: all that was acknowledged is there, once, whole, in its place and in order; nothing is there that
//! nobody sent, or that was refused, or that an earlier check did not find.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::Report;
use super::known::{Fate, Place, Records, Sequence, Stream, Streams};
use super::payload::RecordId;
use crate::connection::{Connection, Outcome};

/// What was begun before the kill is finished within this time.
const PATIENCE: Duration = Duration::from_secs(60);

/// Checks all streams.
pub(super) fn check(streams: &Streams, address: &str, report: &mut Report) -> Result<()> {
    let mut connection = Connection::open(address)?;
    let mut gone = BTreeSet::new();
    for stream in streams.all() {
        let exists = check_facts(&mut connection, &stream).with_context(|| stream.name.clone())?;
        if exists {
            check_records(&mut connection, &stream, report).with_context(|| stream.name.clone())?;
        } else {
            gone.insert(stream.name.clone());
        }
    }
    streams.forget(&gone);
    check_names(&mut connection, streams)
}

/// No stream is there but those that are known.
fn check_names(connection: &mut Connection, streams: &Streams) -> Result<()> {
    let listed = connection.must("ListStreams", &json!({}))?;
    let listed: BTreeSet<_> =
        listed["StreamNames"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let streams = streams.all();
    let known: BTreeSet<_> = streams.iter().map(|stream| stream.name.as_str()).collect();
    ensure!(listed == known, "ListStreams answers {listed:?}, known are {known:?}");
    Ok(())
}

/// Everything but records. Says whether the stream is there.
fn check_facts(connection: &mut Connection, stream: &Stream) -> Result<bool> {
    let Some(summary) = until_settled(connection, stream)? else {
        stream.facts().exists.settle("existence", false)?;
        return Ok(false);
    };
    let input = json!({"StreamName": stream.name});
    let tags = connection.must("ListTagsForStream", &input)?;
    let tags = tags["Tags"].as_array().context("no tags")?.iter().map(|tag| {
        let text = |name: &str| tag[name].as_str().map(str::to_owned).context("a tag has a key and a value");
        Ok((text("Key")?, text("Value")?))
    });
    let tags = tags.collect::<Result<BTreeMap<_, _>>>()?;
    let consumers = until_consumers_settled(connection, &summary["StreamARN"])?;
    let number = |name: &str| -> Result<u32> { Ok(u32::try_from(summary[name].as_u64().context("no number")?)?) };
    let mut facts = stream.facts();
    facts.exists.settle("existence", true)?;
    facts.tags.settle("tags", tags)?;
    facts.consumers.settle("consumers", consumers)?;
    facts.open_shards.settle("open shards", number("OpenShardCount")?)?;
    facts.retention_hours.settle("retention", number("RetentionPeriodHours")?)?;
    Ok(true)
}

/// The stream's summary once it is ACTIVE; `None` if it is not there.
fn until_settled(connection: &mut Connection, stream: &Stream) -> Result<Option<Value>> {
    let input = json!({"StreamName": stream.name}).to_string();
    patiently("the stream to be ACTIVE or gone", || match connection.kinesis("DescribeStreamSummary", &input)? {
        Outcome::Refused { body, .. } if body.contains("ResourceNotFoundException") => Ok(Some(None)),
        Outcome::Refused { status, body } => bail!("DescribeStreamSummary answered {status}: {body}"),
        Outcome::Done(output) => {
            let summary = &output["StreamDescriptionSummary"];
            Ok((summary["StreamStatus"] == "ACTIVE").then(|| Some(summary.clone())))
        }
    })
}

fn until_consumers_settled(connection: &mut Connection, arn: &Value) -> Result<BTreeSet<String>> {
    patiently("the consumers to be ACTIVE or gone", || {
        let output = connection.must("ListStreamConsumers", &json!({"StreamARN": arn}))?;
        let consumers = output["Consumers"].as_array().context("no consumers")?;
        let active = |consumer: &Value| {
            (consumer["ConsumerStatus"] == "ACTIVE").then(|| consumer["ConsumerName"].as_str().map(str::to_owned))?
        };
        Ok(consumers.iter().map(active).collect())
    })
}

fn patiently<T>(what: &str, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let begun = Instant::now();
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        ensure!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A record as it was read.
#[derive(Debug)]
struct Found {
    id: RecordId,
    sequence: Sequence,
}

fn check_records(connection: &mut Connection, stream: &Stream, report: &mut Report) -> Result<()> {
    let shards = connection.must("ListShards", &json!({"StreamName": stream.name}))?;
    let mut found = BTreeMap::new();
    for shard in shards["Shards"].as_array().context("no shards")? {
        let shard = shard["ShardId"].as_str().context("a shard has an id")?;
        let content = read(connection, stream, shard).with_context(|| shard.to_owned())?;
        report.checked += content.len() as u64;
        found.insert(shard.to_owned(), content);
    }
    compare(&mut stream.records(), &found, report)
}

/// All records of a shard.
fn read(connection: &mut Connection, stream: &Stream, shard: &str) -> Result<Vec<Found>> {
    let input = json!({"StreamName": stream.name, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
    let mut iterator = connection.must("GetShardIterator", &input)?["ShardIterator"].take();
    let mut content = Vec::new();
    while !iterator.is_null() {
        let mut output = connection.must("GetRecords", &json!({"ShardIterator": iterator}))?;
        let records = output["Records"].as_array().context("no records")?;
        for record in records {
            let text = |name: &str| record[name].as_str().with_context(|| format!("{record} has no {name}"));
            let sequence = text("SequenceNumber")?;
            let id = RecordId::of_payload(text("Data")?)
                .with_context(|| format!("{sequence} holds what nobody put: {record}"))?;
            ensure!(text("PartitionKey")? == id.key(), "{sequence} has another's partition key");
            content.push(Found { id, sequence: Sequence::new(sequence) });
        }
        let at_the_tail = records.is_empty() && output["MillisBehindLatest"] == 0;
        iterator = if at_the_tail { Value::Null } else { output["NextShardIterator"].take() };
    }
    Ok(content)
}

/// Compares what was found with what is known, and takes over what only the emulator could know.
fn compare(known: &mut Records, found: &BTreeMap<String, Vec<Found>>, report: &mut Report) -> Result<()> {
    let mut places = BTreeMap::new();
    for (shard, content) in found {
        check_order(content).with_context(|| shard.clone())?;
        for Found { id, sequence } in content {
            let place = Place { shard: shard.clone(), sequence: sequence.clone() };
            if let Some(other) = places.insert(*id, place) {
                bail!("{id:?} is there twice, at {other:?} and at {sequence:?} of {shard}");
            }
            ensure!(known.fates.contains_key(id), "{id:?} was never put to this stream");
        }
    }
    for (id, fate) in &mut known.fates {
        let place = places.remove(id);
        *fate = match (&*fate, place) {
            (Fate::Acknowledged(promised), Some(place)) if *promised == place => {
                let floor = known.floors.get(&place.shard);
                ensure!(floor.is_none_or(|floor| *floor < place.sequence), "{id:?}: {place:?} is not above {floor:?}");
                report.acknowledged += 1;
                Fate::Kept(place)
            }
            (Fate::Kept(promised), Some(place)) if *promised == place => Fate::Kept(place),
            (Fate::Unanswered, Some(place)) => {
                report.unanswered_kept += 1;
                Fate::Kept(place)
            }
            (Fate::Unanswered, None) => {
                report.unanswered_gone += 1;
                Fate::Absent
            }
            (Fate::Absent, None) => Fate::Absent,
            (fate, place) => bail!("{id:?} should be {fate:?} and was found at {place:?}"),
        };
    }
    for (shard, content) in found {
        if let Some(last) = content.last() {
            known.floors.insert(shard.clone(), last.sequence.clone());
        }
    }
    Ok(())
}

/// Sequence numbers rise, and each writer's requests follow in the order in which he made them.
fn check_order(content: &[Found]) -> Result<()> {
    for pair in content.windows(2) {
        ensure!(pair[0].sequence < pair[1].sequence, "{:?} comes before {:?}", pair[0], pair[1]);
    }
    let mut last = BTreeMap::new();
    for Found { id, .. } in content {
        let before = last.insert(id.writer, id.request).unwrap_or_default();
        ensure!(before <= id.request, "{id:?} comes after request {before} of its writer");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(request: u64) -> RecordId {
        RecordId { writer: 1, request, index: 0, length: 20 }
    }

    fn at(sequence: &str) -> Place {
        Place { shard: "a".to_owned(), sequence: Sequence::new(sequence) }
    }

    /// Compares one known record with the content of one shard, given as request and sequence number.
    fn check(fate: Fate, content: &[(u64, &str)]) -> Result<Fate> {
        let mut known = Records::default();
        known.fates.insert(id(5), fate);
        known.floors.insert("a".to_owned(), Sequence::new("10"));
        let found =
            content.iter().map(|(request, sequence)| Found { id: id(*request), sequence: Sequence::new(sequence) });
        compare(&mut known, &BTreeMap::from([("a".to_owned(), found.collect())]), &mut Report::default())?;
        Ok(known.fates.remove(&id(5)).unwrap())
    }

    #[test]
    fn what_is_kept_is_accepted() {
        assert_eq!(check(Fate::Acknowledged(at("11")), &[(5, "11")]).unwrap(), Fate::Kept(at("11")));
        assert_eq!(check(Fate::Kept(at("9")), &[(5, "9")]).unwrap(), Fate::Kept(at("9")));
        assert_eq!(check(Fate::Unanswered, &[(5, "11")]).unwrap(), Fate::Kept(at("11")));
        assert_eq!(check(Fate::Unanswered, &[]).unwrap(), Fate::Absent);
        assert_eq!(check(Fate::Absent, &[]).unwrap(), Fate::Absent);
    }

    #[test]
    fn what_is_lost_doubled_moved_or_made_up_is_not() {
        check(Fate::Acknowledged(at("11")), &[]).unwrap_err();
        check(Fate::Kept(at("9")), &[]).unwrap_err();
        check(Fate::Acknowledged(at("11")), &[(5, "12")]).unwrap_err();
        check(Fate::Acknowledged(at("11")), &[(5, "11"), (5, "12")]).unwrap_err();
        check(Fate::Absent, &[(5, "11")]).unwrap_err();
        check(Fate::Unanswered, &[(6, "11")]).unwrap_err();
        // Not above what the shard had before the restart.
        check(Fate::Acknowledged(at("10")), &[(5, "10")]).unwrap_err();
    }

    #[test]
    fn order_is_that_of_sequence_numbers_and_requests() {
        let content = |found: &[(u64, &str)]| {
            let found =
                found.iter().map(|(request, sequence)| Found { id: id(*request), sequence: Sequence::new(sequence) });
            check_order(&found.collect::<Vec<_>>())
        };
        content(&[(1, "9"), (1, "10"), (2, "11")]).unwrap();
        content(&[(1, "10"), (2, "9")]).unwrap_err();
        content(&[(2, "9"), (1, "10")]).unwrap_err();
    }
}
