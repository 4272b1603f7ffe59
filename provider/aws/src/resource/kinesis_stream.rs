//! `aws_kinesis_stream`: a data stream, its shards, retention, encryption and metrics.
//!
//! The life cycle only; what may be planned is in `capacity`, what an update consists of in `steps`, the calls in
//! `remote`, their answers as state in `observed`. Invariant: from the moment the service accepted a stream, its name is in the state, whatever fails after.

mod capacity;
mod observed;
mod remote;
mod steps;

use std::collections::BTreeSet;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{
    Applied, Attr, Blocks, Change, Check, Context, Diagnostic, Diagnostics, Failure, Identity, Plan, Resource,
    Timeouts, Value,
};

use self::remote::RemoteStream;
pub(crate) use self::remote::{describe, list_tags};
use crate::arn::Partition;
use crate::client::Aws;
use crate::resource::refuse_configured_id;
use crate::tags::Tags;
use crate::{identity, region};

const CREATE_TIMEOUT: Duration = Duration::from_secs(5 * 60);
const UPDATE_TIMEOUT: Duration = Duration::from_secs(120 * 60);
const DELETE_TIMEOUT: Duration = Duration::from_secs(120 * 60);

/// A Kinesis data stream.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KinesisStream {
    /// The ARN of the stream.
    #[schemars(extend("tf" = optional_computed()))]
    pub(crate) id: Attr<String>,
    /// The ARN of the stream. AWS decides it; a configured value must be the right one.
    #[schemars(extend("tf" = optional_computed()))]
    pub(crate) arn: Attr<String>,
    /// The name, unique within the account and region.
    #[schemars(extend("tf" = required().force_new()))]
    pub(crate) name: Attr<String>,
    /// The region of the stream; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    pub(crate) region: Attr<String>,
    /// How many shards are open in `PROVISIONED` mode. Must not be set in `ON_DEMAND` mode.
    #[schemars(extend("tf" = optional().zero_is_unset().conflicts_with(&["warm_throughput_mib_ps"])))]
    pub(crate) shard_count: Attr<i64>,
    /// How many hours a record can be read.
    #[schemars(extend("tf" = optional().default(24).range(24..=8760)))]
    pub(crate) retention_period: Attr<i64>,
    /// Whether records are encrypted at rest: `NONE` or `KMS`.
    #[schemars(extend("tf" = optional().default("NONE").one_of(&["NONE", "KMS"]).same_when("case")))]
    pub(crate) encryption_type: Attr<String>,
    /// The key for `KMS`: a key id, key ARN, alias name or alias ARN. It is compared as written.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) kms_key_id: Attr<String>,
    /// The CloudWatch metrics to collect per shard.
    #[schemars(extend("tf" = optional().zero_is_unset().each(Check::one_of(METRICS))))]
    pub(crate) shard_level_metrics: Attr<BTreeSet<String>>,
    /// The largest record that the stream takes, in KiB.
    #[schemars(extend("tf" = optional_computed().range(1024..=10_240)))]
    pub(crate) max_record_size_in_kib: Attr<i64>,
    /// The throughput that an on-demand stream is prepared for, in MiB per second.
    #[schemars(extend("tf" = optional().zero_is_unset().conflicts_with(&["shard_count"])))]
    pub(crate) warm_throughput_mib_ps: Attr<i64>,
    /// Whether destroying the stream also deregisters its consumers. Must be applied before the destroy.
    #[schemars(extend("tf" = optional().default(false)))]
    pub(crate) enforce_consumer_deletion: Attr<bool>,
    /// The capacity mode. Leaving the block out keeps the mode that the stream has.
    #[schemars(extend("tf" = computed_block().max_items(1)))]
    pub(crate) stream_mode_details: Blocks<StreamModeDetails>,
    /// Tags of the stream.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) tags: Attr<Tags>,
    /// Tags of the stream, those of the provider's `default_tags` included.
    #[schemars(extend("tf" = optional_computed()))]
    pub(crate) tags_all: Attr<Tags>,
    #[schemars(extend("tf" = timeouts(&["create", "update", "delete"])))]
    pub(crate) timeouts: Timeouts,
}

/// The capacity mode of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct StreamModeDetails {
    /// `PROVISIONED` or `ON_DEMAND`.
    #[schemars(extend("tf" = required().one_of(&["PROVISIONED", "ON_DEMAND"])))]
    pub(crate) stream_mode: Attr<String>,
}

