//! `aws_region`: a region by name or endpoint, the provider's if neither is given. Makes no call.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Attr, Context, DataSource, Diagnostic, Diagnostics};

use crate::arn::{Partition, is_region};
use crate::client::Aws;

/// A region.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Region {
    /// Its name in words.
    #[schemars(extend("tf" = computed()))]
    description: Attr<String>,
    /// The host name of its EC2 service.
    #[schemars(extend("tf" = optional_computed()))]
    endpoint: Attr<String>,
    /// Its name.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// Its name.
    #[schemars(extend("tf" = optional_computed().deprecated("Use region instead.")))]
    name: Attr<String>,
    /// Its name.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
}

impl DataSource for Region {
    const TYPE: &'static str = "aws_region";
    type Client = Aws;

    async fn read(cx: &Context<Aws>, config: Self) -> Result<Self, Diagnostics> {
        let region = match chosen(&config)? {
            Some(region) => region,
            None => cx.client().known_region()?.to_owned(),
        };
        Ok(Self {
            description: description(&region).into(),
            endpoint: endpoint(&region).into(),
            id: region.as_str().into(),
            name: region.as_str().into(),
            region: region.into(),
        })
    }
}

/// The region that the arguments name; all of them must name the same one.
fn chosen(config: &Region) -> Result<Option<String>, Diagnostics> {
    let mut chosen: Option<String> = None;
    let by_name = [("region", &config.region), ("name", &config.name)];
    let named = by_name.into_iter().filter_map(|(argument, value)| Some((argument, value.as_str()?.to_owned())));
    let by_endpoint = config.endpoint.as_str().map(|host| ("endpoint", region_of_endpoint(host)));
    for (argument, region) in named.chain(by_endpoint) {
        if !is_region(&region) {
            let detail = "Choose an existing region, such as us-east-1.";
            return Err(Diagnostic::error(format!("finding Region using {argument}: not found"), detail)
                .at(argument)
                .into());
        }
        if chosen.as_ref().is_some_and(|other| *other != region) {
            let detail = "Name the region once.";
            return Err(Diagnostic::error("multiple Regions matched; use additional constraints", detail)
                .at(argument)
                .into());
        }
        chosen = Some(region);
    }
    Ok(chosen)
}

fn endpoint(region: &str) -> String {
    format!("ec2.{region}.{}", Partition::of_region(region).dns_suffix)
}

/// The region within the host name of an EC2 endpoint; empty for any other name.
fn region_of_endpoint(host: &str) -> String {
    let region = host.strip_prefix("ec2.").and_then(|rest| rest.split('.').next()).unwrap_or_default();
    if endpoint(region) == host { region.to_owned() } else { String::new() }
}

/// The names that AWS gives its regions; one that is not listed is described by its code.
fn description(region: &str) -> &str {
    const NAMES: &[(&str, &str)] = &[
        ("af-south-1", "Africa (Cape Town)"),
        ("ap-east-1", "Asia Pacific (Hong Kong)"),
        ("ap-east-2", "Asia Pacific (Taipei)"),
        ("ap-northeast-1", "Asia Pacific (Tokyo)"),
        ("ap-northeast-2", "Asia Pacific (Seoul)"),
        ("ap-northeast-3", "Asia Pacific (Osaka)"),
        ("ap-south-1", "Asia Pacific (Mumbai)"),
        ("ap-south-2", "Asia Pacific (Hyderabad)"),
        ("ap-southeast-1", "Asia Pacific (Singapore)"),
        ("ap-southeast-2", "Asia Pacific (Sydney)"),
        ("ap-southeast-3", "Asia Pacific (Jakarta)"),
        ("ap-southeast-4", "Asia Pacific (Melbourne)"),
        ("ap-southeast-5", "Asia Pacific (Malaysia)"),
        ("ap-southeast-6", "Asia Pacific (New Zealand)"),
        ("ap-southeast-7", "Asia Pacific (Thailand)"),
        ("ca-central-1", "Canada (Central)"),
        ("ca-west-1", "Canada West (Calgary)"),
        ("cn-north-1", "China (Beijing)"),
        ("cn-northwest-1", "China (Ningxia)"),
        ("eu-central-1", "Europe (Frankfurt)"),
        ("eu-central-2", "Europe (Zurich)"),
        ("eu-north-1", "Europe (Stockholm)"),
        ("eu-south-1", "Europe (Milan)"),
        ("eu-south-2", "Europe (Spain)"),
        ("eu-west-1", "Europe (Ireland)"),
        ("eu-west-2", "Europe (London)"),
        ("eu-west-3", "Europe (Paris)"),
        ("il-central-1", "Israel (Tel Aviv)"),
        ("me-central-1", "Middle East (UAE)"),
        ("me-south-1", "Middle East (Bahrain)"),
        ("mx-central-1", "Mexico (Central)"),
        ("sa-east-1", "South America (Sao Paulo)"),
        ("us-east-1", "US East (N. Virginia)"),
        ("us-east-2", "US East (Ohio)"),
        ("us-gov-east-1", "AWS GovCloud (US-East)"),
        ("us-gov-west-1", "AWS GovCloud (US-West)"),
        ("us-west-1", "US West (N. California)"),
        ("us-west-2", "US West (Oregon)"),
    ];
    NAMES.iter().find(|(code, _)| *code == region).map_or(region, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(region: Option<&str>, endpoint: Option<&str>) -> Region {
        Region {
            description: Attr::Null,
            endpoint: endpoint.map(str::to_owned).into(),
            id: Attr::Null,
            name: Attr::Null,
            region: region.map(str::to_owned).into(),
        }
    }

    #[test]
    fn a_region_is_found_by_name_or_endpoint() {
        assert_eq!(chosen(&config(None, None)), Ok(None));
        assert_eq!(chosen(&config(Some("eu-west-1"), None)), Ok(Some("eu-west-1".to_owned())));
        let china = "ec2.cn-north-1.amazonaws.com.cn";
        assert_eq!(chosen(&config(None, Some(china))), Ok(Some("cn-north-1".to_owned())));
        assert!(chosen(&config(None, Some("ec2.cn-north-1.amazonaws.com"))).is_err());
        assert!(chosen(&config(Some("nowhere"), None)).is_err());
        assert!(chosen(&config(Some("eu-west-1"), Some(china))).is_err());
    }
}
