//! Which changes are another upload, what they make uncertain, and what an imported object need not change.

use tf_framework::{Attr, Context, Plan};

use super::remote::{clean_key, object_arn};
use super::{S3Object, body};
use crate::client::Aws;

/// Refines the plan that the schema made.
pub(super) async fn refine(cx: &Context<Aws>, plan: &mut Plan<S3Object>) {
    let Some(prior) = &plan.prior else {
        foresee(cx, &mut plan.planned);
        return;
    };
    if is_body_in_use(prior, &plan.config).await
        && let Some(planned) = without_upload(prior, &plan.planned)
    {
        plan.planned = planned;
    }
    unsettle(prior, &plan.config, &mut plan.planned);
}

/// Fills in what follows from the names of an object to be.
fn foresee(cx: &Context<Aws>, planned: &mut S3Object) {
    let (Some(bucket), Some(key)) = (planned.bucket.as_str(), planned.key.as_str()) else { return };
    let arn = planned.region.as_str().map(|region| object_arn(bucket, &clean_key(key), region));
    let id = format!("{bucket}/{key}");
    planned.id = id.into();
    if let Some(arn) = arn.filter(|_| cx.client().region().is_known()) {
        planned.arn = arn.into();
    }
}

/// After an import the state cannot say where the body came from, and has empty texts for it (null ones Terraform would not
/// let stay). If the configuration gives just the body that is there, there is nothing to upload.
async fn is_body_in_use(prior: &S3Object, config: &S3Object) -> bool {
    let is_empty = |text: &Attr<String>| *text == Attr::Known(String::new());
    let is_imported = is_empty(&prior.content) && is_empty(&prior.content_base64) && is_empty(&prior.source);
    let is_known = !config.content.is_unknown() && !config.content_base64.is_unknown() && !config.source.is_unknown();
    // KMS's objects have an ETag that says nothing about the body.
    let has_hash = !prior.server_side_encryption.text().starts_with("aws:kms");
    is_imported && is_known && has_hash && body::has_etag(config, prior.etag.text()).await == Some(true)
}

/// The plan that leaves the body where it is, if nothing else takes an upload: that would find no body in it.
fn without_upload(prior: &S3Object, planned: &S3Object) -> Option<S3Object> {
    let planned = S3Object {
        content: prior.content.clone(),
        content_base64: prior.content_base64.clone(),
        source: prior.source.clone(),
        ..planned.clone()
    };
    let place = |object: &S3Object| (object.bucket.clone(), object.key.clone(), object.region.clone());
    (place(prior) == place(&planned) && !changes_content(prior, &planned)).then_some(planned)
}

/// Whether getting from one to the other takes another upload.
pub(super) fn changes_content(prior: &S3Object, planned: &S3Object) -> bool {
    let texts = |object: &S3Object| {
        [
            &object.cache_control,
            &object.checksum_algorithm,
            &object.content_base64,
            &object.content_disposition,
            &object.content_encoding,
            &object.content_language,
            &object.content_type,
            &object.content,
            &object.etag,
            &object.kms_key_id,
            &object.server_side_encryption,
            &object.source,
            &object.source_hash,
            &object.storage_class,
            &object.website_redirect,
        ]
        .map(|text| (text.is_unknown(), text.text().to_owned()))
    };
    texts(prior) != texts(planned)
        || prior.bucket_key_enabled.unwrap_or(false) != planned.bucket_key_enabled.unwrap_or(false)
        || prior.metadata.clone().unwrap_or_default() != planned.metadata.clone().unwrap_or_default()
        || planned.metadata.is_unknown()
}