const METRICS: &[&str] = &[
    "IncomingBytes",
    "IncomingRecords",
    "OutgoingBytes",
    "OutgoingRecords",
    "WriteProvisionedThroughputExceeded",
    "ReadProvisionedThroughputExceeded",
    "IteratorAgeMilliseconds",
    "ALL",
];

impl Resource for KinesisStream {
    const TYPE: &'static str = "aws_kinesis_stream";
    const VERSION: i64 = 1;
    const IDENTITY: Option<Identity> = Some(identity::regional(&["name"]));
    const IMPORT_ID: &'static str = "{name}";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        refuse_configured_id(&config.id)
    }

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        region::plan(cx.client(), plan, |stream| &mut stream.region)?;
        cx.client().tags().plan(plan, |stream| (&mut stream.tags, &mut stream.tags_all));
        if plan.is_create()
            && let Some(account) = cx.client().account().await
        {
            plan.planned.foresee(account);
        }
        let Some(mode) = capacity::planned_mode(&plan.config, &plan.planned) else { return Ok(()) };
        capacity::check_mode(mode, &plan.planned.shard_count)?;
        if let Some(growth) = capacity::growth(mode, plan.prior.as_ref(), &plan.planned) {
            // Whoever may not ask for the limits may still create streams: an error here decides nothing.
            if let Ok(remote) = RemoteStream::new(cx, &plan.planned)
                && let Ok(limits) = remote.limits().await
            {
                growth.check(&limits)?;
            }
        }
        Ok(())
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let timeout = planned.timeouts.create(CREATE_TIMEOUT);
        let remote = RemoteStream::new(cx, &planned)?;
        remote.create(&planned).await?;
        cx.save(&planned);
        let finished = async {
            remote.wait_until_created(timeout).await?;
            for step in steps::after_create(&planned) {
                remote.take(&step, timeout).await?;
            }
            remote.read(planned.clone()).await?.ok_or_else(|| remote.vanished())
        };
        match finished.await {
            Ok(found) => planned.settled(found),
            // The stream is there, if not as planned. Should it not even answer now, its name was saved.
            Err(diagnostics) => {
                let found = remote.read(planned).await.ok().flatten();
                Err(Failure { state: found.map(Box::new), diagnostics })
            }
        }
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        RemoteStream::new(cx, &state)?.read(state).await
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        let timeout = change.planned.timeouts.update(UPDATE_TIMEOUT);
        let remote = RemoteStream::new(cx, &change.prior)?;
        let changed = async {
            remote.change_tags(&change).await?;
            for step in steps::of_update(&change.prior, &change.planned) {
                remote.take(&step, timeout).await?;
            }
            remote.read(change.planned.clone()).await?.ok_or_else(|| remote.vanished())
        };
        match changed.await {
            Ok(found) => change.planned.settled(found),
            Err(diagnostics) => {
                // Some of the steps may have been taken: what the stream looks like now is the best known state.
                let found = remote.read(change.prior.clone()).await.ok().flatten();
                Err(Failure::leaving(found.unwrap_or(change.prior), diagnostics))
            }
        }
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        let timeout = state.timeouts.delete(DELETE_TIMEOUT);
        let enforce = state.enforce_consumer_deletion.unwrap_or_default();
        Ok(RemoteStream::new(cx, &state)?.delete(enforce, timeout).await?)
    }

    async fn import(cx: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        let (name, region) = region::of_import_id(cx.client(), id);
        let stub = Self {
            name: name.into(),
            region,
            // Spelled as the service spells them, so that a configuration that sets them empty shows no change.
            kms_key_id: "".into(),
            shard_level_metrics: BTreeSet::new().into(),
            tags: Tags::new().into(),
            ..Self::default()
        };
        let remote = RemoteStream::new(cx, &stub)?;
        remote.read(stub).await?.ok_or_else(|| remote.vanished())
    }

    fn upgrade(version: i64, mut state: Value) -> Result<Value, Diagnostics> {
        if let (0, Some(attributes)) = (version, state.as_map_mut()) {
            attributes.insert("enforce_consumer_deletion".to_owned(), false.into());
        }
        Ok(state)
    }
}

