//! Tags of keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The most that a key may have.
const LIMIT: usize = 50;

/// A tag as the API shows it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    tag_key: String,
    tag_value: String,
}

impl Tag {
    /// The name.
    pub(crate) fn key(&self) -> &str {
        &self.tag_key
    }
}

/// Adds `tags`, or replaces the values of those that are there.
pub(crate) fn add(to: &mut BTreeMap<String, String>, tags: Vec<Tag>) -> Result<()> {
    if tags.iter().any(|tag| is_reserved(&tag.tag_key)) {
        return Err(Error::TagReserved);
    }
    to.extend(tags.into_iter().map(|tag| (tag.tag_key, tag.tag_value)));
    if to.len() > LIMIT { Err(Error::TagLimit { limit: LIMIT }) } else { Ok(()) }
}

/// Removes the tags of these names.
pub(crate) fn remove(from: &mut BTreeMap<String, String>, names: &[String]) -> Result<()> {
    if names.iter().any(|name| is_reserved(name)) {
        return Err(Error::TagReserved);
    }
    from.retain(|name, _| !names.contains(name));
    Ok(())
}

/// All of them, by name.
pub(crate) fn all(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { tag_key: key.clone(), tag_value: value.clone() }).collect()
}

fn is_reserved(name: &str) -> bool {
    name.starts_with("aws:")
}
