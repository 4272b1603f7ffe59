//! A key as the service has it: making it, looking at it, and the calls that change one thing.

use std::time::Duration;

use aws_sdk_kms::Client;
use aws_sdk_kms::types::{KeyMetadata, KeyState, OriginType, Tag};
use tf_framework::{Attr, Context, Diagnostics};

use super::{KmsKey, spec_of};
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing as _};
use crate::region;
use crate::tags::{TagChange, Tags};
use crate::wait::{PERMISSION_WINDOW, Seen, Wait, retry_while};

/// The only policy that a key has.
const POLICY_NAME: &str = "default";

/// A key by id, in its region.
pub(super) struct RemoteKey {
    client: Client,
    id: String,
}

/// Everything a refresh asks for.
pub(super) struct Found {
    pub(super) key: KeyMetadata,
    pub(super) policy: String,
    pub(super) rotates: bool,
    pub(super) rotation_period: Option<i32>,
    pub(super) tags: Vec<(String, String)>,
}

/// Makes a key.
pub(super) async fn create(cx: &Context<Aws>, planned: &KmsKey, timeout: Duration) -> Result<KeyMetadata, Diagnostics> {
    let text = |value: &Attr<String>| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let tags = to_service(cx.client().tags().merged(&planned.tags));
    let in_store = text(&planned.custom_key_store_id).map(|_| match text(&planned.xks_key_id) {
        Some(_) => OriginType::ExternalKeyStore,
        None => OriginType::AwsCloudhsm,
    });
    let call = cx
        .client()
        .kms(&planned.region)?
        .create_key()
        .bypass_policy_lockout_safety_check(planned.bypass_policy_lockout_safety_check.unwrap_or(false))
        .key_spec(planned.customer_master_key_spec.text().into())
        .key_usage(planned.key_usage.text().into())
        .set_custom_key_store_id(text(&planned.custom_key_store_id))
        .set_description(text(&planned.description))
        .set_multi_region(planned.multi_region.into_known())
        .set_origin(in_store)
        .set_policy(text(&planned.policy))
        .set_tags((!tags.is_empty()).then_some(tags))
        .set_xks_key_id(text(&planned.xks_key_id));
    // A principal of the policy may be a role that was made a moment ago.
    let passes = |error: &ApiError| error.says("MalformedPolicyDocumentException", &["invalid principals"]);
    let window = timeout.min(PERMISSION_WINDOW);
    let created = retry_while(cx, window, passes, || async { Ok(call.clone().send().await?) }).await;
    let created = created.map_err(|error| refused(&error, "creating KMS Key"))?;
    created.key_metadata.ok_or_else(|| {
        Diagnostics::error(
            "creating KMS Key: empty result",
            "The service did not say what it made. Look for a new key.",
        )
    })
}

/// A key by any of its names; `None` when there is none.
pub(crate) async fn describe(
    kms: &Client,
    name: &str,
    grant_tokens: Option<Vec<String>>,
) -> Result<Option<KeyMetadata>, ApiError> {
    let call = kms.describe_key().key_id(name).set_grant_tokens(grant_tokens);
    match call.send().await.map_err(ApiError::from) {
        Ok(answer) => Ok(answer.key_metadata),
        Err(error) if error.is("NotFoundException") => Ok(None),
        Err(error) => Err(error),
    }
}

impl RemoteKey {
    pub(super) fn of(cx: &Context<Aws>, key: &KmsKey) -> Result<Self, Diagnostics> {
        let client = cx.client().kms(&region::of_state(cx.client(), &key.region))?;
        Ok(Self { client, id: key.id.text().to_owned() })
    }

    /// The key with what belongs to it; `None` when it is gone or going.
    pub(super) async fn read(&self) -> Result<Option<Found>, Diagnostics> {
        self.find().await.while_doing(&self.doing("reading", ""))
    }

    async fn find(&self) -> Result<Option<Found>, ApiError> {
        let Some(key) = describe(&self.client, &self.id, None).await?.filter(|key| !is_going(key)) else {
            return Ok(None);
        };
        let policy = self.client.get_key_policy().key_id(&self.id).policy_name(POLICY_NAME).send().await?.policy;
        // Others have no rotation to ask for.
        let can_rotate = spec_of(&key) == "SYMMETRIC_DEFAULT" && key.origin.as_ref() == Some(&OriginType::AwsKms);
        let (mut rotates, mut rotation_period) = (false, None);
        if can_rotate {
            let status = self.client.get_key_rotation_status().key_id(&self.id).send().await?;
            (rotates, rotation_period) = (status.key_rotation_enabled, status.rotation_period_in_days);
        }
        let mut tags = Vec::new();
        let mut pages = self.client.list_resource_tags().key_id(&self.id).into_paginator().send();
        while let Some(page) = pages.next().await {
            tags.extend(page?.tags.into_iter().flatten().map(|tag| (tag.tag_key, tag.tag_value)));
        }
        Ok(Some(Found { key, policy: policy.unwrap_or_default(), rotates, rotation_period, tags }))
    }

