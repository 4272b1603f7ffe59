//! `aws_cloudwatch_log_group`: a group, how long its events are kept, and what encrypts and protects it.
//!
//! The calls are in `remote`. A group of the class DELIVERY has a retention of its own that nobody can set, so what is configured for one says nothing.
//! Invariant: from the moment the service made the group, it is in the state.

mod remote;

use aws_sdk_cloudwatchlogs::types::LogGroup;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Applied, Attr, Change, Check, Context, Diagnostics, Failure, Identity, Plan, Resource};

use self::remote::RemoteGroup;
use super::name::{name_or_unique, plan_name, prefix_of};
use crate::arn::must_be_arn_or_empty;
use crate::client::Aws;
use crate::identity;
use crate::region;
use crate::tags::{TagRules, Tags};

/// For how many days events can be kept; 0 stands for ever.
const DAYS: &[i64] =
    &[0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

const CLASSES: &[&str] = &["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"];

/// The class whose retention is AWS's.
const DELIVERY: &str = "DELIVERY";

/// A group of log streams.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CloudwatchLogGroup {
    /// The group's ARN.
    #[schemars(extend("tf" = computed()))]
    arn: Attr<String>,
    /// Whether the group is kept from being deleted.
    #[schemars(extend("tf" = optional_computed()))]
    deletion_protection_enabled: Attr<bool>,
    /// The group's name.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The ARN of the key that encrypts the group's events.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_arn_or_empty())))]
    kms_key_id: Attr<String>,
    /// What the group is made for; STANDARD when not set.
    #[schemars(extend("tf" = optional_computed().force_new().one_of(CLASSES)))]
    log_group_class: Attr<String>,
    /// The name; made up when not set.
    #[schemars(extend("tf" =
        optional_computed().force_new().conflicts_with(&["name_prefix"]).length(1..=512).check(must_be_group_name())
    ))]
    name: Attr<String>,
    /// What a made-up name begins with.
    #[schemars(extend("tf" =
        optional_computed().force_new().conflicts_with(&["name"]).length(..=483).check(must_be_group_name())
    ))]
    name_prefix: Attr<String>,
    /// The region of the group; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// For how many days events are kept; 0 for ever.
    #[schemars(extend("tf" = optional().default(0).one_of(DAYS)))]
    retention_in_days: Attr<i64>,
    /// Leave the group where it is when the resource is destroyed.
    #[schemars(extend("tf" = optional().default(false)))]
    skip_destroy: Attr<bool>,
    /// Tags of the group.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    tags: Attr<Tags>,
    /// Tags of the group, those of the provider's `default_tags` included.
    #[schemars(extend("tf" = optional_computed()))]
    tags_all: Attr<Tags>,
}

fn must_be_group_name() -> Check {
    Check::pattern_or(
        "^[0-9A-Za-z_./#-]+$",
        "a log group's name has alphanumeric characters, underscores, hyphens, slashes, hash signs and dots only",
    )
}

impl Resource for CloudwatchLogGroup {
    const TYPE: &'static str = "aws_cloudwatch_log_group";
    const IDENTITY: Option<Identity> = Some(identity::regional(&["name"]));
    const IMPORT_ID: &'static str = "{name}";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        super::refuse_configured_id(&config.id)
    }

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        region::plan(cx.client(), plan, |group| &mut group.region)?;
        cx.client().tags().plan(plan, |group| (&mut group.tags, &mut group.tags_all));
        plan_name(plan, |group| (&mut group.name, &mut group.name_prefix));
        if plan.is_create() && plan.config.name.is_known() {
            plan.planned.id = plan.config.name.clone();
        }
        if plan.planned.is_for_delivery() {
            plan.planned.retention_in_days = match &plan.prior {
                Some(prior) if prior.is_for_delivery() => prior.retention_in_days,
                Some(_) | None if plan.config.retention_in_days.is_null() => Attr::Unknown,
                Some(_) | None => plan.planned.retention_in_days,
            };
        }
        Ok(())
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let name = name_or_unique(&planned.name, &planned.name_prefix);
        remote::create(cx, &name, &planned).await?;
        let known = Self { id: name.as_str().into(), name: name.into(), ..planned };
        cx.save(&known);
        let days = known.retention_in_days.unwrap_or(0);
        if days > 0 && !known.is_for_delivery() {
            RemoteGroup::of(cx, &known)?.set_retention(days).await?;
        }
        known.settled(cx).await
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        let region = region::of_state(cx.client(), &state.region);
        let Some((found, tags)) = RemoteGroup::of(cx, &state)?.read().await? else { return Ok(None) };
        Ok(Some(state.observed(cx.client().tags(), region, found, tags)))
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        let (remote, planned) = (RemoteGroup::of(cx, &change.prior)?, &change.planned);
        let old = change.prior.tags_all.clone().unwrap_or_default();
        remote.change_tags(change.prior.arn.text(), &old, &cx.client().tags().merged(&planned.tags)).await?;
        if change.changes(|group| &group.retention_in_days) {
            remote.set_retention(planned.retention_in_days.unwrap_or(0)).await?;
        }
        if change.changes(|group| &group.deletion_protection_enabled) {
            remote.set_protection(planned.deletion_protection_enabled.unwrap_or(false)).await?;
        }
        if change.prior.kms_key_id.text() != planned.kms_key_id.text() {
            remote.set_key(planned.kms_key_id.text()).await?;
        }
        change.planned.settled(cx).await
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        if state.skip_destroy.unwrap_or(false) {
            return Ok(());
        }
        Ok(RemoteGroup::of(cx, &state)?.delete(cx).await?)
    }

    async fn import(cx: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        let (name, region) = region::of_import_id(cx.client(), id);
        Ok(Self { id: name.into(), region, skip_destroy: false.into(), ..Self::default() })
    }
}

