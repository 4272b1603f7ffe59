//! DescribeAvailabilityZones lists the zones of the region that is asked, all or those that names, ids and filters pick.
//!
//! An account sees Local Zones and Wavelength Zones after it has opted in to them. There are none here, so
//! `AllAvailabilityZones` has no more to show.

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::filter::Filter;
use crate::zone::{Region, Zone};
use crate::{Ec2, Error};

/// Zones need no opting in.
const OPT_IN_STATUS: &str = "opt-in-not-required";
const AVAILABLE: &str = "available";
const ZONE_TYPE: &str = "availability-zone";

pub(crate) struct DescribeAvailabilityZones;

/// Members are called as they are on the wire; the service model has plurals for the lists.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Input {
    zone_name: Vec<String>,
    zone_id: Vec<String>,
    filter: Vec<Filter>,
    dry_run: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    availability_zone_info: Vec<View>,
}

/// `AvailabilityZone`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    opt_in_status: &'static str,
    /// Messages about the zone: there is nothing to say.
    message_set: [&'static str; 0],
    region_name: &'static str,
    zone_name: String,
    zone_id: String,
    group_name: String,
    group_long_name: String,
    network_border_group: &'static str,
    zone_type: &'static str,
    geography_set: [Named; 1],
    sub_geography_set: Vec<Named>,
    zone_state: &'static str,
}

#[derive(Serialize)]
struct Named {
    name: &'static str,
}

const TEXT: Shape = Shape::string();
const FILTER: Shape = Shape::structure(&FILTER_STRUCTURE);
const FILTER_STRUCTURE: Structure =
    Structure::new("Filter", &[Shape::string().member("Name"), Shape::list(&TEXT).member("Value")]);

