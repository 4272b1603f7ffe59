//! The document that a function receives: one JSON object with the records of a batch, written straight to bytes.
//!
//! Invariant: [`record_size`] is exactly what [`encode`] writes for a record, so the machine can keep an event under
//! the limit before it exists.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use env::Timestamp;

use crate::mapping::record::Record;
use crate::mapping::window::Window;

/// Largest event that a function can be sent synchronously.
pub(super) const LIMIT: usize = 6 * 1024 * 1024;

/// Bytes around the records.
pub(super) const WRAPPING: usize = HEAD.len() + TAIL.len();

/// More than a tumbling window adds to an event besides its state: names, times, flags and two ids of bounded length.
const WINDOW_MEMBERS: usize = 1024;

const HEAD: &str = r#"{"Records":["#;
const TAIL: &str = "]}";

/// What all records of an event have in common.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// The shard they are of.
    pub(crate) shard_id: String,
    /// The mapping's stream or consumer.
    pub(crate) event_source_arn: String,
    /// The role the function runs as.
    pub(crate) invoke_identity_arn: String,
    /// The region of the stream.
    pub(crate) region: String,
}

/// The parts of a record's object between its own values.
struct Template {
    after_data: String,
    tail: String,
}

const BEFORE_KEY: &str = r#"{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"#;
const BEFORE_NUMBER: &str = r#","sequenceNumber":""#;
const BEFORE_DATA: &str = r#"","data":""#;
const BEFORE_ARRIVAL: &str = r#"","approximateArrivalTimestamp":"#;

impl Template {
    fn new(origin: &Origin) -> Self {
        let text = |value: &str| serde_json::Value::from(value).to_string();
        Self {
            after_data: format!(
                r#"}},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"{}:"#,
                origin.shard_id
            ),
            tail: format!(
                r#"","eventName":"aws:kinesis:record","invokeIdentityArn":{},"awsRegion":{},"eventSourceARN":{}}}"#,
                text(&origin.invoke_identity_arn),
                text(&origin.region),
                text(&origin.event_source_arn)
            ),
        }
    }
}

/// Bytes that every record of `origin` takes besides its own values, with the comma that separates it.
pub(crate) fn envelope_size(origin: &Origin) -> usize {
    let template = Template::new(origin);
    [BEFORE_KEY, BEFORE_NUMBER, BEFORE_DATA, BEFORE_ARRIVAL, &template.after_data, &template.tail, ","]
        .iter()
        .map(|part| part.len())
        .sum()
}

/// Bytes that `record` takes in an event, given the size of the envelope.
pub(super) fn record_size(record: &Record, envelope: usize) -> usize {
    envelope
        + serde_json::to_vec(&*record.partition_key).map_or(0, |key| key.len())
        + 2 * record.sequence_number.as_str().len()
        + base64::encoded_len(record.data.len(), true).unwrap_or(usize::MAX / 2)
        + arrival(record).len()
}

/// Bytes that a tumbling window adds to an event, or a few more.
pub(super) fn window_size(window: &Window) -> usize {
    WINDOW_MEMBERS + window.state.len()
}

/// The event for a batch. With a tumbling window, `is_final` says whether this is the window's last call.
pub(crate) fn encode<'a>(
    origin: &Origin,
    batch: impl ExactSizeIterator<Item = &'a Record> + Clone,
    window: Option<(&Window, bool)>,
) -> Bytes {
    let envelope = envelope_size(origin);
    let window_size = window.map_or(0, |(window, _)| window_size(window));
    let size = WRAPPING + window_size + batch.clone().map(|record| record_size(record, envelope)).sum::<usize>();
    let template = Template::new(origin);
    let mut out = String::with_capacity(size);
    out.push_str(HEAD);
    for (index, record) in batch.enumerate() {
        if index > 0 {
            out.push(',');
        }
        encode_record(&mut out, &template, record);
    }
    match window {
        None => out.push_str(TAIL),
        Some((window, is_final)) => encode_window(&mut out, origin, window, is_final),
    }
    Bytes::from(out)
}

