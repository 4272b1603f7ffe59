//! `aws_s3_bucket`: the model of a bucket, and its life in order.
//!
//! Most of what can be set about a bucket has a resource of its own meanwhile. It is still read, and written if the user
//! writes it here; left out, it is whatever it is. Invariant: from the moment the service made the bucket, it is in the state.

mod blocks;
mod convert;
mod lifecycle;
mod observed;
mod place;
mod remote;
mod replication;
mod website;
mod write;

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Applied, Attr, Blocks, Change, Comparison, Context, Diagnostic, Diagnostics, Failure, Identity};
use tf_framework::{Plan, Resource, Timeouts};

use self::blocks::{CorsRule, Encryption, Grant, Logging, ObjectLock, Versioning};
use self::lifecycle::LifecycleRule;
use self::remote::RemoteBucket;
use self::replication::Replication;
use self::website::Website;
use super::name::{name_or_unique, plan_name};
use crate::client::Aws;
use crate::identity;
use crate::policy::{self, SAME_POLICY};
use crate::region;
use crate::tags::Tags;

pub(super) use self::place::arn;

const CREATE_TIMEOUT: Duration = Duration::from_secs(20 * 60);
const DELETE_TIMEOUT: Duration = Duration::from_secs(60 * 60);

const CANNED_ACLS: &[&str] =
    &["private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "log-delivery-write"];

const OBJECT_LOCK_MOVED: &str = "object_lock_configuration is deprecated. Use the top-level parameter object_lock_enabled and \
                                 the aws_s3_bucket_object_lock_configuration resource instead.";

/// What is said of a part that has a resource of its own.
fn moved(part: &str, resource: &str) -> String {
    format!("{part} is deprecated. Use the {resource} resource instead.")
}

/// A place for objects.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct S3Bucket {
    /// Whether transfers are accelerated.
    #[schemars(extend("tf" = optional_computed()
        .one_of(&["Enabled", "Suspended"])
        .deprecated(&moved("acceleration_status", "aws_s3_bucket_accelerate_configuration"))))]
    acceleration_status: Attr<String>,
    /// A canned access control list; private when not set.
    #[schemars(extend("tf" = optional_computed()
        .conflicts_with(&["grant"])
        .one_of(CANNED_ACLS)
        .deprecated(&moved("acl", "aws_s3_bucket_acl"))))]
    acl: Attr<String>,
    /// The bucket's ARN.
    #[schemars(extend("tf" = computed()))]
    arn: Attr<String>,
    /// The name; made up when not set.
    #[schemars(extend("tf" = optional_computed().force_new().conflicts_with(&["bucket_prefix"]).length(0..=63)))]
    bucket: Attr<String>,
    /// The bucket's host in AWS.
    #[schemars(extend("tf" = computed()))]
    bucket_domain_name: Attr<String>,
    /// Whose names the bucket's is among: those of everybody, or those of the account in its region.
    #[schemars(extend("tf" = optional_computed().force_new().one_of(&["account-regional", "global"])))]
    bucket_namespace: Attr<String>,
    /// What a made-up name begins with.
    #[schemars(extend("tf" = optional_computed().force_new().conflicts_with(&["bucket"]).length(0..=37)))]
    bucket_prefix: Attr<String>,
    /// The region that the bucket is in.
    #[schemars(extend("tf" = computed()))]
    bucket_region: Attr<String>,
    /// The bucket's host in its region of AWS.
    #[schemars(extend("tf" = computed()))]
    bucket_regional_domain_name: Attr<String>,
    /// Delete what is in the bucket when the bucket is destroyed.
    #[schemars(extend("tf" = optional().default(false)))]
    force_destroy: Attr<bool>,
    /// The Route 53 zone of web sites in the bucket's region.
    #[schemars(extend("tf" = computed()))]
    hosted_zone_id: Attr<String>,
    /// The bucket's name.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// Whether objects can be kept from being deleted.
    #[schemars(extend("tf" = optional_computed().force_new()))]
    object_lock_enabled: Attr<bool>,
    /// Who may use the bucket, as JSON.
    #[schemars(extend("tf" = optional_computed().json().same_when(SAME_POLICY)
        .deprecated(&moved("policy", "aws_s3_bucket_policy"))))]
    policy: Attr<String>,
    /// The region of the bucket; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// Who pays for requests.
    #[schemars(extend("tf" = optional_computed()
        .one_of(&["Requester", "BucketOwner"])
        .deprecated(&moved("request_payer", "aws_s3_bucket_request_payment_configuration"))))]
    request_payer: Attr<String>,
    /// Tags of the bucket.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    tags: Attr<Tags>,
    /// Tags of the bucket, those of the provider's `default_tags` included.
    #[schemars(extend("tf" = optional_computed()))]
    tags_all: Attr<Tags>,
    /// The host of web sites in the bucket's region, if the bucket is one.
    #[schemars(extend("tf" = computed().deprecated(&moved("website_domain", "aws_s3_bucket_website_configuration"))))]
    website_domain: Attr<String>,
    /// The bucket's host as a web site, if it is one.
    #[schemars(extend("tf" = computed().deprecated(&moved("website_endpoint", "aws_s3_bucket_website_configuration"))))]
    website_endpoint: Attr<String>,
    /// Who may ask from another origin.
    #[schemars(extend("tf" = computed_block().deprecated(&moved("cors_rule", "aws_s3_bucket_cors_configuration"))))]
    cors_rule: Blocks<CorsRule>,
    /// Who may do what.
    #[schemars(extend("tf" = computed_set_block()
        .conflicts_with(&["acl"])
        .deprecated(&moved("grant", "aws_s3_bucket_acl"))))]
    grant: Blocks<Grant>,
    /// When objects move on to another storage class and when they go.
    #[schemars(extend("tf" = computed_block().deprecated(&moved("lifecycle_rule", "aws_s3_bucket_lifecycle_configuration"))))]
    lifecycle_rule: Blocks<LifecycleRule>,
    /// Where accesses are written down.
    #[schemars(extend("tf" = computed_block().max_items(1).deprecated(&moved("logging", "aws_s3_bucket_logging"))))]
    logging: Blocks<Logging>,
    /// How objects are kept from being deleted.
    #[schemars(extend("tf" = computed_block().max_items(1).deprecated(OBJECT_LOCK_MOVED)))]
    object_lock_configuration: Blocks<ObjectLock>,
    /// Which objects are copied where.
    #[schemars(extend("tf" = computed_block().max_items(1)
        .deprecated(&moved("replication_configuration", "aws_s3_bucket_replication_configuration"))))]
    replication_configuration: Blocks<Replication>,
    /// How objects are encrypted.
    #[schemars(extend("tf" = computed_block().max_items(1)
        .deprecated(&moved("server_side_encryption_configuration", "aws_s3_bucket_server_side_encryption_configuration"))))]
    server_side_encryption_configuration: Blocks<Encryption>,
    /// Whether what is overwritten and deleted is kept.
    #[schemars(extend("tf" = computed_block().max_items(1).deprecated(&moved("versioning", "aws_s3_bucket_versioning"))))]
    versioning: Blocks<Versioning>,
    /// The bucket as a web site.
    #[schemars(extend("tf" = computed_block().max_items(1).deprecated(&moved("website", "aws_s3_bucket_website_configuration"))))]
    website: Blocks<Website>,
    #[schemars(extend("tf" = timeouts(&["create", "read", "update", "delete"])))]
    timeouts: Timeouts,
}