impl CloudwatchLogGroup {
    fn is_for_delivery(&self) -> bool {
        self.log_group_class.text() == DELIVERY
    }

    /// The state after a write: as planned, and the rest as found.
    async fn settled(self, cx: &Context<Aws>) -> Applied<Self> {
        let (planned, name) = (self.clone(), self.id.text().to_owned());
        let Some(found) = Self::read(cx, self).await? else {
            return Err(Diagnostics::error(
                format!("reading CloudWatch Logs Log Group ({name}): couldn't find resource"),
                "Something else deleted the log group meanwhile. Apply again to create it anew.",
            )
            .into());
        };
        let tags_all = if planned.tags_all.is_unknown() { found.tags_all } else { planned.tags_all };
        let is_own = found.log_group_class.text() == DELIVERY && planned.retention_in_days.is_known();
        let retention_in_days = if is_own { planned.retention_in_days } else { found.retention_in_days };
        Ok(Self { tags: planned.tags, tags_all, retention_in_days, ..found })
    }

    /// The state after looking.
    fn observed(self, rules: &TagRules, region: Attr<String>, group: LogGroup, tags: Tags) -> Self {
        let tags = rules.read(tags, &self.tags, &self.tags_all);
        let name = group.log_group_name.unwrap_or_default();
        Self {
            // Older services give the ARN of the group's streams only.
            arn: group.arn.unwrap_or_default().trim_end_matches(":*").into(),
            deletion_protection_enabled: group.deletion_protection_enabled.unwrap_or(false).into(),
            id: name.as_str().into(),
            kms_key_id: group.kms_key_id.unwrap_or_default().into(),
            log_group_class: group.log_group_class.map_or("STANDARD".into(), |class| class.as_str().into()),
            name_prefix: prefix_of(&name).into(),
            name: name.into(),
            region,
            retention_in_days: i64::from(group.retention_in_days.unwrap_or(0)).into(),
            skip_destroy: self.skip_destroy.unwrap_or(false).into(),
            tags: tags.tags,
            tags_all: tags.tags_all,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_becomes_state() {
        let group = LogGroup::builder().log_group_name("/a").arn("arn:aws:logs:us-east-1:000000000000:log-group:/a:*");
        let tags = Tags::from([("own".to_owned(), "1".to_owned())]);
        let group =
            CloudwatchLogGroup::default().observed(&TagRules::default(), "us-east-1".into(), group.build(), tags);
        assert_eq!((group.id.text(), group.name.text(), group.name_prefix.text()), ("/a", "/a", ""));
        assert_eq!(group.arn.text(), "arn:aws:logs:us-east-1:000000000000:log-group:/a");
        assert_eq!((group.log_group_class.text(), group.retention_in_days), ("STANDARD", 0.into()));
        assert_eq!((group.deletion_protection_enabled, group.skip_destroy), (false.into(), false.into()));
        assert_eq!(group.tags.known().map(Tags::len), Some(1));
    }
}
