//! What follows from a bucket's name and region: whether the name will do, and the addresses that AWS has for it.

use crate::arn::Partition;

/// The region whose buckets may have names of old.
pub(super) const CLASSIC: &str = "us-east-1";

/// Whether a bucket can have this name in a region; in the words of hashicorp/aws if not.
pub(super) fn check_name(name: &str, region: &str) -> Result<(), String> {
    let has_only = |allowed: fn(char) -> bool| !name.is_empty() && name.chars().all(allowed);
    let problem = if region == CLASSIC {
        if name.len() > 255 {
            format!("{name:?} must contain less than 256 characters")
        } else if !has_only(|c| c.is_ascii_alphanumeric() || "-._".contains(c)) {
            format!("only alphanumeric characters, hyphens, periods, and underscores allowed in {name:?}")
        } else {
            return Ok(());
        }
    } else if !(3..=63).contains(&name.len()) {
        format!("{name:?} must contain from 3 to 63 characters")
    } else if !has_only(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c)) {
        format!("only lowercase alphanumeric characters and hyphens allowed in {name:?}")
    } else if name.parse::<std::net::Ipv4Addr>().is_ok() {
        format!("{name:?} must not be formatted as an IP address")
    } else if name.starts_with('.') {
        format!("{name:?} cannot start with a period")
    } else if name.ends_with('.') {
        format!("{name:?} cannot end with a period")
    } else if name.contains("..") {
        format!("{name:?} can be only one period between labels")
    } else {
        return Ok(());
    };
    Err(problem)
}

/// The bucket's ARN.
pub(crate) fn arn(bucket: &str, region: &str) -> String {
    format!("arn:{}:s3:::{bucket}", Partition::of_region(region).id)
}

/// The bucket's host without its region.
pub(super) fn domain_name(bucket: &str, region: &str) -> String {
    format!("{bucket}.s3.{}", Partition::of_region(region).dns_suffix)
}

/// The bucket's host in its region.
pub(super) fn regional_domain_name(bucket: &str, region: &str) -> String {
    format!("{bucket}.s3.{region}.{}", Partition::of_region(region).dns_suffix)
}

/// The host of web sites in a region, of which each bucket's is a part.
pub(super) fn website_domain(region: &str) -> String {
    /// Regions that are separated by a dash.
    const OLD: [&str; 9] = [
        "ap-northeast-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "eu-west-1",
        "sa-east-1",
        "us-east-1",
        "us-gov-west-1",
        "us-west-1",
        "us-west-2",
    ];
    if OLD.contains(&region) {
        return format!("s3-website-{region}.amazonaws.com");
    }
    format!("s3-website.{region}.{}", Partition::of_region(region).dns_suffix)
}

/// The name of the namespace that a bucket is in: that of its account and region if it ends in both.
pub(super) fn namespace(bucket: &str, region: &str) -> &'static str {
    let rest = bucket.strip_suffix("-an").and_then(|rest| rest.strip_suffix(region)?.strip_suffix('-'));
    let account = rest.and_then(|rest| rest.rsplit_once('-')).map(|(_, account)| account).unwrap_or_default();
    let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    if is_account { "account-regional" } else { "global" }
}

/// The Route 53 zone of a region's web sites (docs.aws.amazon.com/general/latest/gr/s3.html).
pub(super) fn hosted_zone(region: &str) -> Option<&'static str> {
    ZONES.iter().find(|(name, _)| *name == region).map(|(_, zone)| *zone)
}

