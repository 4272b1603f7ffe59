//! What an AWS call that failed says, and the diagnostic that Terraform's user reads.
//!
//! The words follow the AWS provider's: `creating Kinesis Stream (demo): operation error Kinesis: CreateStream, https
//! response error StatusCode: 400, RequestID: …, ResourceInUseException: …`.

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tf_framework::{Diagnostic, Diagnostics, Path};

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    /// `Kinesis: CreateStream`.
    operation: String,
    cause: Cause,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Cause {
    /// The service refused.
    Answer { status: u16, request_id: String, code: String, message: String },
    /// The service did it, but not for one of the things that the call named.
    Part { code: String, message: String },
    /// No answer that could be understood came back.
    Transport(String),
}

impl ApiError {
    /// What the SDK says of an operation that failed: `Kinesis: CreateStream`.
    pub(crate) fn new<E>(operation: String, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let cause = match error {
            SdkError::ServiceError(answer) => {
                let header = |name| answer.raw().headers().get(name);
                Cause::Answer {
                    status: answer.raw().status().as_u16(),
                    request_id: header("x-amzn-requestid")
                        .or_else(|| header("x-amz-request-id"))
                        .unwrap_or_default()
                        .to_owned(),
                    code: answer.err().code().unwrap_or("UnknownError").to_owned(),
                    message: answer.err().message().unwrap_or_default().to_owned(),
                }
            }
            _ => Cause::Transport(chain(error)),
        };
        Self { operation, cause }
    }

    /// What an answer says about one of the things that the call named, where the call itself did not fail.
    pub(crate) fn of_part(operation: &str, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { operation: operation.to_owned(), cause: Cause::Part { code: code.into(), message: message.into() } }
    }

    /// The service's error code; empty when the service did not answer.
    pub(crate) fn code(&self) -> &str {
        match &self.cause {
            Cause::Answer { code, .. } | Cause::Part { code, .. } => code,
            Cause::Transport(_) => "",
        }
    }

    /// The service's words.
    pub(crate) fn message(&self) -> &str {
        match &self.cause {
            Cause::Answer { message, .. } | Cause::Part { message, .. } => message,
            Cause::Transport(message) => message,
        }
    }

    /// The status of the answer that is the error; zero when there is none.
    pub(crate) fn status(&self) -> u16 {
        match &self.cause {
            Cause::Answer { status, .. } => *status,
            Cause::Part { .. } | Cause::Transport(_) => 0,
        }
    }

    /// Whether the service answered with this code.
    pub(crate) fn is(&self, code: &str) -> bool {
        self.code() == code
    }

    /// Whether the service answered with this code, and its message contains one of `fragments`.
    pub(crate) fn says(&self, code: &str, fragments: &[&str]) -> bool {
        self.is(code) && fragments.iter().any(|fragment| self.message().contains(fragment))
    }

    /// The diagnostic for a failure while `doing`, which reads like "creating Kinesis Stream (demo)".
    pub(crate) fn diagnostic(&self, doing: &str) -> Diagnostic {
        Diagnostic::error(format!("{doing}: {self}"), self.advice())
    }

    /// As `diagnostic`, pointing at the attribute whose value the service refused: `members` pairs the names that the
    /// service uses in its messages with ours.
    pub(crate) fn diagnostic_at(&self, doing: &str, members: &[(&str, &str)]) -> Diagnostic {
        let blamed = members.iter().find(|(member, _)| self.blames(member)).map(|&(_, attribute)| attribute);
        self.diagnostic(doing).at(blamed.map_or_else(Path::root, Path::from))
    }

    /// AWS names the member of the request that broke a constraint: `Value 'x' at 'streamName' failed to satisfy …`.
    fn blames(&self, member: &str) -> bool {
        self.message().contains(&format!("at '{member}'"))
    }

