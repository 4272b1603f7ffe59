//! The partial batch response: what a function that reports item failures says about its batch.
//!
//! Leaves to others what follows from it. The rule that matters: an answer that cannot be trusted fails the whole
//! batch, so that a mistake in the function repeats records and never loses them.

use serde::Deserialize;

/// What the function said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Every record is done.
    Success,
    /// Records before this index are done; it and everything after it is not. Never 0.
    FailedFrom(usize),
    /// No record is done.
    Failed,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "batchItemFailures", default)]
    failures: Option<Vec<ItemFailure>>,
}

#[derive(Deserialize)]
struct ItemFailure {
    /// Absent when the function misspelt the key.
    #[serde(rename = "itemIdentifier")]
    item: Option<String>,
}

/// Reads `answer` to a batch; `place_of` finds a sequence number in it.
pub(super) fn read(answer: &[u8], place_of: impl Fn(&str) -> Option<usize>) -> Verdict {
    match answer.trim_ascii() {
        b"" | b"\"\"" => return Verdict::Success,
        // serde would take a list for an object without names.
        [b'[', ..] => return Verdict::Failed,
        _ => {}
    }
    let Ok(answer) = serde_json::from_slice::<Option<Answer>>(answer) else { return Verdict::Failed };
    let failures = answer.and_then(|answer| answer.failures).unwrap_or_default();
    let mut lowest = None;
    for failure in failures {
        let place = failure.item.and_then(|item| place_of(&item));
        // Empty, null, misspelt or of another batch: nothing in this answer can be believed.
        let Some(place) = place else { return Verdict::Failed };
        lowest = Some(lowest.map_or(place, |lowest: usize| lowest.min(place)));
    }
    match lowest {
        None => Verdict::Success,
        Some(0) => Verdict::Failed,
        Some(index) => Verdict::FailedFrom(index),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_kind_of_answer() {
        let place_of = |item: &str| ["10", "20", "30"].iter().position(|number| *number == item);
        let check = |answer: &str, verdict| assert_eq!(read(answer.as_bytes(), place_of), verdict, "{answer}");
        for success in ["", "null", "\"\"", "{}", r#"{"batchItemFailures":[]}"#, r#"{"batchItemFailures":null}"#] {
            check(success, Verdict::Success);
        }
        check(r#"{"batchItemFailures":[{"itemIdentifier":"30"},{"itemIdentifier":"20"}]}"#, Verdict::FailedFrom(1));
        check(r#"{"batchItemFailures":[{"itemIdentifier":"30"}],"other":1}"#, Verdict::FailedFrom(2));
        for failure in [
            r#"{"batchItemFailures":[{"itemIdentifier":"10"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"99"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"30"},{"ItemIdentifier":"20"}]}"#,
            r#"{"batchItemFailures":"20"}"#,
            "done",
            "\"done\"",
            "[]",
        ] {
            check(failure, Verdict::Failed);
        }
    }
}
