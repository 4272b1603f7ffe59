//! Members that several actions share, with the bounds and patterns of Lambda's service model.

use aws_wire::{Member, Pattern, Shape, Structure};

use crate::Error;
use crate::name::{is_account, is_region};

/// A function by name or ARN, perhaps with a qualifier.
pub(super) const FUNCTION_NAME: Shape = Shape::string().length(1, 140).pattern(Pattern {
    text: "(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?\
           ([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?",
    matches: |text| names_function(text, |c| is_word(c) || c == '-'),
});

/// Likewise, for the actions that take more of it.
pub(super) const NAMESPACED_FUNCTION_NAME: Shape = Shape::string().length(1, 256).pattern(Pattern {
    text: "(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?\
           ([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?",
    matches: |text| names_function(text, |c| is_word(c) || c == '-' || c == '.'),
});

/// A version or an alias.
pub(super) const QUALIFIER: Shape = Shape::string().length(1, 128).pattern(Pattern {
    text: "\\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+",
    matches: |text| {
        text == "$LATEST.PUBLISHED" || (!text.is_empty() && text.chars().all(|c| is_word(c) || c == '-' || c == '$'))
    },
});

/// The name of an alias: no number, which would be a version.
pub(super) const ALIAS: Shape = Shape::string().length(1, 128).pattern(Pattern {
    text: "(?!^[0-9]+$)([a-zA-Z0-9-_]+)",
    matches: |text| is_plain(text) && !text.bytes().all(|b| b.is_ascii_digit()),
});

/// `$LATEST` or the number of a version.
pub(super) const VERSION: Shape = Shape::string().length(1, 1024).pattern(Pattern {
    text: "(\\$LATEST(\\.PUBLISHED)?|[0-9]+)",
    matches: |text| {
        matches!(text, "$LATEST" | "$LATEST.PUBLISHED")
            || (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()))
    },
});

/// The id of a policy's statement.
pub(super) const STATEMENT_ID: Shape =
    Shape::string().length(1, 100).pattern(Pattern { text: "([a-zA-Z0-9-_]+)", matches: is_plain });

/// Likewise, for a statement that is there already.
pub(super) const NAMESPACED_STATEMENT_ID: Shape = Shape::string().length(1, 100).pattern(Pattern {
    text: "([a-zA-Z0-9-_.]+)",
    matches: |text| !text.is_empty() && text.chars().all(|c| is_word(c) || c == '-' || c == '.'),
});

/// The id of an organisation.
pub(super) const ORGANISATION: Shape = Shape::string().length(12, 34).pattern(Pattern {
    text: "o-[a-z0-9]{10,32}",
    matches: |text| {
        let id = text.strip_prefix("o-").unwrap_or_default();
        (10..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    },
});

/// An execution role.
pub(super) const ROLE: Shape = Shape::string().length(0, 10_000).pattern(Pattern {
    text: "arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+",
    matches: |text| {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else { return false };
        let Some(name) = resource.strip_prefix("role") else { return false };
        is_partition(partition)
            && is_account(account)
            && !name.trim_start_matches('/').is_empty()
            && name.chars().all(|c| is_word(c) || "+=,.@-/".contains(c))
    },
});

const KMS_KEY_ARN: Shape = Shape::string().length(0, 10_000).pattern(Pattern {
    text: "(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()",
    matches: |text| text.is_empty() || is_arn(text),
});

const HANDLER: Shape = Shape::string()
    .length(0, 128)
    .pattern(Pattern { text: "[^\\s]+", matches: |text| !text.is_empty() && !text.contains(char::is_whitespace) });

pub(super) const DESCRIPTION: Shape = Shape::string().length(0, 256);

const TEXT: Shape = Shape::string();

const VARIABLE_NAME: Shape = Shape::string().pattern(Pattern {
    text: "[a-zA-Z]([a-zA-Z0-9_])+",
    matches: |text| text.len() > 1 && text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(is_word),
});

const ARCHITECTURE: Shape = Shape::string().one_of(&["x86_64", "arm64"]);

/// A page's size.
pub(super) const MAX_ITEMS: Shape = Shape::integer().range(1, 10_000);

const TAG: Pattern = Pattern {
    text: "([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)",
    matches: |text| text.chars().all(|c| c.is_alphanumeric() || is_separator(c) || "_.:/=+-@".contains(c)),
};
const TAG_KEY: Shape = Shape::string().length(1, 128).pattern(TAG);
const TAG_VALUE: Shape = Shape::string().length(0, 256).pattern(TAG);

/// Keys to values.
pub(super) const TAGS: Shape = Shape::map(&TAG_KEY, &TAG_VALUE);

/// A list of tag keys.
pub(super) const TAG_KEYS: Shape = Shape::list(&TAG_KEY);

/// Something that can have tags.
pub(super) const TAGGABLE: Shape = Shape::string().length(1, 10_000).pattern(Pattern {
    text: "arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:(function:[a-zA-Z0-9-_]+\
           (:(\\$LATEST|[a-zA-Z0-9-_]+))?|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-\
           fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|(capacity-provider|network-connector):[a-zA-Z0-9-_]{1,64})",
    matches: |text| {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, "lambda", region, account, resource] = parts.as_slice() else { return false };
        let kinds = ["function:", "code-signing-config:", "event-source-mapping:", "capacity-provider:", "network-connector:"];
        is_partition(partition)
            && is_region(region)
            && is_account(account)
            && kinds.iter().any(|kind| resource.strip_prefix(kind).is_some_and(|rest| !rest.is_empty()))
    },
});