impl Action<Ec2> for DescribeAvailabilityZones {
    const NAME: &'static str = "DescribeAvailabilityZones";
    const INPUT: Structure = Structure::new(
        "DescribeAvailabilityZonesRequest",
        &[
            Shape::list(&TEXT).member("ZoneName"),
            Shape::list(&TEXT).member("ZoneId"),
            Shape::boolean().member("AllAvailabilityZones"),
            Shape::boolean().member("DryRun"),
            Shape::list(&FILTER).member("Filter"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(_: &Ec2, call: &Call, input: Input) -> Result<Output, Error> {
        let name = &call.world.region;
        let region = Region::find(name).ok_or_else(|| Error::UnknownRegion(name.clone()))?;
        let zones: Vec<Zone> = region.zones().collect();
        if let Some(unknown) = input.zone_name.iter().find(|name| zones.iter().all(|zone| zone.name != **name)) {
            return Err(Error::UnknownZone(unknown.clone()));
        }
        if let Some(unknown) = input.zone_id.iter().find(|id| zones.iter().all(|zone| zone.id != **id)) {
            return Err(Error::UnknownZoneId(unknown.clone()));
        }
        let is_picked = |zone: &Zone| {
            (input.zone_name.is_empty() || input.zone_name.contains(&zone.name))
                && (input.zone_id.is_empty() || input.zone_id.contains(&zone.id))
        };
        let mut views: Vec<View> = zones.into_iter().filter(is_picked).map(|zone| View::of(region, zone)).collect();
        for filter in &input.filter {
            let of = attribute(&filter.name).ok_or_else(|| Error::UnknownFilter(filter.name.clone()))?;
            views.retain(|view| of(view).is_some_and(|found| filter.fits(found)));
        }
        if input.dry_run {
            return Err(Error::DryRun);
        }
        Ok(Output { availability_zone_info: views })
    }
}

impl View {
    fn of(region: &Region, zone: Zone) -> Self {
        Self {
            opt_in_status: OPT_IN_STATUS,
            message_set: [],
            region_name: region.name,
            zone_name: zone.name,
            zone_id: zone.id,
            group_name: format!("{}-zg-1", region.name),
            group_long_name: format!("{} 1", region.long_name),
            network_border_group: region.name,
            zone_type: ZONE_TYPE,
            geography_set: [Named { name: region.geography }],
            sub_geography_set: region.sub_geography.map(|name| Named { name }).into_iter().collect(),
            zone_state: AVAILABLE,
        }
    }
}

/// What of a zone a filter of that name looks at; `None` when there is no such filter.
fn attribute(filter: &str) -> Option<fn(&View) -> Option<&str>> {
    let of: fn(&View) -> Option<&str> = match filter {
        "group-long-name" => |zone| Some(&zone.group_long_name),
        "group-name" => |zone| Some(&zone.group_name),
        "opt-in-status" => |zone| Some(zone.opt_in_status),
        "region-name" => |zone| Some(zone.region_name),
        "state" => |zone| Some(zone.zone_state),
        "zone-id" => |zone| Some(&zone.zone_id),
        "zone-name" => |zone| Some(&zone.zone_name),
        "zone-type" => |zone| Some(zone.zone_type),
        // Zones have no parents and no messages.
        "message" | "parent-zone-id" | "parent-zone-name" => |_| None,
        _ => return None,
    };
    Some(of)
}

#[cfg(test)]
mod tests {
    use crate::fixture::{all, refuses, send};

    fn names(region: &str, more: &str) -> Vec<String> {
        let (status, text) = send(region, &format!("Action=DescribeAvailabilityZones&Version=2016-11-15{more}"));
        assert_eq!(status, 200, "{text}");
        all(&text, "zoneName")
    }

    #[test]
    fn a_zone_is_told_as_aws_tells_it() {
        let form = "Action=DescribeAvailabilityZones&Version=2016-11-15&ZoneName.1=us-east-2a";
        let (status, text) = send("us-east-2", form);
        assert_eq!(status, 200);
        assert_eq!(
            text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DescribeAvailabilityZonesResponse \
             xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>id</requestId><availabilityZoneInfo><item>\
             <geographySet><item><name>United States of America</name></item></geographySet>\
             <groupLongName>US East (Ohio) 1</groupLongName><groupName>us-east-2-zg-1</groupName><messageSet></messageSet>\
             <networkBorderGroup>us-east-2</networkBorderGroup><optInStatus>opt-in-not-required</optInStatus>\
             <regionName>us-east-2</regionName><subGeographySet><item><name>Ohio</name></item></subGeographySet>\
             <zoneId>use2-az1</zoneId><zoneName>us-east-2a</zoneName><zoneState>available</zoneState>\
             <zoneType>availability-zone</zoneType></item></availabilityZoneInfo></DescribeAvailabilityZonesResponse>"
        );
    }

    #[test]
    fn names_ids_and_filters_pick() {
        assert_eq!(names("ca-central-1", ""), ["ca-central-1a", "ca-central-1b", "ca-central-1d"]);
        assert_eq!(names("ca-central-1", "&AllAvailabilityZones=true").len(), 3);
        assert_eq!(names("us-east-1", "&ZoneName.1=us-east-1f&ZoneName.2=us-east-1a"), ["us-east-1a", "us-east-1f"]);
        assert_eq!(names("us-east-1", "&ZoneId.1=use1-az6"), ["us-east-1d"]);
        assert_eq!(names("us-east-1", "&ZoneId.1=use1-az6&ZoneName.1=us-east-1a"), [""; 0]);
        for (filter, expected) in [
            ("zone-id&Filter.1.Value.1=usw2-az1&Filter.1.Value.2=usw2-az3", 2),
            ("zone-name&Filter.1.Value.1=us-west-2?", 4),
            ("state&Filter.1.Value.1=available", 4),
            ("state&Filter.1.Value.1=unavailable", 0),
            ("state&Filter.1.Value.1=available&Filter.2.Name=zone-name&Filter.2.Value.1=*d", 1),
            ("opt-in-status&Filter.1.Value.1=opt-in-not-required", 4),
            ("opt-in-status&Filter.1.Value.1=opted-in", 0),
            ("region-name&Filter.1.Value.1=eu-west-1", 0),
            ("group-name&Filter.1.Value.1=us-west-2-zg-1", 4),
            ("group-long-name&Filter.1.Value.1=US+West+(Oregon)+1", 4),
            ("zone-type&Filter.1.Value.1=local-zone", 0),
            ("parent-zone-id&Filter.1.Value.1=*", 0),
            ("state", 0),
        ] {
            assert_eq!(names("us-west-2", &format!("&Filter.1.Name={filter}")).len(), expected, "{filter}");
        }
    }

    #[test]
    fn what_is_not_there_is_named() {
        let refuses = |region: &str, more: &str, status: u16, code: &str, message: &str| {
            refuses(region, &format!("Action=DescribeAvailabilityZones{more}"), status, code, message);
        };
        let invalid = "InvalidParameterValue";
        refuses("us-east-1", "&ZoneName.1=us-west-2a", 400, invalid, "Invalid availability zone: [us-west-2a]");
        refuses("us-east-1", "&ZoneId.1=use1-az9", 400, invalid, "Invalid availability zone-id: [use1-az9]");
        let filter = "&Filter.1.Name=zone&Filter.1.Value.1=a";
        refuses("us-east-1", filter, 400, invalid, "The filter 'zone' is invalid");
        let message = "Request would have succeeded, but DryRun flag is set.";
        refuses("us-east-1", "&DryRun=true", 412, "DryRunOperation", message);
        let message = "Millrace knows no Availability Zones of the region moon-base-1.";
        refuses("moon-base-1", "", 401, "AuthFailure", message);
        let (status, text) = send("us-east-1", "Action=DescribeAvailabilityZones&DryRun=perhaps");
        assert_eq!((status, all(&text, "Code")), (400, vec![invalid.to_owned()]));
    }
}
