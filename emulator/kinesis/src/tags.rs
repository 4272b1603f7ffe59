//! Tags of streams and consumers: which are allowed, and how many.
//!
//! Both tagging APIs come here, so they agree. Invariant: what is stored passed these checks.

use std::collections::BTreeMap;

use crate::error::{Error, Result, StreamLabel};

/// The most tags that a resource has.
const MOST: usize = 50;

/// Adds tags, overwriting those of the same key.
pub(crate) fn add(
    tags: &mut BTreeMap<String, String>,
    added: BTreeMap<String, String>,
    stream: &StreamLabel,
) -> Result<()> {
    check_characters(added.iter().flat_map(|(key, value)| [key, value]), "add tags to", stream)?;
    if added.keys().any(|key| key.starts_with("aws:")) {
        return Err(Error::TagReserved);
    }
    let new = added.keys().filter(|key| !tags.contains_key(*key)).count();
    if tags.len() + new > MOST {
        return Err(Error::TagLimit { stream: stream.clone(), limit: MOST });
    }
    tags.extend(added);
    Ok(())
}

/// Removes tags; keys that are not there are ignored.
pub(crate) fn remove(tags: &mut BTreeMap<String, String>, keys: &[String], stream: &StreamLabel) -> Result<()> {
    check_characters(keys, "remove tags from", stream)?;
    for key in keys {
        tags.remove(key);
    }
    Ok(())
}

/// A percent sign passes the first check and fails a second one, as in AWS.
fn check_characters<'a>(
    texts: impl IntoIterator<Item = &'a String>,
    verb: &'static str,
    stream: &StreamLabel,
) -> Result<()> {
    let allowed = |c: char| c.is_alphanumeric() || " _./=+-%@:".contains(c);
    let mut percent = false;
    for text in texts {
        if !text.chars().all(allowed) {
            return Err(Error::TagCharacters);
        }
        percent |= text.contains('%');
    }
    if percent { Err(Error::TagPercent { verb, stream: stream.clone() }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> StreamLabel {
        StreamLabel { name: "s".into(), account: "000000000000".into() }
    }

    fn added(tags: &[(&str, &str)]) -> Result<BTreeMap<String, String>> {
        let mut known = BTreeMap::from([("kept".to_owned(), "1".to_owned())]);
        let new = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        add(&mut known, new, &stream()).map(|()| known)
    }

    fn refused(tags: &[(&str, &str)], message: &str) {
        assert_eq!(added(tags).unwrap_err().to_string(), message);
    }

    #[test]
    fn overwrites_and_adds() {
        let tags = added(&[("kept", "2"), ("Größe", "a b_./=+-@:")]).unwrap();
        assert_eq!(tags["kept"], "2");
        assert_eq!(tags.len(), 2);
    }

    #[test]
    fn refuses_characters_in_the_words_of_aws() {
        let invalid = "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . \
                       / = + - % @.";
        refused(&[("a\tb", "")], invalid);
        refused(&[("a", "b\n")], invalid);
        refused(&[("a;", "")], invalid);
        refused(
            &[("100%", "")],
            "Failed to add tags to stream s under account 000000000000 because some tags contained illegal characters. \
             The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'.",
        );
        refused(&[("aws:owner", "")], "Tag keys beginning with aws: are reserved.");
    }

    #[test]
    fn fifty_are_enough() {
        let keys: Vec<String> = (0..50).map(|number| number.to_string()).collect();
        let tags: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "")).collect();
        assert_eq!(added(&tags[..49]).unwrap().len(), 50);
        refused(
            &tags,
            "Failed to add tags to stream s under account 000000000000 because a given stream cannot have more than 50 \
             tags associated with it.",
        );
    }

    #[test]
    fn removal_ignores_what_is_not_there() {
        let mut tags = added(&[("a", "1")]).unwrap();
        remove(&mut tags, &["a".into(), "b".into()], &stream()).unwrap();
        assert_eq!(tags.len(), 1);
        let refused = remove(&mut tags, &["%".into()], &stream()).unwrap_err().to_string();
        assert!(refused.starts_with("Failed to remove tags from stream s under account 000000000000 because"));
    }
}
