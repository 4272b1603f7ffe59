//! `aws_sns_topic`: the model of a topic, and its life in order.
//!
//! The calls are in `remote`. A topic is made with little more than its name; everything else is set afterwards, one call
//! for each attribute. Invariant: from the moment the service made the topic, its ARN is in the state.

mod remote;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tf_framework::flags::*;
use tf_framework::{
    Applied, Attr, Change, Comparison, Context, Diagnostic, Diagnostics, Failure, Identity, Plan, Resource, Value,
};

use self::remote::{Found, RemoteTopic};
use super::name::{name_or_unique_with, plan_name, prefix_before};
use super::service_attributes::{Field, ServiceAttributes};
use crate::arn::{must_be_arn_or_empty, resource_of_arn};
use crate::client::Aws;
use crate::policy::{self, SAME_POLICY, must_be_json_or_empty};
use crate::tags::{TagRules, Tags};
use crate::{identity, region};

/// The end of every FIFO topic's name.
const FIFO: &str = ".fifo";

/// The name of the rule for `same_when` on archive policies, of which one that is empty says the same as none.
const SAME_ARCHIVE: &str = "archive-policy";

/// A topic that messages are published to.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SnsTopic {
    /// The role that logs deliveries to mobile applications that failed.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_arn_or_empty())))]
    application_failure_feedback_role_arn: Attr<String>,
    /// The role that logs deliveries to mobile applications.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_arn_or_empty())))]
    application_success_feedback_role_arn: Attr<String>,
    /// How many in a hundred of those are logged.
    #[schemars(extend("tf" = optional().zero_is_unset().range(0..=100)))]
    application_success_feedback_sample_rate: Attr<i64>,
    /// How long a FIFO topic keeps its messages for those who want them again, as JSON.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_json_or_empty()).same_when(SAME_ARCHIVE)))]
    archive_policy: Attr<String>,
    /// The topic's ARN.
    #[schemars(extend("tf" = computed()))]
    arn: Attr<String>,
    /// From when on a FIFO topic has messages for those who want them again.
    #[schemars(extend("tf" = computed()))]
    beginning_archive_time: Attr<String>,
    /// Whether messages of a FIFO topic are the same if they say the same.
    #[schemars(extend("tf" = optional().default(false)))]
    content_based_deduplication: Attr<bool>,
    /// How deliveries over HTTP are tried again, as JSON.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_json_or_empty()).same_when("json")))]
    delivery_policy: Attr<String>,
    /// What text messages say they are from.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    display_name: Attr<String>,
    /// What the limit on the throughput of a FIFO topic is for.
    #[schemars(extend("tf" = optional_computed().one_of(&["Topic", "MessageGroup"])))]
    fifo_throughput_scope: Attr<String>,
    /// Whether messages arrive in the order in which they were published. The name then ends in `.fifo`.
    #[schemars(extend("tf" = optional().default(false).force_new()))]
    fifo_topic: Attr<bool>,
    /// The role that logs deliveries to Firehose that failed.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_arn_or_empty())))]
    firehose_failure_feedback_role_arn: Attr<String>,
    /// The role that logs deliveries to Firehose.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_arn_or_empty())))]
    firehose_success_feedback_role_arn: Attr<String>,
    /// How many in a hundred of those are logged.
    #[schemars(extend("tf" = optional().zero_is_unset().range(0..=100)))]
    firehose_success_feedback_sample_rate: Attr<i64>,
    /// The role that logs deliveries over HTTP that failed.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_arn_or_empty())))]
    http_failure_feedback_role_arn: Attr<String>,
    /// The role that logs deliveries over HTTP.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_arn_or_empty())))]
    http_success_feedback_role_arn: Attr<String>,
    /// How many in a hundred of those are logged.
    #[schemars(extend("tf" = optional().zero_is_unset().range(0..=100)))]
    http_success_feedback_sample_rate: Attr<i64>,
    /// The topic's ARN.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The KMS key that messages are encrypted with.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    kms_master_key_id: Attr<String>,
    /// The role that logs deliveries to functions that failed.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_arn_or_empty())))]
    lambda_failure_feedback_role_arn: Attr<String>,
    /// The role that logs deliveries to functions.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_arn_or_empty())))]
    lambda_success_feedback_role_arn: Attr<String>,
    /// How many in a hundred of those are logged.
    #[schemars(extend("tf" = optional().zero_is_unset().range(0..=100)))]
    lambda_success_feedback_sample_rate: Attr<i64>,
    /// The topic's name; made up when not set.
    #[schemars(extend("tf" = optional_computed().force_new().conflicts_with(&["name_prefix"]).length(1..)))]
    name: Attr<String>,
    /// What a made-up name begins with.
    #[schemars(extend("tf" = optional_computed().force_new().conflicts_with(&["name"]).length(1..)))]
    name_prefix: Attr<String>,
    /// The account that the topic belongs to.
    #[schemars(extend("tf" = computed()))]
    owner: Attr<String>,
    /// Who may use the topic, as JSON; the account when not set.
    #[schemars(extend("tf" = optional_computed().check(must_be_json_or_empty()).same_when(SAME_POLICY)))]
    policy: Attr<String>,
    /// The region of the topic; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// How messages are signed: 1 with SHA1, 2 with SHA256.
    #[schemars(extend("tf" = optional_computed().range(1..=2)))]
    signature_version: Attr<i64>,
    /// The role that logs deliveries to queues that failed.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_arn_or_empty())))]
    sqs_failure_feedback_role_arn: Attr<String>,
    /// The role that logs deliveries to queues.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_arn_or_empty())))]
    sqs_success_feedback_role_arn: Attr<String>,
    /// How many in a hundred of those are logged.
    #[schemars(extend("tf" = optional().zero_is_unset().range(0..=100)))]
    sqs_success_feedback_sample_rate: Attr<i64>,
    /// Tags of the topic.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    tags: Attr<Tags>,
    /// Tags of the topic, those of the provider's `default_tags` included.
    #[schemars(extend("tf" = optional_computed()))]
    tags_all: Attr<Tags>,
    /// Whether messages are traced by the topic or as their publisher says.
    #[schemars(extend("tf" = optional_computed().one_of(&["Active", "PassThrough"])))]
    tracing_config: Attr<String>,
}

