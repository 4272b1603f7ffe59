//! Layers: packages of their own that functions put below `/opt`. Versions of a layer never change; a function goes on with
//! one that was deleted meanwhile.

mod arn;
mod catalog;

use std::collections::BTreeMap;

use env::Timestamp;
use serde::{Deserialize, Serialize};

pub(crate) use arn::LayerArn;
pub(crate) use catalog::Layers;

use crate::code::CodeHash;
use crate::function::{Package, Policy};

/// A layer with its versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Layer {
    /// Without a version.
    pub(crate) arn: LayerArn,
    pub(crate) versions: BTreeMap<u64, LayerVersion>,
    /// The highest number ever given.
    pub(crate) last_number: u64,
}

/// One version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LayerVersion {
    pub(crate) description: String,
    pub(crate) license: Option<String>,
    pub(crate) runtimes: Vec<String>,
    pub(crate) architectures: Vec<String>,
    pub(crate) created: Timestamp,
    pub(crate) code: Package,
    /// Who else may use it.
    #[serde(default, skip_serializing_if = "Policy::is_empty")]
    pub(crate) policy: Policy,
}

/// A version of a layer as a function uses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LayerUse {
    pub(crate) arn: String,
    pub(crate) size: u64,
    pub(crate) hash: CodeHash,
}

impl LayerVersion {
    /// Whether its owner says that it goes with these; what is not asked or not said goes.
    pub(crate) fn suits(&self, runtime: Option<&str>, architecture: Option<&str>) -> bool {
        let is_in =
            |list: &[String], wanted: Option<&str>| wanted.is_none_or(|wanted| list.iter().any(|one| one == wanted));
        is_in(&self.runtimes, runtime) && is_in(&self.architectures, architecture)
    }
}
