//! Replication into S3's shape and out of it. Pure.

use aws_sdk_s3::types as sdk;
use tf_framework::Attr;

use super::{Destination, Filter, KmsEncrypted, Metrics, Owner, Replication, ReplicationTime, Rule, SourceSelection};
use crate::resource::s3::{self, set};

impl Replication {
    /// The configuration in S3's shape.
    pub(in super::super) fn to_service(&self) -> sdk::ReplicationConfiguration {
        let rules = self.rules.iter().map(Rule::to_service).collect();
        let configuration = sdk::ReplicationConfiguration::builder().role(self.role.text()).set_rules(Some(rules));
        configuration.build().expect("role and rules are set")
    }

    /// A configuration out of S3's shape.
    pub(in super::super) fn of_service(configuration: sdk::ReplicationConfiguration) -> Self {
        Self { role: configuration.role.into(), rules: configuration.rules.into_iter().map(Rule::of_service).collect() }
    }
}

impl Rule {
    fn to_service(&self) -> sdk::ReplicationRule {
        let rule = sdk::ReplicationRule::builder()
            .set_destination(self.destination.first().map(Destination::to_service))
            .set_id(set(&self.id))
            .set_source_selection_criteria(self.source_selection_criteria.first().map(SourceSelection::to_service))
            .status(self.status.text().into());
        let rule = match self.filter.first() {
            Some(filter) => {
                let markers = set(&self.delete_marker_replication_status).unwrap_or_else(|| "Disabled".to_owned());
                let markers = sdk::DeleteMarkerReplication::builder().status(markers.as_str().into()).build();
                rule.delete_marker_replication(markers).filter(filter.to_service()).priority(minutes(&self.priority, 0))
            }
            #[expect(deprecated, reason = "how a rule without a filter says which objects it means")]
            None => rule.prefix(self.prefix.text()),
        };
        rule.build().expect("the status is set")
    }

    fn of_service(rule: sdk::ReplicationRule) -> Self {
        let markers = rule.delete_marker_replication.and_then(|markers| markers.status);
        let markers = markers.filter(|status| *status == sdk::DeleteMarkerReplicationStatus::Enabled);
        #[expect(deprecated, reason = "what a rule without a filter has")]
        let prefix = rule.prefix;
        Self {
            delete_marker_replication_status: markers.map_or("".into(), |status| status.as_str().into()),
            destination: rule.destination.map(Destination::of_service).into(),
            filter: rule.filter.map(Filter::of_service).into(),
            id: rule.id.unwrap_or_default().into(),
            prefix: prefix.unwrap_or_default().into(),
            priority: i64::from(rule.priority.unwrap_or(0)).into(),
            source_selection_criteria: rule.source_selection_criteria.map(SourceSelection::of_service).into(),
            status: rule.status.as_str().into(),
        }
    }
}

impl Destination {
    fn to_service(&self) -> sdk::Destination {
        let owner = self.access_control_translation.first().map(|translation| {
            let translation = sdk::AccessControlTranslation::builder().owner(translation.owner.text().into());
            translation.build().expect("the owner is set")
        });
        let time = |limit: &Attr<i64>| sdk::ReplicationTimeValue::builder().minutes(minutes(limit, 15)).build();
        let metrics = self.metrics.first().map(|metrics| {
            let status = metrics.status.as_str().unwrap_or("Enabled").into();
            let metrics = sdk::Metrics::builder().event_threshold(time(&metrics.minutes)).status(status);
            metrics.build().expect("the status is set")
        });
        let replication_time = self.replication_time.first().map(|limit| {
            let status = limit.status.as_str().unwrap_or("Enabled").into();
            let limit = sdk::ReplicationTime::builder().time(time(&limit.minutes)).status(status);
            limit.build().expect("status and time are set")
        });
        let key = set(&self.replica_kms_key_id);
        sdk::Destination::builder()
            .bucket(self.bucket.text())
            .set_access_control_translation(owner)
            .set_account(set(&self.account_id))
            .set_encryption_configuration(
                key.map(|key| sdk::EncryptionConfiguration::builder().replica_kms_key_id(key).build()),
            )
            .set_metrics(metrics)
            .set_replication_time(replication_time)
            .set_storage_class(set(&self.storage_class).map(|class| class.as_str().into()))
            .build()
            .expect("the bucket is set")
    }

