//! `aws_lambda_event_source_mapping`: what carries records from a stream, queue or cluster to a function.
//!
//! The model and its life cycle; requests are built in `request`, answers become state in `observed`, and `remote`
//! speaks to the service. Invariant: from the moment the service accepted a mapping, its UUID is in the state.

mod blocks;
mod observed;
mod remote;
mod request;
mod spelling;

use std::collections::BTreeSet;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{
    Applied, Attr, Blocks, Change, Check, Comparison, Context, Diagnostic, Diagnostics, Failure, Identity, Plan,
    Resource, Timeouts,
};

use self::blocks::{
    DestinationConfig, DocumentDb, FilterCriteria, KafkaConfig, MetricsConfig, ProvisionedPollerConfig, ScalingConfig,
    SelfManagedEventSource, SourceAccess,
};
use self::remote::RemoteMapping;
use crate::arn::must_be_arn_or_empty;
use crate::client::Aws;
use crate::resource::refuse_configured_id;
use crate::tags::Tags;
use crate::wait::PERMISSION_WINDOW;
use crate::{identity, region, rfc3339};

const CREATE_TIMEOUT: Duration = Duration::from_secs(10 * 60);
const UPDATE_TIMEOUT: Duration = Duration::from_secs(10 * 60);
const DELETE_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// A mapping from an event source to a Lambda function.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LambdaEventSourceMapping {
    /// The UUID of the mapping.
    #[schemars(extend("tf" = optional_computed()))]
    pub(crate) id: Attr<String>,
    /// The UUID of the mapping.
    #[schemars(extend("tf" = computed()))]
    pub(crate) uuid: Attr<String>,
    /// The ARN of the mapping.
    #[schemars(extend("tf" = computed()))]
    pub(crate) arn: Attr<String>,
    /// The region of the mapping; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    pub(crate) region: Attr<String>,

    /// The ARN of the stream, queue or cluster to read.
    #[schemars(extend("tf" = optional().zero_is_unset().force_new().exactly_one_of(SOURCES)))]
    pub(crate) event_source_arn: Attr<String>,
    /// A Kafka cluster that AWS does not run.
    #[schemars(extend("tf" = list_block().max_items(1).force_new().exactly_one_of(SOURCES)))]
    pub(crate) self_managed_event_source: Blocks<SelfManagedEventSource>,
    /// How to reach and authenticate to the source.
    #[schemars(extend("tf" = set_block().max_items(22)))]
    pub(crate) source_access_configuration: Blocks<SourceAccess>,
    /// The queue of a broker to read.
    #[schemars(extend("tf" = optional().zero_is_unset().force_new().items(..=1).each(Check::length(1..=1000))))]
    pub(crate) queues: Attr<Vec<String>>,
    /// The topics of a cluster to read.
    #[schemars(extend("tf" = optional().zero_is_unset().force_new().each(Check::length(1..=249))))]
    pub(crate) topics: Attr<BTreeSet<String>>,
    /// Kafka settings for a cluster that AWS runs.
    #[schemars(extend("tf" = computed_block().max_items(1).force_new()
        .conflicts_with(&["self_managed_event_source", "self_managed_kafka_event_source_config"])))]
    pub(crate) amazon_managed_kafka_event_source_config: Blocks<KafkaConfig>,
    /// Kafka settings for a cluster that AWS does not run.
    #[schemars(extend("tf" = computed_block().max_items(1).force_new()
        .conflicts_with(&["event_source_arn", "amazon_managed_kafka_event_source_config"])))]
    pub(crate) self_managed_kafka_event_source_config: Blocks<KafkaConfig>,
    /// What to read from a DocumentDB cluster.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    pub(crate) document_db_event_source_config: Blocks<DocumentDb>,

    /// The function, by name or ARN. State holds the ARN unless the bare name was configured.
    #[schemars(extend("tf" = required().same_when(spelling::FUNCTION)))]
    pub(crate) function_name: Attr<String>,
    /// The ARN of the function.
    #[schemars(extend("tf" = computed()))]
    pub(crate) function_arn: Attr<String>,
    /// Whether the mapping reads.
    #[schemars(extend("tf" = optional().default(true)))]
    pub(crate) enabled: Attr<bool>,
    /// Where in the stream to begin: `TRIM_HORIZON`, `LATEST` or `AT_TIMESTAMP`.
    #[schemars(extend("tf" = optional().zero_is_unset().force_new().one_of(&["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"])))]
    pub(crate) starting_position: Attr<String>,
    /// The moment to begin at, as an RFC 3339 timestamp.
    #[schemars(extend("tf" = optional().zero_is_unset().force_new().same_when(spelling::MOMENT)))]
    pub(crate) starting_position_timestamp: Attr<String>,

    /// How many records a batch has at most: 100 for streams and 10 for queues when not set.
    #[schemars(extend("tf" = optional_computed()))]
    pub(crate) batch_size: Attr<i64>,
    /// How many seconds to gather records for a batch.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) maximum_batching_window_in_seconds: Attr<i64>,
    /// How many seconds of a stream one invocation sees at a time.
    #[schemars(extend("tf" = optional().zero_is_unset().range(0..=900)))]
    pub(crate) tumbling_window_in_seconds: Attr<i64>,
    /// How many batches of one shard are processed at the same time.
    #[schemars(extend("tf" = optional_computed().range(1..=10)))]
    pub(crate) parallelization_factor: Attr<i64>,
    /// Which records reach the function.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    pub(crate) filter_criteria: Blocks<FilterCriteria>,
    /// The key that encrypts the filters.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_arn_or_empty())))]
    pub(crate) kms_key_arn: Attr<String>,

    /// Whether a batch that fails is split in two.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) bisect_batch_on_function_error: Attr<bool>,
    /// How old a record may be, in seconds; -1 for any age.
    #[schemars(extend("tf" = optional_computed().check(Check::any([Check::one_of(&[-1]), Check::range(60..=604_800)]))))]
    pub(crate) maximum_record_age_in_seconds: Attr<i64>,
    /// How often a failed batch is tried again; -1 for as long as its records exist.
    #[schemars(extend("tf" = optional_computed().range(-1..=10_000)))]
    pub(crate) maximum_retry_attempts: Attr<i64>,
    /// What the function may answer: `ReportBatchItemFailures`.
    #[schemars(extend("tf" = optional().zero_is_unset().each(Check::one_of(&["ReportBatchItemFailures"]))))]
    pub(crate) function_response_types: Attr<BTreeSet<String>>,
    /// Where records go that the function could not process.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    pub(crate) destination_config: Blocks<DestinationConfig>,

    /// How far a queue's mapping scales.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    pub(crate) scaling_config: Blocks<ScalingConfig>,
    /// Pollers kept ready.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    pub(crate) provisioned_poller_config: Blocks<ProvisionedPollerConfig>,
    /// Which metrics the mapping reports.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    pub(crate) metrics_config: Blocks<MetricsConfig>,

    /// When the mapping was changed last, as an RFC 3339 timestamp.
    #[schemars(extend("tf" = computed().volatile()))]
    pub(crate) last_modified: Attr<String>,
    /// How the last invocation went.
    #[schemars(extend("tf" = computed().volatile()))]
    pub(crate) last_processing_result: Attr<String>,
    /// What the mapping is doing.
    #[schemars(extend("tf" = computed().volatile()))]
    pub(crate) state: Attr<String>,
    /// Why it is doing that.
    #[schemars(extend("tf" = computed().volatile()))]
    pub(crate) state_transition_reason: Attr<String>,

    /// Whether the create and update timeouts also limit the wait for permissions to take effect.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) use_resource_timeout_for_propagation: Attr<bool>,
    /// Tags of the mapping.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) tags: Attr<Tags>,
    /// Tags of the mapping, those of the provider's `default_tags` included.
    #[schemars(extend("tf" = optional_computed()))]
    pub(crate) tags_all: Attr<Tags>,
    #[schemars(extend("tf" = timeouts(&["create", "update", "delete"])))]
    pub(crate) timeouts: Timeouts,
}

