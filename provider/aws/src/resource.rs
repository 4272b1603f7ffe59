//! The managed resources, one module each.

mod cloudwatch_log_group;
mod iam;
mod iam_policy;
mod iam_role;
mod iam_role_policy;
mod iam_role_policy_attachment;
mod kinesis_account_settings;
mod kinesis_resource_policy;
pub(crate) mod kinesis_stream;
mod kinesis_stream_consumer;
pub(crate) mod kms_alias;
pub(crate) mod kms_key;
pub(crate) mod lambda;
mod lambda_alias;
mod lambda_event_source_mapping;
mod lambda_function;
mod lambda_function_event_invoke_config;
mod lambda_permission;
mod name;
mod s3;
mod s3_bucket;
mod s3_object;
mod service_attributes;
mod sns_topic;
mod sns_topic_subscription;
mod sqs_queue;

use tf_framework::{Attr, Diagnostic, Diagnostics, Registry};

use crate::client::Aws;

/// Adds every managed resource.
pub(crate) fn register(registry: Registry<Aws>) -> Registry<Aws> {
    registry
        .resource::<cloudwatch_log_group::CloudwatchLogGroup>()
        .resource::<iam_policy::IamPolicy>()
        .resource::<iam_role::IamRole>()
        .resource::<iam_role_policy::IamRolePolicy>()
        .resource::<iam_role_policy_attachment::IamRolePolicyAttachment>()
        .resource::<kinesis_account_settings::KinesisAccountSettings>()
        .resource::<kinesis_resource_policy::KinesisResourcePolicy>()
        .resource::<kinesis_stream::KinesisStream>()
        .resource::<kinesis_stream_consumer::KinesisStreamConsumer>()
        .resource::<kms_alias::KmsAlias>()
        .resource::<kms_key::KmsKey>()
        .resource::<lambda_alias::LambdaAlias>()
        .resource::<lambda_event_source_mapping::LambdaEventSourceMapping>()
        .resource::<lambda_function::LambdaFunction>()
        .resource::<lambda_function_event_invoke_config::LambdaFunctionEventInvokeConfig>()
        .resource::<lambda_permission::LambdaPermission>()
        .resource::<s3_bucket::S3Bucket>()
        .resource::<s3_object::S3Object>()
        .resource::<sns_topic::SnsTopic>()
        .resource::<sns_topic_subscription::SnsTopicSubscription>()
        .resource::<sqs_queue::SqsQueue>()
}

/// An id is the provider's to give, though Terraform's schema has to allow setting it.
fn refuse_configured_id(id: &Attr<String>) -> Diagnostics {
    if id.is_null() {
        return Diagnostics::new();
    }
    let detail = "\"id\" is decided by the provider and cannot be set; remove it from the configuration.";
    Diagnostic::error("Invalid or unknown key", detail).at("id").into()
}
