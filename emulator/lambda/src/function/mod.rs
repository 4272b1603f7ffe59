//! What a function is: versions of code and settings under a name.
//!
//! `$LATEST` is the version that updates change; published versions never change. A change makes a new revision, and
//! sandboxes belong to a revision, so no event reaches code that its caller could not have meant. Invariant: a number is
//! given to one version only, also after that version is deleted.

mod alias;
mod catalog;
mod concurrency;
mod configuration;
mod environment;
mod event_invoke;
mod lifecycle;
mod policy;
mod runtime;
mod view;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use aws_wire::Invocation;
use env::{Env, Timestamp};
use serde::{Deserialize, Serialize};

pub(crate) use alias::Alias;
pub(crate) use catalog::Catalog;
pub(crate) use concurrency::{ACCOUNT_CONCURRENCY, Concurrency, MINIMUM_UNRESERVED, Permit};
pub(crate) use configuration::{Changes, Configuration, LogFormat};
pub(crate) use event_invoke::EventInvokeConfig;
pub(crate) use lifecycle::{Lifecycle, State, UpdateStatus};
pub(crate) use policy::{Permission, Policy};
pub(crate) use runtime::{Family, KNOWN as KNOWN_RUNTIMES, Runtime};
pub(crate) use view::{View, iso_with_offset, runtime_version_arn};

use crate::Error;
use crate::code::CodeHash;
use crate::name::{FunctionArn, Qualifier};

/// A function with all its versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Function {
    /// Unqualified.
    pub(crate) arn: FunctionArn,
    /// The call that created it, if it said which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maker: Option<Invocation>,
    /// `$LATEST`.
    pub(crate) latest: Version,
    /// By number.
    pub(crate) published: BTreeMap<u64, Version>,
    /// The highest number ever given.
    pub(crate) last_number: u64,
    pub(crate) tags: BTreeMap<String, String>,
    /// None: shares what the account has left.
    pub(crate) reserved_concurrency: Option<u32>,
    #[serde(default)]
    pub(crate) aliases: BTreeMap<String, Alias>,
    /// By qualifier.
    #[serde(default)]
    pub(crate) event_invoke: BTreeMap<Qualifier, EventInvokeConfig>,
    /// Of the function itself under no name, of versions and aliases under theirs.
    #[serde(default)]
    pub(crate) policies: BTreeMap<String, Policy>,
}

/// One version: code and settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) configuration: Configuration,
    pub(crate) code: Package,
    /// Changes with every update.
    pub(crate) revision_id: String,
    pub(crate) last_modified: Timestamp,
    pub(crate) lifecycle: Lifecycle,
    /// Of a published version: the revision of `$LATEST` that it is a copy of.
    pub(crate) source_revision: Option<String>,
}

/// The code of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Package {
    pub(crate) hash: CodeHash,
    /// Bytes of the zip.
    pub(crate) size: u64,
    /// Where the code is read instead of from a zip; the hash is then that of the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) folder: Option<PathBuf>,
}

impl Function {
    /// The version that `qualifier` stands for.
    pub(crate) fn version(&self, qualifier: Option<&Qualifier>) -> Result<&Version, Error> {
        self.resolve(qualifier).map(|(_, version)| version)
    }

    /// Likewise, with `$LATEST` or the number that it has. An alias of two versions stands for its first.
    pub(crate) fn resolve(&self, qualifier: Option<&Qualifier>) -> Result<(Qualifier, &Version), Error> {
        self.choose(qualifier, || 1.0)
    }

    /// The version for one event: `chance` chooses where an alias leaves a choice.
    pub(crate) fn choose(
        &self,
        qualifier: Option<&Qualifier>,
        chance: impl FnOnce() -> f64,
    ) -> Result<(Qualifier, &Version), Error> {
        let version = match qualifier {
            None => Some(Qualifier::Latest),
            Some(Qualifier::Alias(name)) => self.aliases.get(name).map(|alias| alias.choose(chance())),
            Some(Qualifier::Latest | Qualifier::Version(_)) => qualifier.cloned(),
        };
        let found = version.and_then(|version| match version {
            Qualifier::Version(number) => Some((version, self.published.get(&number)?)),
            Qualifier::Latest => Some((version, &self.latest)),
            Qualifier::Alias(_) => None,
        });
        found.ok_or_else(|| self.not_found(qualifier))
    }

