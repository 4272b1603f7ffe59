//! Writing what is set about a bucket, part by part, in hashicorp/aws's order: replication needs versions, and so on.

use std::future::Future;

use aws_sdk_s3::types as sdk;
use tf_framework::{Attr, Blocks, Diagnostic, Diagnostics};

use super::blocks::{CorsRule, Encryption, Logging, ObjectLock, Versioning};
use super::convert;
use super::lifecycle::LifecycleRule;
use super::remote::RemoteBucket;
use super::replication::Replication;
use super::website::Website;
use super::{Grant, S3Bucket};
use crate::error::{ApiError, WhileDoing as _};
use crate::resource::s3::set;

/// What is to become of a part.
#[derive(Debug, PartialEq, Eq)]
enum Wanted<'a, T> {
    /// It is as it should be, or nobody here says how it should be.
    Nothing,
    Gone,
    These(&'a [T]),
}

impl<'a, T: PartialEq> Wanted<'a, T> {
    /// A new bucket has no `prior`.
    fn of(prior: Option<&Blocks<T>>, planned: &'a Blocks<T>) -> Self {
        match prior {
            _ if planned.is_unknown() => Self::Nothing,
            Some(prior) if prior == planned => Self::Nothing,
            None if planned.is_empty() => Self::Nothing,
            Some(_) if planned.is_empty() => Self::Gone,
            Some(_) | None => Self::These(planned),
        }
    }
}

/// The text to write, empty to take it away; `None` if it is as it should be.
fn wanted<'a>(prior: Option<&Attr<String>>, planned: &'a Attr<String>) -> Option<&'a str> {
    let before = prior.map(Attr::text).unwrap_or_default();
    (!planned.is_unknown() && before != planned.text()).then(|| planned.text())
}

impl RemoteBucket {
    /// Writes whatever differs between the two. A new bucket has no `prior`.
    pub(super) async fn write(&self, prior: Option<&S3Bucket>, planned: &S3Bucket) -> Result<(), Diagnostics> {
        self.write_policy(wanted(prior.map(|b| &b.policy), &planned.policy)).await?;
        self.write_cors(Wanted::of(prior.map(|b| &b.cors_rule), &planned.cors_rule)).await?;
        self.write_website(Wanted::of(prior.map(|b| &b.website), &planned.website)).await?;
        let versioning = Wanted::of(prior.map(|b| &b.versioning), &planned.versioning);
        self.write_versioning(versioning, prior.is_none()).await?;
        // A new one was made with its list.
        let acl = prior.and_then(|prior| wanted(Some(&prior.acl), &planned.acl));
        self.write_acl(acl, Wanted::of(prior.map(|b| &b.grant), &planned.grant), planned).await?;
        self.write_logging(Wanted::of(prior.map(|b| &b.logging), &planned.logging)).await?;
        self.write_lifecycle(Wanted::of(prior.map(|b| &b.lifecycle_rule), &planned.lifecycle_rule)).await?;
        let acceleration = wanted(prior.map(|b| &b.acceleration_status), &planned.acceleration_status);
        self.write_acceleration(acceleration).await?;
        self.write_payer(wanted(prior.map(|b| &b.request_payer), &planned.request_payer)).await?;
        let replication = Wanted::of(prior.map(|b| &b.replication_configuration), &planned.replication_configuration);
        self.write_replication(replication, planned).await?;
        let encryption = Wanted::of(
            prior.map(|b| &b.server_side_encryption_configuration),
            &planned.server_side_encryption_configuration,
        );
        self.write_encryption(encryption).await?;
        let lock = Wanted::of(prior.map(|b| &b.object_lock_configuration), &planned.object_lock_configuration);
        self.write_object_lock(lock).await
    }

    async fn write_policy(&self, policy: Option<&str>) -> Result<(), Diagnostics> {
        let (client, name) = (&self.client, &self.name);
        match policy {
            None => Ok(()),
            Some("") => {
                let call = client.delete_bucket_policy().bucket(name).send();
                self.done("deleting", " policy", "policy", call).await
            }
            Some(policy) => {
                let call = client.put_bucket_policy().bucket(name).policy(policy).send();
                self.done("putting", " policy", "policy", call).await
            }
        }
    }

