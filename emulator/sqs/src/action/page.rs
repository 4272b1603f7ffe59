//! Lists of queues come in pages if the caller says how long they are. A token is the name of the last queue listed.

use aws_wire::{Member, Shape};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::error::{Error, Result};

/// The most queues in one answer.
const MOST: usize = 1000;

pub(super) const MAX_RESULTS: Member = Shape::integer().member("MaxResults");
pub(super) const NEXT_TOKEN: Member = Shape::string().member("NextToken");

/// The part of a list that is asked for.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Page {
    max_results: Option<i64>,
    next_token: Option<String>,
}

impl Page {
    /// The part of `names`, which are in order, and the token of the next one.
    pub(super) fn cut<T>(&self, entries: Vec<T>, name: impl Fn(&T) -> String) -> Result<(Vec<T>, Option<String>)> {
        let most = match self.max_results {
            None => MOST,
            Some(most) => usize::try_from(most).ok().filter(|most| (1..=MOST).contains(most)).ok_or_else(|| {
                Error::out_of_range("MaxResults", most, "Must be an integer between 1 and 1000, if provided.")
            })?,
        };
        let after = self.next_token.as_ref().map(|token| {
            let bytes = STANDARD.decode(token).ok();
            bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| Error::Invalid {
                name: "NextToken",
                value: token.clone(),
                reason: "The token is not one that this service gave out.".to_owned(),
            })
        });
        let after = after.transpose()?;
        let is_after = |entry: &T| after.as_ref().is_none_or(|after| name(entry) > *after);
        let mut rest = entries.into_iter().filter(is_after);
        let page: Vec<T> = rest.by_ref().take(most).collect();
        // Without a length that is asked for there is one page, and no token.
        let more = self.max_results.and(rest.next()).and(page.last()).map(|last| STANDARD.encode(name(last)));
        Ok((page, more))
    }
}
