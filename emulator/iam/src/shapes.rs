//! Members that many actions take, with their constraints.

use aws_wire::{Member, Pattern, Shape, Structure};

/// The name of a role.
pub(crate) const fn role_name() -> Member {
    Shape::string().length(1, 64).member("RoleName").required()
}

/// The name of a policy.
pub(crate) const fn policy_name() -> Member {
    Shape::string().length(1, 128).member("PolicyName").required()
}

/// The ARN of a managed policy.
pub(crate) const fn policy_arn() -> Member {
    arn("PolicyArn").required()
}

/// An ARN.
pub(crate) const fn arn(name: &'static str) -> Member {
    Shape::string().length(20, 2048).member(name)
}

/// A policy document.
pub(crate) const fn document(name: &'static str) -> Member {
    Shape::string().length(1, 131_072).member(name).required()
}

/// A path.
pub(crate) const fn path() -> Member {
    Shape::string().length(1, 512).member("Path")
}

/// The beginning of a path, to list what is below it.
pub(crate) const fn path_prefix() -> Member {
    const PATTERN: Pattern = Pattern {
        text: r"\u002F[\u0021-\u007F]*",
        matches: |text| text.starts_with('/') && text.chars().all(|c| ('!'..='\u{7f}').contains(&c)),
    };
    Shape::string().length(1, 512).pattern(PATTERN).member("PathPrefix")
}

/// What a role is for, in the words of its owner.
pub(crate) const fn role_description() -> Member {
    const PATTERN: Pattern = Pattern {
        text: r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*",
        matches: |text| text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '¡'..='ÿ')),
    };
    Shape::string().at_most(1000).pattern(PATTERN).member("Description")
}

/// How long a session of a role may last, in seconds.
pub(crate) const fn max_session_duration() -> Member {
    Shape::integer().range(3600, 43_200).member("MaxSessionDuration")
}

/// The version of a managed policy.
pub(crate) const fn version_id() -> Member {
    const PATTERN: Pattern = Pattern { text: r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?", matches: is_version_id };
    Shape::string().pattern(PATTERN).member("VersionId").required()
}

fn is_version_id(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('v') else { return false };
    let (number, suffix) = rest.split_once('.').unwrap_or((rest, ""));
    number.starts_with(|c: char| matches!(c, '1'..='9'))
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Where a list goes on. AWS bounds its own markers; ours name the last entry listed, which may be longer.
pub(crate) const fn marker() -> Member {
    Shape::string().at_least(1).member("Marker")
}

/// How many entries of a list to give at once.
pub(crate) const fn max_items() -> Member {
    Shape::integer().range(1, 1000).member("MaxItems")
}

/// How a managed policy is used.
pub(crate) const fn policy_usage_filter() -> Member {
    Shape::string().one_of(&["PermissionsPolicy", "PermissionsBoundary"]).member("PolicyUsageFilter")
}

const TAG_KEY: Shape = Shape::string()
    .length(1, 128)
    .pattern(Pattern { text: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", matches: |text| !text.is_empty() && is_tag_text(text) });
const TAG_VALUE: Shape =
    Shape::string().length(0, 256).pattern(Pattern { text: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", matches: is_tag_text });
const TAG_STRUCTURE: Structure =
    Structure::new("Tag", &[TAG_KEY.member("Key").required(), TAG_VALUE.member("Value").required()]);
const TAG: Shape = Shape::structure(&TAG_STRUCTURE);

fn is_tag_text(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || (c.is_whitespace() && !c.is_control()) || "_.:/=+-@".contains(c))
}

/// Tags to set.
pub(crate) const fn tags() -> Member {
    Shape::list(&TAG).at_most(50).member("Tags")
}

/// Keys of tags to remove.
pub(crate) const fn tag_keys() -> Member {
    Shape::list(&TAG_KEY).at_most(50).member("TagKeys").required()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_ids() {
        for good in ["v1", "v10", "v2.a-B9", "v2."] {
            assert!(is_version_id(good), "{good}");
        }
        for bad in ["", "1", "v", "v0", "v1a", "v1.a_b"] {
            assert!(!is_version_id(bad), "{bad}");
        }
    }

    #[test]
    fn tag_texts() {
        for good in ["", "a b", "Ümläut:/=+-@_.", "数字7"] {
            assert!(is_tag_text(good), "{good}");
        }
        for bad in ["a\nb", "a*", "a,b", "a!"] {
            assert!(!is_tag_text(bad), "{bad}");
        }
    }
}
