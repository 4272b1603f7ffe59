//! What the API tells about a key.

use aws_wire::EpochSeconds;
use serde::Serialize;

use super::encrypt::SYMMETRIC;
use crate::key::{Key, Manager, State};

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
    encryption_algorithms: [&'static str; 1],
    multi_region: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_key_material_id: Option<String>,
}

impl KeyMetadata {
    pub(super) fn of(key: &Key) -> Self {
        let (key_state, deletion_date) = match key.state {
            State::Enabled => ("Enabled", None),
            State::Disabled => ("Disabled", None),
            State::PendingDeletion { at } => ("PendingDeletion", Some(at)),
        };
        Self {
            account: key.account.clone(),
            key_id: key.id.clone(),
            arn: key.arn(),
            creation_date: key.created,
            enabled: key.state == State::Enabled,
            description: key.description.clone(),
            key_usage: "ENCRYPT_DECRYPT",
            key_state,
            deletion_date,
            origin: "AWS_KMS",
            key_manager: key.manager,
            customer_master_key_spec: SYMMETRIC,
            key_spec: SYMMETRIC,
            encryption_algorithms: [SYMMETRIC],
            multi_region: false,
            current_key_material_id: key.current().map(|(_, material)| material.id.clone()),
        }
    }
}
