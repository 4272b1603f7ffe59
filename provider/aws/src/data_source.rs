//! The data sources, one module each.

mod availability_zones;
mod caller_identity;
mod iam_policy_document;
mod kinesis_stream;
mod kinesis_stream_consumer;
mod kms_alias;
mod kms_key;
mod lambda_function;
mod partition;
mod region;

use tf_framework::Registry;

use crate::client::Aws;

/// Adds every data source.
pub(crate) fn register(registry: Registry<Aws>) -> Registry<Aws> {
    registry
        .data_source::<availability_zones::AvailabilityZones>()
        .data_source::<caller_identity::CallerIdentity>()
        .data_source::<iam_policy_document::IamPolicyDocument>()
        .data_source::<kinesis_stream::KinesisStream>()
        .data_source::<kinesis_stream_consumer::KinesisStreamConsumer>()
        .data_source::<kms_alias::KmsAlias>()
        .data_source::<kms_key::KmsKey>()
        .data_source::<lambda_function::LambdaFunction>()
        .data_source::<partition::Partition>()
        .data_source::<region::Region>()
}
