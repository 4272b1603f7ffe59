//! What the actions on event invoke configurations share: their members, and a configuration as the API shows it.

use aws_wire::{EpochSeconds, Member, Shape};
use serde::{Deserialize, Serialize};

use super::shape;
use crate::Error;
use crate::destination::Address;
use crate::function::{EventInvokeConfig, Function};
use crate::mapping::shape as mapping_shape;
use crate::name::{FunctionArn, Qualifier};
use crate::runner::Runner;

/// The members that set something.
pub(super) const MEMBERS: [Member; 5] = [
    shape::NAMESPACED_FUNCTION_NAME.member("FunctionName").required(),
    shape::QUALIFIER.member("Qualifier"),
    Shape::integer().range(0, 2).member("MaximumRetryAttempts"),
    Shape::integer().range(60, 21_600).member("MaximumEventAgeInSeconds"),
    mapping_shape::DESTINATION_CONFIG.member("DestinationConfig"),
];

/// What a call sets.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    pub(super) function_name: String,
    pub(super) qualifier: Option<String>,
    maximum_retry_attempts: Option<u32>,
    maximum_event_age_in_seconds: Option<u32>,
    destination_config: Option<DestinationConfig>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
struct DestinationConfig {
    on_success: Destination,
    on_failure: Destination,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
struct Destination {
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<String>,
}

/// `FunctionEventInvokeConfig`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct View {
    last_modified: EpochSeconds,
    function_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_retry_attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_event_age_in_seconds: Option<u32>,
    destination_config: DestinationConfig,
}

impl Input {
    /// Whether it sets anything at all.
    pub(super) fn check(&self) -> Result<(), Error> {
        let sets_something = self.maximum_retry_attempts.is_some()
            || self.maximum_event_age_in_seconds.is_some()
            || self.destination_config.is_some();
        if sets_something { Ok(()) } else { Err(Error::EventInvokeConfigEmpty) }
    }

    /// Sets in `config` what the call names.
    pub(super) fn apply(
        self,
        runner: &Runner,
        function: &FunctionArn,
        config: &mut EventInvokeConfig,
    ) -> Result<(), Error> {
        if self.maximum_retry_attempts.is_some() {
            config.maximum_retry_attempts = self.maximum_retry_attempts;
        }
        if self.maximum_event_age_in_seconds.is_some() {
            config.maximum_event_age_seconds = self.maximum_event_age_in_seconds;
        }
        if let Some(given) = self.destination_config {
            given.check(runner, function)?;
            config.on_success = given.on_success.into_arn();
            config.on_failure = given.on_failure.into_arn();
        }
        Ok(())
    }
}

impl DestinationConfig {
    /// Whether what became of events of `function` can be told there. Buckets take failures only.
    fn check(&self, runner: &Runner, function: &FunctionArn) -> Result<(), Error> {
        let success_fits = self.on_success.fits(runner, function, false)?;
        if success_fits && self.on_failure.fits(runner, function, true)? {
            return Ok(());
        }
        let arn = |destination: &Destination| destination.arn().map(str::to_owned);
        Err(Error::DestinationsInvalid { on_success: arn(&self.on_success), on_failure: arn(&self.on_failure) })
    }
}

impl Destination {
    /// The ARN; an empty text is none.
    fn arn(&self) -> Option<&str> {
        self.destination.as_deref().filter(|arn| !arn.is_empty())
    }

    fn into_arn(self) -> Option<String> {
        self.destination.filter(|arn| !arn.is_empty())
    }

    /// Whether documents can be sent there. Of functions it is known whether they exist.
    fn fits(&self, runner: &Runner, function: &FunctionArn, takes_objects: bool) -> Result<bool, Error> {
        let Some(arn) = self.arn() else { return Ok(true) };
        match Address::parse(arn) {
            Some(Address::Queue | Address::Topic) => Ok(true),
            Some(Address::Bucket(_)) => Ok(takes_objects),
            Some(Address::Function(target)) => match runner.catalog.get(&target) {
                Ok(found) if found.arn == function.with_qualifier(None) => Err(Error::DestinationIsItself),
                Ok(_) => Ok(true),
                Err(_) => Err(Error::DestinationInvalid(arn.to_owned())),
            },
            Some(Address::EventBus) => Err(Error::Unsupported("EventBridge destinations")),
            None => Ok(false),
        }
    }
}

impl View {
    /// The configuration of `qualifier`.
    pub(super) fn of(function: &Function, qualifier: &Qualifier) -> Result<Self, Error> {
        let arn = function.arn.with_qualifier(Some(qualifier.clone()));
        let Some(config) = function.event_invoke.get(qualifier) else {
            return Err(Error::EventInvokeConfigNotFound(arn));
        };
        let config = config.clone();
        Ok(Self {
            last_modified: EpochSeconds(config.last_modified),
            function_arn: arn.to_string(),
            maximum_retry_attempts: config.maximum_retry_attempts,
            maximum_event_age_in_seconds: config.maximum_event_age_seconds,
            destination_config: DestinationConfig {
                on_success: Destination { destination: config.on_success },
                on_failure: Destination { destination: config.on_failure },
            },
        })
    }
}

/// The qualifier that an ARN means here: `$LATEST` goes without saying.
pub(super) fn qualifier(arn: &FunctionArn) -> Qualifier {
    arn.qualifier.clone().unwrap_or(Qualifier::Latest)
}

/// Changes the configuration of `arn` as `change` does and shows it.
pub(super) fn store(
    runner: &Runner,
    arn: &FunctionArn,
    change: impl FnOnce(Option<&EventInvokeConfig>) -> Result<EventInvokeConfig, Error>,
) -> Result<View, Error> {
    let qualifier = qualifier(arn);
    let there = |error| match error {
        Error::FunctionNotFound(_) => Error::NoSuchFunction,
        other => other,
    };
    let changed = runner.catalog.change(arn, |function| {
        function.version(Some(&qualifier))?;
        let config = change(function.event_invoke.get(&qualifier))?;
        let config = EventInvokeConfig { last_modified: runner.env.clock.now(), ..config };
        function.event_invoke.insert(qualifier.clone(), config);
        Ok(())
    });
    let (function, ()) = changed.map_err(there)?;
    View::of(&function, &qualifier)
}