const SUBNET_ID: Shape = Shape::string().length(0, 1024).pattern(Pattern {
    text: "subnet-[0-9a-z]*",
    matches: |text| {
        let id = text.strip_prefix("subnet-");
        id.is_some_and(|id| id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
    },
});
const SECURITY_GROUP_ID: Shape = Shape::string().length(0, 1024).pattern(Pattern {
    text: "sg-[0-9a-zA-Z]*",
    matches: |text| text.strip_prefix("sg-").is_some_and(|id| id.bytes().all(|b| b.is_ascii_alphanumeric())),
});
const SUBNET_IDS: Shape = Shape::list(&SUBNET_ID).length(0, 16);
const SECURITY_GROUP_IDS: Shape = Shape::list(&SECURITY_GROUP_ID).length(0, 5);
const VPC_CONFIG: Structure = Structure::new(
    "VpcConfig",
    &[
        SUBNET_IDS.member("SubnetIds"),
        SECURITY_GROUP_IDS.member("SecurityGroupIds"),
        Shape::boolean().member("Ipv6AllowedForDualStack"),
    ],
);
const DEAD_LETTER_CONFIG: Structure = Structure::new("DeadLetterConfig", &[KMS_KEY_ARN.member("TargetArn")]);
const ENVIRONMENT: Structure = Structure::new("Environment", &[Shape::map(&VARIABLE_NAME, &TEXT).member("Variables")]);
const TRACING_CONFIG: Structure =
    Structure::new("TracingConfig", &[Shape::string().one_of(&["Active", "PassThrough"]).member("Mode")]);
const EPHEMERAL_STORAGE: Structure =
    Structure::new("EphemeralStorage", &[Shape::integer().range(512, 10_240).member("Size").required()]);
const SNAP_START: Structure =
    Structure::new("SnapStart", &[Shape::string().one_of(&["PublishedVersions", "None"]).member("ApplyOn")]);
const LOG_GROUP: Shape = Shape::string().length(1, 512).pattern(Pattern {
    text: "[\\.\\-_/#A-Za-z0-9]+",
    matches: |text| !text.is_empty() && text.chars().all(|c| is_word(c) || ".-/#".contains(c)),
});
const LOGGING_CONFIG: Structure = Structure::new(
    "LoggingConfig",
    &[
        Shape::string().one_of(&["JSON", "Text"]).member("LogFormat"),
        Shape::string().one_of(&["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]).member("ApplicationLogLevel"),
        Shape::string().one_of(&["DEBUG", "INFO", "WARN"]).member("SystemLogLevel"),
        LOG_GROUP.member("LogGroup"),
    ],
);
pub(super) const LAYER_VERSION_ARN: Shape = Shape::string().length(1, 2048).pattern(Pattern {
    text: "((arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|\
           (arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+))",
    matches: |text| match text.split(':').collect::<Vec<_>>()[..] {
        ["arn", partition, "lambda", region, account, "layer", name, version] => {
            is_partition(partition)
                && is_region(region)
                && is_account(account)
                && is_plain(name)
                && !version.is_empty()
                && version.bytes().all(|b| b.is_ascii_digit())
        }
        ["arn", partition, "lambda", "", "", "awslayer", name] => is_plain(partition) && is_plain(name),
        _ => false,
    },
});
const ANY: Shape = Shape::document();

/// Members that create and update have in common. Timeout and memory are bounded as the service bounds them; its model
/// leaves room for sizes that only managed instances have.
pub(super) const RUNTIME: Member = TEXT.member("Runtime");
pub(super) const HANDLER_MEMBER: Member = HANDLER.member("Handler");
pub(super) const DESCRIPTION_MEMBER: Member = DESCRIPTION.member("Description");
pub(super) const TIMEOUT: Member = Shape::integer().range(1, 900).member("Timeout");
pub(super) const MEMORY_SIZE: Member = Shape::integer().range(128, 10_240).member("MemorySize");
pub(super) const VPC: Member = Shape::structure(&VPC_CONFIG).member("VpcConfig");
pub(super) const DEAD_LETTER: Member = Shape::structure(&DEAD_LETTER_CONFIG).member("DeadLetterConfig");
pub(super) const ENVIRONMENT_MEMBER: Member = Shape::structure(&ENVIRONMENT).member("Environment");
pub(super) const KMS_KEY: Member = KMS_KEY_ARN.member("KMSKeyArn");
pub(super) const TRACING: Member = Shape::structure(&TRACING_CONFIG).member("TracingConfig");
pub(super) const LAYERS: Member = Shape::list(&LAYER_VERSION_ARN).member("Layers");
pub(super) const FILE_SYSTEMS: Member = Shape::list(&ANY).length(0, 1).member("FileSystemConfigs");
pub(super) const STORAGE: Member = Shape::structure(&EPHEMERAL_STORAGE).member("EphemeralStorage");
pub(super) const SNAP_START_MEMBER: Member = Shape::structure(&SNAP_START).member("SnapStart");
pub(super) const LOGGING: Member = Shape::structure(&LOGGING_CONFIG).member("LoggingConfig");
pub(super) const ARCHITECTURES: Member = Shape::list(&ARCHITECTURE).length(1, 1).member("Architectures");

/// What we look at only to refuse it.
pub(super) const IMAGE_CONFIG: Member = ANY.member("ImageConfig");
pub(super) const CODE_SIGNING_CONFIG_ARN: Member = ANY.member("CodeSigningConfigArn");
pub(super) const CAPACITY_PROVIDER_CONFIG: Member = ANY.member("CapacityProviderConfig");
pub(super) const DURABLE_CONFIG: Member = ANY.member("DurableConfig");
pub(super) const TENANCY_CONFIG: Member = ANY.member("TenancyConfig");
pub(super) const RUNTIME_CONFIG: Member = ANY.member("RuntimeConfig");
pub(super) const ACCELERATOR_CONFIG: Member = ANY.member("AcceleratorConfig");
pub(super) const PUBLISH_TO: Member = Shape::string().one_of(&["LATEST_PUBLISHED"]).member("PublishTo");

/// The places that code may come from.
pub(super) const ZIP_FILE: Member = Shape::blob().member("ZipFile");
const BUCKET: Shape = Shape::string().length(3, 63).pattern(Pattern {
    text: "[0-9A-Za-z\\.\\-_]*(?<!\\.)",
    matches: |text| !text.ends_with('.') && text.chars().all(|c| is_word(c) || c == '.' || c == '-'),
});
pub(super) const S3_BUCKET: Member = BUCKET.member("S3Bucket");
pub(super) const S3_KEY: Member = Shape::string().length(1, 1024).member("S3Key");
pub(super) const S3_OBJECT_VERSION: Member = Shape::string().length(1, 1024).member("S3ObjectVersion");
pub(super) const S3_OBJECT_STORAGE_MODE: Member =
    Shape::string().one_of(&["COPY", "REFERENCE"]).member("S3ObjectStorageMode");
pub(super) const IMAGE_URI: Member = TEXT.member("ImageUri");
pub(super) const SOURCE_KMS_KEY_ARN: Member = KMS_KEY_ARN.member("SourceKMSKeyArn");

/// What only managed instances have is refused by name.
pub(super) fn refuse_publish_to(publish_to: Option<&str>) -> Result<(), Error> {
    publish_to.map_or(Ok(()), |_| Err(Error::Unsupported("versions called $LATEST.PUBLISHED")))
}

/// Unicode's `Z`: spaces, but no tabs and line ends.
fn is_separator(c: char) -> bool {
    c.is_whitespace() && !c.is_control()
}

pub(super) fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| is_word(c) || c == '-')
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

pub(super) fn is_partition(text: &str) -> bool {
    text.is_empty() || (text.starts_with("aws") && text.chars().all(|c| c.is_ascii_alphabetic() || c == '-'))
}

pub(super) fn is_arn(text: &str) -> bool {
    let mut parts = text.splitn(4, ':');
    let (arn, partition, service) = (parts.next(), parts.next(), parts.next());
    arn == Some("arn")
        && partition.is_some_and(is_partition)
        && service.is_some_and(|s| !s.is_empty())
        && parts.next().is_some()
}

/// The pattern of function names: every part before the name may be there or not.
fn names_function(text: &str, is_name_character: impl Fn(char) -> bool) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let mut rest = parts.as_slice();
    // The last part is the name, whatever it looks like.
    let mut skip_if = |is: fn(&str) -> bool| match rest {
        [first, tail @ ..] if !tail.is_empty() && is(first) => {
            rest = tail;
            true
        }
        _ => false,
    };
    if skip_if(|part| part == "arn") && !(skip_if(is_partition) && skip_if(|part| part == "lambda")) {
        return false;
    }
    skip_if(is_region);
    skip_if(is_account);
    skip_if(|part| part == "function");
    let is_name = |text: &str| !text.is_empty() && text.chars().all(&is_name_character);
    let is_qualifier =
        |text: &str| text == "$LATEST" || (!text.is_empty() && text.chars().all(|c| is_word(c) || c == '-'));
    match rest {
        [name] => is_name(name),
        [name, qualifier] => is_name(name) && is_qualifier(qualifier),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(shape: &Shape, text: &str) -> bool {
        (shape.pattern.unwrap().matches)(text)
    }

    #[test]
    fn function_names() {
        for text in [
            "f",
            "f:7",
            "f:$LATEST",
            "123456789012:function:f",
            "function:f",
            "arn:aws:lambda:us-east-1:123456789012:function:f:live",
            "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f",
        ] {
            assert!(matches(&FUNCTION_NAME, text), "{text}");
        }
        for text in ["", "f.g", "a b", "f:g:h:i", "arn:aws:kinesis:us-east-1:123456789012:function:f", "f:"] {
            assert!(!matches(&FUNCTION_NAME, text), "{text}");
        }
        assert!(matches(&NAMESPACED_FUNCTION_NAME, "f.g"));
    }

    #[test]
    fn roles() {
        for text in ["arn:aws:iam::123456789012:role/r", "arn:aws:iam::123456789012:role/path/to/r@x"] {
            assert!(matches(&ROLE, text), "{text}");
        }
        for text in
            ["r", "arn:aws:iam::1:role/r", "arn:aws:iam::123456789012:role/", "arn:aws:iam::123456789012:user/u"]
        {
            assert!(!matches(&ROLE, text), "{text}");
        }
    }

    #[test]
    fn taggables() {
        assert!(matches(&TAGGABLE, "arn:aws:lambda:us-east-1:123456789012:function:f"));
        assert!(!matches(&TAGGABLE, "arn:aws:lambda:nowhere:123456789012:function:f"));
        assert!(!matches(&TAGGABLE, "arn:aws:kinesis:us-east-1:123456789012:stream/s"));
    }
}
