//! The actions, and the registry that names them. An action is a file and a line here.

use aws_wire::Actions;

use crate::service::Logs;

mod associate_kms_key;
mod create_log_group;
mod create_log_stream;
mod delete_log_group;
mod delete_log_stream;
mod delete_retention_policy;
mod describe_log_groups;
mod describe_log_streams;
mod disassociate_kms_key;
mod filter_log_events;
mod get_log_events;
mod list_tags_for_resource;
mod list_tags_log_group;
mod put_log_events;
mod put_log_group_deletion_protection;
mod put_retention_policy;
mod tag_log_group;
mod tag_resource;
mod untag_log_group;
mod untag_resource;

/// All that CloudWatch Logs does here.
pub(crate) fn registry() -> Actions<Logs> {
    Actions::new()
        .action::<associate_kms_key::AssociateKmsKey>()
        .action::<create_log_group::CreateLogGroup>()
        .action::<create_log_stream::CreateLogStream>()
        .action::<delete_log_group::DeleteLogGroup>()
        .action::<delete_log_stream::DeleteLogStream>()
        .action::<delete_retention_policy::DeleteRetentionPolicy>()
        .action::<describe_log_groups::DescribeLogGroups>()
        .action::<describe_log_streams::DescribeLogStreams>()
        .action::<disassociate_kms_key::DisassociateKmsKey>()
        .action::<filter_log_events::FilterLogEvents>()
        .action::<get_log_events::GetLogEvents>()
        .action::<list_tags_for_resource::ListTagsForResource>()
        .action::<list_tags_log_group::ListTagsLogGroup>()
        .action::<put_log_events::PutLogEvents>()
        .action::<put_log_group_deletion_protection::PutLogGroupDeletionProtection>()
        .action::<put_retention_policy::PutRetentionPolicy>()
        .action::<tag_log_group::TagLogGroup>()
        .action::<tag_resource::TagResource>()
        .action::<untag_log_group::UntagLogGroup>()
        .action::<untag_resource::UntagResource>()
}