    /// The settings for events of this qualifier that nobody waits for.
    pub(crate) fn event_invoke(&self, qualifier: &Qualifier) -> EventInvokeConfig {
        self.event_invoke.get(qualifier).cloned().unwrap_or_default()
    }

    /// The alias `name`.
    pub(crate) fn alias(&self, name: &str) -> Result<&Alias, Error> {
        self.aliases.get(name).ok_or_else(|| Error::AliasNotFound(self.alias_arn(name)))
    }

    /// The ARN of the alias `name`, which need not be there.
    pub(crate) fn alias_arn(&self, name: &str) -> FunctionArn {
        self.arn.with_qualifier(Some(Qualifier::Alias(name.to_owned())))
    }

    /// Removes a version, unless an alias points at it.
    pub(crate) fn remove_version(&mut self, number: u64) -> Result<(), Error> {
        let aliases: Vec<&str> =
            self.aliases.iter().filter(|(_, alias)| alias.uses(number)).map(|(name, _)| name.as_str()).collect();
        if !aliases.is_empty() {
            return Err(Error::VersionInUse { version: number, aliases: aliases.join(", ") });
        }
        let qualifier = Qualifier::Version(number);
        self.published.remove(&number).ok_or_else(|| self.not_found(Some(&qualifier)))?;
        self.forget(&qualifier);
        Ok(())
    }

    /// Forgets what was set for a version or alias that is gone.
    pub(crate) fn forget(&mut self, qualifier: &Qualifier) {
        self.event_invoke.remove(qualifier);
        self.policies.remove(&qualifier.to_string());
    }

    /// All versions with their qualifiers, `$LATEST` first.
    pub(crate) fn versions(&self) -> impl Iterator<Item = (Qualifier, &Version)> {
        let published = self.published.iter().map(|(number, version)| (Qualifier::Version(*number), version));
        std::iter::once((Qualifier::Latest, &self.latest)).chain(published)
    }

    /// That there is no such version.
    pub(crate) fn not_found(&self, qualifier: Option<&Qualifier>) -> Error {
        Error::FunctionNotFound(self.arn.with_qualifier(qualifier.cloned()))
    }

    /// Makes the present `$LATEST` a numbered version, unless it is what was published last.
    pub(crate) fn publish(&mut self, env: &Env, description: Option<String>) -> u64 {
        if let Some((number, last)) = self.published.last_key_value()
            && last.source_revision.as_ref() == Some(&self.latest.revision_id)
        {
            return *number;
        }
        self.last_number += 1;
        let mut version = self.latest.clone();
        version.source_revision = Some(std::mem::replace(&mut version.revision_id, env.random.uuid()));
        version.last_modified = env.clock.now();
        if let Some(description) = description {
            version.configuration.description = description;
        }
        self.published.insert(self.last_number, version);
        self.last_number
    }

    /// Refuses a change while another is under way, or when the caller looked at another revision.
    pub(crate) fn check_changeable(&self, now: Timestamp, revision: Option<&str>) -> Result<(), Error> {
        if revision.is_some_and(|revision| revision != self.latest.revision_id) {
            return Err(Error::RevisionMismatch);
        }
        match (self.latest.lifecycle.state(now), self.latest.lifecycle.update_status(now)) {
            (State::Pending, _) => Err(Error::FunctionPending),
            (State::Active, Some(UpdateStatus::InProgress)) => Err(Error::UpdateInProgress(self.arn.clone())),
            (State::Active, Some(UpdateStatus::Successful) | None) => Ok(()),
        }
    }
}

impl Version {
    /// Whether it runs out of the package `hash`.
    fn uses(&self, hash: CodeHash) -> bool {
        self.code.hash == hash || self.configuration.layers.iter().any(|layer| layer.hash == hash)
    }

    /// Notes that it was changed just now.
    pub(crate) fn touch(&mut self, env: &Env, delay: Duration) {
        let now = env.clock.now();
        self.revision_id = env.random.uuid();
        self.last_modified = now;
        self.lifecycle.update(now, delay);
    }
}
