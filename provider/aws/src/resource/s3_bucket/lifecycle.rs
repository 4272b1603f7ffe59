//! `lifecycle_rule`: when objects move on to another storage class and when they go. In both shapes, the schema's and S3's.

use aws_sdk_s3::types as sdk;
use aws_smithy_types::DateTime;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Attr, Blocks, Check};

use crate::resource::s3;
use crate::rfc3339;
use crate::tags::Tags;

/// Where objects may move on to.
const CLASSES: &[&str] = &["GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"];

/// A rule for the objects that it names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LifecycleRule {
    /// After how many days an upload in parts is given up that nobody completed.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) abort_incomplete_multipart_upload_days: Attr<i64>,
    /// Whether the rule holds.
    #[schemars(extend("tf" = required()))]
    pub(crate) enabled: Attr<bool>,
    /// The rule's name; made up when not set.
    #[schemars(extend("tf" = optional_computed().length(..=255)))]
    pub(crate) id: Attr<String>,
    /// What the keys of its objects begin with.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) prefix: Attr<String>,
    /// Tags that its objects have.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) tags: Attr<Tags>,
    /// When objects go.
    #[schemars(extend("tf" = computed_block().max_items(1)))]
    pub(crate) expiration: Blocks<Expiration>,
    /// When versions go that are not the newest.
    #[schemars(extend("tf" = computed_block().max_items(1)))]
    pub(crate) noncurrent_version_expiration: Blocks<NoncurrentExpiration>,
    /// When versions move on that are not the newest.
    #[schemars(extend("tf" = computed_set_block()))]
    pub(crate) noncurrent_version_transition: Blocks<NoncurrentTransition>,
    /// When objects move on.
    #[schemars(extend("tf" = computed_set_block()))]
    pub(crate) transition: Blocks<Transition>,
}

/// When objects go: one of the three.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Expiration {
    /// On a day, like 2026-01-31.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_day())))]
    pub(crate) date: Attr<String>,
    /// After so many days.
    #[schemars(extend("tf" = optional().zero_is_unset().range(0..)))]
    pub(crate) days: Attr<i64>,
    /// When nothing but a delete marker is left.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) expired_object_delete_marker: Attr<bool>,
}

/// When versions go that are not the newest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct NoncurrentExpiration {
    /// So many days after they were replaced.
    #[schemars(extend("tf" = optional().zero_is_unset().range(1..)))]
    pub(crate) days: Attr<i64>,
}

/// When versions move on that are not the newest.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub(crate) struct NoncurrentTransition {
    /// So many days after they were replaced.
    #[schemars(extend("tf" = optional().zero_is_unset().range(0..)))]
    pub(crate) days: Attr<i64>,
    /// Where to.
    #[schemars(extend("tf" = required().one_of(CLASSES)))]
    pub(crate) storage_class: Attr<String>,
}

/// When objects move on: one of the two.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Transition {
    /// On a day, like 2026-01-31.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_day())))]
    pub(crate) date: Attr<String>,
    /// After so many days.
    #[schemars(extend("tf" = optional().zero_is_unset().range(0..)))]
    pub(crate) days: Attr<i64>,
    /// Where to.
    #[schemars(extend("tf" = required().one_of(CLASSES)))]
    pub(crate) storage_class: Attr<String>,
}

