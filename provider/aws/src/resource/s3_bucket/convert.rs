//! The smaller blocks of a bucket, into S3's shape and out of it. Pure.

use std::collections::BTreeMap;

use aws_sdk_s3::operation::get_bucket_versioning::GetBucketVersioningOutput;
use aws_sdk_s3::types as sdk;
use tf_framework::{Attr, Blocks};

use super::blocks::{
    CorsRule, Encryption, EncryptionDefault, EncryptionRule, Grant, Logging, ObjectLock, ObjectLockRule, Retention,
    Versioning,
};
use crate::resource::s3::set;

impl CorsRule {
    pub(super) fn to_service(&self) -> sdk::CorsRule {
        let list = |list: &Attr<Vec<String>>| list.known().filter(|list| !list.is_empty()).cloned();
        sdk::CorsRule::builder()
            .set_allowed_headers(list(&self.allowed_headers))
            .set_allowed_methods(Some(self.allowed_methods.clone().unwrap_or_default()))
            .set_allowed_origins(Some(self.allowed_origins.clone().unwrap_or_default()))
            .set_expose_headers(list(&self.expose_headers))
            .set_max_age_seconds(number(&self.max_age_seconds))
            .build()
            .expect("methods and origins are set")
    }

    pub(super) fn of_service(rule: sdk::CorsRule) -> Self {
        Self {
            allowed_headers: rule.allowed_headers.unwrap_or_default().into(),
            allowed_methods: rule.allowed_methods.into(),
            allowed_origins: rule.allowed_origins.into(),
            expose_headers: rule.expose_headers.unwrap_or_default().into(),
            max_age_seconds: stored(rule.max_age_seconds),
        }
    }
}

/// What S3 has to be told one by one.
pub(super) fn grants_to_service(grants: &[Grant]) -> Vec<sdk::Grant> {
    let each = grants.iter().flat_map(|grant| {
        let permissions = grant.permissions.known().into_iter().flatten();
        permissions.map(move |permission| {
            let grantee = sdk::Grantee::builder().r#type(grant.r#type.text().into()).set_id(set(&grant.id));
            let grantee = grantee.set_uri(set(&grant.uri)).build().expect("the type is set");
            sdk::Grant::builder().grantee(grantee).permission(permission.as_str().into()).build()
        })
    });
    each.collect()
}

/// What each grantee may do.
pub(super) fn grants_of_service(grants: Vec<sdk::Grant>) -> Blocks<Grant> {
    let mut found: BTreeMap<(String, String, String), Grant> = BTreeMap::new();
    for grant in grants {
        let (Some(grantee), Some(permission)) = (grant.grantee, grant.permission) else { continue };
        let kind = grantee.r#type.as_str().to_owned();
        let (id, uri) = (grantee.id.unwrap_or_default(), grantee.uri.unwrap_or_default());
        let entry = found.entry((kind.clone(), id.clone(), uri.clone()));
        let grant = entry.or_insert_with(|| Grant {
            id: id.into(),
            permissions: Attr::Known(Default::default()),
            r#type: kind.into(),
            uri: uri.into(),
        });
        if let Attr::Known(permissions) = &mut grant.permissions {
            permissions.insert(permission.as_str().to_owned());
        }
    }
    found.into_values().collect()
}

impl Logging {
    pub(super) fn to_service(&self) -> sdk::LoggingEnabled {
        let logging = sdk::LoggingEnabled::builder().target_bucket(self.target_bucket.text());
        logging.target_prefix(self.target_prefix.text()).build().expect("bucket and prefix are set")
    }

    pub(super) fn of_service(logging: sdk::LoggingEnabled) -> Self {
        Self { target_bucket: logging.target_bucket.into(), target_prefix: logging.target_prefix.into() }
    }
}

impl ObjectLock {
    pub(super) fn is_enabled(&self) -> bool {
        self.object_lock_enabled.text() == "Enabled"
    }

    pub(super) fn to_service(&self) -> sdk::ObjectLockConfiguration {
        let retention = self.rule.first().and_then(|rule| rule.default_retention.first());
        let rule = retention.map(|retention| {
            let positive = |value| number(value).filter(|&number| number > 0);
            let retention = sdk::DefaultRetention::builder()
                .mode(retention.mode.text().into())
                .set_days(positive(&retention.days))
                .set_years(positive(&retention.years));
            sdk::ObjectLockRule::builder().default_retention(retention.build()).build()
        });
        let enabled = set(&self.object_lock_enabled).map(|enabled| enabled.as_str().into());
        sdk::ObjectLockConfiguration::builder().set_object_lock_enabled(enabled).set_rule(rule).build()
    }

    pub(super) fn of_service(lock: sdk::ObjectLockConfiguration) -> Self {
        let retention = lock.rule.and_then(|rule| rule.default_retention).map(|retention| Retention {
            days: stored(retention.days),
            mode: retention.mode.map_or("".into(), |mode| mode.as_str().into()),
            years: stored(retention.years),
        });
        Self {
            object_lock_enabled: lock.object_lock_enabled.map_or("".into(), |enabled| enabled.as_str().into()),
            rule: retention.map(|retention| ObjectLockRule { default_retention: Blocks::one(retention) }).into(),
        }
    }
}

impl Encryption {
    pub(super) fn to_service(&self) -> sdk::ServerSideEncryptionConfiguration {
        let rule = |rule: &EncryptionRule| {
            let default = rule.apply_server_side_encryption_by_default.first().map(|default| {
                sdk::ServerSideEncryptionByDefault::builder()
                    .sse_algorithm(default.sse_algorithm.text().into())
                    .set_kms_master_key_id(set(&default.kms_master_key_id))
                    .build()
                    .expect("the algorithm is set")
            });
            sdk::ServerSideEncryptionRule::builder()
                .set_apply_server_side_encryption_by_default(default)
                .bucket_key_enabled(rule.bucket_key_enabled.unwrap_or(false))
                .build()
        };
        let rules = self.rule.iter().map(rule).collect();
        let configuration = sdk::ServerSideEncryptionConfiguration::builder().set_rules(Some(rules));
        configuration.build().expect("the rules are set")
    }

