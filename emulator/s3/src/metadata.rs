//! What a client says about an object and gets back with it: content headers, user metadata, storage class.

use std::collections::BTreeMap;

use http::HeaderMap;

use crate::error::{Error, Result};

/// Headers of an object by name, in lower case.
pub(crate) type Headers = BTreeMap<String, String>;

/// What goes by these names is kept as it is.
const KEPT: [&str; 6] =
    ["cache-control", "content-disposition", "content-language", "content-type", "expires", REDIRECT];
const USER: &str = "x-amz-meta-";
pub(crate) const STORAGE_CLASS: &str = "x-amz-storage-class";
/// Where a web site sends those who ask for the object.
const REDIRECT: &str = "x-amz-website-redirect-location";
/// What a copy has of its own, whatever its source has.
pub(crate) const OF_A_COPY: [&str; 2] = [STORAGE_CLASS, REDIRECT];
/// The type of what says none.
const UNTYPED: &str = "binary/octet-stream";
/// The most user metadata, names and values together.
const MOST: usize = 2048;
/// Those whose objects can be read at once. Others that S3 has are of buckets of other kinds.
const STORAGE_CLASSES: [&str; 6] =
    ["STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"];
/// Those whose objects have to be restored before.
const ARCHIVES: [&str; 2] = ["GLACIER", "DEEP_ARCHIVE"];
/// The longest redirection, in characters.
const LONGEST_REDIRECT: usize = 2048;

/// The headers that a new object is to keep.
pub(crate) fn of(headers: &HeaderMap) -> Result<Headers> {
    let mut kept = Headers::new();
    let mut user = 0;
    for (name, value) in headers {
        let name = name.as_str();
        let Ok(value) = std::str::from_utf8(value.as_bytes()) else {
            return Err(Error::argument(name, "", "Header value is not UTF-8"));
        };
        if let Some(name) = name.strip_prefix(USER) {
            user += name.len() + value.len();
        } else if !KEPT.contains(&name) {
            continue;
        }
        // What is said twice is one list.
        let entry = kept.entry(name.to_owned()).or_default();
        if !entry.is_empty() {
            entry.push(',');
        }
        entry.push_str(value);
    }
    if user > MOST {
        return Err(Error::MetadataTooLarge);
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // `aws-chunked` is about the way, not about the object.
    let encodings = text("content-encoding").unwrap_or_default().split(',').map(str::trim);
    let encodings: Vec<_> = encodings.filter(|encoding| !encoding.is_empty() && *encoding != "aws-chunked").collect();
    if !encodings.is_empty() {
        kept.insert("content-encoding".into(), encodings.join(","));
    }
    kept.entry("content-type".into()).or_insert_with(|| UNTYPED.into());
    match text(STORAGE_CLASS) {
        None | Some("STANDARD") => {}
        Some(class) if STORAGE_CLASSES.contains(&class) || ARCHIVES.contains(&class) => {
            kept.insert(STORAGE_CLASS.into(), class.into());
        }
        Some(_) => return Err(Error::StorageClassInvalid),
    }
    kept.get(REDIRECT).map_or(Ok(()), |location| check_redirect(location))?;
    refuse_what_we_do_not_do(headers)?;
    Ok(kept)
}

/// Refuses to read what would have to be fetched from an archive first.
pub(crate) fn check_readable(headers: &Headers) -> Result<()> {
    match headers.get(STORAGE_CLASS) {
        Some(class) if ARCHIVES.contains(&class.as_str()) => Err(Error::Archived { class: class.clone() }),
        _ => Ok(()),
    }
}

fn check_redirect(location: &str) -> Result<()> {
    if location.chars().count() > LONGEST_REDIRECT {
        return Err(Error::RedirectInvalid("The length of website redirect location cannot exceed 2,048 characters."));
    }
    if ["/", "http://", "https://"].iter().any(|prefix| location.starts_with(prefix)) {
        return Ok(());
    }
    let message = "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.";
    Err(Error::RedirectInvalid(message))
}

/// Headers that would have to change what happens, and would not.
fn refuse_what_we_do_not_do(headers: &HeaderMap) -> Result<()> {
    if headers.contains_key("x-amz-server-side-encryption-customer-algorithm") {
        return Err(Error::NotImplemented("encryption with keys of the customer (SSE-C)".into()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_pairs(pairs: &[(&'static str, &str)]) -> Result<Headers> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        of(&headers)
    }

    #[test]
    fn what_is_kept() {
        let kept = of_pairs(&[
            ("content-encoding", "aws-chunked, gzip"),
            ("x-amz-meta-a", "1"),
            ("x-amz-meta-a", "2"),
            ("host", "x"),
            ("x-amz-storage-class", "STANDARD_IA"),
            ("x-amz-server-side-encryption", "AES256"),
        ]);
        let expected = [
            ("content-encoding", "gzip"),
            ("content-type", UNTYPED),
            ("x-amz-meta-a", "1,2"),
            ("x-amz-storage-class", "STANDARD_IA"),
        ];
        assert_eq!(kept.unwrap(), expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        let chunked = of_pairs(&[("content-encoding", "aws-chunked")]).unwrap();
        assert!(!chunked.contains_key("content-encoding"));
    }

    #[test]
    fn what_is_refused() {
        assert_eq!(of_pairs(&[("x-amz-meta-a", &"x".repeat(2048))]), Err(Error::MetadataTooLarge));
        assert_eq!(of_pairs(&[("x-amz-storage-class", "SLOW")]), Err(Error::StorageClassInvalid));
        assert_eq!(of_pairs(&[("x-amz-storage-class", "OUTPOSTS")]), Err(Error::StorageClassInvalid));
        let customer = of_pairs(&[("x-amz-server-side-encryption-customer-algorithm", "AES256")]);
        assert!(matches!(customer, Err(Error::NotImplemented(_))));
        for location in ["elsewhere", "ftp://example.org", &format!("/{}", "x".repeat(2048))] {
            assert!(matches!(of_pairs(&[(REDIRECT, location)]), Err(Error::RedirectInvalid(_))), "{location}");
        }
        assert!(of_pairs(&[(REDIRECT, "https://example.org/")]).is_ok());
    }

    #[test]
    fn what_is_in_an_archive_is_not_read() {
        for class in ARCHIVES {
            let kept = of_pairs(&[(STORAGE_CLASS, class)]).unwrap();
            assert_eq!(check_readable(&kept), Err(Error::Archived { class: class.into() }));
        }
        assert_eq!(check_readable(&of_pairs(&[(STORAGE_CLASS, "GLACIER_IR")]).unwrap()), Ok(()));
    }
}