impl ServiceAttributes for SnsTopic {
    fn fields(&mut self) -> Vec<(&'static str, Field<'_>)> {
        use Field::{Flag, Number, Text};
        vec![
            ("ApplicationFailureFeedbackRoleArn", Text(&mut self.application_failure_feedback_role_arn)),
            ("ApplicationSuccessFeedbackRoleArn", Text(&mut self.application_success_feedback_role_arn)),
            ("ApplicationSuccessFeedbackSampleRate", Number(&mut self.application_success_feedback_sample_rate)),
            ("ArchivePolicy", Text(&mut self.archive_policy)),
            ("BeginningArchiveTime", Text(&mut self.beginning_archive_time)),
            ("ContentBasedDeduplication", Flag(&mut self.content_based_deduplication)),
            ("DeliveryPolicy", Text(&mut self.delivery_policy)),
            ("DisplayName", Text(&mut self.display_name)),
            ("FifoThroughputScope", Text(&mut self.fifo_throughput_scope)),
            ("FifoTopic", Flag(&mut self.fifo_topic)),
            ("FirehoseFailureFeedbackRoleArn", Text(&mut self.firehose_failure_feedback_role_arn)),
            ("FirehoseSuccessFeedbackRoleArn", Text(&mut self.firehose_success_feedback_role_arn)),
            ("FirehoseSuccessFeedbackSampleRate", Number(&mut self.firehose_success_feedback_sample_rate)),
            ("HTTPFailureFeedbackRoleArn", Text(&mut self.http_failure_feedback_role_arn)),
            ("HTTPSuccessFeedbackRoleArn", Text(&mut self.http_success_feedback_role_arn)),
            ("HTTPSuccessFeedbackSampleRate", Number(&mut self.http_success_feedback_sample_rate)),
            ("KmsMasterKeyId", Text(&mut self.kms_master_key_id)),
            ("LambdaFailureFeedbackRoleArn", Text(&mut self.lambda_failure_feedback_role_arn)),
            ("LambdaSuccessFeedbackRoleArn", Text(&mut self.lambda_success_feedback_role_arn)),
            ("LambdaSuccessFeedbackSampleRate", Number(&mut self.lambda_success_feedback_sample_rate)),
            ("Owner", Text(&mut self.owner)),
            ("Policy", Text(&mut self.policy)),
            ("SQSFailureFeedbackRoleArn", Text(&mut self.sqs_failure_feedback_role_arn)),
            ("SQSSuccessFeedbackRoleArn", Text(&mut self.sqs_success_feedback_role_arn)),
            ("SQSSuccessFeedbackSampleRate", Number(&mut self.sqs_success_feedback_sample_rate)),
            ("SignatureVersion", Number(&mut self.signature_version)),
            ("TopicArn", Text(&mut self.arn)),
            ("TracingConfig", Text(&mut self.tracing_config)),
        ]
    }
}