impl KinesisStream {
    /// Fills in what follows from the name of a stream that is to be created in an account.
    fn foresee(&mut self, account: &str) {
        let (Some(name), Some(region)) = (self.name.as_str(), self.region.as_str()) else { return };
        let partition = Partition::of_region(region).id;
        let arn = format!("arn:{partition}:kinesis:{region}:{account}:stream/{name}");
        if self.arn.is_unknown() {
            self.arn = arn.as_str().into();
        }
        self.id = arn.into();
    }

    /// The state after a successful apply: as planned, with what the plan could not know as found.
    ///
    /// What is planned but was not found so (a stream that somebody else resized meanwhile) is for the next plan to show.
    fn settled(self, found: Self) -> Applied<Self> {
        if let (Attr::Known(wanted), Attr::Known(arn)) = (&self.arn, &found.arn)
            && wanted != arn
        {
            let diagnostic = Diagnostic::error(
                format!("the ARN of Kinesis Stream ({}) is {arn}", found.name.text()),
                "AWS decides the ARN. Remove `arn` from the configuration, or set it to this value. If it is not there, the \
                 endpoints of STS and Kinesis lead to different accounts.",
            );
            return Err(Failure::leaving(found, diagnostic.at("arn")));
        }
        Ok(Self {
            id: found.id,
            arn: found.arn,
            region: or_found(self.region, found.region),
            tags_all: or_found(self.tags_all, found.tags_all),
            max_record_size_in_kib: or_found(self.max_record_size_in_kib, found.max_record_size_in_kib),
            stream_mode_details: match self.stream_mode_details.is_unknown() {
                true => found.stream_mode_details,
                false => self.stream_mode_details,
            },
            ..self
        })
    }
}

fn or_found<T>(planned: Attr<T>, found: Attr<T>) -> Attr<T> {
    if planned.is_unknown() { found } else { planned }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> KinesisStream {
        KinesisStream {
            id: "arn:demo".into(),
            arn: "arn:demo".into(),
            name: "demo".into(),
            shard_count: 3.into(),
            max_record_size_in_kib: 1024.into(),
            stream_mode_details: Blocks::one(StreamModeDetails { stream_mode: "PROVISIONED".into() }),
            ..KinesisStream::default()
        }
    }

    #[test]
    fn after_an_apply_what_was_planned_stands_and_the_rest_is_as_found() {
        let planned = KinesisStream {
            arn: Attr::Unknown,
            shard_count: 2.into(),
            max_record_size_in_kib: Attr::Unknown,
            stream_mode_details: Blocks::unknown(),
            ..KinesisStream::default()
        };
        let settled = planned.settled(found()).unwrap();
        assert_eq!((settled.arn.text(), settled.shard_count), ("arn:demo", 2.into()));
        assert_eq!(settled.max_record_size_in_kib, 1024.into());
        assert_eq!(settled.stream_mode_details, found().stream_mode_details);
    }

    #[test]
    fn a_stream_to_be_is_known_by_its_name() {
        let mut stream = KinesisStream {
            arn: Attr::Unknown,
            name: "mine".into(),
            region: "cn-north-1".into(),
            ..KinesisStream::default()
        };
        stream.foresee("123456789012");
        let arn = "arn:aws-cn:kinesis:cn-north-1:123456789012:stream/mine";
        assert_eq!((stream.arn.text(), stream.id.text()), (arn, arn));
        let mut wished = KinesisStream { arn: "arn:wish".into(), ..stream };
        wished.foresee("123456789012");
        assert_eq!(wished.arn.text(), "arn:wish");
    }

    #[test]
    fn a_configured_arn_must_be_the_right_one() {
        let failure = KinesisStream { arn: "arn:wish".into(), ..found() }.settled(found()).unwrap_err();
        assert_eq!(failure.state.unwrap().arn.text(), "arn:demo");
        assert!(failure.diagnostics.iter().all(|d| d.path == "arn".into()));
    }

    #[test]
    fn state_of_version_0_learns_not_to_remove_consumers() {
        let old = Value::Map([("name".to_owned(), "demo".into())].into());
        let upgraded = KinesisStream::upgrade(0, old.clone()).unwrap();
        assert_eq!(upgraded.get("enforce_consumer_deletion"), &Value::Bool(false));
        assert_eq!(KinesisStream::upgrade(1, old.clone()).unwrap(), old);
    }
}