/// One of them says what to read.
const SOURCES: &[&str] = &["event_source_arn", "self_managed_event_source"];

impl Resource for LambdaEventSourceMapping {
    const TYPE: &'static str = "aws_lambda_event_source_mapping";
    const IDENTITY: Option<Identity> = Some(identity::regional(&["uuid"]));
    const IMPORT_ID: &'static str = "{uuid}";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        let mut complaints = refuse_configured_id(&config.id);
        if let Some(text) = config.starting_position_timestamp.as_str()
            && rfc3339::parse(text).is_none()
        {
            let summary = format!("expected \"starting_position_timestamp\" to be a valid RFC3339 date, got {text:?}");
            let complaint = Diagnostic::error(summary, "Write it like 2026-01-31T12:00:00Z.");
            complaints.push(complaint.at("starting_position_timestamp"));
        }
        complaints
    }

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        region::plan(cx.client(), plan, |mapping| &mut mapping.region)?;
        cx.client().tags().plan(plan, |mapping| (&mut mapping.tags, &mut mapping.tags_all));
        let Some(prior) = &plan.prior else { return Ok(()) };
        plan.planned.batch_size = planned_batch_size(prior, &plan.config.batch_size);
        if prior.function_name != plan.planned.function_name {
            plan.planned.function_arn = Attr::Unknown;
        }
        Ok(())
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let timeout = planned.timeouts.create(CREATE_TIMEOUT);
        let mut remote = RemoteMapping::new(cx, &planned)?;
        let uuid = remote.create(&planned, planned.permission_window(timeout)).await?;
        let known = Self { id: uuid.clone().into(), uuid: uuid.into(), ..planned.clone() };
        cx.save(&known);
        remote.wait_until_settled("create", &["Creating", "Disabling", "Enabling"], timeout).await?;
        let found = remote.read(known).await?.ok_or_else(|| remote.vanished())?;
        Ok(planned.settled(found))
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        RemoteMapping::new(cx, &state)?.read(state).await
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        let timeout = change.planned.timeouts.update(UPDATE_TIMEOUT);
        let remote = RemoteMapping::new(cx, &change.prior)?;
        let changed = async {
            remote.change_tags(&change).await?;
            if let Some(request) = request::update(&change.prior, &change.planned) {
                remote.update(request, change.planned.permission_window(timeout)).await?;
                remote.wait_until_settled("update", &["Disabling", "Enabling", "Updating"], timeout).await?;
            }
            remote.read(change.planned.clone()).await?.ok_or_else(|| remote.vanished())
        };
        match changed.await {
            Ok(found) => Ok(change.planned.settled(found)),
            Err(diagnostics) => {
                // Tags may have changed before the rest was refused: what is there now is the best known state.
                let found = remote.read(change.prior.clone()).await.ok().flatten();
                Err(Failure::leaving(found.unwrap_or(change.prior), diagnostics))
            }
        }
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        Ok(RemoteMapping::new(cx, &state)?.delete(state.timeouts.delete(DELETE_TIMEOUT)).await?)
    }

    async fn import(cx: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        let (uuid, region) = region::of_import_id(cx.client(), id);
        Ok(Self {
            id: uuid.into(),
            uuid: uuid.into(),
            region,
            // Spelled as the service spells them, so that a configuration that sets them empty shows no change.
            kms_key_arn: "".into(),
            queues: Vec::new().into(),
            topics: BTreeSet::new().into(),
            maximum_batching_window_in_seconds: 0.into(),
            tumbling_window_in_seconds: 0.into(),
            bisect_batch_on_function_error: false.into(),
            function_response_types: BTreeSet::new().into(),
            use_resource_timeout_for_propagation: false.into(),
            tags: Tags::new().into(),
            ..Self::default()
        })
    }

    fn same(comparison: &Comparison<'_>) -> bool {
        spelling::same(comparison)
    }
}