impl Resource for SnsTopic {
    const TYPE: &'static str = "aws_sns_topic";
    const IDENTITY: Option<Identity> = Some(identity::arn(&["arn"]));
    const IMPORT_ID: &'static str = "{arn}";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        super::refuse_configured_id(&config.id)
    }

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        region::plan(cx.client(), plan, |topic| &mut topic.region)?;
        cx.client().tags().plan(plan, |topic| (&mut topic.tags, &mut topic.tags_all));
        plan_name(plan, |topic| (&mut topic.name, &mut topic.name_prefix));
        if plan.is_create() {
            plan.planned.check_name()?;
        } else if plan.changes(|topic| &topic.archive_policy) {
            plan.planned.beginning_archive_time = Attr::Unknown;
        }
        plan.config.check_fifo(&plan.planned.fifo_topic)
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let (arn, remaining) = remote::create(cx, &planned).await?;
        let known = Self { id: arn.as_str().into(), arn: arn.into(), ..planned };
        cx.save(&known);
        RemoteTopic::of(cx, &known)?.set(cx, &remaining).await?;
        known.settled(cx).await
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        let region = region::of_state(cx.client(), &state.region);
        let Some(found) = RemoteTopic::of(cx, &state)?.read().await? else { return Ok(None) };
        Ok(Some(state.observed(cx.client().tags(), region, &found)))
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        let Change { prior, planned, .. } = change;
        let remote = RemoteTopic::of(cx, &prior)?;
        let old = prior.tags_all.clone().unwrap_or_default();
        remote.change_tags(&old, &cx.client().tags().merged(&planned.tags)).await?;
        remote.set(cx, &prior.to_update(&planned)).await?;
        planned.settled(cx).await
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        Ok(RemoteTopic::of(cx, &state)?.delete().await?)
    }

    async fn import(_: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        let example = "Give the topic's ARN, like arn:aws:sns:REGION:ACCOUNT:NAME; `aws sns list-topics` shows it.";
        let (arn, region) = region::of_import_arn(id, "a topic", example)?;
        Ok(Self { id: arn.into(), arn: arn.into(), region: region.into(), ..Self::default() })
    }

    fn same(comparison: &Comparison<'_>) -> bool {
        match (comparison.rule, comparison.prior, comparison.config) {
            (SAME_ARCHIVE, Value::String(prior), Value::String(config)) => are_same_archive(prior, config),
            _ => policy::same(comparison),
        }
    }
}

impl SnsTopic {
    /// The name that the topic is going to have, if that is known; one that is made up is another every time.
    fn name_to_be(&self) -> String {
        let ending = if self.fifo_topic.unwrap_or(false) { FIFO } else { "" };
        name_or_unique_with(&self.name, &self.name_prefix, ending)
    }

    /// AWS's rule for names. It holds for the one that is made up, too.
    fn check_name(&self) -> Result<(), Diagnostics> {
        if self.fifo_topic.is_unknown() {
            return Ok(());
        }
        let name = self.name_to_be();
        let (stem, most) = match self.fifo_topic.unwrap_or(false) {
            true => (name.strip_suffix(FIFO).unwrap_or_default(), 251),
            false => (name.as_str(), 256),
        };
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if (1..=most).contains(&stem.len()) && stem.bytes().all(is_allowed) {
            return Ok(());
        }
        let detail = "A name has up to 256 letters, digits, hyphens and underscores. That of a FIFO topic ends in .fifo, and \
                      no other does.";
        let at = if self.name.is_known() { "name" } else { "name_prefix" };
        Err(Diagnostic::error(format!("invalid topic name: {name}"), detail).at(at).into())
    }

    /// What is configured for a topic that is no FIFO topic.
    fn check_fifo(&self, is_fifo: &Attr<bool>) -> Result<(), Diagnostics> {
        if is_fifo.known() != Some(&false) {
            return Ok(());
        }
        let (what, at) = if !self.archive_policy.text().is_empty() {
            ("message archive policy", "archive_policy")
        } else if !self.fifo_throughput_scope.text().is_empty() {
            ("FIFO throughput scope", "fifo_throughput_scope")
        } else if self.content_based_deduplication.unwrap_or(false) {
            ("content-based deduplication", "content_based_deduplication")
        } else {
            return Ok(());
        };
        let detail = format!("Set fifo_topic, or remove {at}.");
        Err(Diagnostic::error(format!("{what} can only be set for FIFO topics"), detail).at(at).into())
    }

    /// The state after a write: as planned, and the rest as found.
    async fn settled(self, cx: &Context<Aws>) -> Applied<Self> {
        let (tags, tags_all, arn) = (self.tags.clone(), self.tags_all.clone(), self.id.text().to_owned());
        let Some(found) = Self::read(cx, self).await? else {
            return Err(Diagnostics::error(
                format!("reading SNS Topic ({arn}): couldn't find resource"),
                "Something else deleted the topic meanwhile. Apply again to create it anew.",
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
        let name = resource_of_arn(self.id.text()).unwrap_or_default().to_owned();
        let ending = if self.fifo_topic.unwrap_or(false) { FIFO } else { "" };
        Self {
            name_prefix: prefix_before(&name, ending).into(),
            name: name.into(),
            region,
            tags: tags.tags,
            tags_all: tags.tags_all,
            ..self
        }
    }
}

/// Whether two archive policies say the same.
fn are_same_archive(a: &str, b: &str) -> bool {
    let meaning = |text: &str| match text.trim() {
        "" => Some(Json::Object(serde_json::Map::new())),
        text => serde_json::from_str(text).ok(),
    };
    meaning(a).is_some_and(|a| meaning(b) == Some(a))
}

#[cfg(test)]
mod tests;
