//! What the batch actions share: the rules for their entries, and an answer that says of each whether it worked.

use std::collections::HashSet;

use aws_wire::AwsError;
use serde::Serialize;

use crate::error::{Error, Result};

/// The most entries of a batch.
const MOST: usize = 10;

/// The answer: each entry is in one of the lists.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output<T> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    successful: Vec<T>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed: Vec<Failure>,
}

/// Why an entry failed.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Failure {
    id: String,
    sender_fault: bool,
    code: String,
    message: String,
}

/// An entry that worked, of an action that has no more to say.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Done {
    pub(super) id: String,
}

/// Checks the ids of a batch whose entries the API calls `entry`.
pub(super) fn check<'a>(entry: &'static str, ids: impl ExactSizeIterator<Item = &'a str>) -> Result<()> {
    match ids.len() {
        0 => return Err(Error::BatchEmpty { entry }),
        count if count > MOST => return Err(Error::BatchTooMany { count }),
        _ => {}
    }
    let mut seen = HashSet::new();
    for id in ids {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !(1..=80).contains(&id.len()) || !id.bytes().all(allowed) {
            return Err(Error::BatchIdInvalid);
        }
        if !seen.insert(id) {
            return Err(Error::BatchIdRepeated { id: id.to_owned() });
        }
    }
    Ok(())
}

/// Sorts what came of the entries.
pub(super) fn output<T>(outcomes: impl IntoIterator<Item = (String, Result<T>)>) -> Output<T> {
    let mut output = Output { successful: Vec::new(), failed: Vec::new() };
    for (id, outcome) in outcomes {
        match outcome {
            Ok(done) => output.successful.push(done),
            Err(error) => {
                let error = AwsError::from(error);
                output.failed.push(Failure {
                    id,
                    sender_fault: !error.is_service_fault(),
                    code: error.code.clone().into_owned(),
                    message: error.message.unwrap_or_default(),
                });
            }
        }
    }
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        let check = |ids: &[&str]| check("E", ids.iter().copied());
        assert_eq!(check(&["a", "B-_9"]), Ok(()));
        assert_eq!(check(&[]), Err(Error::BatchEmpty { entry: "E" }));
        assert_eq!(check(&["a"; 11]), Err(Error::BatchTooMany { count: 11 }));
        assert_eq!(check(&["a", "a"]), Err(Error::BatchIdRepeated { id: "a".into() }));
        for bad in ["", "a b", &"a".repeat(81)] {
            assert_eq!(check(&[bad]), Err(Error::BatchIdInvalid), "{bad}");
        }
    }
}
