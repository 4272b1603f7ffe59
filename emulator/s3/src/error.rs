//! What can go wrong, as facts, with S3's code, status and words for each. Where nobody outside AWS knows the words, a variant
//! says that they are ours.

use http::StatusCode;

use crate::keys::KeyError;

/// The result of what this crate does.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not done.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the variants are facts, their sentences stand above them")]
pub enum Error {
    // Buckets.
    #[error("Access Denied")]
    AccessDenied,
    #[error(
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please \
         select a different name and try again."
    )]
    BucketExists { bucket: String },
    #[error("Your previous request to create the named bucket succeeded and you already own it.")]
    BucketOwned { bucket: String },
    #[error("The bucket you tried to delete is not empty")]
    BucketNotEmpty { bucket: String },
    #[error("The specified bucket does not exist")]
    BucketNotFound { bucket: String },
    #[error("The specified bucket is not valid.")]
    BucketName { bucket: String },
    #[error(
        "The {constraint} location constraint is incompatible for the region specific endpoint this request was sent to."
    )]
    LocationIncompatible { constraint: String },
    #[error("The specified location-constraint is not valid")]
    LocationInvalid { constraint: String },
    #[error("{message}")]
    NotConfigured { code: &'static str, message: &'static str, bucket: String },
    #[error("The bucket does not allow ACLs")]
    AclNotSupported,
    #[error("Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")]
    BucketAclNotSupported,
    #[error("Bucket cannot have public ACLs set with BlockPublicAccess enabled")]
    BucketAclPublic,
    #[error("{0}")]
    BucketState(&'static str),
    #[error("{0}")]
    TargetBucket(&'static str),
    #[error(
        "Cross S3 location logging not allowed. Buckets in one geographic location cannot log information to a bucket in \
         another location."
    )]
    TargetElsewhere,
    #[error("Mfa Authentication must be used for this request")]
    FactorMissing,

    // Objects.
    #[error("The specified key does not exist.")]
    KeyNotFound { key: String, delete_marker: bool },
    #[error("The specified version does not exist.")]
    VersionNotFound { key: String, version: String },
    #[error("The specified method is not allowed against this resource.")]
    DeleteMarker { key: String },
    #[error("Access Denied because object protected by object lock.")]
    ObjectLocked,
    #[error("The specified object does not have a ObjectLock configuration")]
    ObjectNotLocked { key: String },
    #[error("The operation is not valid for the object's storage class")]
    Archived { class: String },
    #[error("Your key is too long")]
    KeyTooLong { size: usize },
    #[error("At least one of the pre-conditions you specified did not hold")]
    ConditionFailed { condition: &'static str },
    #[error("Not Modified")]
    NotModified { etag: String },
    #[error("The requested range is not satisfiable")]
    RangeNotSatisfiable { range: String, size: u64 },
    #[error(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's \
         metadata, storage class, website redirect location or encryption attributes."
    )]
    CopyOntoItself,

    // Uploads in parts.
    #[error(
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    )]
    UploadNotFound { upload: String },
    #[error(
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified \
         entity tag may not match the part's entity tag."
    )]
    PartInvalid { number: u32 },
    #[error("The list of parts was not in ascending order. Parts must be ordered by part number.")]
    PartOrder,
    #[error("Your proposed upload is smaller than the minimum allowed size")]
    PartTooSmall { number: u32, size: u64 },

    // What a request is made of.
    #[error("{message}")]
    InvalidArgument { message: String, name: String, value: String },
    #[error("{0}")]
    InvalidRequest(String),
    #[error("Couldn't parse the specified URI.")]
    UriInvalid,
    #[error("The XML you provided was not well-formed or did not validate against our published schema")]
    XmlMalformed,
    #[error("The XML you provided was not well-formed or did not validate against our published schema")]
    AclMalformed,
    #[error("The e-mail address you provided does not match any account on record.")]
    EmailUnresolved,
    #[error("Your request was missing a required header")]
    HeaderMissing { header: &'static str },
    #[error("This request does not support content")]
    ContentUnexpected,
    #[error("{0}")]
    RedirectInvalid(&'static str),
    #[error("{0}")]
    PolicyMalformed(&'static str),
    #[error("The Content-MD5 you specified is not valid.")]
    Md5Invalid,
    #[error("The {what} you specified did not match {with}.")]
    DigestWrong { what: &'static str, with: &'static str },
    #[error("The provided 'x-amz-content-sha256' header does not match what was computed.")]
    Sha256Wrong { client: String, computed: String },
    #[error("You did not provide the number of bytes specified by the Content-Length HTTP header")]
    BodyIncomplete,
    #[error("You must provide the Content-Length HTTP header.")]
    LengthMissing,
    #[error("The request contained trailing data that was not well-formed or did not conform to our published schema.")]
    TrailerMalformed,
    #[error("{0}")]
    TagInvalid(&'static str),
    #[error("Your metadata headers exceed the maximum allowed metadata size")]
    MetadataTooLarge,
    #[error("The storage class you specified is not valid")]
    StorageClassInvalid,
    #[error("The encryption request that you specified is not valid. The valid value is AES256.")]
    EncryptionInvalid,
    /// In the words of the key service.
    #[error("{message}")]
    Key { code: &'static str, message: String },
    #[error("The specified method is not allowed against this resource.")]
    MethodNotAllowed,
    /// Our words.
    #[error("millrace does not do this: {0}")]
    NotImplemented(String),

    /// A failure of ours. The reason is in the log.
    #[error("We encountered an internal error. Please try again.")]
    Internal,
}

impl Error {
    /// An argument that is not as it must be.
    pub(crate) fn argument(name: &str, value: &str, message: impl Into<String>) -> Self {
        Self::InvalidArgument { message: message.into(), name: name.to_owned(), value: value.to_owned() }
    }

    /// S3's code for the fact.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AccessDenied | Self::ObjectLocked | Self::FactorMissing => "AccessDenied",
            Self::BucketExists { .. } => "BucketAlreadyExists",
            Self::BucketOwned { .. } => "BucketAlreadyOwnedByYou",
            Self::BucketNotEmpty { .. } => "BucketNotEmpty",
            Self::BucketNotFound { .. } => "NoSuchBucket",
            Self::BucketName { .. } => "InvalidBucketName",
            Self::LocationIncompatible { .. } => "IllegalLocationConstraintException",
            Self::LocationInvalid { .. } => "InvalidLocationConstraint",
            Self::NotConfigured { code, .. } => code,
            Self::AclNotSupported => "AccessControlListNotSupported",
            Self::BucketAclNotSupported => "InvalidBucketAclWithObjectOwnership",
            Self::BucketAclPublic => "InvalidBucketAclWithBlockPublicAccessError",
            Self::BucketState(_) => "InvalidBucketState",
            Self::TargetBucket(_) => "InvalidTargetBucketForLogging",
            Self::TargetElsewhere => "CrossLocationLoggingProhibited",
            Self::ObjectNotLocked { .. } => "NoSuchObjectLockConfiguration",
            Self::Archived { .. } => "InvalidObjectState",
            Self::KeyNotFound { .. } => "NoSuchKey",
            Self::VersionNotFound { .. } => "NoSuchVersion",
            Self::DeleteMarker { .. } | Self::MethodNotAllowed => "MethodNotAllowed",
            Self::KeyTooLong { .. } => "KeyTooLongError",
            Self::ConditionFailed { .. } => "PreconditionFailed",
            Self::NotModified { .. } => "NotModified",
            Self::RangeNotSatisfiable { .. } => "InvalidRange",
            Self::CopyOntoItself | Self::InvalidRequest(_) => "InvalidRequest",
            Self::UploadNotFound { .. } => "NoSuchUpload",
            Self::PartInvalid { .. } => "InvalidPart",
            Self::PartOrder => "InvalidPartOrder",
            Self::PartTooSmall { .. } => "EntityTooSmall",
            Self::InvalidArgument { .. } => "InvalidArgument",
            Self::UriInvalid => "InvalidURI",
            Self::XmlMalformed => "MalformedXML",
            Self::AclMalformed => "MalformedACLError",
            Self::EmailUnresolved => "UnresolvableGrantByEmailAddress",
            Self::HeaderMissing { .. } => "MissingSecurityHeader",
            Self::ContentUnexpected => "UnexpectedContent",
            Self::RedirectInvalid(_) => "InvalidRedirectLocation",
            Self::PolicyMalformed(_) => "MalformedPolicy",
            Self::Md5Invalid => "InvalidDigest",
            Self::DigestWrong { .. } => "BadDigest",
            Self::Sha256Wrong { .. } => "XAmzContentSHA256Mismatch",
            Self::BodyIncomplete => "IncompleteBody",
            Self::LengthMissing => "MissingContentLength",
            Self::TrailerMalformed => "MalformedTrailerError",
            Self::TagInvalid(_) => "InvalidTag",
            Self::MetadataTooLarge => "MetadataTooLarge",
            Self::StorageClassInvalid => "InvalidStorageClass",
            Self::EncryptionInvalid => "InvalidEncryptionAlgorithmError",
            Self::Key { code, .. } => code,
            Self::NotImplemented(_) => "NotImplemented",
            Self::Internal => "InternalError",
        }
    }

    /// The status that goes with it.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::AccessDenied
            | Self::ObjectLocked
            | Self::FactorMissing
            | Self::TargetElsewhere
            | Self::Archived { .. } => StatusCode::FORBIDDEN,
            Self::BucketExists { .. }
            | Self::BucketOwned { .. }
            | Self::BucketNotEmpty { .. }
            | Self::BucketState(_) => StatusCode::CONFLICT,
            Self::BucketNotFound { .. }
            | Self::NotConfigured { .. }
            | Self::KeyNotFound { .. }
            | Self::VersionNotFound { .. }
            | Self::ObjectNotLocked { .. }
            | Self::UploadNotFound { .. } => StatusCode::NOT_FOUND,
            Self::DeleteMarker { .. } | Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::ConditionFailed { .. } => StatusCode::PRECONDITION_FAILED,
            Self::NotModified { .. } => StatusCode::NOT_MODIFIED,
            Self::RangeNotSatisfiable { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::LengthMissing => StatusCode::LENGTH_REQUIRED,
            Self::NotImplemented(_) => StatusCode::NOT_IMPLEMENTED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// What the error document says beside code and message.
    pub(crate) fn details(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::BucketExists { bucket }
            | Self::BucketOwned { bucket }
            | Self::BucketNotEmpty { bucket }
            | Self::BucketNotFound { bucket }
            | Self::BucketName { bucket }
            | Self::NotConfigured { bucket, .. } => vec![("BucketName", bucket.clone())],
            Self::LocationInvalid { constraint } => vec![("LocationConstraint", constraint.clone())],
            Self::KeyNotFound { key, .. } | Self::ObjectNotLocked { key } => vec![("Key", key.clone())],
            Self::Archived { class } => vec![("StorageClass", class.clone())],
            Self::HeaderMissing { header } => vec![("MissingHeaderName", (*header).into())],
            Self::VersionNotFound { key, version } => vec![("Key", key.clone()), ("VersionId", version.clone())],
            Self::KeyTooLong { size } => vec![("Size", size.to_string()), ("MaxSizeAllowed", "1024".into())],
            Self::ConditionFailed { condition } => vec![("Condition", (*condition).into())],
            Self::RangeNotSatisfiable { range, size } => {
                vec![("RangeRequested", range.clone()), ("ActualObjectSize", size.to_string())]
            }
            Self::UploadNotFound { upload } => vec![("UploadId", upload.clone())],
            Self::PartInvalid { number } => vec![("PartNumber", number.to_string())],
            Self::PartTooSmall { number, size } => vec![
                ("ProposedSize", size.to_string()),
                ("MinSizeAllowed", crate::upload::SMALLEST_PART.to_string()),
                ("PartNumber", number.to_string()),
            ],
            Self::InvalidArgument { name, value, .. } => {
                vec![("ArgumentName", name.clone()), ("ArgumentValue", value.clone())]
            }
            Self::Sha256Wrong { client, computed } => {
                vec![("ClientComputedContentSHA256", client.clone()), ("S3ComputedContentSHA256", computed.clone())]
            }
            _ => Vec::new(),
        }
    }

    /// Headers that go with it.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::KeyNotFound { delete_marker: true, .. } | Self::DeleteMarker { .. } => {
                vec![("x-amz-delete-marker", "true".into())]
            }
            Self::NotModified { etag } => vec![("etag", etag.clone())],
            Self::RangeNotSatisfiable { size, .. } => vec![("content-range", format!("bytes */{size}"))],
            _ => Vec::new(),
        }
    }
}

/// What a key service refuses is refused here, under the codes that S3 has for it. One that fails is our failure.
impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        let code = match error.code {
            Some("NotFoundException") => "KMS.NotFoundException",
            Some("DisabledException") => "KMS.DisabledException",
            Some("KMSInvalidStateException") => "KMS.KMSInvalidStateException",
            Some(_) | None => {
                tracing::error!(%error, "the key service failed");
                return Self::Internal;
            }
        };
        Self::Key { code, message: error.message }
    }
}

/// A store that fails is our failure: the reason is for the log, not for the caller.
impl From<state_store::Error> for Error {
    fn from(error: state_store::Error) -> Self {
        tracing::error!(%error, "the state store failed");
        Self::Internal
    }
}

/// Likewise a disk.
impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        tracing::error!(%error, "the files of objects failed");
        Self::Internal
    }
}
