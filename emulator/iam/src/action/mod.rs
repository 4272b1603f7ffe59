//! The actions, and the registry that names them. An action is a file and a line here.

use aws_wire::Actions;

use crate::Iam;

mod attach_role_policy;
mod create_policy;
mod create_policy_version;
mod create_role;
mod delete_policy;
mod delete_policy_version;
mod delete_role;
mod delete_role_permissions_boundary;
mod delete_role_policy;
mod detach_role_policy;
mod get_policy;
mod get_policy_version;
mod get_role;
mod get_role_policy;
mod list_attached_role_policies;
mod list_entities_for_policy;
mod list_instance_profiles_for_role;
mod list_policies;
mod list_policy_tags;
mod list_policy_versions;
mod list_role_policies;
mod list_role_tags;
mod list_roles;
mod put_role_permissions_boundary;
mod put_role_policy;
mod set_default_policy_version;
mod tag_policy;
mod tag_role;
mod untag_policy;
mod untag_role;
mod update_assume_role_policy;
mod update_role;
mod update_role_description;

/// All that IAM does here.
pub(crate) fn registry() -> Actions<Iam> {
    Actions::new()
        .action::<create_role::CreateRole>()
        .action::<get_role::GetRole>()
        .action::<list_roles::ListRoles>()
        .action::<delete_role::DeleteRole>()
        .action::<update_role::UpdateRole>()
        .action::<update_role_description::UpdateRoleDescription>()
        .action::<update_assume_role_policy::UpdateAssumeRolePolicy>()
        .action::<tag_role::TagRole>()
        .action::<untag_role::UntagRole>()
        .action::<list_role_tags::ListRoleTags>()
        .action::<put_role_permissions_boundary::PutRolePermissionsBoundary>()
        .action::<delete_role_permissions_boundary::DeleteRolePermissionsBoundary>()
        .action::<list_instance_profiles_for_role::ListInstanceProfilesForRole>()
        .action::<put_role_policy::PutRolePolicy>()
        .action::<get_role_policy::GetRolePolicy>()
        .action::<list_role_policies::ListRolePolicies>()
        .action::<delete_role_policy::DeleteRolePolicy>()
        .action::<attach_role_policy::AttachRolePolicy>()
        .action::<detach_role_policy::DetachRolePolicy>()
        .action::<list_attached_role_policies::ListAttachedRolePolicies>()
        .action::<create_policy::CreatePolicy>()
        .action::<get_policy::GetPolicy>()
        .action::<list_policies::ListPolicies>()
        .action::<delete_policy::DeletePolicy>()
        .action::<create_policy_version::CreatePolicyVersion>()
        .action::<get_policy_version::GetPolicyVersion>()
        .action::<list_policy_versions::ListPolicyVersions>()
        .action::<delete_policy_version::DeletePolicyVersion>()
        .action::<set_default_policy_version::SetDefaultPolicyVersion>()
        .action::<tag_policy::TagPolicy>()
        .action::<untag_policy::UntagPolicy>()
        .action::<list_policy_tags::ListPolicyTags>()
        .action::<list_entities_for_policy::ListEntitiesForPolicy>()
}
