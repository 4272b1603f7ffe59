//! The stream as the service has it: one function per question asked or change made.
//!
//! Speaks to the service and waits; decides nothing. Every error names the stream and what was being done.

use std::time::Duration;

use aws_sdk_kinesis::config::retry::RetryConfig;
use aws_sdk_kinesis::operation::describe_limits::DescribeLimitsOutput;
use aws_sdk_kinesis::types::{
    EncryptionType, MetricsName, ScalingType, StreamDescriptionSummary, StreamModeDetails as SdkModeDetails,
};
use aws_sdk_kinesis::{Client, Config};
use tf_framework::{Change, Context, Diagnostic, Diagnostics};

use super::KinesisStream;
use super::capacity::Mode;
use super::observed::observed;
use super::steps::Step;
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing};
use crate::region;
use crate::tags::{TagChange, Tags};
use crate::wait::{Seen, Wait};

/// The service changes at most so many tags of a stream in one call.
const TAGS_PER_CALL: usize = 10;

/// A stream in the service.
pub(super) struct RemoteStream<'a> {
    cx: &'a Context<Aws>,
    kinesis: Client,
    name: String,
    /// The state's id; the few calls that take no name want it.
    arn: Option<String>,
}

impl<'a> RemoteStream<'a> {
    pub(super) fn new(cx: &'a Context<Aws>, stream: &KinesisStream) -> Result<Self, Diagnostics> {
        let kinesis = cx.client().kinesis(&stream.region)?;
        Ok(Self { cx, kinesis, name: stream.name.text().to_owned(), arn: stream.id.as_str().map(str::to_owned) })
    }

    /// What the account may have, and has. Asked once: an account may ask only once per second, and a plan of many
    /// streams does not wait for its turn.
    pub(super) async fn limits(&self) -> Result<DescribeLimitsOutput, ApiError> {
        let once = Config::builder().retry_config(RetryConfig::disabled());
        Ok(self.kinesis.describe_limits().customize().config_override(once).send().await?)
    }

    /// Asks for the stream.
    pub(super) async fn create(&self, planned: &KinesisStream) -> Result<(), Diagnostics> {
        let tags = self.cx.client().tags().merged(&planned.tags);
        let mode = planned.stream_mode_details.first().and(Mode::of(&planned.stream_mode_details));
        let is_provisioned = mode != Some(Mode::OnDemand);
        self.kinesis
            .create_stream()
            .stream_name(&self.name)
            .set_max_record_size_in_kib(planned.max_record_size_in_kib.known().map(to_i32))
            .set_shard_count(planned.shard_count.known().filter(|_| is_provisioned).map(to_i32))
            .set_stream_mode_details(mode.map(mode_details))
            .set_tags((!tags.is_empty()).then(|| tags.into_iter().collect()))
            .set_warm_throughput_mibps(planned.warm_throughput_mib_ps.known().map(to_i32))
            .send()
            .await
            .map_err(|error| {
                let error = ApiError::from(error);
                let diagnostic = error.diagnostic_at(&self.doing("creating"), MEMBERS);
                let name_is_taken = error.is("ResourceInUseException");
                if name_is_taken { diagnostic.at("name").into() } else { Diagnostics::from(diagnostic) }
            })?;
        Ok(())
    }

    /// Waits until a new stream can be used.
    pub(super) async fn wait_until_created(&self, timeout: Duration) -> Result<(), Diagnostics> {
        let doing = format!("waiting for Kinesis Stream ({}) create", self.name);
        self.wait_until_active(&doing, &["CREATING"], timeout).await
    }

    /// Takes one step of a change, and waits until the stream can take the next.
    pub(super) async fn take(&self, step: &Step, timeout: Duration) -> Result<(), Diagnostics> {
        self.ask_for(step).await?;
        let doing = format!("waiting for Kinesis Stream ({}) update ({})", self.name, step.operation());
        self.wait_until_active(&doing, &["UPDATING"], timeout).await
    }