/// A batch size left out keeps the service's default. Any other stored size is unset, and what the service makes of that
/// is for the service to say.
fn planned_batch_size(prior: &LambdaEventSourceMapping, configured: &Attr<i64>) -> Attr<i64> {
    let is_left_out = configured.unwrap_or_default() == 0 && !configured.is_unknown();
    let default = spelling::default_batch_size(&prior.event_source_arn, !prior.self_managed_event_source.is_empty());
    let is_default = default.is_some() && prior.batch_size.known() == default.as_ref();
    if is_left_out && is_default { prior.batch_size } else { *configured }
}

impl LambdaEventSourceMapping {
    /// How long a call is repeated while the function's role may not read the source yet.
    fn permission_window(&self, timeout: Duration) -> Duration {
        let as_user_says = self.use_resource_timeout_for_propagation.unwrap_or_default();
        if as_user_says { timeout } else { PERMISSION_WINDOW }
    }

    /// The state after a successful apply: as planned, with what the plan could not know as found.
    fn settled(mut self, found: Self) -> Self {
        for (planned, found) in self.provisioned_poller_config.iter_mut().zip(found.provisioned_poller_config) {
            fill(&mut planned.maximum_pollers, found.maximum_pollers);
            fill(&mut planned.minimum_pollers, found.minimum_pollers);
            fill(&mut planned.poller_group_name, found.poller_group_name);
        }
        fill(&mut self.batch_size, found.batch_size);
        fill(&mut self.parallelization_factor, found.parallelization_factor);
        fill(&mut self.maximum_record_age_in_seconds, found.maximum_record_age_in_seconds);
        fill(&mut self.maximum_retry_attempts, found.maximum_retry_attempts);
        fill(&mut self.function_arn, found.function_arn);
        fill(&mut self.last_modified, found.last_modified);
        fill(&mut self.last_processing_result, found.last_processing_result);
        fill(&mut self.state, found.state);
        fill(&mut self.state_transition_reason, found.state_transition_reason);
        fill(&mut self.tags_all, found.tags_all);
        if self.amazon_managed_kafka_event_source_config.is_unknown() {
            self.amazon_managed_kafka_event_source_config = found.amazon_managed_kafka_event_source_config;
        }
        if self.self_managed_kafka_event_source_config.is_unknown() {
            self.self_managed_kafka_event_source_config = found.self_managed_kafka_event_source_config;
        }
        fill(&mut self.region, found.region);
        Self { id: found.id, uuid: found.uuid, arn: found.arn, ..self }
    }
}

