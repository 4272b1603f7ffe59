//! An object as the service has it: looking at it, its tags, who may use it and how long it is kept, and deleting it.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{ChecksumMode, ObjectLockLegalHold, ObjectLockRetention, Tagging};
use tf_framework::{Attr, Context, Diagnostics};

use super::S3Object;
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing as _};
use crate::resource::s3::{self, set};
use crate::resource::s3_bucket;
use crate::tags::{TagChange, TagRules, Tags};
use crate::{region, rfc3339};

/// An object by bucket and key, in its region.
pub(super) struct RemoteObject {
    pub(super) client: Client,
    pub(super) bucket: String,
    /// As the service knows it.
    pub(super) key: String,
    id: String,
}

/// The key that a configured one stands for: the oldest of the AWS clients took keys for paths.
pub(super) fn clean_key(key: &str) -> String {
    let key = key.strip_prefix("./").unwrap_or(key).trim_start_matches('/');
    let mut clean = String::new();
    for c in key.chars() {
        if c != '/' || !clean.ends_with('/') {
            clean.push(c);
        }
    }
    clean
}

/// An object's ARN. What is named as a bucket may be an access point, by its ARN.
pub(super) fn object_arn(bucket: &str, key: &str, region: &str) -> String {
    if bucket.starts_with("arn:") {
        format!("{bucket}/object/{key}")
    } else {
        s3_bucket::arn(&format!("{bucket}/{key}"), region)
    }
}

impl RemoteObject {
    pub(super) fn of(cx: &Context<Aws>, object: &S3Object) -> Result<Self, Diagnostics> {
        let client = cx.client().s3(&region::of_state(cx.client(), &object.region))?;
        let (bucket, key) = (object.bucket.text().to_owned(), clean_key(object.key.text()));
        Ok(Self { client, bucket, key, id: object.id.text().to_owned() })
    }

    /// The state after looking; `None` when the object, or its bucket, is gone.
    pub(super) async fn read(&self, cx: &Context<Aws>, stored: S3Object) -> Result<Option<S3Object>, Diagnostics> {
        let wants_checksum = set(&stored.checksum_algorithm).map(|_| ChecksumMode::Enabled);
        let call = self.client.head_object().bucket(&self.bucket).key(&self.key).set_checksum_mode(wants_checksum);
        let found = match call.send().await.map_err(ApiError::from) {
            Err(error) if error.status() == 404 => return Ok(None),
            found => found.while_doing(&self.doing("reading", ""))?,
        };
        let Some(tags) = self.tags().await? else { return Ok(None) };
        let region = region::of_state(cx.client(), &stored.region);
        let arn = object_arn(&self.bucket, &self.key, region.as_str().map_or_else(|| cx.client().known_region(), Ok)?);
        let rules = stored.tag_rules(cx);
        Ok(Some(stored.observed(&rules, region, arn, found, tags)))
    }

    async fn tags(&self) -> Result<Option<Tags>, Diagnostics> {
        let call = self.client.get_object_tagging().bucket(&self.bucket).key(&self.key);
        match call.send().await.map_err(ApiError::from) {
            Err(error) if error.is("NoSuchKey") || error.is("NoSuchBucket") => Ok(None),
            found => Ok(Some(s3::from_service(found.while_doing(&self.doing("listing tags for", ""))?.tag_set))),
        }
    }

    /// Brings the object from one set of tags to another; those of others stay.
    pub(super) async fn change_tags(&self, old: &Tags, new: &Tags) -> Result<(), Diagnostics> {
        if TagChange::between(old, new).is_none() {
            return Ok(());
        }
        let whole = s3::whole(self.tags().await?.unwrap_or_default(), old, new);
        let answer = if whole.is_empty() {
            let call = self.client.delete_object_tagging().bucket(&self.bucket).key(&self.key);
            call.send().await.map(drop).map_err(ApiError::from)
        } else {
            let tagging = Tagging::builder().set_tag_set(Some(s3::to_service(whole)));
            let call = self.client.put_object_tagging().bucket(&self.bucket).key(&self.key);
            call.tagging(tagging.build().expect("the tags are set")).send().await.map(drop).map_err(ApiError::from)
        };
        answer.map_err(|error| error.diagnostic(&self.doing("updating tags for", "")).at("tags").into())
    }

