//! Lists come in pages. A marker is the key of the last entry listed, so what is added or removed meanwhile neither
//! repeats nor hides another entry.

use serde::{Deserialize, Serialize};

/// AWS's page size when the caller names none.
const DEFAULT: usize = 100;

/// The part of a list that is asked for.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Page {
    marker: Option<String>,
    max_items: Option<usize>,
}

/// How a page ends, as the API shows it beside the entries.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PageEnd {
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl PageEnd {
    /// The end of a list that has no further page.
    pub(crate) const LAST: Self = Self { is_truncated: false, marker: None };
}

impl Page {
    /// Cuts the page out of `entries`, which are in the order of their keys.
    pub(crate) fn cut<T>(self, entries: impl IntoIterator<Item = T>, key: impl Fn(&T) -> &str) -> (Vec<T>, PageEnd) {
        let after = |entry: &T| self.marker.as_deref().is_none_or(|marker| key(entry) > marker);
        let mut rest = entries.into_iter().filter(after);
        let page: Vec<T> = rest.by_ref().take(self.max_items.unwrap_or(DEFAULT)).collect();
        let marker = rest.next().and(page.last()).map(|last| key(last).to_owned());
        let end = PageEnd { is_truncated: marker.is_some(), marker };
        (page, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let check = |marker: Option<&str>, max_items, expected: &[&str], next: Option<&str>| {
            let page = Page { marker: marker.map(Into::into), max_items };
            let (entries, end) = page.cut(["a", "b", "c"], |entry| entry);
            assert_eq!(entries, expected);
            assert_eq!(end, PageEnd { is_truncated: next.is_some(), marker: next.map(Into::into) });
        };
        check(None, None, &["a", "b", "c"], None);
        check(None, Some(2), &["a", "b"], Some("b"));
        check(Some("b"), Some(2), &["c"], None);
        check(None, Some(3), &["a", "b", "c"], None);
        // The entry that the marker names is gone meanwhile.
        check(Some("aa"), Some(1), &["b"], Some("b"));
        check(Some("z"), None, &[], None);
    }
}
