//! What the actions on aliases share: the routing configuration, and an alias as the API shows it.

use std::collections::BTreeMap;

use aws_wire::{Pattern, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::function::{Alias, Function};
use crate::name::Qualifier;

const WEIGHT: Shape = Shape::double().range(0, 1);
const ADDITIONAL_VERSION: Shape = Shape::string()
    .length(1, 1024)
    .pattern(Pattern { text: "[0-9]+", matches: |text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) });
const ROUTING: Structure = Structure::new(
    "AliasRoutingConfiguration",
    &[Shape::map(&ADDITIONAL_VERSION, &WEIGHT).member("AdditionalVersionWeights")],
);
pub(super) const ROUTING_CONFIG: Shape = Shape::structure(&ROUTING);

/// Which part of the events goes to which other version.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Routing {
    pub(super) additional_version_weights: BTreeMap<String, f64>,
}

/// `AliasConfiguration`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct View {
    alias_arn: String,
    name: String,
    function_version: String,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    routing_config: Option<Routing>,
    revision_id: String,
}

impl View {
    /// The alias `name`.
    pub(super) fn of(function: &Function, name: &str) -> Result<Self, Error> {
        let Alias { version, description, additional, revision_id } = function.alias(name)?;
        let routing = additional.as_ref().map(|additional| Routing {
            additional_version_weights: [(additional.version.to_string(), additional.weight)].into(),
        });
        Ok(Self {
            alias_arn: function.alias_arn(name).to_string(),
            name: name.to_owned(),
            function_version: version.to_string(),
            description: description.clone(),
            routing_config: routing,
            revision_id: revision_id.clone(),
        })
    }
}

/// The version that a text names and that the function has.
pub(super) fn version(function: &Function, text: &str) -> Result<Qualifier, Error> {
    let version: Qualifier = text.parse().map_err(|_| Error::InvalidFunctionName(text.to_owned()))?;
    function.version(Some(&version))?;
    Ok(version)
}

/// Whether an alias points at what is there and may be weighed.
pub(super) fn check(function: &Function, alias: &Alias) -> Result<(), Error> {
    alias.check()?;
    if let Some(additional) = &alias.additional {
        function.version(Some(&Qualifier::Version(additional.version)))?;
    }
    Ok(())
}