const ZONES: &[(&str, &str)] = &[
    ("af-south-1", "Z83WF9RJE8B12"),
    ("ap-east-1", "ZNB98KWMFR0R6"),
    ("ap-northeast-1", "Z2M4EHUR26P7ZW"),
    ("ap-northeast-2", "Z3W03O7B5YMIYP"),
    ("ap-northeast-3", "Z2YQB5RD63NC85"),
    ("ap-south-1", "Z11RGJOFQNVJUP"),
    ("ap-south-2", "Z02976202B4EZMXIPMXF7"),
    ("ap-southeast-1", "Z3O0J2DXBE1FTB"),
    ("ap-southeast-2", "Z1WCIGYICN2BYD"),
    ("ap-southeast-3", "Z01846753K324LI26A3VV"),
    ("ap-southeast-4", "Z0312387243XT5FE14WFO"),
    ("ap-southeast-5", "Z08660063OXLMA7F1FJHU"),
    ("ca-central-1", "Z1QDHH18159H29"),
    ("ca-west-1", "Z03565811Z33SLEZTHOUL"),
    ("cn-north-1", "Z5CN8UMXT92WN"),
    ("cn-northwest-1", "Z282HJ1KT0DH03"),
    ("eu-central-1", "Z21DNDUVLTQW6Q"),
    ("eu-central-2", "Z030506016YDQGETNASS"),
    ("eu-north-1", "Z3BAZG2TWCNX0D"),
    ("eu-south-1", "Z30OZKI7KPW7MI"),
    ("eu-south-2", "Z0081959F7139GRJC19J"),
    ("eu-west-1", "Z1BKCTXD74EZPE"),
    ("eu-west-2", "Z3GKZC51ZF0DB4"),
    ("eu-west-3", "Z3R1K369G5AVDG"),
    ("il-central-1", "Z09640613K4A3MN55U7GU"),
    ("me-central-1", "Z06143092I8HRXZRUZROF"),
    ("me-south-1", "Z1MPMWCPA7YB62"),
    ("sa-east-1", "Z7KQH4QJS55SO"),
    ("us-east-1", "Z3AQBSTGFYJSTF"),
    ("us-east-2", "Z2O1EMRO9K5GLX"),
    ("us-gov-east-1", "Z2NIFVYYW2VKV1"),
    ("us-gov-west-1", "Z31GFT0UA1I2HV"),
    ("us-west-1", "Z2F56UZL2M1ACD"),
    ("us-west-2", "Z3BJ6K6RIION7M"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_old_are_for_the_oldest_region() {
        for name in ["abc", "a.b-c", "000"] {
            assert_eq!(check_name(name, "eu-west-1"), Ok(()), "{name}");
        }
        for name in ["ab", "Abc", "a_b", "1.2.3.4", ".abc", "abc.", "a..b"] {
            assert!(check_name(name, "eu-west-1").is_err(), "{name}");
        }
        assert_eq!(check_name("A_b..c", CLASSIC), Ok(()));
        assert_eq!(
            check_name("a b", CLASSIC),
            Err("only alphanumeric characters, hyphens, periods, and underscores allowed in \"a b\"".to_owned())
        );
    }

    #[test]
    fn addresses_follow_from_the_region() {
        assert_eq!(domain_name("b", "us-east-1"), "b.s3.amazonaws.com");
        assert_eq!(regional_domain_name("b", "cn-north-1"), "b.s3.cn-north-1.amazonaws.com.cn");
        assert_eq!(arn("b", "us-gov-west-1"), "arn:aws-us-gov:s3:::b");
        assert_eq!(website_domain("us-east-1"), "s3-website-us-east-1.amazonaws.com");
        assert_eq!(website_domain("eu-central-1"), "s3-website.eu-central-1.amazonaws.com");
        assert_eq!(hosted_zone("us-east-1"), Some("Z3AQBSTGFYJSTF"));
        assert_eq!(hosted_zone("moon-base-1"), None);
    }

    #[test]
    fn a_name_tells_its_namespace() {
        assert_eq!(namespace("mine-111122223333-us-west-2-an", "us-west-2"), "account-regional");
        for name in ["mine", "mine-111122223333-us-west-2-an", "mine-us-east-1-an", "11112222333-us-east-1-an"] {
            assert_eq!(namespace(name, "us-east-1"), "global", "{name}");
        }
    }
}