    async fn ask_for(&self, step: &Step) -> Result<(), Diagnostics> {
        let (kinesis, name) = (&self.kinesis, &self.name);
        let asked: Result<(), ApiError> = match step {
            Step::Mode(mode) => {
                let call = kinesis.update_stream_mode().set_stream_arn(self.arn.clone());
                done(call.stream_mode_details(mode_details(*mode)).send().await)
            }
            Step::ShardCount(count) => {
                let call = kinesis.update_shard_count().stream_name(name).target_shard_count(to_i32(count));
                done(call.scaling_type(ScalingType::UniformScaling).send().await)
            }
            Step::IncreaseRetention(hours) => {
                let call = kinesis.increase_stream_retention_period().stream_name(name);
                done(call.retention_period_hours(to_i32(hours)).send().await)
            }
            Step::DecreaseRetention(hours) => {
                let call = kinesis.decrease_stream_retention_period().stream_name(name);
                done(call.retention_period_hours(to_i32(hours)).send().await)
            }
            Step::DisableMetrics(metrics) => {
                let metrics = metrics.iter().map(|metric| MetricsName::from(metric.as_str())).collect();
                let call = kinesis.disable_enhanced_monitoring().stream_name(name);
                done(call.set_shard_level_metrics(Some(metrics)).send().await)
            }
            Step::EnableMetrics(metrics) => {
                let metrics = metrics.iter().map(|metric| MetricsName::from(metric.as_str())).collect();
                let call = kinesis.enable_enhanced_monitoring().stream_name(name);
                done(call.set_shard_level_metrics(Some(metrics)).send().await)
            }
            Step::StartEncryption { key: None } => {
                return Err(Diagnostic::error(
                    "KMS Key ID required when setting encryption_type is not set as NONE",
                    format!(
                        "The stream {name} exists, without encryption. Set kms_key_id, for instance to \
                         \"alias/aws/kinesis\", and apply again."
                    ),
                )
                .at("kms_key_id")
                .into());
            }
            Step::StartEncryption { key: Some(key) } => {
                let call = kinesis.start_stream_encryption().stream_name(name);
                done(call.encryption_type(EncryptionType::Kms).key_id(key).send().await)
            }
            Step::StopEncryption { encryption_type, key } => {
                let call = kinesis.stop_stream_encryption().stream_name(name);
                done(call.encryption_type(encryption_type.as_str().into()).key_id(key).send().await)
            }
            Step::MaxRecordSize(size) => {
                let call = kinesis.update_max_record_size().set_stream_arn(self.arn.clone());
                done(call.max_record_size_in_kib(to_i32(size)).send().await)
            }
            Step::WarmThroughput(throughput) => {
                let call = kinesis.update_stream_warm_throughput().set_stream_arn(self.arn.clone());
                done(call.warm_throughput_mibps(to_i32(throughput)).send().await)
            }
        };
        asked.map_err(|error| error.diagnostic(&step.doing(name)).at(step.attribute()).into())
    }

    /// The stream as state; `None` when it is gone.
    pub(super) async fn read(&self, stored: KinesisStream) -> Result<Option<KinesisStream>, Diagnostics> {
        let Some(found) = describe(&self.kinesis, &self.name).await.while_doing(&self.doing("reading"))? else {
            return Ok(None);
        };
        let tags = list_tags(&self.kinesis, &self.name)
            .await
            .while_doing(&format!("listing tags for Kinesis Stream ({})", self.name))?;
        let tags = self.cx.client().tags().read(tags, &stored.tags, &stored.tags_all);
        let region = region::of_state(self.cx.client(), &stored.region);
        Ok(Some(observed(&found, tags, KinesisStream { region, ..stored })))
    }

    /// Brings the tags from the old set to the new one.
    pub(super) async fn change_tags(&self, change: &Change<KinesisStream>) -> Result<(), Diagnostics> {
        let old = change.prior.tags_all.clone().unwrap_or_default();
        let new = self.cx.client().tags().merged(&change.planned.tags);
        let Some(TagChange { removed, set }) = TagChange::between(&old, &new) else { return Ok(()) };
        for keys in removed.chunks(TAGS_PER_CALL) {
            let call = self.kinesis.remove_tags_from_stream().stream_name(&self.name);
            let sent = call.set_tag_keys(Some(keys.to_vec())).send().await;
            done(sent).while_doing(&format!("untagging Kinesis Stream ({})", self.name))?;
        }
        let set: Vec<_> = set.into_iter().collect();
        for tags in set.chunks(TAGS_PER_CALL) {
            let call = self.kinesis.add_tags_to_stream().stream_name(&self.name);
            let sent = call.set_tags(Some(tags.iter().cloned().collect())).send().await;
            done(sent).map_err(|error| {
                Diagnostics::from(error.diagnostic(&format!("tagging Kinesis Stream ({})", self.name)).at("tags"))
            })?;
        }
        Ok(())
    }