    /// Changes who may use the object and how long it is kept, as far as that changes.
    pub(super) async fn change_protection(&self, prior: &S3Object, planned: &S3Object) -> Result<(), Diagnostics> {
        let Self { client, bucket, key, .. } = self;
        if prior.acl.text() != planned.acl.text() && !planned.acl.is_unknown() {
            let call = client.put_object_acl().bucket(bucket).key(key).acl(planned.acl.text().into());
            let answer = call.send().await.map_err(ApiError::from);
            answer.map_err(|error| error.diagnostic(&self.doing("putting", " ACL")).at("acl"))?;
        }
        let (held, hold) = (prior.object_lock_legal_hold_status.text(), planned.object_lock_legal_hold_status.text());
        if held != hold {
            let hold = ObjectLockLegalHold::builder().status(hold.into()).build();
            let call = client.put_object_legal_hold().bucket(bucket).key(key).legal_hold(hold);
            let answer = call.send().await.map_err(ApiError::from);
            let at = "object_lock_legal_hold_status";
            answer.map_err(|error| error.diagnostic(&self.doing("putting", " legal hold")).at(at))?;
        }
        let (mode, until) = (&planned.object_lock_mode, &planned.object_lock_retain_until_date);
        let keeps_date = prior.object_lock_retain_until_date.text() == until.text();
        if prior.object_lock_mode.text() == mode.text() && keeps_date {
            return Ok(());
        }
        let (before, after) =
            (rfc3339::parse(prior.object_lock_retain_until_date.text()), rfc3339::parse(until.text()));
        // To keep something for a shorter time than was promised has to be said expressly.
        let shortens = !keeps_date && after.is_none_or(|after| before.is_some_and(|before| after < before));
        let retention = ObjectLockRetention::builder()
            .set_mode(set(mode).map(|mode| mode.as_str().into()))
            .set_retain_until_date(after)
            .build();
        let call = client.put_object_retention().bucket(bucket).key(key).retention(retention);
        let answer = call.set_bypass_governance_retention(shortens.then_some(true)).send().await;
        let answer = answer.map(drop).map_err(ApiError::from);
        let at = "object_lock_retain_until_date";
        answer.map_err(|error| error.diagnostic(&self.doing("putting", " retention")).at(at).into())
    }

    /// Deletes the object, with all its versions if it has any. One that is not there needs nothing.
    pub(super) async fn delete(&self, has_versions: bool, force: bool) -> Result<(), Diagnostics> {
        let Self { client, bucket, key, .. } = self;
        let deleted = if has_versions {
            s3::delete_versions(client, bucket, key, force, |listed| listed == key).await
        } else {
            client.delete_object().bucket(bucket).key(key).send().await.map(drop).map_err(ApiError::from)
        };
        match deleted {
            Err(error) if error.is("NoSuchBucket") || error.is("NoSuchKey") => Ok(()),
            deleted => deleted.while_doing(&format!("deleting S3 Bucket ({bucket}) Object ({key})")),
        }
    }

    fn doing(&self, verb: &str, part: &str) -> String {
        format!("{verb} S3 Object ({}){part}", self.id)
    }
}