/// Makes unknown what the service will say anew.
fn unsettle(prior: &S3Object, config: &S3Object, planned: &mut S3Object) {
    // A key goes with the way to encrypt, and either of the two may be left to the service.
    if prior.server_side_encryption != planned.server_side_encryption && config.kms_key_id.is_null() {
        planned.kms_key_id = Attr::Unknown;
    }
    if prior.kms_key_id != planned.kms_key_id && config.server_side_encryption.is_null() {
        planned.server_side_encryption = Attr::Unknown;
    }
    if !changes_content(prior, planned) {
        return;
    }
    planned.version_id = Attr::Unknown;
    if config.etag.is_null() {
        planned.etag = Attr::Unknown;
    }
    for checksum in [
        &mut planned.checksum_crc32,
        &mut planned.checksum_crc32c,
        &mut planned.checksum_crc64nvme,
        &mut planned.checksum_sha1,
        &mut planned.checksum_sha256,
    ] {
        *checksum = Attr::Unknown;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> S3Object {
        S3Object {
            content: "hello".into(),
            cache_control: "".into(),
            content_type: "text/plain".into(),
            etag: "5d41402abc4b2a76b9719d911017c592".into(),
            checksum_crc32: "".into(),
            server_side_encryption: "AES256".into(),
            version_id: "".into(),
            ..S3Object::default()
        }
    }

    /// Which computed values a change leaves unknown.
    fn unknowns(change: impl Fn(&mut S3Object)) -> Vec<&'static str> {
        let (mut config, mut planned) = (S3Object::default(), stored());
        change(&mut planned);
        config.etag = if planned.etag == stored().etag { Attr::Null } else { planned.etag.clone() };
        unsettle(&stored(), &config, &mut planned);
        let computed = [
            ("etag", planned.etag.is_unknown()),
            ("version_id", planned.version_id.is_unknown()),
            ("checksum_crc32", planned.checksum_crc32.is_unknown()),
            ("kms_key_id", planned.kms_key_id.is_unknown()),
        ];
        computed.into_iter().filter(|(_, is_unknown)| *is_unknown).map(|(name, _)| name).collect()
    }

    #[test]
    fn a_plan_knows_what_stays() {
        assert!(unknowns(|_| ()).is_empty());
        assert!(unknowns(|object| object.cache_control = Attr::Null).is_empty());
        assert!(unknowns(|object| object.tags_all = Attr::Unknown).is_empty());
        assert!(unknowns(|object| object.acl = "private".into()).is_empty());
        assert_eq!(unknowns(|object| object.content = "other".into()), ["etag", "version_id", "checksum_crc32"]);
        assert_eq!(unknowns(|object| object.source_hash = "x".into()), ["etag", "version_id", "checksum_crc32"]);
        assert_eq!(unknowns(|object| object.etag = "x".into()), ["version_id", "checksum_crc32"]);
        let encrypted = unknowns(|object| object.server_side_encryption = "aws:kms".into());
        assert_eq!(encrypted, ["etag", "version_id", "checksum_crc32", "kms_key_id"]);
    }

    #[tokio::test]
    async fn an_imported_object_keeps_the_body_it_has() {
        let empty = || Attr::from("");
        let imported = S3Object { content: empty(), content_base64: empty(), source: empty(), ..stored() };
        let config = S3Object { content: "hello".into(), ..S3Object::default() };
        assert!(is_body_in_use(&imported, &config).await);
        assert!(!is_body_in_use(&imported, &S3Object { content: "other".into(), ..S3Object::default() }).await);
        assert!(!is_body_in_use(&imported, &S3Object { content: Attr::Unknown, ..S3Object::default() }).await);
        assert!(!is_body_in_use(&stored(), &config).await);
        let encrypted = S3Object { server_side_encryption: "aws:kms".into(), ..imported.clone() };
        assert!(!is_body_in_use(&encrypted, &config).await);
        // What has to be uploaded for another reason is uploaded with its body.
        let planned = S3Object { content: "hello".into(), tags_all: Attr::Unknown, ..imported.clone() };
        assert_eq!(without_upload(&imported, &planned).map(|object| object.content), Some("".into()));
        for planned in [
            S3Object { storage_class: "GLACIER".into(), ..planned.clone() },
            S3Object { key: "elsewhere".into(), ..planned.clone() },
            S3Object { bucket: Attr::Unknown, ..planned },
        ] {
            assert!(without_upload(&imported, &planned).is_none());
        }
    }
}
