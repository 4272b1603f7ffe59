//! Constraints that many actions share, as the service model has them.

use aws_wire::{Pattern, Shape, Structure};

/// A class of characters that are not Unicode's alone: `[\p{L}\p{Z}\p{N}_.:/=+\-@]`.
fn is_tag_character(character: char) -> bool {
    character.is_alphanumeric() || character == ' ' || "_.:/=+-@".contains(character) || character.is_whitespace()
}

fn is_identifier(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_#+=/:,.@-".contains(&byte))
}

pub(crate) const GROUP_NAME: Shape = Shape::string().length(1, 512).pattern(Pattern {
    text: r"[\.\-_/#A-Za-z0-9]+",
    matches: |text| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_/#".contains(&byte))
    },
});
pub(crate) const GROUP_NAME_PATTERN: Shape = Shape::string().length(0, 512).pattern(Pattern {
    text: r"[\.\-_/#A-Za-z0-9]*",
    matches: |text| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_/#".contains(&byte)),
});
pub(crate) const GROUP_IDENTIFIER: Shape =
    Shape::string().length(1, 2048).pattern(Pattern { text: r"[\w#+=/:,.@-]*", matches: is_identifier });
pub(crate) const STREAM_NAME: Shape =
    Shape::string().length(1, 512).pattern(Pattern { text: "[^:*]*", matches: |text| !text.contains([':', '*']) });
pub(crate) const RESOURCE_ARN: Shape = Shape::string()
    .length(1, 1011)
    .pattern(Pattern { text: r"[\w+=/:,.@-]*", matches: |text| is_identifier(text) && !text.contains('#') });
pub(crate) const CLASS: Shape = Shape::string().one_of(&["STANDARD", "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS"]);
pub(crate) const KMS_KEY_ID: Shape = Shape::string().at_most(256);
/// A group's ARN, or that of the results of all queries.
pub(crate) const RESOURCE_IDENTIFIER: Shape = Shape::string().length(1, 2048).pattern(Pattern {
    text: r"[\w+=/:,.@\-\*]*",
    matches: |text| is_identifier(&text.replace('*', "")) && !text.contains('#'),
});
pub(crate) const NEXT_TOKEN: Shape = Shape::string().at_least(1);
pub(crate) const DESCRIBE_LIMIT: Shape = Shape::integer().range(1, 50);
pub(crate) const EVENTS_LIMIT: Shape = Shape::integer().range(1, 10_000);
pub(crate) const TIME: Shape = Shape::long().at_least(0);
pub(crate) const TAGS: Shape = Shape::map(&TAG_KEY, &TAG_VALUE).length(1, 50);
pub(crate) const TAG_KEY: Shape = Shape::string().length(1, 128).pattern(Pattern {
    text: r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]+)$",
    matches: |text| !text.is_empty() && text.chars().all(is_tag_character),
});
const TAG_VALUE: Shape = Shape::string()
    .at_most(256)
    .pattern(Pattern { text: r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", matches: |text| text.chars().all(is_tag_character) });
pub(crate) const EVENTS: Shape = Shape::list(&EVENT).length(1, 10_000);
const EVENT: Shape = Shape::structure(&Structure::new(
    "InputLogEvent",
    &[TIME.member("timestamp").required(), Shape::string().at_least(1).member("message").required()],
));
