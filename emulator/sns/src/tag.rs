//! Tags of a topic.

use std::collections::BTreeMap;

use aws_wire::{Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The most that a topic may have.
const MOST: usize = 50;

/// A tag, as the API takes and shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// The tags of a topic.
pub(crate) type Tags = BTreeMap<String, String>;

pub(crate) const TAG_KEY: Shape = Shape::string().length(1, 128);
const TAG: Structure = Structure::new(
    "Tag",
    &[TAG_KEY.member("Key").required(), Shape::string().length(0, 256).member("Value").required()],
);
/// The constraints of tags to set.
pub(crate) const TAGS: Shape = Shape::list(&Shape::structure(&TAG));

/// Adds `tags`, replacing those that have the same keys; none if there would be too many.
pub(crate) fn set(all: &mut Tags, tags: Vec<Tag>) -> Result<()> {
    let mut changed = all.clone();
    changed.extend(tags.into_iter().map(|tag| (tag.key, tag.value)));
    if changed.len() > MOST {
        return Err(Error::TagLimit);
    }
    *all = changed;
    Ok(())
}

/// As the API shows them.
pub(crate) fn list(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}
