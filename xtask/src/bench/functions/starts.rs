//! First calls: each meets a function whose configuration has just changed, so that there is no process for it.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use super::beacon::Beacon;
use super::{Subject, emulator};

/// From the invocation to its answer, beside the bare start of the interpreter.
pub(super) fn measure(programs: &Path, subjects: &[Subject], repetitions: usize) -> Result<String> {
    let mut text = String::from(
        "\n| first call of a function until its answer | p50 ms | most ms | the bare start of what runs it, p50 ms |\n\
         | --- | --- | --- | --- |\n",
    );
    for subject in subjects {
        let (emulator, _directory) = emulator(programs)?;
        let beacon = Beacon::new()?;
        subject.create(emulator.address(), &beacon.address()?)?;
        let (mut first, mut bare) = (Vec::new(), Vec::new());
        // Alternating, so that a slow moment of the machine hits both.
        for repetition in 0..repetitions {
            let variables = json!({"BEACON": beacon.address()?, "TURN": repetition.to_string()});
            subject.function.set_environment(emulator.address(), &variables)?;
            let begun = Instant::now();
            subject.function.invoke(emulator.address(), &json!({}))?;
            first.push(begun.elapsed());
            let begun = Instant::now();
            subject.run_bare()?;
            bare.push(begun.elapsed());
        }
        first.sort_unstable();
        bare.sort_unstable();
        let millis = |duration: Duration| duration.as_secs_f64() * 1000.0;
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.0} | {:.0} |",
            subject.name,
            millis(first[first.len() / 2]),
            millis(first[first.len() - 1]),
            millis(bare[bare.len() / 2])
        );
    }
    Ok(text)
}
