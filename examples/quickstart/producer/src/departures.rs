//! The data set: one departure per line of a CSV file, the first line names the columns.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value};

/// A departure as it is put into the stream.
pub(crate) struct Departure {
    /// The aircraft's tail number: departures of one aircraft stay in order.
    pub(crate) partition_key: String,
    /// The whole line as JSON.
    pub(crate) data: Vec<u8>,
}

/// Reads all departures of `file`.
pub(crate) fn read(file: &str) -> Result<Vec<Departure>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().context("the file is empty")?.split(',').collect();
    let tail = columns.iter().position(|column| *column == "tailnum").context("there is no column tailnum")?;
    let departure = |line: &str| {
        let values: Vec<&str> = line.split(',').collect();
        let partition_key = (*values.get(tail).context("a line is too short")?).to_owned();
        let members: Map<String, Value> =
            columns.iter().zip(values).map(|(c, v)| ((*c).to_owned(), v.into())).collect();
        Ok(Departure { partition_key, data: Value::Object(members).to_string().into_bytes() })
    };
    lines.map(departure).collect()
}
