//! An alias: a name that points at a version, or at two of them with a weight for the second.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::name::Qualifier;

/// Where an alias points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Alias {
    /// `$LATEST` or a number.
    pub(crate) version: Qualifier,
    pub(crate) description: String,
    /// The version that some of the events go to.
    pub(crate) additional: Option<Additional>,
    pub(crate) revision_id: String,
}

/// A second version, and which part of the events it gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Additional {
    pub(crate) version: u64,
    /// From 0 to 1.
    pub(crate) weight: f64,
}

impl Alias {
    /// Sets the additional version from `AdditionalVersionWeights`; an empty map takes it back.
    pub(crate) fn route(&mut self, weights: &BTreeMap<String, f64>) -> Result<(), Error> {
        self.additional = match weights.iter().next() {
            None => None,
            Some(_) if weights.len() > 1 => return Err(Error::AliasRoutesTooMany),
            Some((version, weight)) => {
                let version = version.parse().map_err(|_| Error::AliasRoutesLatest)?;
                if !(0.0..=1.0).contains(weight) {
                    return Err(Error::AliasWeight);
                }
                Some(Additional { version, weight: *weight })
            }
        };
        Ok(())
    }

    /// Refuses what cannot be weighed against each other.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match (&self.version, &self.additional) {
            (_, None) => Ok(()),
            (Qualifier::Version(version), Some(additional)) if *version == additional.version => {
                Err(Error::AliasRoutesTwice(*version))
            }
            (Qualifier::Version(_), Some(_)) => Ok(()),
            (Qualifier::Latest | Qualifier::Alias(_), Some(_)) => Err(Error::AliasRoutesLatest),
        }
    }

    /// The version for an event that drew `chance`, from 0 to just below 1.
    pub(crate) fn choose(&self, chance: f64) -> Qualifier {
        match &self.additional {
            Some(additional) if chance < additional.weight => Qualifier::Version(additional.version),
            Some(_) | None => self.version.clone(),
        }
    }

    /// Whether it points at the version of that number.
    pub(crate) fn uses(&self, version: u64) -> bool {
        self.version == Qualifier::Version(version)
            || self.additional.as_ref().is_some_and(|additional| additional.version == version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alias(weights: &[(&str, f64)]) -> Result<Alias, Error> {
        let mut alias = Alias {
            version: Qualifier::Version(1),
            description: String::new(),
            additional: None,
            revision_id: "r".into(),
        };
        alias.route(&weights.iter().map(|(version, weight)| ((*version).to_owned(), *weight)).collect())?;
        alias.check()?;
        Ok(alias)
    }

    #[test]
    fn chance_chooses_by_weight() {
        let weighted = alias(&[("2", 0.25)]).unwrap();
        let chosen: Vec<u64> = [0.0, 0.24, 0.25, 0.99].map(|chance| weighted.choose(chance).number()).into();
        assert_eq!(chosen, [2, 2, 1, 1]);
        assert!(weighted.uses(1) && weighted.uses(2) && !weighted.uses(3));
        assert_eq!(alias(&[]).unwrap().choose(0.0), Qualifier::Version(1));
    }

    #[test]
    fn only_two_published_versions_can_be_weighed() {
        assert_eq!(alias(&[("2", 0.1), ("3", 0.1)]), Err(Error::AliasRoutesTooMany));
        assert_eq!(alias(&[("1", 0.1)]), Err(Error::AliasRoutesTwice(1)));
        assert_eq!(alias(&[("$LATEST", 0.1)]), Err(Error::AliasRoutesLatest));
        assert_eq!(alias(&[("2", 1.1)]), Err(Error::AliasWeight));
    }
}
