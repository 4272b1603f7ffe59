//! What buckets and objects share: tags in S3's shape, which are always written as a whole, and deleting versions.

use std::future::Future;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{Delete, ObjectIdentifier, ObjectLockLegalHold, ObjectLockLegalHoldStatus, Tag};
use tf_framework::Attr;

use crate::error::ApiError;
use crate::tags::Tags;

/// The most objects that one call deletes.
const BATCH: usize = 1000;

/// The text of an attribute that says something.
pub(super) fn set(text: &Attr<String>) -> Option<String> {
    text.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Tags in the service's shape.
pub(super) fn to_service(tags: Tags) -> Vec<Tag> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build().expect("key and value are set");
    tags.into_iter().map(tag).collect()
}

/// Tags out of the service's shape.
pub(super) fn from_service(tags: impl IntoIterator<Item = Tag>) -> Tags {
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

/// The whole set of tags to write: the new ones, and those there that are nobody's here, neither old nor new.
pub(super) fn whole(there: Tags, old: &Tags, new: &Tags) -> Tags {
    let mut whole: Tags = there.into_iter().filter(|(key, _)| !old.contains_key(key)).collect();
    whole.extend(new.iter().map(|(key, value)| (key.clone(), value.clone())));
    whole
}

/// Deletes every version and delete marker of the keys that begin with `prefix` and that `is_meant`. With `force`, also
/// what is protected as far as anybody may: retention is bypassed, and legal holds are lifted.
pub(super) async fn delete_versions(
    s3: &Client,
    bucket: &str,
    prefix: &str,
    force: bool,
    is_meant: impl Fn(&str) -> bool,
) -> Result<(), ApiError> {
    loop {
        // From the beginning each time: what was listed last is gone. A key comes before those that it begins.
        let listed = s3.list_object_versions().bucket(bucket).prefix(prefix).send().await?;
        let is_last = !listed.is_truncated.unwrap_or(false);
        let versions = listed.versions.into_iter().flatten().map(|version| (version.key, version.version_id));
        let markers = listed.delete_markers.into_iter().flatten().map(|marker| (marker.key, marker.version_id));
        let named = versions.chain(markers).filter_map(|(key, version)| Some((key?, version?)));
        let doomed: Vec<_> = named.filter(|(key, _)| is_meant(key)).map(identifier).collect();
        if doomed.is_empty() {
            return Ok(());
        }
        for batch in doomed.chunks(BATCH) {
            delete_batch(s3, bucket, batch.to_vec(), force).await?;
        }
        if is_last {
            return Ok(());
        }
    }
}

fn identifier((key, version): (String, String)) -> ObjectIdentifier {
    ObjectIdentifier::builder().key(key).version_id(version).build().expect("the key is set")
}

fn delete_batch<'a>(
    s3: &'a Client,
    bucket: &'a str,
    objects: Vec<ObjectIdentifier>,
    force: bool,
) -> impl Future<Output = Result<(), ApiError>> + use<'a> {
    let delete = Delete::builder().quiet(true).set_objects(Some(objects)).build().expect("the objects are set");
    let bypass = force.then_some(true);
    let call = s3.delete_objects().bucket(bucket).delete(delete).set_bypass_governance_retention(bypass);
    async move {
        let answer = call.send().await?;
        for failed in answer.errors.into_iter().flatten() {
            let text = |part: &Option<String>| part.clone().unwrap_or_default();
            let (key, version) = (text(&failed.key), text(&failed.version_id));
            if force && text(&failed.code) == "AccessDenied" && delete_held(s3, bucket, &key, &version).await? {
                continue;
            }
            let message = format!("{} ({key}, {version})", text(&failed.message));
            return Err(ApiError::of_part("S3: DeleteObjects", text(&failed.code), message));
        }
        Ok(())
    }
}

/// Deletes a version that somebody holds, if somebody does.
async fn delete_held(s3: &Client, bucket: &str, key: &str, version: &str) -> Result<bool, ApiError> {
    let found = s3.head_object().bucket(bucket).key(key).version_id(version).send().await?;
    if found.object_lock_legal_hold_status != Some(ObjectLockLegalHoldStatus::On) {
        return Ok(false);
    }
    let lifted = ObjectLockLegalHold::builder().status(ObjectLockLegalHoldStatus::Off).build();
    s3.put_object_legal_hold().bucket(bucket).key(key).version_id(version).legal_hold(lifted).send().await?;
    let call = s3.delete_object().bucket(bucket).key(key).version_id(version);
    call.bypass_governance_retention(true).send().await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn writing_tags_leaves_those_of_others() {
        let there = tags(&[("aws:made-by", "x"), ("others", "1"), ("old", "1"), ("both", "1")]);
        let written = whole(there, &tags(&[("old", "1"), ("both", "1")]), &tags(&[("both", "2"), ("new", "3")]));
        assert_eq!(written, tags(&[("aws:made-by", "x"), ("both", "2"), ("new", "3"), ("others", "1")]));
        assert_eq!(from_service(to_service(written.clone())), written);
    }
}
