//! `aws_kms_alias`: a name for a key.
//!
//! An alias can be pointed at another key in place. Its key may be written as an id or as an ARN; the service knows the id.

use aws_sdk_kms::Client;
use aws_sdk_kms::types::AliasListEntry;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Applied, Attr, Change, Comparison, Context, Diagnostics, Failure, Identity, Plan, Resource, Value};

use super::name::{name_or_unique, plan_name, prefix_of};
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing};
use crate::{identity, region};

/// How every alias begins, and one whose name is made up when the user gave no prefix.
const PREFIX: &str = "alias/";

const NAME_PATTERN: &str = "^alias/[a-zA-Z0-9:/_-]+$";

/// The name of the rule for `same_when` on attributes that hold a key.
const SAME_KEY: &str = "kms-key";

/// A name for a key.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KmsAlias {
    /// The alias's ARN.
    #[schemars(extend("tf" = computed()))]
    arn: Attr<String>,
    /// The alias's name.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The name, which begins with `alias/`; made up when not set.
    #[schemars(extend("tf" =
        optional_computed().force_new().conflicts_with(&["name_prefix"]).length(1..=256).pattern(NAME_PATTERN)
    ))]
    name: Attr<String>,
    /// What a made-up name begins with.
    #[schemars(extend("tf" =
        optional_computed().force_new().conflicts_with(&["name"]).length(1..=230).pattern(NAME_PATTERN)
    ))]
    name_prefix: Attr<String>,
    /// The region of the alias; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// The ARN of the key.
    #[schemars(extend("tf" = computed()))]
    target_key_arn: Attr<String>,
    /// The key, by its id or ARN.
    #[schemars(extend("tf" = required().same_when(SAME_KEY)))]
    target_key_id: Attr<String>,
}

impl Resource for KmsAlias {
    const TYPE: &'static str = "aws_kms_alias";
    const IDENTITY: Option<Identity> = Some(identity::regional(&["name"]));
    const IMPORT_ID: &'static str = "{name}";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        super::refuse_configured_id(&config.id)
    }

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        region::plan(cx.client(), plan, |alias| &mut alias.region)?;
        plan_name(plan, |alias| (&mut alias.name, &mut alias.name_prefix));
        if plan.is_create() && plan.config.name.is_known() {
            plan.planned.id = plan.config.name.clone();
        }
        if plan.changes(|alias| &alias.target_key_id) {
            plan.planned.target_key_arn = Attr::Unknown;
        }
        Ok(())
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let kms = cx.client().kms(&planned.region)?;
        let prefix = planned.name_prefix.as_str().filter(|prefix| !prefix.is_empty()).unwrap_or(PREFIX);
        let name = name_or_unique(&planned.name, &prefix.into());
        let call = kms.create_alias().alias_name(&name).target_key_id(planned.target_key_id.text());
        let created = call.send().await.map_err(ApiError::from);
        created.map_err(|error| refused(&error, &format!("creating KMS Alias ({name})")))?;
        let known = Self { id: name.as_str().into(), name: name.into(), ..planned };
        cx.save(&known);
        known.settled(cx).await
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        let region = region::of_state(cx.client(), &state.region);
        let name = state.id.text();
        let found = find(&cx.client().kms(&region)?, name).await;
        let found = found.while_doing(&format!("reading KMS Alias ({name})"))?;
        Ok(found.map(|found| observed(found, region)))
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        let planned = change.planned.clone();
        if change.changes(|alias| &alias.target_key_id) {
            let name = planned.id.text();
            let call = cx.client().kms(&planned.region)?.update_alias().alias_name(name);
            let updated = call.target_key_id(planned.target_key_id.text()).send().await.map_err(ApiError::from);
            updated.map_err(|error| refused(&error, &format!("updating KMS Alias ({name})")))?;
        }
        planned.settled(cx).await
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        let name = state.id.text();
        let deleted = cx.client().kms(&state.region)?.delete_alias().alias_name(name).send().await;
        match deleted.map_err(ApiError::from) {
            Err(error) if error.is("NotFoundException") => Ok(()),
            deleted => Ok(deleted.map(drop).while_doing(&format!("deleting KMS Alias ({name})"))?),
        }
    }

    async fn import(cx: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        let (name, region) = region::of_import_id(cx.client(), id);
        Ok(Self { id: name.into(), name: name.into(), region, ..Self::default() })
    }

    fn same(comparison: &Comparison<'_>) -> bool {
        match (comparison.rule, comparison.prior, comparison.config) {
            (SAME_KEY, Value::String(prior), Value::String(config)) => are_same_key(prior, config),
            _ => false,
        }
    }
}

