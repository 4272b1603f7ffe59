//! The shapes that several actions share, with AWS's constraints.
//!
//! Patterns are quoted as the service model and the error messages spell them; the matchers beside them are by hand.

use aws_wire::{Pattern, Shape, Structure};

use crate::name::is_name;

const NAME: Pattern = Pattern { text: "[a-zA-Z0-9_.-]+", matches: is_name_form };

/// The form alone; the length is a constraint of its own.
fn is_name_form(text: &str) -> bool {
    !text.is_empty() && text.as_bytes().chunks(128).all(|part| std::str::from_utf8(part).is_ok_and(is_name))
}

pub(crate) const STREAM_NAME: Shape = Shape::string().length(1, 128).pattern(NAME);
pub(crate) const CONSUMER_NAME: Shape = STREAM_NAME;
pub(crate) const SHARD_ID: Shape = STREAM_NAME;

pub(crate) const STREAM_ARN: Shape = Shape::string().length(1, 2048).pattern(Pattern {
    text: r"arn:aws.*:kinesis:.*:\d{12}:stream/\S+",
    matches: |text| resources(text).any(is_stream_path),
});
pub(crate) const RESOURCE_ARN: Shape = Shape::string().length(1, 2048).pattern(Pattern {
    text: r"arn:aws.*:kinesis:.*:\d{12}:.*(stream|channel|queue)/\S+",
    matches: |text| {
        let kinds = ["stream/", "channel/", "queue/"];
        resources(text).any(|resource| kinds.iter().any(|kind| suffixes(resource, kind).any(is_visible)))
    },
});
pub(crate) const CONSUMER_ARN: Shape = Shape::string().length(1, 2048).pattern(Pattern {
    text: r"^(arn):aws.*:kinesis:.*:\d{12}:.*stream\/[a-zA-Z0-9_.-]+\/consumer\/[a-zA-Z0-9_.-]+:[0-9]+",
    matches: |text| resources(text).any(|resource| suffixes(resource, "stream/").any(is_consumer_path)),
});
pub(crate) const STREAM_ID: Shape = Shape::string().length(1, 24).pattern(Pattern {
    text: "[a-z0-9]{20}-[a-z0-9]{3}",
    matches: |text| {
        let lower = |part: &str| part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        text.split_once('-')
            .is_some_and(|(long, short)| (long.len(), short.len()) == (20, 3) && lower(long) && lower(short))
    },
});
pub(crate) const HASH_KEY: Shape =
    Shape::string().pattern(Pattern { text: r"^(0|([1-9]\d{0,38}))$", matches: |text| is_number(text, 39) });
pub(crate) const SEQUENCE_NUMBER: Shape =
    Shape::string().pattern(Pattern { text: r"^(0|([1-9]\d{0,128}))$", matches: |text| is_number(text, 129) });
pub(crate) const PARTITION_KEY: Shape = Shape::string().length(1, 256);
pub(crate) const DATA: Shape = Shape::blob().length(0, 10_485_760);
pub(crate) const NEXT_TOKEN: Shape = Shape::string().length(1, 1_048_576);
pub(crate) const LIMIT: Shape = Shape::integer().range(1, 10_000);
pub(crate) const MAX_RECORD_SIZE: Shape = Shape::integer().range(1024, 10_240);
pub(crate) const WARM_THROUGHPUT: Shape = Shape::integer().at_least(0);
pub(crate) const RECORD_DISTRIBUTION_STRATEGY: Shape = Shape::string().one_of(&["AUTO", "USER_PARTITION_KEY"]);

pub(crate) const TAG_KEY: Shape = Shape::string().length(1, 128);
const TAG_VALUE: Shape = Shape::string().length(0, 256);
pub(crate) const TAG_MAP: Shape = Shape::map(&TAG_KEY, &TAG_VALUE).length(1, 200);
pub(crate) const TAG_KEYS: Shape = Shape::list(&TAG_KEY).length(1, 50);

pub(crate) const STREAM_MODE_DETAILS: Shape = Shape::structure(&Structure::new(
    "com.amazonaws.kinesis.v20131202.StreamModeDetails",
    &[Shape::string().one_of(&["PROVISIONED", "ON_DEMAND"]).member("StreamMode").required()],
));