    pub(super) fn of_service(encryption: sdk::ServerSideEncryptionConfiguration) -> Self {
        let rule = |rule: sdk::ServerSideEncryptionRule| {
            let default = rule.apply_server_side_encryption_by_default.map(|default| EncryptionDefault {
                kms_master_key_id: default.kms_master_key_id.unwrap_or_default().into(),
                sse_algorithm: default.sse_algorithm.as_str().into(),
            });
            EncryptionRule {
                bucket_key_enabled: rule.bucket_key_enabled.unwrap_or(false).into(),
                apply_server_side_encryption_by_default: default.into(),
            }
        };
        Self { rule: encryption.rules.into_iter().map(rule).collect() }
    }
}

impl Versioning {
    /// What a new bucket has to be told; nothing if it is as new buckets are.
    pub(super) fn for_create(&self) -> Option<sdk::VersioningConfiguration> {
        let status = self.enabled.unwrap_or(false).then_some(sdk::BucketVersioningStatus::Enabled);
        let mfa_delete = self.mfa_delete.unwrap_or(false).then_some(sdk::MfaDelete::Enabled);
        let says_something = status.is_some() || mfa_delete.is_some();
        let versioning = sdk::VersioningConfiguration::builder().set_status(status).set_mfa_delete(mfa_delete);
        says_something.then(|| versioning.build())
    }

    pub(super) fn for_update(&self) -> sdk::VersioningConfiguration {
        let status = if self.enabled.unwrap_or(false) { "Enabled" } else { "Suspended" };
        // Whoever has never heard of a second factor is not to be asked for one.
        let mfa_delete = self.mfa_delete.known().map(|on| if *on { "Enabled" } else { "Disabled" });
        sdk::VersioningConfiguration::builder().status(status.into()).set_mfa_delete(mfa_delete.map(Into::into)).build()
    }

    pub(super) fn of_service(found: &GetBucketVersioningOutput) -> Self {
        Self {
            enabled: (found.status == Some(sdk::BucketVersioningStatus::Enabled)).into(),
            mfa_delete: (found.mfa_delete == Some(sdk::MfaDeleteStatus::Enabled)).into(),
        }
    }
}

fn number(value: &Attr<i64>) -> Option<i32> {
    value.known().and_then(|&number| i32::try_from(number).ok())
}

/// A number as states have it, where nothing is zero.
fn stored(number: Option<i32>) -> Attr<i64> {
    i64::from(number.unwrap_or(0)).into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn blocks_come_back_as_they_were_sent() {
        let cors = CorsRule {
            allowed_headers: vec!["*".to_owned()].into(),
            allowed_methods: vec!["GET".to_owned()].into(),
            allowed_origins: vec!["https://*.example.org".to_owned()].into(),
            expose_headers: Vec::new().into(),
            max_age_seconds: 60.into(),
        };
        assert_eq!(CorsRule::of_service(cors.to_service()), cors);
        let logging = Logging { target_bucket: "logs".into(), target_prefix: "".into() };
        assert_eq!(Logging::of_service(logging.to_service()), logging);
        let retention = Retention { days: 0.into(), mode: "GOVERNANCE".into(), years: 2.into() };
        let lock = ObjectLock {
            object_lock_enabled: "Enabled".into(),
            rule: Blocks::one(ObjectLockRule { default_retention: Blocks::one(retention) }),
        };
        assert_eq!(ObjectLock::of_service(lock.to_service()), lock);
        let default = EncryptionDefault { kms_master_key_id: "k".into(), sse_algorithm: "aws:kms".into() };
        let encryption = Encryption {
            rule: Blocks::one(EncryptionRule {
                bucket_key_enabled: true.into(),
                apply_server_side_encryption_by_default: Blocks::one(default),
            }),
        };
        assert_eq!(Encryption::of_service(encryption.to_service()), encryption);
    }

    #[test]
    fn a_grantee_has_all_permissions_in_one_place() {
        let permissions = |names: &[&str]| Attr::Known(names.iter().map(|&name| name.to_owned()).collect());
        let grant = |id: &str, kind: &str, uri: &str, names: &[&str]| Grant {
            id: id.into(),
            permissions: permissions(names),
            r#type: kind.into(),
            uri: uri.into(),
        };
        let grants = vec![
            grant("1", "CanonicalUser", "", &["FULL_CONTROL"]),
            grant("", "Group", "http://acs.amazonaws.com/groups/s3/LogDelivery", &["READ_ACP", "WRITE"]),
        ];
        let sent = grants_to_service(&grants);
        assert_eq!(sent.len(), 3);
        assert_eq!(grants_of_service(sent).to_vec(), grants);
        assert_eq!(permissions(&[]), Attr::Known(BTreeSet::new()));
    }

    #[test]
    fn a_new_bucket_is_not_told_what_it_is() {
        let versioning = |enabled: bool| Versioning { enabled: enabled.into(), mfa_delete: Attr::Null };
        assert_eq!(versioning(false).for_create(), None);
        assert_eq!(versioning(true).for_create().unwrap().status, Some(sdk::BucketVersioningStatus::Enabled));
        assert_eq!(versioning(false).for_update().status, Some(sdk::BucketVersioningStatus::Suspended));
        assert_eq!(versioning(false).for_update().mfa_delete, None);
    }
}
