//! What a queue is called: its name, its URL and its ARN.

use aws_wire::{Arn, World};

use crate::error::{Error, Result};

/// The end of every FIFO queue's name, and of no other's.
const FIFO: &str = ".fifo";

/// Checks the name of a queue that is to be.
pub(crate) fn check(name: &str, fifo: bool) -> Result<()> {
    let stem = if fifo { name.strip_suffix(FIFO).ok_or(Error::FifoNameInvalid)? } else { name };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_name = (1..=80).contains(&name.len()) && !stem.is_empty() && stem.bytes().all(allowed);
    match (is_name, fifo) {
        (true, _) => Ok(()),
        (false, true) => Err(Error::FifoNameInvalid),
        (false, false) => Err(Error::NameInvalid),
    }
}

/// Account and name at the end of a queue's URL, whatever host it names: one emulator has several.
pub(crate) fn of_url(url: &str) -> Option<(&str, &str)> {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let mut segments = path.trim_end_matches('/').rsplit('/');
    let (name, account) = (segments.next()?, segments.next()?);
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    (is_account && !name.is_empty()).then_some((account, name))
}

/// The world and the name in a queue's ARN.
pub(crate) fn of_arn(arn: &str) -> Option<(World, &str)> {
    let arn = Arn::parse(arn).filter(|arn| arn.service == "sqs")?;
    Some((arn.world(), arn.resource))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let long = "a".repeat(80);
        for (name, fifo) in [("a", false), ("A-b_9", false), (&*long, false), ("a.fifo", true)] {
            assert_eq!(check(name, fifo), Ok(()), "{name}");
        }
        let too_long = "a".repeat(81);
        for name in ["", "a b", "a.fifo", "é", &*too_long] {
            assert_eq!(check(name, false), Err(Error::NameInvalid), "{name}");
        }
        for name in ["", "a", ".fifo", "a b.fifo", &*format!("{long}.fifo")] {
            assert_eq!(check(name, true), Err(Error::FifoNameInvalid), "{name}");
        }
    }

    #[test]
    fn urls() {
        let expected = Some(("000000000000", "q"));
        for url in [
            "http://localhost:4566/000000000000/q",
            "https://sqs.us-east-1.amazonaws.com/000000000000/q/",
            "000000000000/q",
        ] {
            assert_eq!(of_url(url), expected, "{url}");
        }
        for url in ["", "q", "http://localhost/q", "http://h/000000000000/", "http://h/1/q"] {
            assert_eq!(of_url(url), None, "{url}");
        }
    }
}
