//! Tags of a queue.

use std::collections::BTreeMap;

use aws_wire::Shape;

use crate::error::{Error, Result};

/// The most that a queue may have.
const MOST: usize = 50;

/// The tags of a queue.
pub(crate) type Tags = BTreeMap<String, String>;

/// The constraints of tags to set.
pub(crate) const TAGS: Shape = Shape::map(&Shape::string(), &Shape::string());

/// Adds `tags`, replacing those that have the same keys; none if there would be too many.
pub(crate) fn set(all: &mut Tags, tags: Tags) -> Result<()> {
    let added = tags.keys().filter(|key| !all.contains_key(*key)).count();
    if all.len() + added > MOST {
        return Err(Error::TagLimit { limit: MOST });
    }
    all.extend(tags);
    Ok(())
}