impl Resource for S3Bucket {
    const TYPE: &'static str = "aws_s3_bucket";
    const IDENTITY: Option<Identity> = Some(identity::regional(&["bucket"]));
    const IMPORT_ID: &'static str = "{bucket}";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        super::refuse_configured_id(&config.id)
    }

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        region::plan(cx.client(), plan, |bucket| &mut bucket.region)?;
        cx.client().tags().plan(plan, |bucket| (&mut bucket.tags, &mut bucket.tags_all));
        plan_name(plan, |bucket| (&mut bucket.bucket, &mut bucket.bucket_prefix));
        if plan.is_create() {
            return plan.planned.foresee();
        }
        let (changes_acl, changes_website) = (plan.changes(|b| &b.acl), plan.changes(|b| &b.website));
        // Other lists of grants have other words for it.
        if changes_acl && plan.config.grant.is_empty() && !plan.config.grant.is_unknown() {
            plan.planned.grant = Blocks::unknown();
        }
        if changes_website {
            plan.planned.website_domain = Attr::Unknown;
            plan.planned.website_endpoint = Attr::Unknown;
        }
        Ok(())
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let timeout = planned.timeouts.create(CREATE_TIMEOUT);
        let name = name_or_unique(&planned.bucket, &planned.bucket_prefix);
        let known = Self { id: name.as_str().into(), bucket: name.into(), ..planned };
        let remote = RemoteBucket::of(cx, &known)?;
        remote.create(cx, &known, timeout).await?;
        cx.save(&known);
        let finished = async {
            remote.until_there(cx, timeout).await?;
            let tags = cx.client().tags().merged(&known.tags);
            if !tags.is_empty() {
                remote.put_tags(tags, "setting").await?;
            }
            remote.write(None, &known).await
        };
        match finished.await {
            Ok(()) => known.settled(cx).await,
            // The bucket is there, if not as planned. Should it not even answer now, its name was saved.
            Err(diagnostics) => {
                let found = Self::read(cx, known).await.ok().flatten();
                Err(Failure { state: found.map(Box::new), diagnostics })
            }
        }
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        let region = region::of_state(cx.client(), &state.region);
        let Some(found) = RemoteBucket::of(cx, &state)?.read(state.website.first()).await? else { return Ok(None) };
        Ok(Some(state.observed(cx.client().tags(), region, found)))
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        let remote = RemoteBucket::of(cx, &change.prior)?;
        let changed = async {
            let old = change.prior.tags_all.clone().unwrap_or_default();
            remote.change_tags(&old, &cx.client().tags().merged(&change.planned.tags)).await?;
            remote.write(Some(&change.prior), &change.planned).await
        };
        match changed.await {
            Ok(()) => change.planned.settled(cx).await,
            Err(diagnostics) => {
                // Some of it may have been written: what the bucket looks like now is the best known state.
                let found = Self::read(cx, change.prior.clone()).await.ok().flatten();
                Err(Failure::leaving(found.unwrap_or(change.prior), diagnostics))
            }
        }
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        let timeout = state.timeouts.delete(DELETE_TIMEOUT);
        let has_lock = state.object_lock_configuration.first().is_some_and(ObjectLock::is_enabled);
        let force = state.force_destroy.unwrap_or(false);
        Ok(RemoteBucket::of(cx, &state)?.delete(cx, force, has_lock, timeout).await?)
    }

    async fn import(cx: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        let (name, region) = region::of_import_id(cx.client(), id);
        Ok(Self { id: name.into(), bucket: name.into(), region, force_destroy: false.into(), ..Self::default() })
    }

    fn same(comparison: &Comparison<'_>) -> bool {
        policy::same(comparison)
    }
}

