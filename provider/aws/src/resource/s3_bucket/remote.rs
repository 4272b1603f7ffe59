//! A bucket as the service has it: making it, looking at all of it, its tags, and emptying and deleting it.

use std::future::Future;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{CreateBucketConfiguration, Tagging};
use tf_framework::{Blocks, Context, Diagnostic, Diagnostics};

use super::blocks::{CorsRule, Encryption, Grant, Logging, ObjectLock, Versioning};
use super::lifecycle::LifecycleRule;
use super::replication::Replication;
use super::website::Website;
use super::{S3Bucket, convert, place, refused_name};
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing as _};
use crate::region;
use crate::resource::s3::{self, set};
use crate::tags::{TagChange, Tags};
use crate::wait::{Seen, Wait, retry_while};

/// How a service says that it does not know of a kind of settings; such settings are not there.
const NOT_DONE: [&str; 5] =
    ["MethodNotAllowed", "NotImplemented", "XNotImplemented", "UnsupportedArgument", "UnsupportedOperation"];

/// A bucket by name, in its region.
pub(super) struct RemoteBucket {
    pub(super) client: Client,
    pub(super) name: String,
    region: String,
}

/// Everything a refresh asks for.
pub(super) struct Found {
    pub(super) acceleration_status: String,
    pub(super) cors: Blocks<CorsRule>,
    pub(super) encryption: Blocks<Encryption>,
    pub(super) grants: Blocks<Grant>,
    pub(super) lifecycle: Blocks<LifecycleRule>,
    pub(super) logging: Blocks<Logging>,
    pub(super) object_lock: Blocks<ObjectLock>,
    pub(super) policy: String,
    /// The region that the bucket is in.
    pub(super) region: String,
    pub(super) replication: Blocks<Replication>,
    pub(super) request_payer: String,
    pub(super) tags: Tags,
    pub(super) versioning: Blocks<Versioning>,
    pub(super) website: Blocks<Website>,
}

