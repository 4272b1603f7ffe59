//! Which failed calls the AWS client repeats by itself, and how often.
//!
//! Throttling and 5xx answers are repeated with growing pauses; that much the client knows. The classifiers here add what
//! it does not know.

use std::time::Duration;

use aws_sdk_kinesis::config::retry::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction, RetryClassifierPriority};
use aws_smithy_types::retry::{RetryConfig, RetryMode};

use crate::settings::Retries;

/// A local service recovers in less than the second that the client would wait by itself.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

pub(super) fn config(retries: Retries) -> RetryConfig {
    let mode = if retries.is_adaptive { RetryMode::Adaptive } else { RetryMode::Standard };
    RetryConfig::standard().with_retry_mode(mode).with_max_attempts(retries.attempts).with_initial_backoff(FIRST_PAUSE)
}

/// The client's own limit on retries is off unless set: an apply of hundreds of streams is throttled more often than it
/// would allow, and each call has its limit already.
pub(super) fn partition(retries: Retries) -> RetryPartition {
    let tokens = retries.tokens.map_or_else(TokenBucket::unlimited, TokenBucket::new);
    RetryPartition::custom("millrace").token_bucket(tokens).build()
}

/// Whether nobody listened, so that nothing was sent.
pub(super) fn is_refused(error: &ConnectorError) -> bool {
    let mut cause = Some(error as &dyn std::error::Error);
    while let Some(error) = cause {
        if error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::ConnectionRefused) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Where nobody listens, asking 24 times more only keeps the user waiting.
#[derive(Debug)]
pub(super) struct RefusedConnection;

impl ClassifyRetry for RefusedConnection {
    fn classify_retry(&self, call: &InterceptorContext) -> RetryAction {
        let error = call.output_or_error().and_then(Result::err).and_then(|error| error.as_connector_error());
        if error.is_some_and(is_refused) { RetryAction::RetryForbidden } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "refused connection"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

/// Of the many limits that Kinesis reports with one code, two pass by themselves. Their messages tell them apart.
#[derive(Debug)]
pub(super) struct KinesisLimit;

pub(super) const PASSING_LIMITS: [&str; 2] = ["simultaneously be in CREATING or DELETING", "Rate exceeded for stream"];

impl KinesisLimit {
    fn action(code: Option<&str>, message: Option<&str>) -> RetryAction {
        if code != Some("LimitExceededException") {
            return RetryAction::NoActionIndicated;
        }
        let message = message.unwrap_or_default();
        if PASSING_LIMITS.iter().any(|passing| message.contains(passing)) {
            RetryAction::throttling_error()
        } else {
            RetryAction::RetryForbidden
        }
    }
}

impl ClassifyRetry for KinesisLimit {
    fn classify_retry(&self, call: &InterceptorContext) -> RetryAction {
        let error = call.output_or_error().and_then(Result::err).and_then(|error| error.as_operation_error());
        let Some(error) = error else { return RetryAction::NoActionIndicated };
        // The operations that can run into such a limit; each has an error type of its own.
        macro_rules! metadata_of {
            ($($operation:ident :: $error:ident),* $(,)?) => {
                [$(error.downcast_ref::<aws_sdk_kinesis::operation::$operation::$error>().map(|e| e.meta())),*]
            };
        }
        let metadata = metadata_of![
            create_stream::CreateStreamError,
            delete_stream::DeleteStreamError,
            describe_stream_summary::DescribeStreamSummaryError,
            update_shard_count::UpdateShardCountError,
            update_stream_mode::UpdateStreamModeError,
            increase_stream_retention_period::IncreaseStreamRetentionPeriodError,
            decrease_stream_retention_period::DecreaseStreamRetentionPeriodError,
            enable_enhanced_monitoring::EnableEnhancedMonitoringError,
            disable_enhanced_monitoring::DisableEnhancedMonitoringError,
            start_stream_encryption::StartStreamEncryptionError,
            stop_stream_encryption::StopStreamEncryptionError,
            add_tags_to_stream::AddTagsToStreamError,
            remove_tags_from_stream::RemoveTagsFromStreamError,
            list_tags_for_stream::ListTagsForStreamError,
            register_stream_consumer::RegisterStreamConsumerError,
            deregister_stream_consumer::DeregisterStreamConsumerError,
            describe_stream_consumer::DescribeStreamConsumerError,
        ];
        let found = metadata.into_iter().flatten().next();
        found.map_or(RetryAction::NoActionIndicated, |meta| Self::action(meta.code(), meta.message()))
    }

    fn name(&self) -> &'static str {
        "Kinesis limits"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::modeled_as_retryable_classifier())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_tells_passing_limits_from_lasting_ones() {
        let check = |code, message, expected| assert_eq!(KinesisLimit::action(Some(code), Some(message)), expected);
        let limit = "LimitExceededException";
        check(limit, "Rate exceeded for stream demo under account 1.", RetryAction::throttling_error());
        check(limit, "You have too many shards.", RetryAction::RetryForbidden);
        check("ResourceInUseException", "Rate exceeded for stream", RetryAction::NoActionIndicated);
    }
}
