//! The regions of AWS and their Availability Zones.
//!
//! In its oldest regions AWS gives the zones other letters in every account; ours are those of an account that exists. A zone
//! that AWS keeps from new accounts is not here.

/// A region.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Region {
    /// Its code.
    pub(crate) name: &'static str,
    /// What people call it.
    pub(crate) long_name: &'static str,
    /// The country that it is in.
    pub(crate) geography: &'static str,
    /// The state that it is in, where AWS tells.
    pub(crate) sub_geography: Option<&'static str>,
    /// How the ids of its zones begin.
    prefix: &'static str,
    /// The letters of its zones, and the numbers in their ids.
    zones: &'static [(char, u8)],
}

/// An Availability Zone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Zone {
    /// `us-east-1a`.
    pub(crate) name: String,
    /// `use1-az1`: the same place for every account.
    pub(crate) id: String,
}

impl Region {
    /// The region of that code.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        REGIONS.iter().find(|region| region.name == name)
    }

    /// Its zones by their letters.
    pub(crate) fn zones(&self) -> impl Iterator<Item = Zone> {
        self.zones.iter().map(|(letter, number)| Zone {
            name: format!("{}{letter}", self.name),
            id: format!("{}-az{number}", self.prefix),
        })
    }
}

/// Three zones whose letters and numbers go together, as in most regions.
const ABC: &[(char, u8)] = &[('a', 1), ('b', 2), ('c', 3)];

const fn region(
    name: &'static str,
    long_name: &'static str,
    geography: &'static str,
    prefix: &'static str,
    zones: &'static [(char, u8)],
) -> Region {
    Region { name, long_name, geography, sub_geography: None, prefix, zones }
}

const fn state(
    name: &'static str,
    long_name: &'static str,
    sub_geography: &'static str,
    prefix: &'static str,
    zones: &'static [(char, u8)],
) -> Region {
    let geography = "United States of America";
    Region { name, long_name, geography, sub_geography: Some(sub_geography), prefix, zones }
}

