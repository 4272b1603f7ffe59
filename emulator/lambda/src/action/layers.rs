//! What the actions on layers share: their members, and versions of layers as the API shows them.

use aws_wire::{Call, Pattern, Shape};
use serde::Serialize;

use super::shape;
use crate::function::{KNOWN_RUNTIMES, iso_with_offset};
use crate::layer::{Layer, LayerArn, LayerVersion};
use crate::{Error, Lambda};

/// A layer by name or ARN.
pub(super) const LAYER_NAME: Shape = Shape::string().length(1, 2048).pattern(Pattern {
    text: "(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]{1,140}|\
           [a-zA-Z0-9-_]{1,140})",
    matches: |text| {
        let name = text.rsplit_once(":layer:").map_or(text, |(_, name)| name);
        (1..=140).contains(&name.len()) && shape::is_plain(name)
    },
});
pub(super) const ARCHITECTURE: Shape = Shape::string().one_of(&["x86_64", "arm64"]);
pub(super) const RUNTIME: Shape = Shape::string().one_of(KNOWN_RUNTIMES);
pub(super) const VERSION_NUMBER: Shape = Shape::long().at_least(0);
pub(super) const MAX_ITEMS: Shape = Shape::integer().range(1, 50);

/// The action that tells the revision of a version's policy, as Lambda's messages call it.
pub(super) const POLICY_READER: &str = "GetLayerPolicy";

/// A version as lists show it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Summary {
    layer_version_arn: String,
    version: u64,
    description: String,
    created_date: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    compatible_architectures: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    compatible_runtimes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license_info: Option<String>,
}

/// A version with where its package is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct View {
    content: Content,
    layer_arn: String,
    #[serde(flatten)]
    summary: Summary,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    location: String,
    code_sha256: String,
    code_size: u64,
}

impl Summary {
    pub(super) fn of(layer: &Layer, number: u64, version: &LayerVersion) -> Self {
        Self {
            layer_version_arn: layer.arn.with_version(number).to_string(),
            version: number,
            description: version.description.clone(),
            created_date: iso_with_offset(version.created),
            compatible_architectures: version.architectures.clone(),
            compatible_runtimes: version.runtimes.clone(),
            license_info: version.license.clone(),
        }
    }
}

impl View {
    /// The version that `arn` names.
    pub(super) fn of(service: &Lambda, arn: &LayerArn) -> Result<Self, Error> {
        let layer = service.runner().layers.get(arn).ok_or(Error::NothingThere)?;
        let number = arn.version.ok_or(Error::NothingThere)?;
        let version = layer.versions.get(&number).ok_or(Error::NothingThere)?;
        Ok(Self {
            content: Content {
                location: service.location(&version.code),
                code_sha256: version.code.hash.base64(),
                code_size: version.code.size,
            },
            layer_arn: layer.arn.to_string(),
            summary: Summary::of(&layer, number, version),
        })
    }
}

/// The layer of the caller's world that `text` names. Those of other worlds are not there.
pub(super) fn named(call: &Call, text: &str) -> Result<LayerArn, Error> {
    LayerArn::of(&call.world, text).filter(|arn| arn.world == call.world).ok_or(Error::NothingThere)
}
