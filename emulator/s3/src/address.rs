//! Which bucket and key a request is for: by its path, or by its host and its path.

use percent_encoding::percent_decode_str;

use crate::error::{Error, Result};

/// The longest key, in bytes.
const LONGEST_KEY: usize = 1024;

/// What a request is about.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Address {
    pub(crate) bucket: Option<String>,
    pub(crate) key: Option<String>,
}

impl Address {
    /// Reads `host` (with or without a port) and the still encoded `path`.
    pub(crate) fn of(host: &str, path: &str) -> Result<Self> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let (bucket, key) = match bucket_of_host(host) {
            Some(bucket) => (bucket, path),
            None => {
                let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
                (decoded(bucket)?, key)
            }
        };
        let key = decoded(key)?;
        if key.len() > LONGEST_KEY {
            return Err(Error::KeyTooLong { size: key.len() });
        }
        let some = |text: String| (!text.is_empty()).then_some(text);
        let bucket = some(bucket);
        if bucket.is_none() && !key.is_empty() {
            return Err(Error::UriInvalid);
        }
        Ok(Self { bucket, key: some(key) })
    }
}

/// The bucket that a host below `localhost` names: `bucket.localhost`, or as AWS spells it, `bucket.s3.eu-west-1.localhost`.
pub fn bucket_of_host(host: &str) -> Option<String> {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.to_ascii_lowercase();
    let labels: Vec<&str> = name.strip_suffix(".localhost")?.split('.').collect();
    let service = labels.iter().rposition(|label| *label == "s3" || label.starts_with("s3-"));
    let bucket = match service {
        Some(at) if at + 2 >= labels.len() => labels[..at].join("."),
        _ => labels.join("."),
    };
    (!bucket.is_empty()).then_some(bucket)
}

fn decoded(text: &str) -> Result<String> {
    percent_decode_str(text).decode_utf8().map(Into::into).map_err(|_| Error::UriInvalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(host: &str, path: &str, bucket: Option<&str>, key: Option<&str>) {
        let expected = Address { bucket: bucket.map(Into::into), key: key.map(Into::into) };
        assert_eq!(Address::of(host, path), Ok(expected));
    }

    #[test]
    fn path_style_and_host_style() {
        check("localhost:4566", "/", None, None);
        check("127.0.0.1:4566", "/b", Some("b"), None);
        check("127.0.0.1:4566", "/b/", Some("b"), None);
        check("[::1]:4566", "/b/a/../%2e%2E/c%2Fd%20e", Some("b"), Some("a/../../c/d e"));
        check("s3.localhost:4566", "/b/k", Some("b"), Some("k"));
        check("s3.eu-west-1.localhost", "/b/k", Some("b"), Some("k"));
        check("b.localhost:4566", "/k/l", Some("b"), Some("k/l"));
        check("b.c.s3.localhost", "/", Some("b.c"), None);
        check("b.s3.us-east-1.localhost:1", "//k", Some("b"), Some("/k"));
        check("localhost", "/b//k", Some("b"), Some("/k"));
    }

    #[test]
    fn what_is_no_address() {
        assert_eq!(Address::of("localhost", "/b/%ff"), Err(Error::UriInvalid));
        assert_eq!(Address::of("localhost", "//k"), Err(Error::UriInvalid));
        let long = format!("/b/{}", "k".repeat(1025));
        assert_eq!(Address::of("localhost", &long), Err(Error::KeyTooLong { size: 1025 }));
    }
}
