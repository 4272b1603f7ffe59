//! `aws_kms_key`: the model of a key, and its life in order.
//!
//! The calls are in `remote`. A key is never gone at once: one that waits for its deletion counts as gone, because all that
//! could be done with it is to take the deletion back. Invariant: from the moment the service made the key, it is in the
//! state.

mod remote;

use std::time::Duration;

use aws_sdk_kms::types::KeyMetadata;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{
    Applied, Attr, Change, Comparison, Context, Diagnostics, Failure, Identity, Plan, Resource, Timeouts,
};

use self::remote::{Found, RemoteKey};
use crate::client::Aws;
use crate::policy::{self, SAME_POLICY};
use crate::tags::{TagRules, Tags};
use crate::{identity, region};

pub(crate) use self::remote::describe;

const TIMEOUT: Duration = Duration::from_secs(2 * 60);

/// What AWS makes; which of them the service at hand makes, it says itself.
const SPECS: &[&str] = &[
    "SYMMETRIC_DEFAULT",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "HMAC_224",
    "HMAC_256",
    "HMAC_384",
    "HMAC_512",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "ECC_NIST_EDWARDS25519",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
    "SM2",
];

const USAGES: &[&str] = &["SIGN_VERIFY", "ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"];

/// A key that encrypts.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KmsKey {
    /// The key's ARN.
    #[schemars(extend("tf" = computed()))]
    arn: Attr<String>,
    /// Write the policy even if it locks its writer out.
    #[schemars(extend("tf" = optional().default(false)))]
    bypass_policy_lockout_safety_check: Attr<bool>,
    /// The key store to make the key in.
    #[schemars(extend("tf" = optional().force_new().zero_is_unset().length(1..=64)))]
    custom_key_store_id: Attr<String>,
    /// What kind of key it is.
    #[schemars(extend("tf" = optional().default("SYMMETRIC_DEFAULT").force_new().one_of(SPECS)))]
    customer_master_key_spec: Attr<String>,
    /// How many days a destroyed key can be had back; 30 when not set.
    #[schemars(extend("tf" = optional().range(7..=30)))]
    deletion_window_in_days: Attr<i64>,
    /// What the key is for.
    #[schemars(extend("tf" = optional_computed().length(..=8192)))]
    description: Attr<String>,
    /// Whether the key gets new material from time to time.
    #[schemars(extend("tf" = optional().default(false)))]
    enable_key_rotation: Attr<bool>,
    /// The key's id.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// Whether the key can be used.
    #[schemars(extend("tf" = optional().default(true)))]
    is_enabled: Attr<bool>,
    /// The key's id.
    #[schemars(extend("tf" = computed()))]
    key_id: Attr<String>,
    /// What the key does.
    #[schemars(extend("tf" = optional().default("ENCRYPT_DECRYPT").force_new().one_of(USAGES)))]
    key_usage: Attr<String>,
    /// Whether the key can have replicas in other regions.
    #[schemars(extend("tf" = optional_computed().force_new()))]
    multi_region: Attr<bool>,
    /// Who may use the key, as JSON; the account when not set.
    #[schemars(extend("tf" = optional_computed().json().same_when(SAME_POLICY)))]
    policy: Attr<String>,
    /// The region of the key; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// How many days lie between rotations; 365 when not set.
    #[schemars(extend("tf" = optional_computed().range(90..=2560).required_with(&["enable_key_rotation"])))]
    rotation_period_in_days: Attr<i64>,
    /// Tags of the key.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    tags: Attr<Tags>,
    /// Tags of the key, those of the provider's `default_tags` included.
    #[schemars(extend("tf" = optional_computed()))]
    tags_all: Attr<Tags>,
    /// The key in an external key store.
    #[schemars(extend("tf" =
        optional().force_new().zero_is_unset().length(1..=64).required_with(&["custom_key_store_id"])
    ))]
    xks_key_id: Attr<String>,
    #[schemars(extend("tf" = timeouts(&["create"])))]
    timeouts: Timeouts,
}

impl Resource for KmsKey {
    const TYPE: &'static str = "aws_kms_key";
    const IDENTITY: Option<Identity> = Some(identity::regional(&["id"]));
    const IMPORT_ID: &'static str = "{id}";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        super::refuse_configured_id(&config.id)
    }

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        region::plan(cx.client(), plan, |key| &mut key.region)?;
        cx.client().tags().plan(plan, |key| (&mut key.tags, &mut key.tags_all));
        // Without a period of its own a key that begins to rotate gets the service's.
        if plan.changes(|key| &key.enable_key_rotation) && plan.config.rotation_period_in_days.is_null() {
            plan.planned.rotation_period_in_days = Attr::Unknown;
        }
        Ok(())
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let timeout = planned.timeouts.create(TIMEOUT);
        let created = remote::create(cx, &planned, timeout).await?;
        let id = created.key_id.as_str();
        let known = Self { id: id.into(), key_id: id.into(), arn: created.arn.into(), ..planned };
        cx.save(&known);

        let remote = RemoteKey::of(cx, &known)?;
        remote.until_enabled(cx, timeout).await?;
        if known.enable_key_rotation.unwrap_or(false) {
            remote.set_rotation(true, known.rotation_period_in_days).await?;
        }
        // Last, because a key that is disabled cannot be changed.
        if !known.is_enabled.unwrap_or(true) {
            remote.set_enabled(false).await?;
        }
        known.settled(cx).await
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        let region = region::of_state(cx.client(), &state.region);
        let Some(found) = RemoteKey::of(cx, &state)?.read().await? else { return Ok(None) };
        Ok(Some(state.observed(cx.client().tags(), region, found)))
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        let remote = RemoteKey::of(cx, &change.prior)?;
        let planned = &change.planned;
        let old = change.prior.tags_all.clone().unwrap_or_default();
        remote.change_tags(&old, &cx.client().tags().merged(&planned.tags)).await?;
        let is_enabled = planned.is_enabled.unwrap_or(true);
        // First, because a key that is disabled cannot be changed.
        if is_enabled && change.changes(|key| &key.is_enabled) {
            remote.set_enabled(true).await?;
        }
        let rotates = planned.enable_key_rotation.unwrap_or(false);
        let has_new_period = rotates && change.changes(|key| &key.rotation_period_in_days);
        if change.changes(|key| &key.enable_key_rotation) || has_new_period {
            remote.set_rotation(rotates, planned.rotation_period_in_days).await?;
        }
        if change.changes(|key| &key.description) {
            remote.set_description(planned.description.text()).await?;
        }
        if change.changes(|key| &key.policy) {
            let bypass = planned.bypass_policy_lockout_safety_check.unwrap_or(false);
            remote.set_policy(planned.policy.text(), bypass).await?;
        }
        if !is_enabled && change.changes(|key| &key.is_enabled) {
            remote.set_enabled(false).await?;
        }
        change.planned.settled(cx).await
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        Ok(RemoteKey::of(cx, &state)?.schedule_deletion(state.deletion_window_in_days).await?)
    }

    async fn import(cx: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        let (id, region) = region::of_import_id(cx.client(), id);
        let bypass_policy_lockout_safety_check = false.into();
        Ok(Self { id: id.into(), key_id: id.into(), region, bypass_policy_lockout_safety_check, ..Self::default() })
    }

    fn same(comparison: &Comparison<'_>) -> bool {
        policy::same(comparison)
    }
}

