//! Amazon Resource Names and the partitions they live in.
//!
//! Knows the six colon-separated parts of a name and nothing of any service's resources.

use schemars::JsonSchema;
use serde::Serialize;
use tf_framework::Check;

/// A name taken apart. Parts may be empty; AWS's own clients do not look at them either.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Arn {
    pub(crate) partition: String,
    pub(crate) service: String,
    pub(crate) region: String,
    pub(crate) account_id: String,
    pub(crate) resource: String,
}

impl Arn {
    /// The parts of a name, or what is wrong with it in the words of the AWS SDK for Go, which users know from Terraform.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let parts = text.strip_prefix("arn:").ok_or("arn: invalid prefix")?;
        let mut parts = parts.splitn(5, ':').map(str::to_owned);
        let mut part = || parts.next().ok_or("arn: not enough sections");
        Ok(Self { partition: part()?, service: part()?, region: part()?, account_id: part()?, resource: part()? })
    }
}

impl std::fmt::Display for Arn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { partition, service, region, account_id, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account_id}:{resource}")
    }
}

/// A group of regions that share an identity system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    /// As in an ARN.
    pub(crate) id: &'static str,
    /// What its host names end with.
    pub(crate) dns_suffix: &'static str,
    /// How its service names begin when written in reverse.
    pub(crate) reverse_dns_prefix: &'static str,
    /// The region in which its global services, such as IAM, are.
    pub(crate) global_region: &'static str,
    /// How its regions begin.
    region_prefixes: &'static [&'static str],
}

/// The first one takes what no other claims.
const PARTITIONS: &[Partition] = &[
    Partition {
        id: "aws",
        dns_suffix: "amazonaws.com",
        reverse_dns_prefix: "com.amazonaws",
        global_region: "us-east-1",
        region_prefixes: &["us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-"],
    },
    Partition {
        id: "aws-cn",
        dns_suffix: "amazonaws.com.cn",
        reverse_dns_prefix: "cn.com.amazonaws",
        global_region: "cn-north-1",
        region_prefixes: &["cn-"],
    },
    Partition {
        id: "aws-us-gov",
        dns_suffix: "amazonaws.com",
        reverse_dns_prefix: "com.amazonaws",
        global_region: "us-gov-west-1",
        region_prefixes: &["us-gov-"],
    },
    Partition {
        id: "aws-iso",
        dns_suffix: "c2s.ic.gov",
        reverse_dns_prefix: "gov.ic.c2s",
        global_region: "us-iso-east-1",
        region_prefixes: &["us-iso-"],
    },
    Partition {
        id: "aws-iso-b",
        dns_suffix: "sc2s.sgov.gov",
        reverse_dns_prefix: "gov.sgov.sc2s",
        global_region: "us-isob-east-1",
        region_prefixes: &["us-isob-"],
    },
    Partition {
        id: "aws-eusc",
        dns_suffix: "amazonaws.eu",
        reverse_dns_prefix: "eu.amazonaws",
        global_region: "eusc-de-east-1",
        region_prefixes: &["eusc-"],
    },
];

impl Partition {
    /// The partition that a region belongs to: the longest matching prefix decides.
    pub(crate) fn of_region(region: &str) -> &'static Self {
        Self::claiming(region).unwrap_or(&PARTITIONS[0])
    }

    /// Whether the region has the form of one in this partition.
    pub(crate) fn has_region(&self, region: &str) -> bool {
        is_region(region) && Self::claiming(region).is_some_and(|partition| partition.id == self.id)
    }

    fn claiming(region: &str) -> Option<&'static Self> {
        PARTITIONS
            .iter()
            .flat_map(|partition| partition.region_prefixes.iter().map(move |prefix| (prefix, partition)))
            .filter(|(prefix, _)| region.starts_with(**prefix))
            .max_by_key(|(prefix, _)| prefix.len())
            .map(|(_, partition)| partition)
    }
}