fn must_be_day() -> Check {
    let day = Check::pattern_or(r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$", "a day is needed, like 2026-01-31");
    Check::any([Check::length(..=0), day])
}

impl LifecycleRule {
    /// The rule in S3's shape.
    pub(super) fn to_service(&self) -> sdk::LifecycleRule {
        let prefix = self.prefix.text();
        let tags = s3::to_service(self.tags.clone().unwrap_or_default());
        let filter = if tags.is_empty() {
            sdk::LifecycleRuleFilter::builder().prefix(prefix).build()
        } else {
            let both = sdk::LifecycleRuleAndOperator::builder().prefix(prefix).set_tags(Some(tags)).build();
            sdk::LifecycleRuleFilter::builder().and(both).build()
        };
        let abort = positive(&self.abort_incomplete_multipart_upload_days)
            .map(|days| sdk::AbortIncompleteMultipartUpload::builder().days_after_initiation(days).build());
        let expiration = self.expiration.first().map(Expiration::to_service);
        let noncurrent = self.noncurrent_version_expiration.first();
        let noncurrent = noncurrent.map(|expiration| {
            sdk::NoncurrentVersionExpiration::builder().set_noncurrent_days(number(&expiration.days)).build()
        });
        let transitions: Vec<_> = self.transition.iter().map(Transition::to_service).collect();
        let noncurrent_transitions: Vec<_> =
            self.noncurrent_version_transition.iter().map(NoncurrentTransition::to_service).collect();
        let does_something =
            abort.is_some() || noncurrent.is_some() || !transitions.is_empty() || !noncurrent_transitions.is_empty();
        // A rule has to do something; this is the least.
        let least = || sdk::LifecycleExpiration::builder().expired_object_delete_marker(false).build();
        let status = if self.enabled.unwrap_or(false) { "Enabled" } else { "Disabled" };
        sdk::LifecycleRule::builder()
            .set_abort_incomplete_multipart_upload(abort)
            .set_expiration(expiration.or_else(|| (!does_something).then(least)))
            .filter(filter)
            .set_id(s3::set(&self.id))
            .set_noncurrent_version_expiration(noncurrent)
            .set_noncurrent_version_transitions(some(noncurrent_transitions))
            .set_transitions(some(transitions))
            .status(status.into())
            .build()
            .expect("the status is set")
    }

    /// A rule out of S3's shape.
    pub(super) fn of_service(rule: sdk::LifecycleRule) -> Self {
        #[expect(deprecated, reason = "what an older rule has instead of a filter")]
        let mut prefix = rule.prefix;
        let mut tags = Vec::new();
        if let Some(filter) = rule.filter {
            let (both_prefix, both_tags) = filter.and.map_or((None, None), |and| (and.prefix, and.tags));
            prefix = prefix.or(filter.prefix).or(both_prefix);
            tags = both_tags.unwrap_or_default();
            tags.extend(filter.tag);
        }
        let noncurrent = rule.noncurrent_version_expiration;
        let transitions = rule.transitions.iter().flatten().map(Transition::of_service);
        let noncurrent_transitions =
            rule.noncurrent_version_transitions.iter().flatten().map(NoncurrentTransition::of_service);
        let abort = rule.abort_incomplete_multipart_upload.and_then(|abort| abort.days_after_initiation);
        Self {
            abort_incomplete_multipart_upload_days: stored(abort),
            enabled: (rule.status == sdk::ExpirationStatus::Enabled).into(),
            expiration: rule.expiration.as_ref().map(Expiration::of_service).into(),
            id: rule.id.unwrap_or_default().into(),
            noncurrent_version_expiration: noncurrent
                .map(|expiration| NoncurrentExpiration { days: stored(expiration.noncurrent_days) })
                .into(),
            noncurrent_version_transition: noncurrent_transitions.collect(),
            prefix: prefix.unwrap_or_default().into(),
            tags: s3::from_service(tags).into(),
            transition: transitions.collect(),
        }
    }
}

impl Expiration {
    fn to_service(&self) -> sdk::LifecycleExpiration {
        let (date, days) = (moment(&self.date), positive(&self.days));
        let marker = (date.is_none() && days.is_none()).then(|| self.expired_object_delete_marker.unwrap_or(false));
        sdk::LifecycleExpiration::builder()
            .set_days(days.filter(|_| date.is_none()))
            .set_date(date)
            .set_expired_object_delete_marker(marker)
            .build()
    }

    fn of_service(expiration: &sdk::LifecycleExpiration) -> Self {
        Self {
            date: day(expiration.date.as_ref()).into(),
            days: stored(expiration.days),
            expired_object_delete_marker: expiration.expired_object_delete_marker.unwrap_or(false).into(),
        }
    }
}

impl Transition {
    fn to_service(&self) -> sdk::Transition {
        let date = moment(&self.date);
        let days = number(&self.days).or(Some(0)).filter(|_| date.is_none());
        let transition = sdk::Transition::builder().set_date(date).set_days(days);
        transition.storage_class(self.storage_class.text().into()).build()
    }

    fn of_service(transition: &sdk::Transition) -> Self {
        Self {
            date: day(transition.date.as_ref()).into(),
            days: stored(transition.days),
            storage_class: class(transition.storage_class.as_ref()),
        }
    }
}

impl NoncurrentTransition {
    fn to_service(&self) -> sdk::NoncurrentVersionTransition {
        let transition = sdk::NoncurrentVersionTransition::builder();
        let transition = transition.noncurrent_days(number(&self.days).unwrap_or(0));
        transition.storage_class(self.storage_class.text().into()).build()
    }

    fn of_service(transition: &sdk::NoncurrentVersionTransition) -> Self {
        Self { days: stored(transition.noncurrent_days), storage_class: class(transition.storage_class.as_ref()) }
    }
}

fn class(class: Option<&sdk::TransitionStorageClass>) -> Attr<String> {
    class.map(sdk::TransitionStorageClass::as_str).unwrap_or_default().into()
}

fn number(value: &Attr<i64>) -> Option<i32> {
    value.known().and_then(|&number| i32::try_from(number).ok())
}

fn positive(value: &Attr<i64>) -> Option<i32> {
    number(value).filter(|&number| number > 0)
}

/// A number as states have it, where nothing is zero.
fn stored(number: Option<i32>) -> Attr<i64> {
    i64::from(number.unwrap_or(0)).into()
}

fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

/// The midnight that begins a day.
fn moment(day: &Attr<String>) -> Option<DateTime> {
    rfc3339::parse(&format!("{}T00:00:00Z", s3::set(day)?))
}

fn day(moment: Option<&DateTime>) -> String {
    let text = moment.and_then(rfc3339::of).unwrap_or_default();
    text.split('T').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn there_and_back(rule: &LifecycleRule) {
        assert_eq!(&LifecycleRule::of_service(rule.to_service()), rule);
    }

    fn rule() -> LifecycleRule {
        LifecycleRule {
            abort_incomplete_multipart_upload_days: 0.into(),
            enabled: true.into(),
            id: "r".into(),
            prefix: "logs/".into(),
            tags: Tags::new().into(),
            expiration: Blocks::one(Expiration {
                date: "".into(),
                days: 30.into(),
                expired_object_delete_marker: false.into(),
            }),
            ..LifecycleRule::default()
        }
    }

    #[test]
    fn rules_come_back_as_they_were_sent() {
        there_and_back(&rule());
        let transition = |date: &str, days| Transition {
            date: date.into(),
            days: Attr::Known(days),
            storage_class: "STANDARD_IA".into(),
        };
        there_and_back(&LifecycleRule {
            abort_incomplete_multipart_upload_days: 7.into(),
            enabled: false.into(),
            tags: Tags::from([("a".to_owned(), "1".to_owned())]).into(),
            expiration: Blocks::one(Expiration {
                date: "2030-01-31".into(),
                days: 0.into(),
                expired_object_delete_marker: false.into(),
            }),
            noncurrent_version_expiration: Blocks::one(NoncurrentExpiration { days: 9.into() }),
            noncurrent_version_transition: Blocks::one(NoncurrentTransition {
                days: 3.into(),
                storage_class: "GLACIER".into(),
            }),
            transition: vec![transition("", 0), transition("2031-12-01", 0)].into(),
            ..rule()
        });
    }

    #[test]
    fn a_rule_without_an_action_gets_the_least_one() {
        let rule = LifecycleRule { expiration: Blocks::none(), ..rule() }.to_service();
        assert_eq!(rule.expiration.unwrap().expired_object_delete_marker, Some(false));
    }
}