impl S3Object {
    /// The state after looking.
    fn observed(
        self,
        rules: &TagRules,
        region: Attr<String>,
        arn: String,
        found: HeadObjectOutput,
        tags: Tags,
    ) -> Self {
        let tags = rules.read(tags, &self.tags, &self.tags_all);
        let text = |text: Option<String>| text.unwrap_or_default().into();
        let moment = found.object_lock_retain_until_date.as_ref().and_then(rfc3339::of);
        // Written with another offset, it is the same moment.
        let is_same = rfc3339::parse(self.object_lock_retain_until_date.text()) == found.object_lock_retain_until_date;
        let moment = if is_same { self.object_lock_retain_until_date } else { text(moment) };
        let metadata = found.metadata.unwrap_or_default().into_iter().collect();
        Self {
            acl: self.acl.into_known().into(),
            arn: arn.into(),
            bucket_key_enabled: found.bucket_key_enabled.unwrap_or(false).into(),
            cache_control: text(found.cache_control),
            checksum_crc32: text(found.checksum_crc32),
            checksum_crc32c: text(found.checksum_crc32_c),
            checksum_crc64nvme: text(found.checksum_crc64_nvme),
            checksum_sha1: text(found.checksum_sha1),
            checksum_sha256: text(found.checksum_sha256),
            content_disposition: text(found.content_disposition),
            content_encoding: text(found.content_encoding),
            content_language: text(found.content_language),
            content_type: text(found.content_type),
            etag: found.e_tag.unwrap_or_default().trim_matches('"').into(),
            force_destroy: self.force_destroy.unwrap_or(false).into(),
            kms_key_id: found.ssekms_key_id.or_else(|| self.kms_key_id.into_known()).into(),
            metadata: Attr::Known(metadata),
            object_lock_legal_hold_status: found
                .object_lock_legal_hold_status
                .map_or("".into(), |status| status.as_str().into()),
            object_lock_mode: found.object_lock_mode.map_or("".into(), |mode| mode.as_str().into()),
            object_lock_retain_until_date: moment,
            region,
            server_side_encryption: found.server_side_encryption.map_or("".into(), |way| way.as_str().into()),
            // The usual one is not said.
            storage_class: found.storage_class.map_or("STANDARD".into(), |class| class.as_str().into()),
            tags: tags.tags,
            tags_all: tags.tags_all,
            version_id: text(found.version_id),
            website_redirect: text(found.website_redirect_location),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_what_paths_were() {
        for (written, key) in [("a/b", "a/b"), ("/a", "a"), ("./a", "a"), ("//a///b//", "a/b/"), ("a/./b", "a/./b")] {
            assert_eq!(clean_key(written), key, "{written}");
        }
        assert_eq!(object_arn("b", "a/k", "us-east-1"), "arn:aws:s3:::b/a/k");
        let point = "arn:aws:s3:us-east-1:000000000000:accesspoint/p";
        assert_eq!(object_arn(point, "k", "us-east-1"), format!("{point}/object/k"));
    }

    #[test]
    fn an_object_becomes_state() {
        let found = HeadObjectOutput::builder()
            .e_tag("\"5d41402abc4b2a76b9719d911017c592\"")
            .content_type("text/plain")
            .object_lock_retain_until_date(rfc3339::parse("2030-01-31T00:00:00Z").unwrap())
            .metadata("a", "1")
            .build();
        let stored = S3Object {
            content: "hello".into(),
            object_lock_retain_until_date: "2030-01-31T01:00:00+01:00".into(),
            ..S3Object::default()
        };
        let rules = TagRules::default();
        let object = stored.observed(&rules, "us-east-1".into(), "arn:aws:s3:::b/k".into(), found, Tags::new());
        assert_eq!((object.etag.text(), object.content.text()), ("5d41402abc4b2a76b9719d911017c592", "hello"));
        assert_eq!((object.storage_class.text(), object.version_id), ("STANDARD", "".into()));
        assert_eq!(object.object_lock_retain_until_date.text(), "2030-01-31T01:00:00+01:00");
        assert_eq!((object.kms_key_id, object.acl), (Attr::Null, Attr::Null));
        assert_eq!(object.metadata.known().map(std::collections::BTreeMap::len), Some(1));
    }
}
