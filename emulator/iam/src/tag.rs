//! Tags of a role or a policy: at most fifty, keys unique whatever their case.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The most tags that a resource may have.
const MOST: usize = 50;

/// A tag, as the API takes and shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// The tags of a resource.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Tags(BTreeMap<String, String>);

impl Tags {
    /// The tags of a new resource.
    pub(crate) fn new(tags: Vec<Tag>) -> Result<Self, Error> {
        let mut all = Self::default();
        all.set(tags)?;
        Ok(all)
    }

    /// Adds `tags`, replacing those that have the same key. None is added if one may not be.
    pub(crate) fn set(&mut self, tags: Vec<Tag>) -> Result<(), Error> {
        let mut keys: Vec<String> = tags.iter().map(|tag| tag.key.to_lowercase()).collect();
        keys.sort_unstable();
        if keys.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Error::DuplicateTagKeys);
        }
        if keys.iter().any(|key| key.starts_with("aws:")) {
            return Err(Error::ReservedTagKey);
        }
        let mut all = self.0.clone();
        for tag in tags {
            // A key that is there in another case is the same tag; it takes the new spelling.
            all.retain(|key, _| key.to_lowercase() != tag.key.to_lowercase());
            all.insert(tag.key, tag.value);
        }
        if all.len() > MOST {
            return Err(Error::TooManyTags);
        }
        self.0 = all;
        Ok(())
    }

    /// Removes the tags with these keys, if they are there.
    pub(crate) fn remove(&mut self, keys: &[String]) {
        self.0.retain(|key, _| !keys.iter().any(|gone| gone.to_lowercase() == key.to_lowercase()));
    }

    /// All of them, as the API shows them.
    pub(crate) fn list(&self) -> Vec<Tag> {
        self.0.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag { key: key.into(), value: value.into() }
    }

    #[test]
    fn keys_are_one_whatever_their_case() {
        let mut tags = Tags::new(vec![tag("Env", "a"), tag("Team", "b")]).unwrap();
        tags.set(vec![tag("env", "c")]).unwrap();
        assert_eq!(tags.list(), [tag("Team", "b"), tag("env", "c")]);
        tags.remove(&["TEAM".into(), "absent".into()]);
        assert_eq!(tags.list(), [tag("env", "c")]);
    }

    #[test]
    fn refused_as_a_whole() {
        let mut tags = Tags::new((0..50).map(|n| tag(&format!("k{n}"), "")).collect()).unwrap();
        let before = tags.clone();
        assert!(matches!(tags.set(vec![tag("k1", "x"), tag("more", "")]), Err(Error::TooManyTags)));
        assert!(matches!(tags.set(vec![tag("k1", "x"), tag("K1", "y")]), Err(Error::DuplicateTagKeys)));
        assert!(matches!(tags.set(vec![tag("aws:x", "y")]), Err(Error::ReservedTagKey)));
        assert_eq!(tags, before);
    }
}