impl KmsKey {
    /// The state after a write: as planned, and the rest as found.
    async fn settled(self, cx: &Context<Aws>) -> Applied<Self> {
        let (tags, tags_all, id) = (self.tags.clone(), self.tags_all.clone(), self.id.text().to_owned());
        let Some(found) = Self::read(cx, self).await? else {
            return Err(Diagnostics::error(
                format!("reading KMS Key ({id}): couldn't find resource"),
                "Something else deleted the key meanwhile. Apply again to create another.",
            )
            .into());
        };
        let tags_all = if tags_all.is_unknown() { found.tags_all } else { tags_all };
        Ok(Self { tags, tags_all, ..found })
    }

    /// The state after looking.
    fn observed(self, rules: &TagRules, region: Attr<String>, found: Found) -> Self {
        let Found { key, policy, rotates, rotation_period, tags } = found;
        let tags = rules.read(tags, &self.tags, &self.tags_all);
        let spec = spec_of(&key);
        // A key that does not rotate has no period, but the user may have written one for when it does.
        let kept = self.rotation_period_in_days.into_known();
        Self {
            arn: key.arn.into(),
            custom_key_store_id: key.custom_key_store_id.into(),
            customer_master_key_spec: spec.into(),
            description: key.description.unwrap_or_default().into(),
            enable_key_rotation: rotates.into(),
            id: key.key_id.as_str().into(),
            is_enabled: key.enabled.into(),
            key_usage: key.key_usage.map_or("ENCRYPT_DECRYPT".into(), |usage| usage.as_str().into()),
            multi_region: key.multi_region.unwrap_or(false).into(),
            policy: policy.into(),
            region,
            rotation_period_in_days: rotation_period.map(i64::from).or(kept).into(),
            tags: tags.tags,
            tags_all: tags.tags_all,
            xks_key_id: key.xks_key_configuration.and_then(|key| key.id).into(),
            key_id: key.key_id.into(),
            ..self
        }
    }
}

/// The kind of a key. An older service knows the older of the two names only.
pub(crate) fn spec_of(key: &KeyMetadata) -> String {
    let spec = key.key_spec.as_ref().map(|spec| spec.as_str().to_owned());
    #[expect(deprecated, reason = "what an older service answers")]
    let older = key.customer_master_key_spec.as_ref().map(|spec| spec.as_str().to_owned());
    spec.or(older).unwrap_or_else(|| "SYMMETRIC_DEFAULT".to_owned())
}

#[cfg(test)]
mod tests {
    use aws_sdk_kms::types::KeyState;

    use super::*;

    fn found(rotation_period: Option<i32>) -> Found {
        let key = KeyMetadata::builder().key_id("1").arn("arn:1").enabled(true).key_state(KeyState::Enabled);
        Found {
            key: key.build().unwrap(),
            policy: "{}".to_owned(),
            rotates: rotation_period.is_some(),
            rotation_period,
            tags: vec![("own".to_owned(), "1".to_owned())],
        }
    }

    #[test]
    fn a_key_becomes_state() {
        let key = KmsKey::default().observed(&TagRules::default(), "us-east-1".into(), found(None));
        assert_eq!((key.id.text(), key.key_id.text(), key.arn.text()), ("1", "1", "arn:1"));
        assert_eq!(
            (key.customer_master_key_spec.text(), key.key_usage.text()),
            ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
        );
        assert_eq!((key.is_enabled, key.multi_region), (true.into(), false.into()));
        assert_eq!(key.description, "".into());
        assert_eq!(key.tags.known().map(Tags::len), Some(1));
    }

    #[test]
    fn a_period_stays_while_nothing_rotates() {
        let period = |stored: Attr<i64>, remote| {
            let stored = KmsKey { rotation_period_in_days: stored, ..KmsKey::default() };
            stored.observed(&TagRules::default(), Attr::Null, found(remote)).rotation_period_in_days
        };
        assert_eq!(period(90.into(), Some(365)), 365.into());
        assert_eq!(period(90.into(), None), 90.into());
        assert_eq!(period(Attr::Unknown, None), Attr::Null);
    }
}
