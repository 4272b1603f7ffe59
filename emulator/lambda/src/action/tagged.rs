//! What has tags: functions and event source mappings, told apart by their ARNs.

use std::collections::BTreeMap;

use aws_wire::{Arn, Call};

use crate::mapping::Feeding as _;
use crate::name::FunctionArn;
use crate::{Error, Lambda};

/// The most tags that a resource may have.
const MAX_TAGS: usize = 50;

/// A resource with tags.
pub(super) enum Tagged {
    Function(FunctionArn),
    /// A mapping by its id.
    Mapping(String),
}

impl Tagged {
    /// What `arn` names in the caller's world.
    pub(super) fn parse(call: &Call, arn: &str) -> Result<Self, Error> {
        let not_taggable = || Error::NotTaggable(arn.to_owned());
        let parsed = Arn::parse(arn).filter(|parsed| parsed.world() == call.world).ok_or_else(not_taggable)?;
        if let Some(uuid) = parsed.resource.strip_prefix("event-source-mapping:") {
            return Ok(Self::Mapping(uuid.to_owned()));
        }
        let function: FunctionArn = arn.parse().map_err(|_| not_taggable())?;
        if function.qualifier.is_some() {
            return Err(Error::VersionNotTaggable);
        }
        Ok(Self::Function(function))
    }

    /// Its tags.
    pub(super) fn tags(&self, service: &Lambda, call: &Call) -> Result<BTreeMap<String, String>, Error> {
        match self {
            Self::Function(arn) => Ok(service.runner().catalog.get(arn)?.tags.clone()),
            Self::Mapping(uuid) => Ok(service.mappings().tags(&call.world, uuid)?),
        }
    }

    /// Changes its tags.
    pub(super) async fn change_tags(
        self,
        service: &Lambda,
        call: &Call,
        change: impl FnOnce(&mut BTreeMap<String, String>) + Send + 'static,
    ) -> Result<(), Error> {
        let mut tags = self.tags(service, call)?;
        match self {
            Self::Function(arn) => {
                let change = move |runner: &crate::runner::Runner| {
                    runner.catalog.change(&arn, |function| {
                        change(&mut function.tags);
                        check_tags(&function.tags)
                    })
                };
                service.blocking(change).await.map(drop)
            }
            Self::Mapping(uuid) => {
                change(&mut tags);
                check_tags(&tags)?;
                Ok(service.mappings().change_tags(&call.world, &uuid, move |kept| *kept = tags).await?)
            }
        }
    }
}

/// Whether a resource may have these tags.
pub(super) fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), Error> {
    if tags.len() > MAX_TAGS { Err(Error::TooManyTags) } else { Ok(()) }
}