/// A question that failed, and what it was about.
type Unanswered = (ApiError, &'static str);

impl RemoteBucket {
    pub(super) fn of(cx: &Context<Aws>, bucket: &S3Bucket) -> Result<Self, Diagnostics> {
        let region = region::of_state(cx.client(), &bucket.region);
        let client = cx.client().s3(&region)?;
        let region = region.as_str().map_or_else(|| cx.client().known_region(), Ok)?.to_owned();
        Ok(Self { client, name: bucket.id.text().to_owned(), region })
    }

    /// Makes the bucket.
    pub(super) async fn create(
        &self,
        cx: &Context<Aws>,
        planned: &S3Bucket,
        timeout: Duration,
    ) -> Result<(), Diagnostics> {
        let Self { name, region, .. } = self;
        place::check_name(name, region).map_err(|problem| refused_name(name, &problem))?;
        let doing = self.doing("creating", "");
        // There, the service finds nothing wrong with a bucket that its owner makes once more.
        if region == place::CLASSIC && matches!(self.head().await, Ok(Some(_))) {
            let detail = "A bucket of this name is yours already. Import it, or choose another name.";
            return Err(Diagnostic::error(format!("{doing}: BucketAlreadyExists"), detail).at("bucket").into());
        }
        let location = (region != place::CLASSIC)
            .then(|| CreateBucketConfiguration::builder().location_constraint(region.as_str().into()).build());
        let in_block = planned.object_lock_configuration.first().is_some_and(ObjectLock::is_enabled);
        let has_lock = in_block || planned.object_lock_enabled.unwrap_or(false);
        let call = self
            .client
            .create_bucket()
            .bucket(name)
            .acl(set(&planned.acl).as_deref().unwrap_or("private").into())
            .set_bucket_namespace(set(&planned.bucket_namespace).map(|namespace| namespace.as_str().into()))
            .set_create_bucket_configuration(location)
            .set_object_lock_enabled_for_bucket(has_lock.then_some(true));
        let passes = |error: &ApiError| error.is("OperationAborted");
        let created = retry_while(cx, timeout, passes, || async { Ok(call.clone().send().await?) }).await;
        created.map(drop).map_err(|error| {
            let diagnostic = error.diagnostic(&doing);
            match error.code() {
                "BucketAlreadyExists" | "BucketAlreadyOwnedByYou" | "InvalidBucketName" => diagnostic.at("bucket"),
                "AccessControlListNotSupported" | "InvalidBucketAclWithObjectOwnership" => diagnostic.at("acl"),
                "InvalidBucketNamespace" => diagnostic.at("bucket_namespace"),
                _ => diagnostic,
            }
            .into()
        })
    }

    /// Waits until a new bucket is there for everybody.
    pub(super) async fn until_there(&self, cx: &Context<Aws>, timeout: Duration) -> Result<(), Diagnostics> {
        let doing = format!("waiting for S3 Bucket ({}) create", self.name);
        let wait = Wait { doing: &doing, pending: &[], target: &["there"], timeout };
        wait.until(cx, || self.look()).await.map(drop)
    }

    /// The bucket with all that is set about it; `None` when it is gone. `stored` is the web site in the user's spelling.
    pub(super) async fn read(&self, stored: Option<&Website>) -> Result<Option<Found>, Diagnostics> {
        let Some(region) = self.head().await.while_doing(&self.doing("reading", ""))? else { return Ok(None) };
        match self.ask(region, stored).await {
            Ok(found) => Ok(Some(found)),
            // Deleted between two questions.
            Err((error, _)) if error.is("NoSuchBucket") => Ok(None),
            Err((error, part)) => Err(error.diagnostic(&self.doing("reading", part)).into()),
        }
    }

    /// The bucket's region; `None` when there is no such bucket.
    async fn head(&self) -> Result<Option<String>, ApiError> {
        match self.client.head_bucket().bucket(&self.name).send().await.map_err(ApiError::from) {
            Ok(answer) => Ok(Some(answer.bucket_region.unwrap_or_else(|| self.region.clone()))),
            Err(error) if error.status() == 404 || error.is("NoSuchBucket") => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn look(&self) -> Result<Seen<()>, ApiError> {
        Ok(self.head().await?.map_or(Seen::Gone, |_| Seen::In("there".to_owned(), ())))
    }

    async fn ask(&self, region: String, stored: Option<&Website>) -> Result<Found, Unanswered> {
        let Self { client, name, .. } = self;
        let (
            policy,
            acl,
            cors,
            website,
            versioning,
            acceleration,
            payment,
            logging,
            lifecycle,
            replication,
            encryption,
            object_lock,
            tagging,
        ) = tokio::try_join!(
            part(" policy", "NoSuchBucketPolicy", client.get_bucket_policy().bucket(name).send()),
            part(" ACL", "", client.get_bucket_acl().bucket(name).send()),
            part(" CORS configuration", "NoSuchCORSConfiguration", client.get_bucket_cors().bucket(name).send()),
            part(
                " website configuration",
                "NoSuchWebsiteConfiguration",
                client.get_bucket_website().bucket(name).send()
            ),
            part(" versioning", "", client.get_bucket_versioning().bucket(name).send()),
            part(" accelerate configuration", "", client.get_bucket_accelerate_configuration().bucket(name).send()),
            part(" request payment configuration", "", client.get_bucket_request_payment().bucket(name).send()),
            part(" logging", "", client.get_bucket_logging().bucket(name).send()),
            part(
                " lifecycle configuration",
                "NoSuchLifecycleConfiguration",
                client.get_bucket_lifecycle_configuration().bucket(name).send()
            ),
            part(
                " replication configuration",
                "ReplicationConfigurationNotFoundError",
                client.get_bucket_replication().bucket(name).send()
            ),
            part(
                " server-side encryption configuration",
                "ServerSideEncryptionConfigurationNotFoundError",
                client.get_bucket_encryption().bucket(name).send()
            ),
            part(
                " object lock configuration",
                "ObjectLockConfigurationNotFoundError",
                client.get_object_lock_configuration().bucket(name).send()
            ),
            part(" tags", "NoSuchTagSet", client.get_bucket_tagging().bucket(name).send()),
        )?;
        Ok(Found {
            acceleration_status: acceleration
                .and_then(|found| found.status)
                .map(|status| status.as_str().to_owned())
                .unwrap_or_default(),
            cors: cors.and_then(|found| found.cors_rules).into_iter().flatten().map(CorsRule::of_service).collect(),
            encryption: encryption
                .and_then(|found| found.server_side_encryption_configuration)
                .map(Encryption::of_service)
                .into(),
            grants: convert::grants_of_service(acl.and_then(|found| found.grants).unwrap_or_default()),
            lifecycle: lifecycle
                .and_then(|found| found.rules)
                .into_iter()
                .flatten()
                .map(LifecycleRule::of_service)
                .collect(),
            logging: logging.and_then(|found| found.logging_enabled).map(Logging::of_service).into(),
            object_lock: object_lock
                .and_then(|found| found.object_lock_configuration)
                .map(ObjectLock::of_service)
                .into(),
            policy: policy.and_then(|found| found.policy).unwrap_or_default(),
            region,
            replication: replication
                .and_then(|found| found.replication_configuration)
                .map(Replication::of_service)
                .into(),
            request_payer: payment
                .and_then(|found| found.payer)
                .map(|payer| payer.as_str().to_owned())
                .unwrap_or_default(),
            tags: tagging.map(|found| s3::from_service(found.tag_set)).unwrap_or_default(),
            versioning: versioning.as_ref().map(Versioning::of_service).into(),
            website: website.map(|found| Website::of_service(found, stored)).into(),
        })
    }

    /// Brings the bucket from one set of tags to another; those of others stay.
    pub(super) async fn change_tags(&self, old: &Tags, new: &Tags) -> Result<(), Diagnostics> {
        if TagChange::between(old, new).is_none() {
            return Ok(());
        }
        let tagging = part("", "NoSuchTagSet", self.client.get_bucket_tagging().bucket(&self.name).send()).await;
        let tagging = tagging.map_err(|(error, _)| error).while_doing(&self.doing("reading", " tags"))?;
        let there = tagging.map(|found| s3::from_service(found.tag_set)).unwrap_or_default();
        let whole = s3::whole(there, old, new);
        if whole.is_empty() {
            let deleted = self.client.delete_bucket_tagging().bucket(&self.name).send().await;
            return deleted.map(drop).while_doing(&self.doing("updating", " tags"));
        }
        self.put_tags(whole, "updating").await
    }

    /// Gives the bucket just these tags.
    pub(super) async fn put_tags(&self, tags: Tags, verb: &str) -> Result<(), Diagnostics> {
        let tagging = Tagging::builder().set_tag_set(Some(s3::to_service(tags))).build().expect("the tags are set");
        let answer = self.client.put_bucket_tagging().bucket(&self.name).tagging(tagging).send().await;
        let answer = answer.map(drop).map_err(ApiError::from);
        answer.map_err(|error| error.diagnostic(&self.doing(verb, " tags")).at("tags").into())
    }

    /// Deletes the bucket, and with `force` first what is in it. One that is not there needs nothing.
    pub(super) async fn delete(
        &self,
        cx: &Context<Aws>,
        force: bool,
        has_lock: bool,
        timeout: Duration,
    ) -> Result<(), Diagnostics> {
        loop {
            match self.client.delete_bucket().bucket(&self.name).send().await.map_err(ApiError::from) {
                Err(error) if error.is("NoSuchBucket") => return Ok(()),
                // Somebody may put in what was just taken out.
                Err(error) if error.is("BucketNotEmpty") && force && !cx.is_stopping() => {
                    let emptied = s3::delete_versions(&self.client, &self.name, "", has_lock, |_| true).await;
                    emptied.while_doing(&self.doing("emptying", ""))?;
                }
                deleted => {
                    deleted.map(drop).while_doing(&self.doing("deleting", ""))?;
                    break;
                }
            }
        }
        let doing = format!("waiting for S3 Bucket ({}) delete", self.name);
        let wait = Wait { doing: &doing, pending: &["there"], target: &[], timeout };
        wait.until(cx, || self.look()).await.map(drop)
    }

    pub(super) fn doing(&self, verb: &str, part: &str) -> String {
        format!("{verb} S3 Bucket ({}){part}", self.name)
    }
}

/// An answer about one kind of settings; `None` where there are none.
async fn part<T, E: Into<ApiError>>(
    what: &'static str,
    missing: &str,
    question: impl Future<Output = Result<T, E>>,
) -> Result<Option<T>, Unanswered> {
    match question.await.map_err(Into::into) {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is(missing) || NOT_DONE.contains(&error.code()) => Ok(None),
        Err(error) => Err((error, what)),
    }
}