impl S3Bucket {
    /// Fills in what follows from the name and the region of a bucket to be.
    fn foresee(&mut self) -> Result<(), Diagnostics> {
        let (Some(name), Some(region)) = (self.bucket.as_str(), self.region.as_str()) else { return Ok(()) };
        place::check_name(name, region).map_err(|problem| refused_name(name, &problem))?;
        self.id = name.into();
        self.arn = arn(name, region).into();
        self.bucket_domain_name = place::domain_name(name, region).into();
        self.bucket_regional_domain_name = place::regional_domain_name(name, region).into();
        self.bucket_region = region.into();
        Ok(())
    }
}

fn refused_name(name: &str, problem: &str) -> Diagnostics {
    let detail = "Choose a name that follows the rules for buckets.";
    Diagnostic::error(format!("validating S3 Bucket ({name}) name: {problem}"), detail).at("bucket").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_to_be_is_known_by_its_name() {
        let mut bucket = S3Bucket { bucket: "mine".into(), region: "eu-west-1".into(), ..S3Bucket::default() };
        bucket.foresee().unwrap();
        assert_eq!((bucket.id.text(), bucket.arn.text()), ("mine", "arn:aws:s3:::mine"));
        assert_eq!(bucket.bucket_regional_domain_name.text(), "mine.s3.eu-west-1.amazonaws.com");
        let mut unknown = S3Bucket { bucket: Attr::Unknown, arn: Attr::Unknown, ..bucket.clone() };
        unknown.foresee().unwrap();
        assert!(unknown.arn.is_unknown());
        let error = S3Bucket { bucket: "Mine".into(), ..bucket }.foresee().unwrap_err();
        assert!(error.iter().all(|d| d.path == "bucket".into() && d.summary.contains("(Mine) name")));
    }
}