    /// Waits until a new key can be used.
    pub(super) async fn until_enabled(&self, cx: &Context<Aws>, timeout: Duration) -> Result<(), Diagnostics> {
        let doing = format!("waiting for KMS Key ({}) create", self.id);
        let wait = Wait { doing: &doing, pending: &["Creating", "Updating"], target: &["Enabled"], timeout };
        let look = || async {
            let found = describe(&self.client, &self.id, None).await?;
            let state = |key: KeyMetadata| key.key_state.map(|state| state.as_str().to_owned()).unwrap_or_default();
            Ok(found.map_or(Seen::Gone, |key| Seen::In(state(key), ())))
        };
        wait.until(cx, look).await.map(drop)
    }

    /// Lets the key be used, or forbids it.
    pub(super) async fn set_enabled(&self, is_enabled: bool) -> Result<(), Diagnostics> {
        let answer = if is_enabled {
            self.client.enable_key().key_id(&self.id).send().await.map(drop).map_err(ApiError::from)
        } else {
            self.client.disable_key().key_id(&self.id).send().await.map(drop).map_err(ApiError::from)
        };
        answer.map_err(|error| error.diagnostic(&self.doing("updating", " status")).at("is_enabled").into())
    }

    /// Turns rotation on, with a period if there is one to set, or off.
    pub(super) async fn set_rotation(&self, rotates: bool, period: Attr<i64>) -> Result<(), Diagnostics> {
        let answer = if rotates {
            let period = period.into_known().and_then(|days| i32::try_from(days).ok());
            let call = self.client.enable_key_rotation().key_id(&self.id).set_rotation_period_in_days(period);
            call.send().await.map(drop).map_err(ApiError::from)
        } else {
            self.client.disable_key_rotation().key_id(&self.id).send().await.map(drop).map_err(ApiError::from)
        };
        answer.map_err(|error| error.diagnostic(&self.doing("updating", " rotation")).at("enable_key_rotation").into())
    }

    /// Says what the key is for.
    pub(super) async fn set_description(&self, description: &str) -> Result<(), Diagnostics> {
        let call = self.client.update_key_description().key_id(&self.id).description(description);
        let answer = call.send().await.map(drop).map_err(ApiError::from);
        answer.map_err(|error| error.diagnostic(&self.doing("updating", " description")).at("description").into())
    }

    /// Says who may use the key.
    pub(super) async fn set_policy(&self, policy: &str, bypass_check: bool) -> Result<(), Diagnostics> {
        let call = self.client.put_key_policy().key_id(&self.id).policy_name(POLICY_NAME).policy(policy);
        let answer = call.bypass_policy_lockout_safety_check(bypass_check).send().await.map(drop);
        let answer = answer.map_err(ApiError::from);
        answer.map_err(|error| error.diagnostic(&self.doing("updating", " policy")).at("policy").into())
    }

    /// Brings the key from one set of tags to another.
    pub(super) async fn change_tags(&self, old: &Tags, new: &Tags) -> Result<(), Diagnostics> {
        let Some(TagChange { removed, set }) = TagChange::between(old, new) else { return Ok(()) };
        if !removed.is_empty() {
            let call = self.client.untag_resource().key_id(&self.id).set_tag_keys(Some(removed));
            call.send().await.while_doing(&self.doing("untagging", ""))?;
        }
        if !set.is_empty() {
            let call = self.client.tag_resource().key_id(&self.id).set_tags(Some(to_service(set)));
            call.send().await.while_doing(&self.doing("tagging", ""))?;
        }
        Ok(())
    }

    /// Deletes the key when the days are over. One that is gone or going needs nothing.
    pub(super) async fn schedule_deletion(&self, days: Attr<i64>) -> Result<(), Diagnostics> {
        let days = days.into_known().and_then(|days| i32::try_from(days).ok());
        let call = self.client.schedule_key_deletion().key_id(&self.id).set_pending_window_in_days(days);
        match call.send().await.map_err(ApiError::from) {
            Err(error) if error.is("NotFoundException") => Ok(()),
            Err(error) if error.says("KMSInvalidStateException", &["is pending deletion"]) => Ok(()),
            answer => answer.map(drop).while_doing(&self.doing("deleting", "")),
        }
    }

    fn doing(&self, verb: &str, part: &str) -> String {
        format!("{verb} KMS Key ({}){part}", self.id)
    }
}

fn is_going(key: &KeyMetadata) -> bool {
    matches!(key.key_state, Some(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion))
}

fn to_service(tags: Tags) -> Vec<Tag> {
    let tag = |(key, value)| Tag::builder().tag_key(key).tag_value(value).build().expect("key and value are set");
    tags.into_iter().map(tag).collect()
}

fn refused(error: &ApiError, doing: &str) -> Diagnostics {
    const MEMBERS: &[(&str, &str)] = &[
        ("description", "description"),
        ("keySpec", "customer_master_key_spec"),
        ("keyUsage", "key_usage"),
        ("customKeyStoreId", "custom_key_store_id"),
        ("policy", "policy"),
        ("tags", "tags"),
        ("xksKeyId", "xks_key_id"),
    ];
    let diagnostic = error.diagnostic_at(doing, MEMBERS);
    match error.code() {
        "MalformedPolicyDocumentException" => diagnostic.at("policy"),
        "TagException" => diagnostic.at("tags"),
        "CustomKeyStoreNotFoundException" => diagnostic.at("custom_key_store_id"),
        _ => diagnostic,
    }
    .into()
}
