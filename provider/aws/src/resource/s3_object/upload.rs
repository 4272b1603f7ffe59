//! Sending an object: in one call, or in parts where it is large.
//!
//! What goes in one call and how large parts are is as AWS's own uploaders have it, because the ETag of an object depends on it.
//! Invariant: an upload that does not succeed leaves no parts behind.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tf_framework::{Context, Diagnostics};

use super::S3Object;
use super::body::Body;
use super::remote::RemoteObject;
use crate::client::Aws;
use crate::error::ApiError;
use crate::resource::s3::set;
use crate::rfc3339;
use crate::tags::Tags;

/// What is no longer goes in one call; longer bodies go in parts of this size.
const PART: u64 = 5 * 1024 * 1024;
/// The most parts that there can be.
const MOST_PARTS: u64 = 10_000;

/// The members that both ways of sending have.
macro_rules! described {
    ($call:expr, $remote:expr, $object:expr, $tags:expr) => {
        $call
            .bucket(&$remote.bucket)
            .key(&$remote.key)
            .set_acl(set(&$object.acl).map(|acl| acl.as_str().into()))
            .set_bucket_key_enabled($object.bucket_key_enabled.known().copied().filter(|on| *on))
            .set_cache_control(set(&$object.cache_control))
            .set_checksum_algorithm(checksum_algorithm($object))
            .set_content_disposition(set(&$object.content_disposition))
            .set_content_encoding(set(&$object.content_encoding))
            .set_content_language(set(&$object.content_language))
            .set_content_type(set(&$object.content_type))
            .set_metadata($object.metadata.known().map(|metadata| metadata.clone().into_iter().collect()))
            .set_object_lock_legal_hold_status(
                set(&$object.object_lock_legal_hold_status).map(|status| status.as_str().into()),
            )
            .set_object_lock_mode(set(&$object.object_lock_mode).map(|mode| mode.as_str().into()))
            .set_object_lock_retain_until_date(rfc3339::parse($object.object_lock_retain_until_date.text()))
            .set_server_side_encryption(encryption($object).map(|way| way.as_str().into()))
            .set_ssekms_key_id(set(&$object.kms_key_id))
            .set_storage_class(set(&$object.storage_class).map(|class| class.as_str().into()))
            .set_tagging($tags)
            .set_website_redirect_location(set(&$object.website_redirect))
    };
}

/// Why an upload did not succeed.
enum Failed {
    Reading(std::io::Error),
    Sending(ApiError),
}

impl<E> From<SdkError<E, HttpResponse>> for Failed
where
    SdkError<E, HttpResponse>: Into<ApiError>,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        Self::Sending(error.into())
    }
}

/// Sends the object as planned.
pub(super) async fn upload(cx: &Context<Aws>, object: &S3Object) -> Result<(), Diagnostics> {
    let remote = RemoteObject::of(cx, object)?;
    let tags = tag_header(&object.tag_rules(cx).merged(&object.tags));
    let mut body = Body::of(object).await?;
    let sent = if body.length() <= PART {
        at_once(&remote, object, tags, &mut body).await
    } else {
        in_parts(&remote, object, tags, &mut body).await
    };
    let doing = || format!("uploading S3 Object ({}) to Bucket ({})", remote.key, remote.bucket);
    sent.map_err(|failed| match failed {
        Failed::Sending(error) => refused(&error, &doing()),
        Failed::Reading(error) => Diagnostics::error(
            format!("{}: reading {}: {error}", doing(), object.source.text()),
            "Leave the file alone while Terraform applies.",
        ),
    })
}

async fn at_once(
    remote: &RemoteObject,
    object: &S3Object,
    tags: Option<String>,
    body: &mut Body,
) -> Result<(), Failed> {
    let bytes = body.next(PART).await.map_err(Failed::Reading)?;
    let call = described!(remote.client.put_object(), remote, object, tags);
    call.body(ByteStream::from(bytes)).send().await?;
    Ok(())
}

async fn in_parts(
    remote: &RemoteObject,
    object: &S3Object,
    tags: Option<String>,
    body: &mut Body,
) -> Result<(), Failed> {
    let RemoteObject { client, bucket, key, .. } = remote;
    let begun = described!(client.create_multipart_upload(), remote, object, tags).send().await?;
    let upload = begun.upload_id.unwrap_or_default();
    let sent = async {
        let parts = send_parts(remote, &upload, begun.checksum_algorithm, body).await?;
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let call = client.complete_multipart_upload().bucket(bucket).key(key).upload_id(&upload);
        call.multipart_upload(parts).send().await?;
        Ok(())
    };
    let sent = sent.await;
    if sent.is_err()
        && let Err(error) = client.abort_multipart_upload().bucket(bucket).key(key).upload_id(&upload).send().await
    {
        tracing::warn!(error = %ApiError::from(error), upload, "the parts of an upload that failed are still there");
    }
    sent
}

