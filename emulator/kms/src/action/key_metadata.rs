//! What the API tells about a key.

use aws_wire::EpochSeconds;
use serde::Serialize;

use crate::key::{Key, Manager, State};
use crate::spec::{KeySpec, KeyUsage};

/// A key as the API shows it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct KeyMetadata {
    #[serde(rename = "AWSAccountId")]
    account: String,
    key_id: String,
    arn: String,
    creation_date: EpochSeconds,
    enabled: bool,
    description: String,
    key_usage: &'static str,
    key_state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_date: Option<EpochSeconds>,
    origin: &'static str,
    key_manager: Manager,
    customer_master_key_spec: &'static str,
    key_spec: &'static str,
    #[serde(flatten)]
    algorithms: Algorithms,
    multi_region: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_region_configuration: Option<MultiRegionConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_key_material_id: Option<String>,
}

/// What a key knows, under the name that goes with its usage.
#[derive(Serialize)]
enum Algorithms {
    #[serde(rename = "EncryptionAlgorithms")]
    Encryption(&'static [&'static str]),
    #[serde(rename = "SigningAlgorithms")]
    Signing(&'static [&'static str]),
    #[serde(rename = "MacAlgorithms")]
    Mac(&'static [&'static str]),
    #[serde(rename = "KeyAgreementAlgorithms")]
    KeyAgreement(&'static [&'static str]),
    #[serde(rename = "EncapsulationAlgorithms")]
    Encapsulation(&'static [&'static str]),
}

impl Algorithms {
    fn of(key: &Key) -> Self {
        let algorithms = key.spec.algorithms(key.usage);
        match key.usage {
            KeyUsage::EncryptDecrypt => Self::Encryption(algorithms),
            KeyUsage::SignVerify => Self::Signing(algorithms),
            KeyUsage::GenerateVerifyMac => Self::Mac(algorithms),
            KeyUsage::KeyAgreement => Self::KeyAgreement(algorithms),
            KeyUsage::EncapsulateDecapsulate => Self::Encapsulation(algorithms),
        }
    }
}

/// The regions of a key that can have several. It has no replicas: nobody makes any.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MultiRegionConfiguration {
    multi_region_key_type: &'static str,
    primary_key: MultiRegionKey,
    replica_keys: [MultiRegionKey; 0],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MultiRegionKey {
    arn: String,
    region: String,
}

impl MultiRegionConfiguration {
    fn of(key: &Key) -> Self {
        let primary_key = MultiRegionKey { arn: key.arn(), region: key.region.clone() };
        Self { multi_region_key_type: "PRIMARY", primary_key, replica_keys: [] }
    }
}

impl KeyMetadata {
    pub(super) fn of(key: &Key) -> Self {
        let (key_state, deletion_date) = match key.state {
            State::Enabled => ("Enabled", None),
            State::Disabled => ("Disabled", None),
            State::PendingDeletion { at } => ("PendingDeletion", Some(at)),
        };
        // Others have one for good, and nobody is told its id.
        let current = key.current().filter(|_| key.spec == KeySpec::Symmetric);
        Self {
            account: key.account.clone(),
            key_id: key.id.clone(),
            arn: key.arn(),
            creation_date: key.created,
            enabled: key.state == State::Enabled,
            description: key.description.clone(),
            key_usage: key.usage.name(),
            key_state,
            deletion_date,
            origin: "AWS_KMS",
            key_manager: key.manager,
            customer_master_key_spec: key.spec.name(),
            key_spec: key.spec.name(),
            algorithms: Algorithms::of(key),
            multi_region: key.is_multi_region(),
            multi_region_configuration: key.is_multi_region().then(|| MultiRegionConfiguration::of(key)),
            current_key_material_id: current.map(|(_, material)| material.id.clone()),
        }
    }
}