/// Two letters or more, words between dashes, and a number of one or two digits: `eu-central-1`, `us-gov-west-1`.
pub(crate) fn is_region(text: &str) -> bool {
    let mut parts = text.split('-');
    let area = parts.next().unwrap_or_default();
    let rest: Vec<_> = parts.collect();
    let Some((number, words)) = rest.split_last() else { return false };
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    matches!(area.len(), 2..=4)
        && is_word(area)
        && !words.is_empty()
        && words.iter().all(|word| is_word(word))
        && matches!(number.len(), 1 | 2)
        && number.bytes().all(|b| b.is_ascii_digit())
}

/// The region inside an ARN, if it has one.
pub(crate) fn region_of_arn(arn: &str) -> Option<&str> {
    part(arn, 3)
}

/// The account inside an ARN, if it has one.
pub(crate) fn account_of_arn(arn: &str) -> Option<&str> {
    part(arn, 4)
}

/// What follows the account: the resource in the service's own notation.
pub(crate) fn resource_of_arn(arn: &str) -> Option<&str> {
    part(arn, 5)
}

fn part(arn: &str, index: usize) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let prefix = parts.next()?;
    let found = parts.nth(index - 1)?;
    (prefix == "arn" && !found.is_empty()).then_some(found)
}

/// What every ARN looks like.
pub(crate) const ARN_PATTERN: &str =
    r"^arn:[\w-]+:[a-zA-Z0-9-]*:[\w-]*:(\d{12}|aws|aws-managed|third-party|cw.{10})?:.+$";

/// For an attribute that holds an ARN.
pub(crate) fn must_be_arn() -> Check {
    Check::pattern_or(ARN_PATTERN, "an ARN is needed, like arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE")
}

/// For an attribute that holds an ARN or, as states of other providers have it, nothing.
pub(crate) fn must_be_arn_or_empty() -> Check {
    must_be_arn().or_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_names_the_partition() {
        for (region, id) in [
            ("us-east-1", "aws"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-isob-east-1", "aws-iso-b"),
            ("cn-north-1", "aws-cn"),
            ("eusc-de-east-1", "aws-eusc"),
            ("moon-base-1", "aws"),
        ] {
            assert_eq!(Partition::of_region(region).id, id, "{region}");
        }
    }

    #[test]
    fn a_partition_knows_its_regions_by_form() {
        let aws = Partition::of_region("us-east-1");
        assert!(aws.has_region("ap-southeast-12"));
        for other in ["us-gov-west-1", "cn-north-1", "us-east", "us-east-1a", "US-EAST-1", "", "1"] {
            assert!(!aws.has_region(other), "{other}");
        }
    }

    #[test]
    fn a_name_is_taken_apart_and_put_together() {
        for text in ["arn:aws:lambda:eu-west-1:123456789012:function:f:live", "arn:aws:s3:::b/k", "arn:::::"] {
            assert_eq!(Arn::parse(text).unwrap().to_string(), text);
        }
        let arn = Arn::parse("arn:aws:lambda:eu-west-1:123456789012:function:f:live").unwrap();
        assert_eq!((arn.region.as_str(), arn.resource.as_str()), ("eu-west-1", "function:f:live"));
        assert_eq!(Arn::parse("ARN:aws:s3:::b"), Err("arn: invalid prefix"));
        assert_eq!(Arn::parse("arn:aws:s3::b"), Err("arn: not enough sections"));
    }

    #[test]
    fn parts_of_an_arn() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:f:live";
        assert_eq!(region_of_arn(arn), Some("eu-west-1"));
        assert_eq!(account_of_arn(arn), Some("123456789012"));
        assert_eq!(resource_of_arn(arn), Some("function:f:live"));
        assert_eq!(region_of_arn("arn:aws:iam::123456789012:role/r"), None);
        assert_eq!(account_of_arn("f:live"), None);
    }
}
