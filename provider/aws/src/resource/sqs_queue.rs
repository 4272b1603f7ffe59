//! `aws_sqs_queue`: the model of a queue, and its life in order.
//!
//! The calls are in `remote`. Invariant: from the moment the service made the queue, its URL is in the state.

mod remote;

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{
    Applied, Attr, Change, Comparison, Context, Diagnostic, Diagnostics, Failure, Identity, Plan, Resource, Timeouts,
    Value,
};

use self::remote::{Found, RemoteQueue};
use super::name::{name_or_unique_with, plan_name, prefix_before};
use super::service_attributes::{Field, ServiceAttributes};
use crate::client::Aws;
use crate::policy::{self, SAME_DOCUMENT, SAME_POLICY, must_be_json_or_empty};
use crate::tags::{TagRules, Tags};
use crate::{identity, region};

const TIMEOUT: Duration = Duration::from_secs(3 * 60);

/// The end of every FIFO queue's name.
const FIFO: &str = ".fifo";

/// How long a data key is used where the service does not say, because nothing is encrypted with a key of KMS.
const REUSE_PERIOD: i64 = 300;

/// The name of the rule for `same_when` on that period: without a key it means nothing.
const SAME_WITHOUT_KEY: &str = "without-kms-key";

/// A queue of messages.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SqsQueue {
    /// The queue's ARN.
    #[schemars(extend("tf" = computed()))]
    arn: Attr<String>,
    /// Whether messages of a FIFO queue are the same if they say the same.
    #[schemars(extend("tf" = optional().default(false)))]
    content_based_deduplication: Attr<bool>,
    /// Within what messages of a FIFO queue are recognised as the same.
    #[schemars(extend("tf" = optional_computed().one_of(&["messageGroup", "queue"])))]
    deduplication_scope: Attr<String>,
    /// How many seconds a message waits before anybody can receive it.
    #[schemars(extend("tf" = optional().default(0).range(0..=900)))]
    delay_seconds: Attr<i64>,
    /// Whether messages come out in the order in which they went in. The name then ends in `.fifo`.
    #[schemars(extend("tf" = optional().default(false).force_new()))]
    fifo_queue: Attr<bool>,
    /// What the limit on the throughput of a FIFO queue is for.
    #[schemars(extend("tf" = optional_computed().one_of(&["perMessageGroupId", "perQueue"])))]
    fifo_throughput_limit: Attr<String>,
    /// The queue's URL.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// How many seconds a data key is used before KMS is asked for another.
    #[schemars(extend("tf" = optional_computed().range(60..=86_400).same_when(SAME_WITHOUT_KEY)))]
    kms_data_key_reuse_period_seconds: Attr<i64>,
    /// The KMS key that messages are encrypted with.
    #[schemars(extend("tf" = optional().zero_is_unset().conflicts_with(&["sqs_managed_sse_enabled"])))]
    kms_master_key_id: Attr<String>,
    /// How many bytes a message may have.
    #[schemars(extend("tf" = optional().default(262_144).range(1024..=1_048_576)))]
    max_message_size: Attr<i64>,
    /// How many seconds a message is kept.
    #[schemars(extend("tf" = optional().default(345_600).range(60..=1_209_600)))]
    message_retention_seconds: Attr<i64>,
    /// The queue's name; made up when not set.
    #[schemars(extend("tf" = optional_computed().force_new().conflicts_with(&["name_prefix"]).length(1..)))]
    name: Attr<String>,
    /// What a made-up name begins with.
    #[schemars(extend("tf" = optional_computed().force_new().conflicts_with(&["name"]).length(1..)))]
    name_prefix: Attr<String>,
    /// Who may use the queue, as JSON.
    #[schemars(extend("tf" = optional_computed().check(must_be_json_or_empty()).same_when(SAME_POLICY)))]
    policy: Attr<String>,
    /// How many seconds a receive waits for a message.
    #[schemars(extend("tf" = optional().default(0).range(0..=20)))]
    receive_wait_time_seconds: Attr<i64>,
    /// Whose dead letters the queue takes, as JSON.
    #[schemars(extend("tf" = optional_computed().check(must_be_json_or_empty()).same_when(SAME_DOCUMENT)))]
    redrive_allow_policy: Attr<String>,
    /// When a message is a dead letter, and where it goes, as JSON.
    #[schemars(extend("tf" = optional_computed().check(must_be_json_or_empty()).same_when(SAME_DOCUMENT)))]
    redrive_policy: Attr<String>,
    /// The region of the queue; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// Whether messages are encrypted with keys of the service.
    #[schemars(extend("tf" = optional_computed().conflicts_with(&["kms_master_key_id"])))]
    sqs_managed_sse_enabled: Attr<bool>,
    /// Tags of the queue.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    tags: Attr<Tags>,
    /// Tags of the queue, those of the provider's `default_tags` included.
    #[schemars(extend("tf" = optional_computed()))]
    tags_all: Attr<Tags>,
    /// The queue's URL.
    #[schemars(extend("tf" = computed()))]
    url: Attr<String>,
    /// How many seconds a message that was received is hidden from others.
    #[schemars(extend("tf" = optional().default(30).range(0..=43_200)))]
    visibility_timeout_seconds: Attr<i64>,
    #[schemars(extend("tf" = timeouts(&["create", "update", "delete"])))]
    timeouts: Timeouts,
}