async fn send_parts(
    remote: &RemoteObject,
    upload: &str,
    checksum: Option<ChecksumAlgorithm>,
    body: &mut Body,
) -> Result<Vec<CompletedPart>, Failed> {
    let size = part_size(body.length());
    let mut parts = Vec::new();
    loop {
        let bytes = body.next(size).await.map_err(Failed::Reading)?;
        if bytes.is_empty() {
            return Ok(parts);
        }
        let number = i32::try_from(parts.len()).unwrap_or(i32::MAX).saturating_add(1);
        let call = remote.client.upload_part().bucket(&remote.bucket).key(&remote.key).upload_id(upload);
        let call = call.part_number(number).set_checksum_algorithm(checksum.clone());
        let sent = call.body(ByteStream::from(bytes)).send().await?;
        let part = CompletedPart::builder()
            .part_number(number)
            .set_e_tag(sent.e_tag)
            .set_checksum_crc32(sent.checksum_crc32)
            .set_checksum_crc32_c(sent.checksum_crc32_c)
            .set_checksum_crc64_nvme(sent.checksum_crc64_nvme)
            .set_checksum_sha1(sent.checksum_sha1)
            .set_checksum_sha256(sent.checksum_sha256);
        parts.push(part.build());
    }
}

/// How large parts are so that there are not too many.
fn part_size(length: u64) -> u64 {
    if length.div_ceil(PART) > MOST_PARTS { length / MOST_PARTS + 1 } else { PART }
}

/// What goes with a lock must have a checksum.
fn checksum_algorithm(object: &S3Object) -> Option<ChecksumAlgorithm> {
    let has_lock =
        [&object.object_lock_legal_hold_status, &object.object_lock_mode, &object.object_lock_retain_until_date]
            .into_iter()
            .any(|text| set(text).is_some());
    let chosen = set(&object.checksum_algorithm).map(|name| name.as_str().into());
    chosen.or_else(|| has_lock.then_some(ChecksumAlgorithm::Crc32))
}

/// A key of KMS's is no use without KMS.
fn encryption(object: &S3Object) -> Option<String> {
    set(&object.server_side_encryption).or_else(|| set(&object.kms_key_id).map(|_| "aws:kms".to_owned()))
}

/// Tags as the header has them: `a=1&b=2`.
fn tag_header(tags: &Tags) -> Option<String> {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs: Vec<_> = tags.iter().map(|(key, value)| format!("{}={}", encoded(key), encoded(value))).collect();
    (!pairs.is_empty()).then(|| pairs.join("&"))
}

fn refused(error: &ApiError, doing: &str) -> Diagnostics {
    let diagnostic = error.diagnostic(doing);
    match error.code() {
        "NoSuchBucket" | "InvalidBucketName" => diagnostic.at("bucket"),
        "KeyTooLongError" => diagnostic.at("key"),
        "AccessControlListNotSupported" => diagnostic.at("acl"),
        "InvalidTag" => diagnostic.at("tags"),
        "MetadataTooLarge" => diagnostic.at("metadata"),
        "InvalidStorageClass" => diagnostic.at("storage_class"),
        code if code.starts_with("KMS.") => diagnostic.at("kms_key_id"),
        _ => diagnostic,
    }
    .into()
}

#[cfg(test)]
mod tests {
    use tf_framework::Attr;

    use super::*;

    #[test]
    fn parts_are_never_too_many() {
        assert_eq!(part_size(PART + 1), PART);
        assert_eq!(part_size(PART * MOST_PARTS), PART);
        let large = PART * MOST_PARTS + 1;
        assert!(part_size(large) > PART && large.div_ceil(part_size(large)) <= MOST_PARTS);
    }

    #[test]
    fn tags_become_a_header() {
        let tags = [("a b", "1&2"), ("c", "")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(tag_header(&tags.into()).as_deref(), Some("a%20b=1%262&c="));
        assert_eq!(tag_header(&Tags::new()), None);
    }

    #[test]
    fn what_goes_together_is_sent_together() {
        let key = S3Object { kms_key_id: "arn:aws:kms:us-east-1:000000000000:key/1".into(), ..S3Object::default() };
        assert_eq!(encryption(&key).as_deref(), Some("aws:kms"));
        let plain = S3Object { server_side_encryption: "AES256".into(), ..S3Object::default() };
        assert_eq!(encryption(&plain).as_deref(), Some("AES256"));
        assert_eq!(encryption(&S3Object { server_side_encryption: Attr::Unknown, ..S3Object::default() }), None);
        let held = S3Object { object_lock_legal_hold_status: "ON".into(), ..S3Object::default() };
        assert_eq!(checksum_algorithm(&held), Some(ChecksumAlgorithm::Crc32));
        assert_eq!(checksum_algorithm(&plain), None);
    }
}
