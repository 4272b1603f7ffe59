//! What the service says about a bucket, as state.

use tf_framework::{Applied, Attr, Blocks, Context, Diagnostics, Resource as _};

use super::blocks::ObjectLock;
use super::remote::Found;
use super::{S3Bucket, arn, place};
use crate::client::Aws;
use crate::resource::name::prefix_of;
use crate::tags::TagRules;

impl S3Bucket {
    /// The state after a write: what was planned is there, and the rest is as found.
    pub(super) async fn settled(self, cx: &Context<Aws>) -> Applied<Self> {
        let (planned, name) = (self.clone(), self.id.text().to_owned());
        let Some(found) = Self::read(cx, self).await? else {
            return Err(Diagnostics::error(
                format!("reading S3 Bucket ({name}): couldn't find resource"),
                "Something else deleted the bucket meanwhile. Apply again to create it anew.",
            )
            .into());
        };
        Ok(Self {
            acceleration_status: attr(planned.acceleration_status, found.acceleration_status),
            cors_rule: blocks(planned.cors_rule, found.cors_rule),
            grant: blocks(planned.grant, found.grant),
            lifecycle_rule: blocks(planned.lifecycle_rule, found.lifecycle_rule),
            logging: blocks(planned.logging, found.logging),
            object_lock_configuration: blocks(planned.object_lock_configuration, found.object_lock_configuration),
            policy: attr(planned.policy, found.policy),
            replication_configuration: blocks(planned.replication_configuration, found.replication_configuration),
            request_payer: attr(planned.request_payer, found.request_payer),
            server_side_encryption_configuration: blocks(
                planned.server_side_encryption_configuration,
                found.server_side_encryption_configuration,
            ),
            tags: planned.tags,
            tags_all: attr(planned.tags_all, found.tags_all),
            versioning: blocks(planned.versioning, found.versioning),
            website: blocks(planned.website, found.website),
            ..found
        })
    }

    /// The state after looking.
    pub(super) fn observed(self, rules: &TagRules, region: Attr<String>, found: Found) -> Self {
        let tags = rules.read(found.tags, &self.tags, &self.tags_all);
        let (name, home) = (self.id.text(), found.region.as_str());
        let is_website = !found.website.is_empty();
        let domain = is_website.then(|| place::website_domain(home));
        Self {
            acceleration_status: found.acceleration_status.into(),
            acl: self.acl.into_known().into(),
            arn: arn(name, home).into(),
            bucket: name.into(),
            bucket_domain_name: place::domain_name(name, home).into(),
            bucket_namespace: place::namespace(name, home).into(),
            bucket_prefix: prefix_of(name).into(),
            bucket_region: home.into(),
            bucket_regional_domain_name: place::regional_domain_name(name, home).into(),
            force_destroy: self.force_destroy.unwrap_or(false).into(),
            hosted_zone_id: place::hosted_zone(home).map(str::to_owned).into(),
            object_lock_enabled: found.object_lock.first().is_some_and(ObjectLock::is_enabled).into(),
            policy: found.policy.into(),
            region,
            request_payer: found.request_payer.into(),
            tags: tags.tags,
            tags_all: tags.tags_all,
            website_endpoint: domain.as_ref().map(|domain| format!("{name}.{domain}")).into(),
            website_domain: domain.into(),
            cors_rule: found.cors,
            grant: found.grants,
            lifecycle_rule: found.lifecycle,
            logging: found.logging,
            object_lock_configuration: found.object_lock,
            replication_configuration: found.replication,
            server_side_encryption_configuration: found.encryption,
            versioning: found.versioning,
            website: found.website,
            id: name.into(),
            timeouts: self.timeouts,
        }
    }
}

/// What was planned, once it is known.
fn attr<T>(planned: Attr<T>, found: Attr<T>) -> Attr<T> {
    if planned.is_unknown() { found } else { planned }
}

fn blocks<T>(planned: Blocks<T>, found: Blocks<T>) -> Blocks<T> {
    if planned.is_unknown() { found } else { planned }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_planned_is_there() {
        assert_eq!(attr(Attr::Known(1), Attr::Known(2)), Attr::Known(1));
        assert_eq!(attr(Attr::Unknown, Attr::Known(2)), Attr::Known(2));
        assert_eq!(blocks(Blocks::none(), Blocks::one(1)), Blocks::none());
        assert_eq!(blocks(Blocks::unknown(), Blocks::one(1)), Blocks::one(1));
    }
}