    async fn write_cors(&self, rules: Wanted<'_, CorsRule>) -> Result<(), Diagnostics> {
        let (client, name) = (&self.client, &self.name);
        let (part, at) = (" CORS configuration", "cors_rule");
        match rules {
            Wanted::Nothing => Ok(()),
            Wanted::Gone => self.done("deleting", part, at, client.delete_bucket_cors().bucket(name).send()).await,
            Wanted::These(rules) => {
                let rules = rules.iter().map(CorsRule::to_service).collect();
                let cors = sdk::CorsConfiguration::builder().set_cors_rules(Some(rules));
                let call = client.put_bucket_cors().bucket(name);
                let call = call.cors_configuration(cors.build().expect("the rules are set"));
                self.done("putting", part, at, call.send()).await
            }
        }
    }

    async fn write_website(&self, website: Wanted<'_, Website>) -> Result<(), Diagnostics> {
        let (client, name) = (&self.client, &self.name);
        let (part, at) = (" website configuration", "website");
        match website {
            Wanted::Nothing | Wanted::These([]) => Ok(()),
            Wanted::Gone => self.done("deleting", part, at, client.delete_bucket_website().bucket(name).send()).await,
            Wanted::These([website, ..]) => {
                let call = client.put_bucket_website().bucket(name).website_configuration(website.to_service()?);
                self.done("putting", part, at, call.send()).await
            }
        }
    }

    async fn write_versioning(&self, versioning: Wanted<'_, Versioning>, is_new: bool) -> Result<(), Diagnostics> {
        // Versions cannot be unlearnt: a bucket that is not told anything stays as it is.
        let Wanted::These([versioning, ..]) = versioning else { return Ok(()) };
        let versioning = if is_new { versioning.for_create() } else { Some(versioning.for_update()) };
        let Some(versioning) = versioning else { return Ok(()) };
        let call = self.client.put_bucket_versioning().bucket(&self.name).versioning_configuration(versioning);
        self.done("putting", " versioning", "versioning", call.send()).await
    }

    async fn write_acl(
        &self,
        acl: Option<&str>,
        grants: Wanted<'_, Grant>,
        planned: &S3Bucket,
    ) -> Result<(), Diagnostics> {
        let (client, name) = (&self.client, &self.name);
        if acl.is_some() || grants == Wanted::Gone {
            let acl = set(&planned.acl);
            let call = client.put_bucket_acl().bucket(name).acl(acl.as_deref().unwrap_or("private").into());
            self.done("putting", " ACL", "acl", call.send()).await?;
        }
        let Wanted::These(grants) = grants else { return Ok(()) };
        let found = client.get_bucket_acl().bucket(name).send().await;
        let owner = found.while_doing(&self.doing("reading", " ACL"))?.owner;
        let grants = convert::grants_to_service(grants);
        let list = sdk::AccessControlPolicy::builder().set_owner(owner).set_grants(Some(grants)).build();
        let call = client.put_bucket_acl().bucket(name).access_control_policy(list);
        self.done("putting", " ACL", "grant", call.send()).await
    }

    async fn write_logging(&self, logging: Wanted<'_, Logging>) -> Result<(), Diagnostics> {
        let logging = match logging {
            Wanted::Nothing => return Ok(()),
            Wanted::Gone | Wanted::These([]) => None,
            Wanted::These([logging, ..]) => Some(logging.to_service()),
        };
        let status = sdk::BucketLoggingStatus::builder().set_logging_enabled(logging).build();
        let call = self.client.put_bucket_logging().bucket(&self.name).bucket_logging_status(status);
        self.done("putting", " logging", "logging", call.send()).await
    }

    async fn write_lifecycle(&self, rules: Wanted<'_, LifecycleRule>) -> Result<(), Diagnostics> {
        let (client, name) = (&self.client, &self.name);
        let (part, at) = (" lifecycle configuration", "lifecycle_rule");
        match rules {
            Wanted::Nothing => Ok(()),
            Wanted::Gone => self.done("deleting", part, at, client.delete_bucket_lifecycle().bucket(name).send()).await,
            Wanted::These(rules) => {
                let rules = rules.iter().map(LifecycleRule::to_service).collect();
                let lifecycle = sdk::BucketLifecycleConfiguration::builder().set_rules(Some(rules));
                let call = client.put_bucket_lifecycle_configuration().bucket(name);
                let call = call.lifecycle_configuration(lifecycle.build().expect("the rules are set"));
                self.done("putting", part, at, call.send()).await
            }
        }
    }