const REGIONS: &[Region] = &[
    region("af-south-1", "Africa (Cape Town)", "South Africa", "afs1", ABC),
    region("ap-east-1", "Asia Pacific (Hong Kong)", "Hong Kong", "ape1", ABC),
    region("ap-east-2", "Asia Pacific (Taipei)", "Taiwan", "ape2", ABC),
    region("ap-northeast-1", "Asia Pacific (Tokyo)", "Japan", "apne1", &[('a', 4), ('c', 1), ('d', 2)]),
    region("ap-northeast-2", "Asia Pacific (Seoul)", "South Korea", "apne2", &[('a', 1), ('b', 2), ('c', 3), ('d', 4)]),
    region("ap-northeast-3", "Asia Pacific (Osaka)", "Japan", "apne3", &[('a', 3), ('b', 1), ('c', 2)]),
    region("ap-south-1", "Asia Pacific (Mumbai)", "India", "aps1", &[('a', 1), ('b', 3), ('c', 2)]),
    region("ap-south-2", "Asia Pacific (Hyderabad)", "India", "aps2", ABC),
    region("ap-southeast-1", "Asia Pacific (Singapore)", "Singapore", "apse1", ABC),
    region("ap-southeast-2", "Asia Pacific (Sydney)", "Australia", "apse2", &[('a', 1), ('b', 3), ('c', 2)]),
    region("ap-southeast-3", "Asia Pacific (Jakarta)", "Indonesia", "apse3", ABC),
    region("ap-southeast-4", "Asia Pacific (Melbourne)", "Australia", "apse4", ABC),
    region("ap-southeast-5", "Asia Pacific (Malaysia)", "Malaysia", "apse5", ABC),
    region("ap-southeast-6", "Asia Pacific (New Zealand)", "New Zealand", "apse6", ABC),
    region("ap-southeast-7", "Asia Pacific (Thailand)", "Thailand", "apse7", ABC),
    region("ca-central-1", "Canada (Central)", "Canada", "cac1", &[('a', 1), ('b', 2), ('d', 4)]),
    region("ca-west-1", "Canada West (Calgary)", "Canada", "caw1", ABC),
    region("cn-north-1", "China (Beijing)", "China", "cnn1", &[('a', 1), ('b', 2), ('d', 4)]),
    region("cn-northwest-1", "China (Ningxia)", "China", "cnnw1", ABC),
    region("eu-central-1", "Europe (Frankfurt)", "Germany", "euc1", &[('a', 2), ('b', 3), ('c', 1)]),
    region("eu-central-2", "Europe (Zurich)", "Switzerland", "euc2", ABC),
    region("eu-north-1", "Europe (Stockholm)", "Sweden", "eun1", ABC),
    region("eu-south-1", "Europe (Milan)", "Italy", "eus1", ABC),
    region("eu-south-2", "Europe (Spain)", "Spain", "eus2", ABC),
    region("eu-west-1", "Europe (Ireland)", "Ireland", "euw1", &[('a', 3), ('b', 1), ('c', 2)]),
    region("eu-west-2", "Europe (London)", "United Kingdom", "euw2", &[('a', 2), ('b', 3), ('c', 1)]),
    region("eu-west-3", "Europe (Paris)", "France", "euw3", ABC),
    region("il-central-1", "Israel (Tel Aviv)", "Israel", "ilc1", ABC),
    region("me-central-1", "Middle East (UAE)", "United Arab Emirates", "mec1", ABC),
    region("me-south-1", "Middle East (Bahrain)", "Bahrain", "mes1", ABC),
    region("mx-central-1", "Mexico (Central)", "Mexico", "mxc1", ABC),
    region("sa-east-1", "South America (Sao Paulo)", "Brazil", "sae1", ABC),
    state(
        "us-east-1",
        "US East (N. Virginia)",
        "Virginia",
        "use1",
        &[('a', 1), ('b', 2), ('c', 4), ('d', 6), ('e', 3), ('f', 5)],
    ),
    state("us-east-2", "US East (Ohio)", "Ohio", "use2", ABC),
    region("us-gov-east-1", "AWS GovCloud (US-East)", "United States of America", "usge1", ABC),
    region("us-gov-west-1", "AWS GovCloud (US-West)", "United States of America", "usgw1", ABC),
    state("us-west-1", "US West (N. California)", "California", "usw1", &[('a', 1), ('c', 3)]),
    state("us-west-2", "US West (Oregon)", "Oregon", "usw2", &[('a', 2), ('b', 1), ('c', 3), ('d', 4)]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_zone_has_a_name_and_an_id_of_its_own() {
        let zones: Vec<Zone> = REGIONS.iter().flat_map(Region::zones).collect();
        let names: BTreeSet<&str> = zones.iter().map(|zone| zone.name.as_str()).collect();
        let ids: BTreeSet<&str> = zones.iter().map(|zone| zone.id.as_str()).collect();
        assert_eq!((names.len(), ids.len()), (zones.len(), zones.len()));
        assert!(REGIONS.is_sorted_by_key(|region| region.name));
        for region in REGIONS {
            assert!(region.zones().count() >= 2, "{}", region.name);
            assert!(region.zones().is_sorted_by_key(|zone| zone.name), "{}", region.name);
        }
    }

    #[test]
    fn ids_begin_with_a_short_form_of_the_region() {
        // The area, the first letters of what is behind it, and the number: `ap-southeast-2` is `apse2`.
        fn short(word: &str) -> &str {
            match word {
                "northeast" => "ne",
                "southeast" => "se",
                "northwest" => "nw",
                word => &word[..1],
            }
        }
        for region in REGIONS {
            let parts: Vec<&str> = region.name.split('-').collect();
            let (area, rest) = parts.split_first().unwrap();
            let (number, words) = rest.split_last().unwrap();
            let words: String = words.iter().copied().map(short).collect();
            assert_eq!(region.prefix, format!("{area}{words}{number}"));
        }
    }
}
