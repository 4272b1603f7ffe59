//! Lists in pages. A marker is the key of the last entry shown, so a page continues rightly whatever came or went since.

use crate::Error;

/// The most that a page holds, whatever the caller asks for.
const PAGE: usize = 50;

/// A place in a list of versions: the function's name and the version's number, 0 for `$LATEST`.
pub(super) type Key = (String, u64);

/// The entries behind `marker`, and the marker for what follows them.
pub(super) fn page<T>(
    entries: impl Iterator<Item = (Key, T)>,
    marker: Option<&str>,
    max_items: Option<usize>,
) -> Result<(Vec<T>, Option<String>), Error> {
    let after = marker.map(parse).transpose()?;
    let mut rest = entries.filter(|(key, _)| after.as_ref().is_none_or(|after| key > after)).peekable();
    let mut page = Vec::new();
    let mut last = None;
    while page.len() < max_items.unwrap_or(PAGE).min(PAGE) {
        let Some((key, entry)) = rest.next() else { break };
        page.push(entry);
        last = Some(key);
    }
    let next = rest.peek().and(last).map(|(name, number)| format!("{name}:{number}"));
    Ok((page, next))
}

fn parse(marker: &str) -> Result<Key, Error> {
    let (name, number) = marker.rsplit_once(':').ok_or(Error::InvalidMarker)?;
    Ok((name.to_owned(), number.parse().map_err(|_| Error::InvalidMarker)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> impl Iterator<Item = (Key, u64)> {
        (0..120).map(|number| (("f".to_owned(), number), number))
    }

    #[test]
    fn pages_join_without_gap() {
        let mut marker = None;
        let mut all = Vec::new();
        loop {
            let (page, next) = page(entries(), marker.as_deref(), Some(10_000)).unwrap();
            assert!(page.len() <= PAGE);
            all.extend(page);
            if next.is_none() {
                break;
            }
            marker = next;
        }
        assert_eq!(all, (0..120).collect::<Vec<_>>());
    }

    #[test]
    fn a_marker_of_somebody_else_is_refused() {
        assert_eq!(page(entries(), Some("what"), None), Err(Error::InvalidMarker));
        assert_eq!(page(entries(), None, Some(2)).unwrap().1.as_deref(), Some("f:1"));
    }
}
