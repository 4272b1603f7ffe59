//! Mappings that have nothing to do: what a thousand of them cost in processor time and memory.

use std::path::Path;
use std::thread;
use std::time::Duration;

use acceptance::{Connection, Emulator, request};
use anyhow::{Result, ensure};
use serde_json::json;

use super::beacon::Beacon;
use super::{Subject, emulator};
use crate::bench::process;

const MAPPINGS: usize = 1000;
const PATH: &str = "/2015-03-31/event-source-mappings";
/// How long the processor time is added up; the kernel tells it in hundredths of a second.
const STRETCH: Duration = Duration::from_secs(20);

struct Cost {
    cpu_ms_per_second: f64,
    resident_mib: f64,
}

/// The emulator before and after a thousand mappings are made, each of a stream of its own.
pub(super) fn measure(programs: &Path, subjects: &[Subject]) -> Result<String> {
    let (emulator, _directory) = emulator(programs)?;
    let Some(subject) = subjects.first() else { return Ok(String::new()) };
    subject.create(emulator.address(), &Beacon::new()?.address()?)?;
    let mut connection = Connection::open(emulator.address())?;
    for number in 0..MAPPINGS {
        connection.must("CreateStream", &json!({"StreamName": format!("s{number}"), "ShardCount": 1}))?;
    }
    let before = cost(&emulator)?;
    for number in 0..MAPPINGS {
        let arn = format!("arn:aws:kinesis:us-east-1:000000000000:stream/s{number}");
        let input =
            json!({"EventSourceArn": arn, "FunctionName": subject.function.name, "StartingPosition": "TRIM_HORIZON"});
        let made = request(emulator.address(), "POST", PATH, &[], &input.to_string())?;
        ensure!(made.status == 202, "CreateEventSourceMapping answered {}: {}", made.status, made.body);
    }
    let after = cost(&emulator)?;
    Ok(format!(
        "\n| {MAPPINGS} mappings without records | without them | with them | promised |\n| --- | --- | --- | --- |\n\
         | processor time per second | {:.1} ms | {:.1} ms | not to be measured |\n\
         | resident | {:.0} MiB | {:.0} MiB |  |\n",
        before.cpu_ms_per_second, after.cpu_ms_per_second, before.resident_mib, after.resident_mib
    ))
}

/// What the emulator takes once it has come to rest.
fn cost(emulator: &Emulator) -> Result<Cost> {
    thread::sleep(Duration::from_secs(3));
    let before = process::cpu_seconds(emulator.pid())?;
    thread::sleep(STRETCH);
    let taken = process::cpu_seconds(emulator.pid())? - before;
    Ok(Cost {
        cpu_ms_per_second: taken * 1000.0 / STRETCH.as_secs_f64(),
        resident_mib: process::resident_mib(emulator.pid())?,
    })
}
