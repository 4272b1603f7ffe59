//! Filter criteria: which records a mapping delivers.
//!
//! Patterns see a record as the `kinesis` object of its event, except that `data` is what the payload says as JSON. A
//! record passes if any filter matches, and always if there is none. A payload that is not JSON passes no filter that
//! asks about `data`.
//!
//! Leaves the pattern language to [`pattern`] and [`rule`].

mod pattern;
mod rule;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use self::pattern::Pattern;
use crate::mapping::record::Record;

/// The filters of one mapping. Cheap to clone; stored as their texts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub(crate) struct Filters(Arc<[Filter]>);

#[derive(Debug, PartialEq)]
struct Filter {
    text: String,
    pattern: Pattern,
    asks_for_data: bool,
}

/// A pattern is not one of the language; AWS has one sentence for everything that can be wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid filter pattern definition")]
pub(crate) struct InvalidPattern;

impl Filters {
    /// Parses patterns, JSON text each.
    pub(crate) fn parse(patterns: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, InvalidPattern> {
        patterns.into_iter().map(|text| Filter::parse(text.into())).collect::<Result<_, _>>().map(Self)
    }

    /// The patterns as they were given.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|filter| filter.text.as_str())
    }

    /// Whether `record` is to be delivered.
    pub(crate) fn admit(&self, record: &Record) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let mut subject = metadata(record);
        let asks_for_data = self.0.iter().any(|filter| filter.asks_for_data);
        let data = asks_for_data.then(|| serde_json::from_slice::<Value>(&record.data).ok()).flatten();
        let is_json = data.is_some();
        subject.extend(data.map(|data| ("data".to_owned(), data)));
        self.0.iter().any(|filter| (is_json || !filter.asks_for_data) && filter.pattern.matches(&subject))
    }
}

impl Filter {
    fn parse(text: String) -> Result<Self, InvalidPattern> {
        let pattern = Pattern::parse(&serde_json::from_str(&text).map_err(|_| InvalidPattern)?)?;
        // A payload that could be matched as a whole would have to be a plain text, which streams do not filter.
        if pattern.has_leaf("data") {
            return Err(InvalidPattern);
        }
        Ok(Self { text, asks_for_data: pattern.mentions("data"), pattern })
    }
}

impl TryFrom<Vec<String>> for Filters {
    type Error = InvalidPattern;

    fn try_from(texts: Vec<String>) -> Result<Self, InvalidPattern> {
        Self::parse(texts)
    }
}

impl From<Filters> for Vec<String> {
    fn from(filters: Filters) -> Self {
        filters.texts().map(str::to_owned).collect()
    }
}

fn metadata(record: &Record) -> Map<String, Value> {
    Map::from_iter([
        ("kinesisSchemaVersion".to_owned(), "1.0".into()),
        ("partitionKey".to_owned(), record.partition_key.as_ref().into()),
        ("sequenceNumber".to_owned(), record.sequence_number.as_str().into()),
        ("approximateArrivalTimestamp".to_owned(), record.arrival.as_secs_f64().into()),
    ])
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use env::Timestamp;

    use super::*;

    fn record(data: &str) -> Record {
        Record {
            sequence_number: "42".into(),
            partition_key: "key-1".into(),
            data: Bytes::copy_from_slice(data.as_bytes()),
            arrival: Timestamp::from_millis(1_545_084_650_500),
        }
    }

    #[test]
    fn patterns_see_metadata_and_data() {
        let check = |patterns: &[&str], data: &str, passes: bool| {
            let filters = Filters::parse(patterns.iter().copied()).unwrap();
            assert_eq!(filters.admit(&record(data)), passes, "{patterns:?} on {data}");
        };
        let data = r#"{"tire_pressure": 30, "car": {"kind": "van"}}"#;
        check(&[], "not json", true);
        check(&[r#"{"partitionKey":["key-1"]}"#], "not json", true);
        check(&[r#"{"partitionKey":[{"prefix":"key"}],"sequenceNumber":["42"]}"#], data, true);
        check(&[r#"{"approximateArrivalTimestamp":[{"numeric":[">=",1545084650]}]}"#], data, true);
        check(&[r#"{"data":{"tire_pressure":[{"numeric":["<",32]}]}}"#], data, true);
        check(&[r#"{"data":{"tire_pressure":[{"numeric":[">",32]}]}}"#], data, false);
        check(&[r#"{"data":{"car":{"kind":["van"]}}}"#], data, true);
        check(&[r#"{"data":{"x":[1]}}"#, r#"{"data":{"car":{"kind":["van"]}}}"#], data, true);
        // What is not JSON passes no filter on data, not even one for a missing field.
        check(&[r#"{"data":{"x":[{"exists":false}]}}"#], "not json", false);
        check(&[r#"{"data":{"x":[{"exists":false}]}}"#], "{}", true);
        check(&[r#"{"data":{"x":[1]}}"#, r#"{"partitionKey":["key-1"]}"#], "not json", true);
    }

    #[test]
    fn refuses_what_is_not_the_language() {
        for pattern in [
            "",
            "tire",
            "[]",
            "{}",
            r#"{"data":["text"]}"#,
            r#"{"data":"text"}"#,
            r#"{"$or":[{"data":["text"]},{"partitionKey":["a"]}]}"#,
            r#"{"partitionKey":"key-1"}"#,
            r#"{"partitionKey":[]}"#,
            r#"{"partitionKey":{}}"#,
            r#"{"partitionKey":[["a"]]}"#,
            r#"{"partitionKey":[{"like":"a"}]}"#,
            r#"{"partitionKey":[{"prefix":"a","suffix":"b"}]}"#,
            r#"{"partitionKey":[{"prefix":1}]}"#,
            r#"{"partitionKey":[{"exists":"yes"}]}"#,
            r#"{"partitionKey":[{"numeric":[">"]}]}"#,
            r#"{"partitionKey":[{"numeric":["<",1,">",0]}]}"#,
            r#"{"partitionKey":[{"numeric":["~",1]}]}"#,
            r#"{"partitionKey":[{"anything-but":[]}]}"#,
            r#"{"partitionKey":[{"anything-but":[true]}]}"#,
            r#"{"$or":[]}"#,
            r#"{"$or":{"a":["b"]}}"#,
        ] {
            assert_eq!(Filters::parse([pattern]), Err(InvalidPattern), "{pattern}");
        }
    }
}