impl ServiceAttributes for SqsQueue {
    fn fields(&mut self) -> Vec<(&'static str, Field<'_>)> {
        vec![
            ("QueueArn", Field::Text(&mut self.arn)),
            ("ContentBasedDeduplication", Field::Flag(&mut self.content_based_deduplication)),
            ("DeduplicationScope", Field::Text(&mut self.deduplication_scope)),
            ("DelaySeconds", Field::Number(&mut self.delay_seconds)),
            ("FifoQueue", Field::Flag(&mut self.fifo_queue)),
            ("FifoThroughputLimit", Field::Text(&mut self.fifo_throughput_limit)),
            ("KmsDataKeyReusePeriodSeconds", Field::Number(&mut self.kms_data_key_reuse_period_seconds)),
            ("KmsMasterKeyId", Field::Text(&mut self.kms_master_key_id)),
            ("MaximumMessageSize", Field::Number(&mut self.max_message_size)),
            ("MessageRetentionPeriod", Field::Number(&mut self.message_retention_seconds)),
            ("Policy", Field::Text(&mut self.policy)),
            ("ReceiveMessageWaitTimeSeconds", Field::Number(&mut self.receive_wait_time_seconds)),
            ("RedriveAllowPolicy", Field::Text(&mut self.redrive_allow_policy)),
            ("RedrivePolicy", Field::Text(&mut self.redrive_policy)),
            ("SqsManagedSseEnabled", Field::Flag(&mut self.sqs_managed_sse_enabled)),
            ("VisibilityTimeout", Field::Number(&mut self.visibility_timeout_seconds)),
        ]
    }
}

impl Resource for SqsQueue {
    const TYPE: &'static str = "aws_sqs_queue";
    const IDENTITY: Option<Identity> = Some(identity::regional(&["url"]));
    const IMPORT_ID: &'static str = "{url}";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        super::refuse_configured_id(&config.id)
    }

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        region::plan(cx.client(), plan, |queue| &mut queue.region)?;
        cx.client().tags().plan(plan, |queue| (&mut queue.tags, &mut queue.tags_all));
        plan_name(plan, |queue| (&mut queue.name, &mut queue.name_prefix));
        let key = &plan.planned.kms_master_key_id;
        let is_same_key = |prior: &Self| !key.is_unknown() && prior.kms_master_key_id.text() == key.text();
        let has_other_key = !plan.prior.as_ref().is_some_and(is_same_key);
        if has_other_key && plan.config.sqs_managed_sse_enabled.is_null() {
            // Whose keys encrypt messages is one choice, and the service makes the rest of it.
            plan.planned.sqs_managed_sse_enabled = Attr::Unknown;
        }
        if has_other_key && plan.config.kms_data_key_reuse_period_seconds.is_null() {
            plan.planned.kms_data_key_reuse_period_seconds = Attr::Unknown;
        }
        if plan.is_create() {
            plan.planned.check_name()?;
        }
        plan.planned.check_deduplication()
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let timeout = planned.timeouts.create(TIMEOUT);
        let url = remote::create(cx, &planned, timeout).await?;
        let known = Self { id: url.as_str().into(), url: url.as_str().into(), ..planned };
        cx.save(&known);
        RemoteQueue::of(cx, &known)?.until_it_has(cx, &known.wanted(), "create", timeout).await?;
        known.settled(cx).await
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        let region = region::of_state(cx.client(), &state.region);
        let Some(found) = RemoteQueue::of(cx, &state)?.read().await? else { return Ok(None) };
        Ok(Some(state.observed(cx.client().tags(), region, &found)))
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        let Change { prior, planned, .. } = change;
        let remote = RemoteQueue::of(cx, &prior)?;
        let old = prior.tags_all.clone().unwrap_or_default();
        remote.change_tags(&old, &cx.client().tags().merged(&planned.tags)).await?;
        let attributes = prior.to_update(&planned);
        if !attributes.is_empty() {
            remote.set(&attributes).await?;
            remote.until_it_has(cx, &attributes, "update", planned.timeouts.update(TIMEOUT)).await?;
        }
        planned.settled(cx).await
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        Ok(RemoteQueue::of(cx, &state)?.delete(cx, state.timeouts.delete(TIMEOUT)).await?)
    }

    async fn import(cx: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        let (url, region) = region::of_import_id(cx.client(), id);
        if name_in(url).is_none() {
            return Err(Diagnostics::error(
                format!("SQS Queue URL ({url}) is in the incorrect format"),
                "Give the queue's URL, like https://sqs.REGION.amazonaws.com/ACCOUNT/NAME; `aws sqs list-queues` shows it.",
            ));
        }
        Ok(Self { id: url.into(), url: url.into(), region, ..Self::default() })
    }

    fn same(comparison: &Comparison<'_>) -> bool {
        match (comparison.rule, comparison.config_resource.get("kms_master_key_id")) {
            (SAME_WITHOUT_KEY, Value::Null) => true,
            (SAME_WITHOUT_KEY, Value::String(key)) => key.is_empty(),
            _ => policy::same(comparison),
        }
    }
}

