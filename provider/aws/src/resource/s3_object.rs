//! `aws_s3_object`: the model of an object, and its life in order.
//!
//! Its body comes from a file, a text or Base64. Almost any change is another upload; access, locks and tags alone are not.
//! Invariant: from the moment the service has the object, it is in the state.

mod body;
mod check;
mod planning;
mod remote;
mod upload;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Applied, Attr, Blocks, Change, Context, Diagnostics, Failure, Identity, Plan, Resource};

use self::remote::RemoteObject;
use crate::arn::must_be_arn_or_empty;
use crate::client::Aws;
use crate::identity;
use crate::region;
use crate::tags::{TagRules, Tags};

const CANNED_ACLS: &[&str] = &[
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
];

const CHECKSUMS: &[&str] = &["CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"];

const STORAGE_CLASSES: &[&str] = &[
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "GLACIER",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "DEEP_ARCHIVE",
    "OUTPOSTS",
    "GLACIER_IR",
    "SNOW",
    "EXPRESS_ONEZONE",
    "FSX_OPENZFS",
];

/// An object in a bucket.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct S3Object {
    /// A canned access control list; private when not set.
    #[schemars(extend("tf" = optional_computed().one_of(CANNED_ACLS)))]
    acl: Attr<String>,
    /// The object's ARN.
    #[schemars(extend("tf" = computed()))]
    arn: Attr<String>,
    /// The bucket.
    #[schemars(extend("tf" = required().force_new().length(1..)))]
    bucket: Attr<String>,
    /// Whether the bucket's own key saves calls to KMS.
    #[schemars(extend("tf" = optional_computed()))]
    bucket_key_enabled: Attr<bool>,
    /// How long others may keep copies.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    cache_control: Attr<String>,
    /// Which checksum to compute and to read back.
    #[schemars(extend("tf" = optional().zero_is_unset().one_of(CHECKSUMS)))]
    checksum_algorithm: Attr<String>,
    /// The CRC32, in Base64.
    #[schemars(extend("tf" = computed()))]
    checksum_crc32: Attr<String>,
    /// The CRC32C, in Base64.
    #[schemars(extend("tf" = computed()))]
    checksum_crc32c: Attr<String>,
    /// The CRC64NVME, in Base64.
    #[schemars(extend("tf" = computed()))]
    checksum_crc64nvme: Attr<String>,
    /// The SHA-1, in Base64.
    #[schemars(extend("tf" = computed()))]
    checksum_sha1: Attr<String>,
    /// The SHA-256, in Base64.
    #[schemars(extend("tf" = computed()))]
    checksum_sha256: Attr<String>,
    /// The body as text.
    #[schemars(extend("tf" = optional().zero_is_unset().conflicts_with(&["source", "content_base64"])))]
    content: Attr<String>,
    /// The body in Base64.
    #[schemars(extend("tf" = optional().zero_is_unset().conflicts_with(&["source", "content"])))]
    content_base64: Attr<String>,
    /// How the object is to be shown.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    content_disposition: Attr<String>,
    /// How the body is encoded.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    content_encoding: Attr<String>,
    /// The language that the body is in.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    content_language: Attr<String>,
    /// The type of the body; `application/octet-stream` when not set.
    #[schemars(extend("tf" = optional_computed()))]
    content_type: Attr<String>,
    /// The ETag. Set to the MD5 of the body, it makes a change of the body one of the object.
    #[schemars(extend("tf" = optional_computed().conflicts_with(&["kms_key_id"])))]
    etag: Attr<String>,
    /// Delete the object even if somebody wants it kept.
    #[schemars(extend("tf" = optional().default(false)))]
    force_destroy: Attr<bool>,
    /// `BUCKET/KEY`.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The key.
    #[schemars(extend("tf" = required().force_new().length(1..)))]
    key: Attr<String>,
    /// The ARN of the key that encrypts the object.
    #[schemars(extend("tf" = optional_computed().check(must_be_arn_or_empty())))]
    kms_key_id: Attr<String>,
    /// What the user wants to be known about the object; names are in lower case.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    metadata: Attr<BTreeMap<String, String>>,
    /// Whether the object is held.
    #[schemars(extend("tf" = optional().zero_is_unset().one_of(&["ON", "OFF"])))]
    object_lock_legal_hold_status: Attr<String>,
    /// Whether some may delete the object nevertheless.
    #[schemars(extend("tf" = optional().zero_is_unset().one_of(&["GOVERNANCE", "COMPLIANCE"])))]
    object_lock_mode: Attr<String>,
    /// Until when the object is kept, as an RFC 3339 timestamp.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    object_lock_retain_until_date: Attr<String>,
    /// The region of the bucket; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// How the service encrypts the object.
    #[schemars(extend("tf" = optional_computed().one_of(&["AES256", "aws:fsx", "aws:kms", "aws:kms:dsse"])))]
    server_side_encryption: Attr<String>,
    /// The file with the body.
    #[schemars(extend("tf" = optional().zero_is_unset().conflicts_with(&["content", "content_base64"])))]
    source: Attr<String>,
    /// Any text whose change is one of the object, such as the file's hash.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    source_hash: Attr<String>,
    /// The storage class; STANDARD when not set.
    #[schemars(extend("tf" = optional_computed().one_of(STORAGE_CLASSES)))]
    storage_class: Attr<String>,
    /// Tags of the object.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    tags: Attr<Tags>,
    /// Tags of the object, those of the provider's `default_tags` included.
    #[schemars(extend("tf" = optional_computed()))]
    tags_all: Attr<Tags>,
    /// The version, in buckets that have versions.
    #[schemars(extend("tf" = computed()))]
    version_id: Attr<String>,
    /// Where a web site sends those who ask for the object.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    website_redirect: Attr<String>,
    /// What does not hold for this object of what the provider block says.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    override_provider: Blocks<OverrideProvider>,
}

