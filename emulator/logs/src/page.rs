//! Lists in pages: a token is the name of the last thing shown.

use crate::error::{Error, Result};

/// What `limit` is where it is not said.
const DEFAULT: usize = 50;

/// The items after the one that `token` names, at most `limit`, and the token of the next page.
pub(crate) fn page<T>(
    items: Vec<T>,
    name: impl Fn(&T) -> &str,
    limit: Option<usize>,
    token: Option<&str>,
) -> Result<(Vec<T>, Option<String>)> {
    let from = match token {
        None => 0,
        Some(token) => items.iter().position(|item| name(item) == token).ok_or(Error::TokenInvalid)? + 1,
    };
    let mut rest = items.into_iter().skip(from);
    let shown: Vec<T> = rest.by_ref().take(limit.unwrap_or(DEFAULT)).collect();
    let next = rest.next().and_then(|_| shown.last()).map(|last| name(last).to_owned());
    Ok((shown, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_join_without_gaps() {
        let of = |limit, token| page(vec!["c", "b", "a"], |item| item, limit, token);
        assert_eq!(of(Some(2), None), Ok((vec!["c", "b"], Some("b".into()))));
        assert_eq!(of(Some(2), Some("b")), Ok((vec!["a"], None)));
        assert_eq!(of(None, None), Ok((vec!["c", "b", "a"], None)));
        assert_eq!(of(None, Some("x")), Err(Error::TokenInvalid));
    }
}
