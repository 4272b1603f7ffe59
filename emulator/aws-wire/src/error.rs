//! An error as AWS words it, and the one table that turns its code into a status.
//!
//! Services map their facts to codes and messages in their own `error.rs`; nobody above this file names a status.

use std::borrow::Cow;

use http::StatusCode;

/// A code, what it says, and the further members that some errors carry.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{code}: {}", message.as_deref().unwrap_or_default())]
pub struct AwsError {
    /// `ResourceNotFoundException` and so on.
    pub code: Cow<'static, str>,
    /// The sentence; some errors of the protocol have none.
    pub message: Option<String>,
    /// Text members beside the message, such as Lambda's `Reason`.
    pub members: Vec<(&'static str, String)>,
    /// Whether the message's key is capitalised. AWS is not of one mind; clients take both.
    pub capital_message: bool,
}

impl AwsError {
    /// An error with a message.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), ..Self::bare(code) }
    }

    /// An error that says nothing but its code.
    pub fn bare(code: impl Into<Cow<'static, str>>) -> Self {
        Self { code: code.into(), message: None, members: Vec::new(), capital_message: false }
    }

    /// Adds a member beside the message.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.members.push((name, value.into()));
        self
    }

    /// A failure of ours, not of the caller's. The reason belongs in the log, not in the answer.
    pub fn internal() -> Self {
        Self::bare("InternalFailure")
    }

    /// The input was understood and breaks a constraint.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// The input could not be read as what it should be.
    pub fn serialization(message: impl Into<String>) -> Self {
        Self { capital_message: true, ..Self::new("SerializationException", message) }
    }

    /// The members of the error document beside its type.
    pub(crate) fn document(&self) -> serde_json::Map<String, serde_json::Value> {
        let mut document = serde_json::Map::new();
        if let Some(message) = &self.message {
            let key = if self.capital_message { "Message" } else { "message" };
            document.insert(key.into(), message.as_str().into());
        }
        for (name, value) in &self.members {
            document.insert((*name).into(), value.as_str().into());
        }
        document
    }

    /// Whether the caller or the service is at fault.
    pub fn is_service_fault(&self) -> bool {
        self.rest_status().is_server_error()
    }

    /// The status in the JSON 1.1 protocol, where every fault of the caller is a 400.
    pub fn rpc_status(&self) -> StatusCode {
        match &*self.code {
            "InternalFailure" | "InternalFailureException" => StatusCode::INTERNAL_SERVER_ERROR,
            "ServiceUnavailable" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The status in the REST and query protocols, where the code decides.
    pub fn rest_status(&self) -> StatusCode {
        match &*self.code {
            "AccessDenied"
            | "AccessDeniedException"
            | "AuthorizationError"
            | "FilterPolicyLimitExceeded"
            | "IncompleteSignature"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "MissingAuthenticationTokenException"
            | "SubscriptionLimitExceeded"
            | "TopicLimitExceeded"
            | "UnrecognizedClientException" => StatusCode::FORBIDDEN,
            "NoSuchEntity"
            | "NotFound"
            | "ProvisionedConcurrencyConfigNotFoundException"
            | "ResourceNotFound"
            | "ResourceNotFoundException"
            // A path that no action has.
            | "UnknownOperationException" => StatusCode::NOT_FOUND,
            "DeleteConflict" | "EntityAlreadyExists" | "LimitExceeded" | "ResourceConflictException" => StatusCode::CONFLICT,
            "MethodNotAllowed" | "MethodNotAllowedException" => StatusCode::METHOD_NOT_ALLOWED,
            "PreconditionFailedException" => StatusCode::PRECONDITION_FAILED,
            "RequestEntityTooLargeException" | "RequestTooLargeException" => StatusCode::PAYLOAD_TOO_LARGE,
            "UnsupportedMediaTypeException" => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "TooManyRequestsException" => StatusCode::TOO_MANY_REQUESTS,
            "InternalError" | "InternalFailure" | "ServiceException" | "ServiceFailure" => StatusCode::INTERNAL_SERVER_ERROR,
            "InvalidRuntimeException" | "InvalidZipFileException" | "ResourceNotReadyException" => StatusCode::BAD_GATEWAY,
            "ServiceUnavailable" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}
