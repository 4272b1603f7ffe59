//! Lists in pages: a marker is the name of the last thing shown.

use crate::error::{Error, Result};

/// A page of a list.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// Where the next one begins; `None` on the last page.
    pub(crate) next_marker: Option<String>,
}

/// The items after `marker`, at most `limit`. They are in the order of their names.
pub(crate) fn page<T>(
    items: impl IntoIterator<Item = T>,
    name: impl Fn(&T) -> &str,
    limit: Option<usize>,
    marker: Option<&str>,
    default_limit: usize,
) -> Result<Page<T>> {
    if marker.is_some_and(|marker| !marker.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')) {
        return Err(Error::MarkerInvalid);
    }
    let after = |item: &T| marker.is_none_or(|marker| name(item) > marker);
    let mut rest = items.into_iter().filter(after);
    let items: Vec<T> = rest.by_ref().take(limit.unwrap_or(default_limit)).collect();
    let more = rest.next().is_some();
    let next_marker = items.last().filter(|_| more).map(|last| name(last).to_owned());
    Ok(Page { items, next_marker })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_join_without_gaps() {
        let all = ["a", "b", "c", "d", "e"];
        let page = |limit, marker| page(all, |item| item, limit, marker, 100).unwrap();
        let first = page(Some(2), None);
        assert_eq!((first.items, first.next_marker.as_deref()), (vec!["a", "b"], Some("b")));
        let last = page(Some(3), Some("b"));
        assert_eq!((last.items, last.next_marker), (vec!["c", "d", "e"], None));
        assert_eq!(page(None, None).items, all);
    }
}
