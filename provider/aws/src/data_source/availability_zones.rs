//! `aws_availability_zones`: the zones of a region, by name.

use std::collections::BTreeSet;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Attr, Blocks, Context, DataSource, Diagnostic, Diagnostics, Timeouts};

use crate::client::Aws;
use crate::client::ec2::{Zone, ZoneQuery};
use crate::error::ApiError;
use crate::region;

const TIMEOUT: Duration = Duration::from_secs(20 * 60);

const STATES: &[&str] = &["available", "information", "impaired", "unavailable", "constrained"];

/// The zones of a region.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AvailabilityZones {
    /// Also tell of zones that the account has not opted in to.
    #[schemars(extend("tf" = optional()))]
    all_availability_zones: Attr<bool>,
    /// Names of zones to leave out.
    #[schemars(extend("tf" = optional()))]
    exclude_names: Attr<BTreeSet<String>>,
    /// Ids of zones to leave out.
    #[schemars(extend("tf" = optional()))]
    exclude_zone_ids: Attr<BTreeSet<String>>,
    /// What the zones must have, in the words of DescribeAvailabilityZones.
    #[schemars(extend("tf" = set_block()))]
    filter: Blocks<Filter>,
    /// The groups of the zones.
    #[schemars(extend("tf" = computed()))]
    group_names: Attr<BTreeSet<String>>,
    /// The region.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The zones' names, sorted.
    #[schemars(extend("tf" = computed()))]
    names: Attr<Vec<String>>,
    /// The region; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// The state that the zones must be in.
    #[schemars(extend("tf" = optional().one_of(STATES)))]
    state: Attr<String>,
    /// The zones' ids, in the order of the names.
    #[schemars(extend("tf" = computed()))]
    zone_ids: Attr<Vec<String>>,
    #[schemars(extend("tf" = timeouts(&["read"])))]
    timeouts: Timeouts,
}

/// What a zone must have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
struct Filter {
    /// The filter's name, such as `zone-type`.
    #[schemars(extend("tf" = required()))]
    name: Attr<String>,
    /// Values, of which the zone must have one. `*` and `?` stand for text.
    #[schemars(extend("tf" = required()))]
    values: Attr<BTreeSet<String>>,
}

impl DataSource for AvailabilityZones {
    const TYPE: &'static str = "aws_availability_zones";
    type Client = Aws;

    async fn read(cx: &Context<Aws>, config: Self) -> Result<Self, Diagnostics> {
        let region = region::of_state(cx.client(), &config.region);
        let ec2 = cx.client().ec2(&region)?;
        let (query, limit) = (config.query(), config.timeouts.read(TIMEOUT));
        let Ok(found) = tokio::time::timeout(limit, ec2.describe_availability_zones(&query)).await else {
            let summary = format!("fetching Availability Zones: timeout after {} seconds", limit.as_secs());
            return Err(Diagnostics::error(summary, "Allow more time in the `timeouts` block."));
        };
        let found = found.map_err(|error| refused(&error))?;
        // The id is the region's name, which the session knows even where neither block nor argument says it.
        let region = match region {
            Attr::Known(region) => region,
            Attr::Null | Attr::Unknown => cx.client().known_region()?.to_owned(),
        };
        Ok(config.observed(found, &region))
    }
}

impl AvailabilityZones {
    fn query(&self) -> ZoneQuery {
        let state = self.state.as_str().filter(|state| !state.is_empty());
        let state = state.map(|state| ("state".to_owned(), vec![state.to_owned()]));
        let own = self.filter.iter().map(|filter| {
            let values = filter.values.known().into_iter().flatten().cloned().collect();
            (filter.name.text().to_owned(), values)
        });
        ZoneQuery { all: self.all_availability_zones.unwrap_or(false), filters: state.into_iter().chain(own).collect() }
    }

    fn observed(self, mut found: Vec<Zone>, region: &str) -> Self {
        let names =
            |zones: &Attr<BTreeSet<String>>, zone: &str| zones.known().is_some_and(|zones| zones.contains(zone));
        found.retain(|zone| !names(&self.exclude_names, &zone.name) && !names(&self.exclude_zone_ids, &zone.id));
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Self {
            group_names: found.iter().map(|zone| zone.group.clone()).collect::<BTreeSet<_>>().into(),
            names: found.iter().map(|zone| zone.name.clone()).collect::<Vec<_>>().into(),
            zone_ids: found.into_iter().map(|zone| zone.id).collect::<Vec<_>>().into(),
            id: region.into(),
            region: region.into(),
            ..self
        }
    }
}

fn refused(error: &ApiError) -> Diagnostics {
    let diagnostic: Diagnostic = error.diagnostic("fetching Availability Zones");
    match error.code() {
        "InvalidParameterValue" => diagnostic.at("filter"),
        "AuthFailure" => diagnostic.at("region"),
        _ => diagnostic,
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str, id: &str) -> Zone {
        Zone { name: name.into(), id: id.into(), group: "g".into() }
    }

    #[test]
    fn zones_are_sorted_and_some_left_out() {
        let set = |text: &str| Attr::Known(BTreeSet::from([text.to_owned()]));
        let config = AvailabilityZones {
            exclude_names: set("r-1b"),
            exclude_zone_ids: set("r1-az4"),
            ..AvailabilityZones::default()
        };
        let found =
            vec![zone("r-1d", "r1-az4"), zone("r-1c", "r1-az1"), zone("r-1b", "r1-az2"), zone("r-1a", "r1-az3")];
        let zones = config.observed(found, "r-1");
        assert_eq!(zones.names, vec!["r-1a".to_owned(), "r-1c".to_owned()].into());
        assert_eq!(zones.zone_ids, vec!["r1-az3".to_owned(), "r1-az1".to_owned()].into());
        assert_eq!((zones.group_names, zones.id.text()), (set("g"), "r-1"));
    }

    #[test]
    fn a_state_is_a_filter_too() {
        let filter =
            Filter { name: "zone-type".into(), values: Attr::Known(BTreeSet::from(["local-zone".to_owned()])) };
        let config = AvailabilityZones {
            state: "available".into(),
            filter: Blocks::one(filter),
            ..AvailabilityZones::default()
        };
        let expected = [("state", "available"), ("zone-type", "local-zone")];
        let expected = expected.map(|(name, value)| (name.to_owned(), vec![value.to_owned()]));
        assert_eq!(config.query().filters, expected);
    }
}