/// What does not hold of what the provider block says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct OverrideProvider {
    /// Tags for everything.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    default_tags: Blocks<OverrideTags>,
}

/// Tags for everything, of which there are none: an object has ten tags at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct OverrideTags {
    /// Nothing but an empty map.
    #[schemars(extend("tf" = optional()))]
    tags: Attr<Tags>,
}

impl Resource for S3Object {
    const TYPE: &'static str = "aws_s3_object";
    const IDENTITY: Option<Identity> = Some(identity::regional(&["bucket", "key"]));
    const IMPORT_ID: &'static str = "{bucket}/{key}";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        let mut complaints = super::refuse_configured_id(&config.id);
        complaints.append(config.complaints().into_iter().collect());
        complaints
    }

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        region::plan(cx.client(), plan, |object| &mut object.region)?;
        let rules = plan.config.tag_rules(cx);
        rules.plan(plan, |object| (&mut object.tags, &mut object.tags_all));
        planning::refine(cx, plan).await;
        Ok(())
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let id = format!("{}/{}", planned.bucket.text(), planned.key.text());
        let known = Self { id: id.into(), ..planned };
        upload::upload(cx, &known).await?;
        cx.save(&known);
        known.settled(cx).await
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        RemoteObject::of(cx, &state)?.read(cx, state).await
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        let (remote, planned) = (RemoteObject::of(cx, &change.prior)?, &change.planned);
        let old = change.prior.tags_all.clone().unwrap_or_default();
        remote.change_tags(&old, &planned.tag_rules(cx).merged(&planned.tags)).await?;
        if planning::changes_content(&change.prior, planned) {
            upload::upload(cx, planned).await?;
        } else {
            remote.change_protection(&change.prior, planned).await?;
        }
        change.planned.settled(cx).await
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        let has_versions = !state.version_id.text().is_empty();
        let force = state.force_destroy.unwrap_or(false);
        Ok(RemoteObject::of(cx, &state)?.delete(has_versions, force).await?)
    }

    async fn import(cx: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        let (id, region) = region::of_import_id(cx.client(), id);
        let id = id.strip_prefix("s3://").unwrap_or(id);
        let Some((bucket, key)) = id.split_once('/') else {
            return Err(Diagnostics::error(
                format!("id {id:?} should be in the format <bucket>/<key> or s3://<bucket>/<key>"),
                "Give bucket and key, as in BUCKET/KEY.",
            ));
        };
        Ok(Self {
            id: id.into(),
            bucket: bucket.into(),
            key: key.into(),
            region,
            force_destroy: false.into(),
            // Nobody knows which of them the body came from. Empty, each can stay as it is if it gives the same body.
            content: "".into(),
            content_base64: "".into(),
            source: "".into(),
            ..Self::default()
        })
    }
}

impl S3Object {
    /// What the provider block says about tags, as far as the object lets it.
    fn tag_rules(&self, cx: &Context<Aws>) -> TagRules {
        let rules = cx.client().tags().clone();
        let overrides = self.override_provider.first().is_some_and(|block| !block.default_tags.is_empty());
        if overrides { TagRules { defaults: Attr::Known(Tags::new()), ..rules } } else { rules }
    }

    /// The state after a write: what was planned is there, and the rest is as found.
    async fn settled(self, cx: &Context<Aws>) -> Applied<Self> {
        let (planned, id) = (self.clone(), self.id.text().to_owned());
        let Some(found) = Self::read(cx, self).await? else {
            return Err(Diagnostics::error(
                format!("reading S3 Object ({id}): couldn't find resource"),
                "Something else deleted the object meanwhile. Apply again to create it anew.",
            )
            .into());
        };
        Ok(Self {
            bucket_key_enabled: known(planned.bucket_key_enabled, found.bucket_key_enabled),
            content_type: known(planned.content_type, found.content_type),
            // An object that was uploaded in parts has another one than it was to have; the next plan says so.
            etag: known(planned.etag, found.etag),
            // A key may be named in more than one way.
            kms_key_id: known(planned.kms_key_id, found.kms_key_id),
            metadata: planned.metadata,
            object_lock_retain_until_date: planned.object_lock_retain_until_date,
            server_side_encryption: known(planned.server_side_encryption, found.server_side_encryption),
            storage_class: known(planned.storage_class, found.storage_class),
            tags: planned.tags,
            tags_all: known(planned.tags_all, found.tags_all),
            ..found
        })
    }
}

/// What was planned, once it is known.
fn known<T>(planned: Attr<T>, found: Attr<T>) -> Attr<T> {
    if planned.is_unknown() { found } else { planned }
}