const SHARD_METRIC: Shape = Shape::string().one_of(&[
    "IncomingBytes",
    "IncomingRecords",
    "OutgoingBytes",
    "OutgoingRecords",
    "WriteProvisionedThroughputExceeded",
    "ReadProvisionedThroughputExceeded",
    "IteratorAgeMilliseconds",
    "ALL",
]);
pub(crate) const SHARD_METRICS: Shape = Shape::list(&SHARD_METRIC).length(1, 7);

/// What stands after `arn:aws.*:kinesis:.*:\d{12}:`, for every way to read it so.
fn resources(text: &str) -> impl Iterator<Item = &str> {
    let rest = text.strip_prefix("arn:aws").unwrap_or_default();
    let scopes = suffixes(rest, ":kinesis:").flat_map(|scope| {
        scope.match_indices(':').filter_map(move |(colon, _)| {
            let (account, resource) = scope[colon + 1..].split_once(':')?;
            let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
            digits.then_some(resource)
        })
    });
    // A dot does not match a line end.
    scopes.filter(move |resource| !text[..text.len() - resource.len()].contains(['\n', '\r']))
}

/// What stands after each occurrence of `part`.
fn suffixes<'a>(text: &'a str, part: &'static str) -> impl Iterator<Item = &'a str> {
    text.match_indices(part).map(move |(start, _)| &text[start + part.len()..])
}

fn is_stream_path(resource: &str) -> bool {
    resource.strip_prefix("stream/").is_some_and(is_visible)
}

fn is_visible(text: &str) -> bool {
    !text.is_empty() && !text.bytes().any(|byte| byte.is_ascii_whitespace())
}

fn is_consumer_path(path: &str) -> bool {
    path.split_once("/consumer/").is_some_and(|(stream, consumer)| {
        consumer.rsplit_once(':').is_some_and(|(name, created)| {
            let digits = !created.is_empty() && created.bytes().all(|byte| byte.is_ascii_digit());
            is_name_form(stream) && is_name_form(name) && digits
        })
    })
}

fn is_number(text: &str, most_digits: usize) -> bool {
    let digits = !text.is_empty() && text.len() <= most_digits && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && (text == "0" || !text.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(shape: Shape, text: &str, expected: bool) {
        assert_eq!((shape.pattern.unwrap().matches)(text), expected, "{text}");
    }

    #[test]
    fn arns() {
        let stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
        let consumer = "arn:aws-cn:kinesis:us-east-1:000000000000:stream/s/consumer/c:1";
        for (text, as_stream, as_resource, as_consumer) in [
            (stream, true, true, false),
            (consumer, true, true, true),
            ("arn:aws:kinesis:us-east-1:00000000000:stream/s", false, false, false),
            ("arn:aws:kinesis:us-east-1:000000000000:stream/", false, false, false),
            ("arn:aws:kinesis:us-east-1:000000000000:stream/a b", false, false, false),
            ("arn:aws:kinesis:us-east-1:000000000000:x-stream/s", false, true, false),
            ("arn:aws:kinesis:us-east-1:000000000000:channel/c", false, true, false),
            ("arn:aws:kinesis:us-east-1:000000000000:queue/q", false, true, false),
            ("arn:aws:kinesis:us-east-1:000000000000:topic/t", false, false, false),
            ("arn:aws:sqs:us-east-1:000000000000:stream/s", false, false, false),
            ("arn:aws:kinesis:us-east-1:000000000000:stream/s/consumer/c:", true, true, false),
            ("arn:aws:\n:kinesis:us-east-1:000000000000:stream/s", false, false, false),
            ("", false, false, false),
        ] {
            check(STREAM_ARN, text, as_stream);
            check(RESOURCE_ARN, text, as_resource);
            check(CONSUMER_ARN, text, as_consumer);
        }
    }

    #[test]
    fn names_and_numbers() {
        check(STREAM_NAME, "a.B-c_9", true);
        check(STREAM_NAME, &"a".repeat(300), true);
        for bad in ["", "a b", "ä", "a/b", "a:b"] {
            check(STREAM_NAME, bad, false);
        }
        for (text, expected) in [("0", true), ("10", true), ("01", false), ("", false), ("-1", false)] {
            check(HASH_KEY, text, expected);
            check(SEQUENCE_NUMBER, text, expected);
        }
        check(HASH_KEY, &"9".repeat(39), true);
        check(HASH_KEY, &"9".repeat(40), false);
        check(SEQUENCE_NUMBER, &"9".repeat(129), true);
        check(STREAM_ID, "abcdefghij0123456789-abc", true);
        check(STREAM_ID, "abcdefghij0123456789-abC", false);
    }
}