impl SqsQueue {
    /// What to ask for when the queue is made.
    fn wanted(&self) -> BTreeMap<&'static str, String> {
        let mut attributes = self.to_create();
        // To be without encryption has to be said.
        attributes
            .extend(self.sqs_managed_sse_enabled.known().map(|is_on| ("SqsManagedSseEnabled", is_on.to_string())));
        if self.kms_master_key_id.text().is_empty() {
            attributes.remove("KmsDataKeyReusePeriodSeconds");
        }
        attributes
    }

    /// The name that the queue is going to have, if that is known; one that is made up is another every time.
    fn name_to_be(&self) -> String {
        let ending = if self.fifo_queue.unwrap_or(false) { FIFO } else { "" };
        name_or_unique_with(&self.name, &self.name_prefix, ending)
    }

    /// AWS's rule for names. It holds for the one that is made up, too.
    fn check_name(&self) -> Result<(), Diagnostics> {
        if self.fifo_queue.is_unknown() {
            return Ok(());
        }
        let name = self.name_to_be();
        let (stem, most) = match self.fifo_queue.unwrap_or(false) {
            true => (name.strip_suffix(FIFO).unwrap_or_default(), 75),
            false => (name.as_str(), 80),
        };
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if (1..=most).contains(&stem.len()) && stem.bytes().all(is_allowed) {
            return Ok(());
        }
        let detail = "A name has up to 80 letters, digits, hyphens and underscores. That of a FIFO queue ends in .fifo, and \
                      no other does.";
        let at = if self.name.is_known() { "name" } else { "name_prefix" };
        Err(Diagnostic::error(format!("invalid queue name: {name}"), detail).at(at).into())
    }

    fn check_deduplication(&self) -> Result<(), Diagnostics> {
        let is_standard = self.fifo_queue.known() == Some(&false);
        if !(is_standard && self.content_based_deduplication.unwrap_or(false)) {
            return Ok(());
        }
        let detail = "Set fifo_queue, or remove content_based_deduplication.";
        let summary = "content-based deduplication can only be set for FIFO queue";
        Err(Diagnostic::error(summary, detail).at("content_based_deduplication").into())
    }

    /// The state after a write: as planned, and the rest as found.
    async fn settled(self, cx: &Context<Aws>) -> Applied<Self> {
        let (tags, tags_all, url) = (self.tags.clone(), self.tags_all.clone(), self.id.text().to_owned());
        let Some(found) = Self::read(cx, self).await? else {
            return Err(Diagnostics::error(
                format!("reading SQS Queue ({url}): couldn't find resource"),
                "Something else deleted the queue meanwhile. Apply again to create it anew.",
            )
            .into());
        };
        let tags_all = if tags_all.is_unknown() { found.tags_all } else { tags_all };
        Ok(Self { tags, tags_all, ..found })
    }

    /// The state after looking.
    fn observed(mut self, rules: &TagRules, region: Attr<String>, found: &Found) -> Self {
        let tags = rules.read(found.tags.clone(), &self.tags, &self.tags_all);
        self.observe(&found.attributes);
        if self.kms_data_key_reuse_period_seconds == 0.into() {
            self.kms_data_key_reuse_period_seconds = REUSE_PERIOD.into();
        }
        let name = name_in(self.id.text()).unwrap_or_default().to_owned();
        let ending = if self.fifo_queue.unwrap_or(false) { FIFO } else { "" };
        Self {
            name_prefix: prefix_before(&name, ending).into(),
            name: name.into(),
            url: self.id.clone(),
            region,
            tags: tags.tags,
            tags_all: tags.tags_all,
            ..self
        }
    }
}

/// The name of the queue in a URL: `https://HOST/ACCOUNT/NAME`.
fn name_in(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let mut parts = rest.split('/');
    let (_host, _account, name) = (parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests;