    fn of_service(destination: sdk::Destination) -> Self {
        let minutes = |value: Option<sdk::ReplicationTimeValue>| {
            i64::from(value.and_then(|value| value.minutes).unwrap_or(0)).into()
        };
        let key = destination.encryption_configuration.and_then(|encryption| encryption.replica_kms_key_id);
        Self {
            access_control_translation: destination
                .access_control_translation
                .map(|translation| Owner { owner: translation.owner.as_str().into() })
                .into(),
            account_id: destination.account.unwrap_or_default().into(),
            bucket: destination.bucket.into(),
            metrics: destination
                .metrics
                .map(|found| Metrics { minutes: minutes(found.event_threshold), status: found.status.as_str().into() })
                .into(),
            replica_kms_key_id: key.unwrap_or_default().into(),
            replication_time: destination
                .replication_time
                .map(|found| ReplicationTime { minutes: minutes(found.time), status: found.status.as_str().into() })
                .into(),
            storage_class: destination.storage_class.map_or("".into(), |class| class.as_str().into()),
        }
    }
}

impl Filter {
    fn to_service(&self) -> sdk::ReplicationRuleFilter {
        let (prefix, tags) = (self.prefix.text(), s3::to_service(self.tags.clone().unwrap_or_default()));
        if tags.is_empty() {
            return sdk::ReplicationRuleFilter::builder().prefix(prefix).build();
        }
        let both = sdk::ReplicationRuleAndOperator::builder().prefix(prefix).set_tags(Some(tags)).build();
        sdk::ReplicationRuleFilter::builder().and(both).build()
    }

    fn of_service(filter: sdk::ReplicationRuleFilter) -> Self {
        let (prefix, tags) = filter.and.map_or((None, None), |and| (and.prefix, and.tags));
        Self {
            prefix: filter.prefix.or(prefix).unwrap_or_default().into(),
            tags: s3::from_service(tags.into_iter().flatten().chain(filter.tag)).into(),
        }
    }
}

impl SourceSelection {
    fn to_service(&self) -> sdk::SourceSelectionCriteria {
        let encrypted = self.sse_kms_encrypted_objects.first().map(|encrypted| {
            let status = if encrypted.enabled.unwrap_or(false) { "Enabled" } else { "Disabled" };
            sdk::SseKmsEncryptedObjects::builder().status(status.into()).build().expect("the status is set")
        });
        sdk::SourceSelectionCriteria::builder().set_sse_kms_encrypted_objects(encrypted).build()
    }

    fn of_service(criteria: sdk::SourceSelectionCriteria) -> Self {
        let encrypted = criteria.sse_kms_encrypted_objects.map(|encrypted| KmsEncrypted {
            enabled: (encrypted.status == sdk::SseKmsEncryptedObjectsStatus::Enabled).into(),
        });
        Self { sse_kms_encrypted_objects: encrypted.into() }
    }
}

fn minutes(value: &Attr<i64>, default: i32) -> i32 {
    value.known().and_then(|&number| i32::try_from(number).ok()).unwrap_or(default)
}

#[cfg(test)]
mod tests {
    use tf_framework::Blocks;

    use super::*;
    use crate::tags::Tags;

    fn rule() -> Rule {
        Rule {
            delete_marker_replication_status: "".into(),
            destination: Blocks::one(Destination {
                account_id: "".into(),
                bucket: "arn:aws:s3:::copies".into(),
                replica_kms_key_id: "".into(),
                storage_class: "STANDARD_IA".into(),
                ..Destination::default()
            }),
            id: "r".into(),
            prefix: "logs/".into(),
            priority: 0.into(),
            status: "Enabled".into(),
            ..Rule::default()
        }
    }

    #[track_caller]
    fn there_and_back(rule: Rule) {
        let replication = Replication { role: "arn:aws:iam::000000000000:role/r".into(), rules: Blocks::one(rule) };
        assert_eq!(Replication::of_service(replication.to_service()), replication);
    }

    #[test]
    fn rules_come_back_as_they_were_sent() {
        there_and_back(rule());
        there_and_back(Rule {
            delete_marker_replication_status: "Enabled".into(),
            destination: Blocks::one(Destination {
                access_control_translation: Blocks::one(Owner { owner: "Destination".into() }),
                account_id: "111122223333".into(),
                metrics: Blocks::one(Metrics { minutes: 10.into(), status: "Enabled".into() }),
                replica_kms_key_id: "key".into(),
                replication_time: Blocks::one(ReplicationTime { minutes: 15.into(), status: "Enabled".into() }),
                ..rule().destination[0].clone()
            }),
            filter: Blocks::one(Filter {
                prefix: "a".into(),
                tags: Tags::from([("k".to_owned(), "v".to_owned())]).into(),
            }),
            prefix: "".into(),
            priority: 3.into(),
            source_selection_criteria: Blocks::one(SourceSelection {
                sse_kms_encrypted_objects: Blocks::one(KmsEncrypted { enabled: true.into() }),
            }),
            ..rule()
        });
    }
}
