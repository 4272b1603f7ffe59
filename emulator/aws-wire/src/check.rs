//! Holds a decoded input against its [`Structure`] and words what is wrong the way AWS does.
//!
//! Two passes, as in AWS: types first (one `SerializationException` for the first that is off), constraints second (one
//! `ValidationException` that lists up to ten). After both, every member has its type, every required one is there, and
//! the typed `Input` of an action can be made from it.

use serde_json::{Map, Value};

use crate::AwsError;
use crate::shape::{Kind, Shape, Structure};

mod constraint;
mod types;

pub(crate) use types::mismatch;

/// Checks `input` and brings its numbers into the form the types ask for.
pub fn check(structure: &Structure, input: &mut Map<String, Value>) -> Result<(), AwsError> {
    // A member set to null counts as absent, whatever it is a default of.
    input.retain(|_, value| !value.is_null());
    types::structure(structure, input)?;
    constraint::structure(structure, input)
}

/// The number of bytes that a base64 text stands for.
fn blob_length(text: &str) -> usize {
    text.len() / 4 * 3 - text.bytes().rev().take_while(|byte| *byte == b'=').count().min(2)
}

/// The value under `name`, if it is there and not null.
fn present<'a>(input: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    input.get(name).filter(|value| !value.is_null())
}

/// The structure behind a shape, if it is one.
const fn as_structure(shape: &Shape) -> Option<&'static Structure> {
    match shape.kind {
        Kind::Structure(structure) => Some(structure),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