    fn advice(&self) -> &'static str {
        match &self.cause {
            Cause::Answer { .. } | Cause::Part { .. } => "",
            Cause::Transport(_) => {
                "The endpoint did not answer. If it is the local emulator, see whether it runs (`millrace status`), start \
                 it (`millrace up`) and apply again; otherwise check the provider's `endpoints` and AWS_ENDPOINT_URL."
            }
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "operation error {}, ", self.operation)?;
        match &self.cause {
            Cause::Answer { status, request_id, code, message } => {
                write!(f, "https response error StatusCode: {status}, RequestID: {request_id}, {code}: {message}")
            }
            Cause::Part { code, message } => write!(f, "{code}: {message}"),
            Cause::Transport(message) => write!(f, "request send failed, {message}"),
        }
    }
}

impl<E> From<SdkError<E, HttpResponse>> for ApiError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        Self::new(operation_of(std::any::type_name::<E>()), &error)
    }
}

/// Each error of the SDK lives in its operation's module (`aws_sdk_kinesis::operation::create_stream::CreateStreamError`),
/// which saves every call from naming itself.
fn operation_of(error_type: &str) -> String {
    let service = error_type.strip_prefix("aws_sdk_").and_then(|rest| rest.split("::").next()).unwrap_or_default();
    let operation = error_type.rsplit("::").next().unwrap_or_default().trim_end_matches("Error");
    let service = match service {
        "iam" => "IAM",
        "sts" => "STS",
        "kinesis" => "Kinesis",
        "cloudwatchlogs" => "CloudWatch Logs",
        "kms" => "KMS",
        "lambda" => "Lambda",
        "s3" => "S3",
        "sns" => "SNS",
        "sqs" => "SQS",
        other => other,
    };
    format!("{service}: {operation}")
}

/// An error with everything beneath it; the SDK's outermost one says next to nothing.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut inner = error.source();
    while let Some(error) = inner {
        text = format!("{text}: {error}");
        inner = error.source();
    }
    text
}

/// Says what was being done when a call failed.
pub(crate) trait WhileDoing<T> {
    /// Turns the error into the diagnostic `DOING: ERROR`.
    fn while_doing(self, doing: &str) -> Result<T, Diagnostics>;
}

impl<T, E: Into<ApiError>> WhileDoing<T> for Result<T, E> {
    fn while_doing(self, doing: &str) -> Result<T, Diagnostics> {
        self.map_err(|error| error.into().diagnostic(doing).into())
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_kinesis::operation::create_stream::CreateStreamError;
    use aws_sdk_kinesis::types::error::ResourceInUseException;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    fn refused(code: &str, message: &str) -> ApiError {
        let meta = ErrorMetadata::builder().code(code).message(message).build();
        let error = ResourceInUseException::builder().message(message).meta(meta).build();
        let mut response = HttpResponse::new(400.try_into().unwrap(), SdkBody::empty());
        response.headers_mut().insert("x-amzn-requestid", "r-1");
        SdkError::service_error(CreateStreamError::ResourceInUseException(error), response).into()
    }

    #[test]
    fn the_words_are_those_of_the_aws_provider() {
        let error = refused("ResourceInUseException", "Stream demo under account 1 already exists.");
        assert_eq!(
            error.diagnostic("creating Kinesis Stream (demo)").summary,
            "creating Kinesis Stream (demo): operation error Kinesis: CreateStream, https response error StatusCode: 400, \
             RequestID: r-1, ResourceInUseException: Stream demo under account 1 already exists."
        );
        assert!(error.says("ResourceInUseException", &["nothing", "already exists"]));
        assert!(!error.says("LimitExceededException", &["already exists"]));
    }

    #[test]
    fn a_refused_member_points_at_its_attribute() {
        let message = "1 validation error detected: Value '0' at 'shardCount' failed to satisfy constraint: …";
        let error = refused("ValidationException", message);
        let members = [("streamName", "name"), ("shardCount", "shard_count")];
        assert_eq!(error.diagnostic_at("creating", &members).path, Path::from("shard_count"));
        assert_eq!(error.diagnostic_at("creating", &members[..1]).path, Path::root());
    }

    #[test]
    fn silence_comes_with_advice() {
        let error: ApiError = SdkError::<CreateStreamError, _>::timeout_error("late").into();
        assert!(error.diagnostic("creating").detail.contains("millrace up"));
        assert_eq!(error.code(), "");
    }
}
