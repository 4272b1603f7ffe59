//! Writes the records that it is called with to a file. If it is tormented it fails at random: before it has done anything,
//! after it has done all, or by going away altogether.

use std::fs::OpenOptions;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;

pub async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let tormented = std::env::var_os("TORMENTED").is_some();
    let chance = if tormented { RandomState::new().build_hasher().finish() % 1000 } else { 1000 };
    if chance < 20 {
        return Err("before".into());
    }
    let records = event.payload["Records"].as_array().ok_or("an event without records")?;
    let lines = records.iter().map(|record| Ok(data_of(record)? + "\n")).collect::<Result<String, Error>>()?;
    // One write, so that the lines of calls that run at the same time do not mix.
    OpenOptions::new().append(true).create(true).open(std::env::var("SEEN")?)?.write_all(lines.as_bytes())?;
    match chance {
        20..30 => Err("after".into()),
        30..35 => std::process::exit(1),
        _ => Ok(Value::Null),
    }
}

/// The text that a record carries.
pub fn data_of(record: &Value) -> Result<String, Error> {
    let data = record["kinesis"]["data"].as_str().ok_or("a record without data")?;
    Ok(String::from_utf8(STANDARD.decode(data)?)?)
}