fn fill<T>(planned: &mut Attr<T>, found: Attr<T>) {
    if planned.is_unknown() {
        *planned = found;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(batch_size: i64) -> LambdaEventSourceMapping {
        LambdaEventSourceMapping {
            event_source_arn: "arn:aws:kinesis:us-east-1:000000000000:stream/demo".into(),
            batch_size: batch_size.into(),
            ..LambdaEventSourceMapping::default()
        }
    }

    #[test]
    fn a_batch_size_left_out_keeps_the_default_and_nothing_else() {
        for (stored_size, configured, expected) in [
            (100, Attr::Null, Attr::Known(100)),
            (100, Attr::Known(0), Attr::Known(100)),
            (100, Attr::Known(10), Attr::Known(10)),
            (100, Attr::Unknown, Attr::Unknown),
            (10, Attr::Null, Attr::Null),
        ] {
            let planned = planned_batch_size(&stored(stored_size), &configured);
            assert_eq!(planned, expected, "{configured:?} over {stored_size}");
        }
    }

    #[test]
    fn after_an_apply_what_was_planned_stands_and_the_rest_is_as_found() {
        let planned = LambdaEventSourceMapping {
            function_name: "f1".into(),
            batch_size: Attr::Unknown,
            maximum_retry_attempts: 3.into(),
            state: Attr::Unknown,
            amazon_managed_kafka_event_source_config: Blocks::unknown(),
            provisioned_poller_config: Blocks::one(ProvisionedPollerConfig {
                maximum_pollers: 5.into(),
                minimum_pollers: Attr::Unknown,
                poller_group_name: Attr::Unknown,
            }),
            ..LambdaEventSourceMapping::default()
        };
        let found = LambdaEventSourceMapping {
            uuid: "u-1".into(),
            function_name: "arn:aws:lambda:us-east-1:000000000000:function:f1".into(),
            maximum_retry_attempts: (-1).into(),
            state: "Enabled".into(),
            provisioned_poller_config: Blocks::one(ProvisionedPollerConfig {
                maximum_pollers: 9.into(),
                minimum_pollers: 1.into(),
                poller_group_name: Attr::Null,
            }),
            ..stored(100)
        };
        let settled = planned.settled(found);
        assert_eq!((settled.uuid.text(), settled.function_name.text(), settled.state.text()), ("u-1", "f1", "Enabled"));
        assert_eq!((settled.batch_size, settled.maximum_retry_attempts), (100.into(), 3.into()));
        assert!(!settled.amazon_managed_kafka_event_source_config.is_unknown());
        let pollers = &settled.provisioned_poller_config[0];
        assert_eq!((pollers.maximum_pollers, pollers.minimum_pollers), (5.into(), 1.into()));
        assert_eq!(pollers.poller_group_name, Attr::Null);
    }
}
