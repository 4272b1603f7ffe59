//! Lists come in pages of a hundred. A token is the key of the last entry listed, so what comes and goes meanwhile neither
//! repeats nor hides another entry.

/// AWS's page size, which nobody can change.
const MOST: usize = 100;

/// The part of `entries`, which are in the order of their keys, after `token`; and the token of the next one.
pub(crate) fn cut<T>(
    entries: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> &str,
    token: Option<&str>,
) -> (Vec<T>, Option<String>) {
    let mut rest = entries.into_iter().filter(|entry| token.is_none_or(|token| key(entry) > token));
    let page: Vec<T> = rest.by_ref().take(MOST).collect();
    let next = rest.next().and(page.last()).map(|last| key(last).to_owned());
    (page, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other() {
        let entries: Vec<String> = (0..150).map(|n| format!("{n:03}")).collect();
        let (first, next) = cut(&entries, |entry| entry, None);
        assert_eq!((first.len(), next.as_deref()), (100, Some("099")));
        let (second, next) = cut(&entries, |entry| entry, next.as_deref());
        assert_eq!((second.len(), second[0].as_str(), next), (50, "100", None));
    }
}