    async fn write_acceleration(&self, status: Option<&str>) -> Result<(), Diagnostics> {
        let Some(status) = status else { return Ok(()) };
        let acceleration = sdk::AccelerateConfiguration::builder().status(status.into()).build();
        let call = self.client.put_bucket_accelerate_configuration().bucket(&self.name);
        let call = call.accelerate_configuration(acceleration).send();
        self.done("putting", " accelerate configuration", "acceleration_status", call).await
    }

    async fn write_payer(&self, payer: Option<&str>) -> Result<(), Diagnostics> {
        let Some(payer) = payer else { return Ok(()) };
        let payment = sdk::RequestPaymentConfiguration::builder().payer(payer.into());
        let call = self.client.put_bucket_request_payment().bucket(&self.name);
        let call = call.request_payment_configuration(payment.build().expect("the payer is set")).send();
        self.done("putting", " request payment configuration", "request_payer", call).await
    }

    async fn write_replication(
        &self,
        replication: Wanted<'_, Replication>,
        planned: &S3Bucket,
    ) -> Result<(), Diagnostics> {
        let (client, name) = (&self.client, &self.name);
        let (part, at) = (" replication configuration", "replication_configuration");
        match replication {
            Wanted::Nothing | Wanted::These([]) => Ok(()),
            Wanted::Gone => {
                self.done("deleting", part, at, client.delete_bucket_replication().bucket(name).send()).await
            }
            Wanted::These([replication, ..]) => {
                let has_versions = planned.versioning.first().is_some_and(|v| v.enabled.unwrap_or(false));
                if !has_versions {
                    return Err(Diagnostic::error(
                        format!("versioning must be enabled on S3 Bucket ({name}) to allow replication"),
                        "Add a `versioning` block that says so.",
                    )
                    .at(at)
                    .into());
                }
                let call = client.put_bucket_replication().bucket(name);
                let call = call.replication_configuration(replication.to_service());
                self.done("putting", part, at, call.send()).await
            }
        }
    }

    async fn write_encryption(&self, encryption: Wanted<'_, Encryption>) -> Result<(), Diagnostics> {
        let (client, name) = (&self.client, &self.name);
        let (part, at) = (" server-side encryption configuration", "server_side_encryption_configuration");
        match encryption {
            Wanted::Nothing | Wanted::These([]) => Ok(()),
            Wanted::Gone => {
                self.done("deleting", part, at, client.delete_bucket_encryption().bucket(name).send()).await
            }
            Wanted::These([encryption, ..]) => {
                let call = client.put_bucket_encryption().bucket(name);
                let call = call.server_side_encryption_configuration(encryption.to_service());
                self.done("putting", part, at, call.send()).await
            }
        }
    }

    async fn write_object_lock(&self, lock: Wanted<'_, ObjectLock>) -> Result<(), Diagnostics> {
        // It cannot be deleted, only changed; an empty one leaves the bucket able to lock, and locks nothing by itself.
        let lock = match lock {
            Wanted::Nothing => return Ok(()),
            Wanted::Gone | Wanted::These([]) => None,
            Wanted::These([lock, ..]) => Some(lock.to_service()),
        };
        let call = self.client.put_object_lock_configuration().bucket(&self.name).set_object_lock_configuration(lock);
        let (part, at) = (" object lock configuration", "object_lock_configuration");
        self.done("putting", part, at, call.send()).await
    }

    async fn done<T, E: Into<ApiError>>(
        &self,
        verb: &str,
        part: &str,
        at: &str,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<(), Diagnostics> {
        let answer = call.await.map(drop).map_err(Into::into);
        answer.map_err(|error: ApiError| error.diagnostic(&self.doing(verb, part)).at(at).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_written() {
        let one = Blocks::one(Logging { target_bucket: "b".into(), target_prefix: "".into() });
        let none = Blocks::<Logging>::none();
        assert_eq!(Wanted::of(None, &none), Wanted::Nothing);
        assert_eq!(Wanted::of(None, &Blocks::<Logging>::unknown()), Wanted::Nothing);
        assert_eq!(Wanted::of(None, &one), Wanted::These(&one));
        assert_eq!(Wanted::of(Some(&one), &one), Wanted::Nothing);
        assert_eq!(Wanted::of(Some(&one), &none), Wanted::Gone);
        assert_eq!(wanted(None, &Attr::Null), None);
        assert_eq!(wanted(None, &Attr::Unknown), None);
        assert_eq!(wanted(Some(&"a".into()), &"a".into()), None);
        assert_eq!(wanted(Some(&"a".into()), &"b".into()), Some("b"));
        assert_eq!(wanted(Some(&"a".into()), &"".into()), Some(""));
    }
}