impl KmsAlias {
    /// The state after a write: as planned, and the rest as found.
    async fn settled(self, cx: &Context<Aws>) -> Applied<Self> {
        let (name, target) = (self.id.text().to_owned(), self.target_key_id.clone());
        let Some(found) = Self::read(cx, self).await? else {
            return Err(Diagnostics::error(
                format!("reading KMS Alias ({name}): couldn't find resource"),
                "Something else removed the alias meanwhile. Apply again to create it anew.",
            )
            .into());
        };
        Ok(Self { target_key_id: target, ..found })
    }
}

/// An alias by its name. There is no call for one, and DescribeKey tells of the key only.
pub(crate) async fn find(kms: &Client, name: &str) -> Result<Option<AliasListEntry>, ApiError> {
    let mut pages = kms.list_aliases().into_paginator().send();
    while let Some(page) = pages.next().await {
        let found = page?.aliases.into_iter().flatten().find(|alias| alias.alias_name.as_deref() == Some(name));
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The ARN of a key, from that of an alias: they differ in the resource only.
fn key_arn(alias_arn: &str, key_id: &str) -> Option<String> {
    alias_arn.split_once(":alias/").map(|(account, _)| format!("{account}:key/{key_id}"))
}

fn observed(found: AliasListEntry, region: Attr<String>) -> KmsAlias {
    let (arn, name) = (found.alias_arn.unwrap_or_default(), found.alias_name.unwrap_or_default());
    let target = found.target_key_id.unwrap_or_default();
    KmsAlias {
        id: name.as_str().into(),
        name_prefix: prefix_of(&name).into(),
        name: name.into(),
        region,
        target_key_arn: key_arn(&arn, &target).into(),
        arn: arn.into(),
        target_key_id: target.into(),
    }
}

/// Whether an id and an ARN are of the same key. Two ARNs are the same only as a whole.
fn are_same_key(a: &str, b: &str) -> bool {
    let id = |key: &str| key.rsplit_once(":key/").map(|(_, id)| id.to_owned());
    match (id(a), id(b)) {
        (Some(id), None) => id == b,
        (None, Some(id)) => id == a,
        (Some(_), Some(_)) | (None, None) => a == b,
    }
}

fn refused(error: &ApiError, doing: &str) -> Diagnostics {
    const MEMBERS: &[(&str, &str)] = &[("aliasName", "name"), ("targetKeyId", "target_key_id")];
    let diagnostic = error.diagnostic_at(doing, MEMBERS);
    match error.code() {
        "NotFoundException" | "KMSInvalidStateException" | "LimitExceededException" => diagnostic.at("target_key_id"),
        "AlreadyExistsException" | "NotAuthorizedException" | "InvalidAliasNameException" => diagnostic.at("name"),
        _ => diagnostic,
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_and_an_arn_are_the_same_key() {
        let arn = "arn:aws:kms:us-east-1:000000000000:key/1";
        for (a, b, expected) in [
            ("1", "1", true),
            ("1", arn, true),
            (arn, "1", true),
            (arn, arn, true),
            (arn, "2", false),
            (arn, "arn:aws:kms:eu-west-1:000000000000:key/1", false),
        ] {
            assert_eq!(are_same_key(a, b), expected, "{a} and {b}");
        }
    }

    #[test]
    fn an_entry_becomes_state() {
        let found = AliasListEntry::builder()
            .alias_name("alias/mine")
            .alias_arn("arn:aws:kms:us-east-1:000000000000:alias/mine")
            .target_key_id("1")
            .build();
        let alias = observed(found, "us-east-1".into());
        assert_eq!((alias.id.text(), alias.name.text(), alias.name_prefix.text()), ("alias/mine", "alias/mine", ""));
        assert_eq!(alias.target_key_arn.text(), "arn:aws:kms:us-east-1:000000000000:key/1");
    }
}