fn encode_window(out: &mut String, origin: &Origin, window: &Window, is_final: bool) {
    let arn = serde_json::Value::from(origin.event_source_arn.as_str());
    let Window { state, is_terminated_early, .. } = window;
    let (start, end, shard) = (whole_seconds(window.start), whole_seconds(window.end), &origin.shard_id);
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        r#"],"window":{{"start":"{start}","end":"{end}"}},"state":{state},"shardId":"{shard}","eventSourceARN":{arn},"isFinalInvokeForWindow":{is_final},"isWindowTerminatedEarly":{is_terminated_early}}}"#
    );
}

/// ISO 8601 without a fraction, as windows are written.
fn whole_seconds(time: Timestamp) -> String {
    let (year, month, day, hour, minute, second, _) = time.civil();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

fn encode_record(out: &mut String, template: &Template, record: &Record) {
    out.push_str(BEFORE_KEY);
    out.push_str(&serde_json::Value::from(&*record.partition_key).to_string());
    out.push_str(BEFORE_NUMBER);
    out.push_str(record.sequence_number.as_str());
    out.push_str(BEFORE_DATA);
    STANDARD.encode_string(&record.data, out);
    out.push_str(BEFORE_ARRIVAL);
    out.push_str(&arrival(record));
    out.push_str(&template.after_data);
    out.push_str(record.sequence_number.as_str());
    out.push_str(&template.tail);
}

/// Seconds with exactly three decimals, written from the whole milliseconds: no float rounds it.
fn arrival(record: &Record) -> String {
    let millis = record.arrival.as_millis();
    format!("{}.{:03}", millis / 1000, millis % 1000)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn origin() -> Origin {
        Origin {
            shard_id: "shardId-000000000006".into(),
            event_source_arn: "arn:aws:kinesis:us-east-1:000000000000:stream/s".into(),
            invoke_identity_arn: "arn:aws:iam::000000000000:role/r".into(),
            region: "us-east-1".into(),
        }
    }

    fn record(key: &str, data: &'static [u8]) -> Record {
        Record {
            sequence_number: "49590338271490256608559692538361571095921575989136588898".into(),
            partition_key: key.into(),
            data: Bytes::from_static(data),
            arrival: Timestamp::from_millis(1_545_084_650_987),
        }
    }

    #[test]
    fn writes_the_document_that_lambda_sends() {
        let event: Value = serde_json::from_slice(&encode(&origin(), [record("1", b"Hello")].iter(), None)).unwrap();
        assert_eq!(
            event,
            json!({"Records": [{
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": "1",
                    "sequenceNumber": "49590338271490256608559692538361571095921575989136588898",
                    "data": "SGVsbG8=",
                    "approximateArrivalTimestamp": 1_545_084_650.987
                },
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "eventID": "shardId-000000000006:49590338271490256608559692538361571095921575989136588898",
                "eventName": "aws:kinesis:record",
                "invokeIdentityArn": "arn:aws:iam::000000000000:role/r",
                "awsRegion": "us-east-1",
                "eventSourceARN": "arn:aws:kinesis:us-east-1:000000000000:stream/s"
            }]})
        );
    }

    #[test]
    fn a_window_comes_with_its_state() {
        let mut window = Window::around(Timestamp::from_secs(1_607_497_485), std::time::Duration::from_secs(120));
        assert!(window.fold(br#"{"state":{"1":282}}"#));
        let event = encode(&origin(), std::iter::empty(), Some((&window, true)));
        assert_eq!(
            serde_json::from_slice::<Value>(&event).unwrap(),
            json!({
                "Records": [],
                "window": {"start": "2020-12-09T07:04:00Z", "end": "2020-12-09T07:06:00Z"},
                "state": {"1": 282},
                "shardId": "shardId-000000000006",
                "eventSourceARN": "arn:aws:kinesis:us-east-1:000000000000:stream/s",
                "isFinalInvokeForWindow": true,
                "isWindowTerminatedEarly": false
            })
        );
        assert!(event.len() <= WRAPPING + window_size(&window));
    }

    #[test]
    fn sizes_are_what_is_written() {
        let origin = origin();
        let records = [record("1", b"Hello"), record("quote \" tab \t ü \u{1}", b""), record("x", &[0xff; 1000])];
        let expected: usize = records.iter().map(|record| record_size(record, envelope_size(&origin))).sum();
        // The last record has no comma after it.
        assert_eq!(encode(&origin, records.iter(), None).len(), WRAPPING + expected - 1);
        serde_json::from_slice::<Value>(&encode(&origin, records.iter(), None)).unwrap();
    }
}