    /// Removes the stream and waits until it is gone.
    pub(super) async fn delete(&self, enforce_consumer_deletion: bool, timeout: Duration) -> Result<(), Diagnostics> {
        let call = self.kinesis.delete_stream().stream_name(&self.name);
        match done(call.enforce_consumer_deletion(enforce_consumer_deletion).send().await) {
            Err(error) if error.is("ResourceNotFoundException") => return Ok(()),
            asked => asked.while_doing(&self.doing("deleting"))?,
        }
        let doing = format!("waiting for Kinesis Stream ({}) delete", self.name);
        let wait = Wait { doing: &doing, pending: &["DELETING"], target: &[], timeout };
        wait.until(self.cx, || self.look()).await?;
        Ok(())
    }

    async fn wait_until_active(&self, doing: &str, pending: &[&str], timeout: Duration) -> Result<(), Diagnostics> {
        let wait = Wait { doing, pending, target: &["ACTIVE"], timeout };
        wait.until(self.cx, || self.look()).await.map(drop)
    }

    async fn look(&self) -> Result<Seen<()>, ApiError> {
        let found = describe(&self.kinesis, &self.name).await?;
        Ok(found.map_or(Seen::Gone, |summary| Seen::In(summary.stream_status.as_str().to_owned(), ())))
    }

    /// For a stream that must be there and is not.
    pub(super) fn vanished(&self) -> Diagnostics {
        Diagnostics::error(
            format!("{}: couldn't find resource", self.doing("reading")),
            "There is no stream of this name in the region, or somebody else removed it meanwhile.",
        )
    }

    fn doing(&self, verb: &str) -> String {
        format!("{verb} Kinesis Stream ({})", self.name)
    }
}

/// The description of a stream; `None` when there is none.
pub(crate) async fn describe(kinesis: &Client, name: &str) -> Result<Option<StreamDescriptionSummary>, ApiError> {
    match kinesis.describe_stream_summary().stream_name(name).send().await.map_err(ApiError::from) {
        Ok(answer) => Ok(answer.stream_description_summary),
        Err(error) if error.is("ResourceNotFoundException") => Ok(None),
        Err(error) => Err(error),
    }
}

/// All tags of a stream. A page begins after the last key of the page before.
pub(crate) async fn list_tags(kinesis: &Client, name: &str) -> Result<Tags, ApiError> {
    let mut tags = Tags::new();
    let mut after = None;
    loop {
        let call = kinesis.list_tags_for_stream().stream_name(name).set_exclusive_start_tag_key(after.take());
        let page = call.send().await?;
        after = page.tags.last().map(|tag| tag.key.clone());
        tags.extend(page.tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())));
        if !page.has_more_tags || after.is_none() {
            return Ok(tags);
        }
    }
}

/// The names of CreateStream's members in our words.
const MEMBERS: &[(&str, &str)] = &[
    ("streamName", "name"),
    ("shardCount", "shard_count"),
    ("maxRecordSizeInKiB", "max_record_size_in_kib"),
    ("warmThroughputMiBps", "warm_throughput_mib_ps"),
    ("streamModeDetails.streamMode", "stream_mode_details"),
    ("tags", "tags"),
];

fn done<T, E: Into<ApiError>>(answer: Result<T, E>) -> Result<(), ApiError> {
    answer.map(drop).map_err(Into::into)
}

fn mode_details(mode: Mode) -> SdkModeDetails {
    SdkModeDetails::builder().stream_mode(mode.to_sdk()).build().expect("the only required member is set")
}

/// The service counts in 32 bits. What does not fit is out of every range it knows, so the nearest value that fits
/// earns the same refusal.
fn to_i32(number: &i64) -> i32 {
    i32::try_from(*number).unwrap_or(if *number < 0 { i32::MIN } else { i32::MAX })
}
