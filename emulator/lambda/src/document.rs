//! What AWS's documents about invocations have in common, be they about a batch of a stream or about an event: who was
//! called, what it said, and where the document lies in a bucket.

use std::fmt;

use env::Timestamp;
use serde::Serialize;

/// The version of the documents.
pub(crate) const VERSION: &str = "1.0";

/// What was asked, and why it is over.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestContext<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) function_arn: String,
    pub(crate) condition: &'static str,
    pub(crate) approximate_invoke_count: u32,
}

/// How a function that ran ended.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResponseContext<'a> {
    status_code: u16,
    executed_version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_error: Option<&'static str>,
}

impl<'a> ResponseContext<'a> {
    /// Of the version that ran, with how AWS classes its failure. A function that ran has a status of 200, come what may.
    pub(crate) fn new(executed_version: &'a str, function_error: Option<&'static str>) -> Self {
        Self { status_code: 200, executed_version, function_error }
    }
}

/// Where AWS puts a document in a bucket: below what it is about, by day and time.
pub(crate) fn object_key(about: impl fmt::Display, now: Timestamp, id: &str) -> String {
    let (year, month, day, hour, minute, second, _) = now.civil();
    format!(
        "aws/lambda/{about}/{year:04}/{month:02}/{day:02}/\
         {year:04}-{month:02}-{day:02}T{hour:02}.{minute:02}.{second:02}-{id}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_named_by_what_they_are_about_and_when_they_were_made() {
        let now = Timestamp::from_millis(1_573_691_886_021);
        assert_eq!(object_key("async/f", now, "id"), "aws/lambda/async/f/2019/11/14/2019-11-14T00.38.06-id");
    }
}
