//! The actions, and the registry that names them. An action is a file and a line here.

use aws_wire::Actions;

use crate::service::Kms;

mod cancel_key_deletion;
mod create_alias;
mod create_key;
mod decapsulate;
mod decrypt;
mod delete_alias;
mod derive_shared_secret;
mod describe_key;
mod disable_key;
mod disable_key_rotation;
mod enable_key;
mod enable_key_rotation;
mod encapsulate;
mod encrypt;
mod generate_data_key;
mod generate_data_key_without_plaintext;
mod generate_mac;
mod get_key_policy;
mod get_key_rotation_status;
mod get_public_key;
mod key_metadata;
mod list_aliases;
mod list_key_policies;
mod list_key_rotations;
mod list_keys;
mod list_resource_tags;
mod put_key_policy;
mod re_encrypt;
mod rotate_key_on_demand;
mod schedule_key_deletion;
mod sign;
mod tag_resource;
mod untag_resource;
mod update_alias;
mod update_key_description;
mod verify;
mod verify_mac;

/// All that KMS does here.
pub(crate) fn registry() -> Actions<Kms> {
    Actions::new()
        .action::<cancel_key_deletion::CancelKeyDeletion>()
        .action::<create_alias::CreateAlias>()
        .action::<create_key::CreateKey>()
        .action::<decapsulate::Decapsulate>()
        .action::<decrypt::Decrypt>()
        .action::<delete_alias::DeleteAlias>()
        .action::<derive_shared_secret::DeriveSharedSecret>()
        .action::<describe_key::DescribeKey>()
        .action::<disable_key::DisableKey>()
        .action::<disable_key_rotation::DisableKeyRotation>()
        .action::<enable_key::EnableKey>()
        .action::<enable_key_rotation::EnableKeyRotation>()
        .action::<encapsulate::Encapsulate>()
        .action::<encrypt::Encrypt>()
        .action::<generate_data_key::GenerateDataKey>()
        .action::<generate_data_key_without_plaintext::GenerateDataKeyWithoutPlaintext>()
        .action::<generate_mac::GenerateMac>()
        .action::<get_key_policy::GetKeyPolicy>()
        .action::<get_key_rotation_status::GetKeyRotationStatus>()
        .action::<get_public_key::GetPublicKey>()
        .action::<list_aliases::ListAliases>()
        .action::<list_key_policies::ListKeyPolicies>()
        .action::<list_key_rotations::ListKeyRotations>()
        .action::<list_keys::ListKeys>()
        .action::<list_resource_tags::ListResourceTags>()
        .action::<put_key_policy::PutKeyPolicy>()
        .action::<re_encrypt::ReEncrypt>()
        .action::<rotate_key_on_demand::RotateKeyOnDemand>()
        .action::<schedule_key_deletion::ScheduleKeyDeletion>()
        .action::<sign::Sign>()
        .action::<tag_resource::TagResource>()
        .action::<untag_resource::UntagResource>()
        .action::<update_alias::UpdateAlias>()
        .action::<update_key_description::UpdateKeyDescription>()
        .action::<verify::Verify>()
        .action::<verify_mac::VerifyMac>()
}
