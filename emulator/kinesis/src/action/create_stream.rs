//! CreateStream: takes a name and opens its first shards. The stream is CREATING at first and ACTIVE by itself.
//!
//! An on-demand stream begins with four shards, or with what its warm throughput asks for. At most five streams of a world are CREATING or DELETING at once; open
//! shards of provisioned streams count towards the shard limit, on-demand streams towards theirs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_wire::{Action, Call, Shape, Structure};
use env::Timestamp;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::name::StreamName;
use crate::on_demand::Traffic;
use crate::output::StreamModeDetails;
use crate::service::Kinesis;
use crate::shard::{Shard, ShardIndex};
use crate::stream::{Mode, Phase, RecordDistribution, Settings, Status, Stream, StreamUid};
use crate::throttle::Daily;
use crate::{on_demand, shape, tags};

pub(super) struct CreateStream;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    stream_name: String,
    shard_count: Option<u32>,
    stream_mode_details: Option<StreamModeDetails>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    warm_throughput_mi_bps: Option<u32>,
    #[serde(rename = "MaxRecordSizeInKiB")]
    max_record_size_in_ki_b: Option<u32>,
    record_distribution_strategy: Option<RecordDistribution>,
}

const DEFAULT_RETENTION_HOURS: u32 = 24;
const DEFAULT_MAX_RECORD_KIB: u32 = 1024;

impl Action<Kinesis> for CreateStream {
    const NAME: &'static str = "CreateStream";
    const INPUT: Structure = Structure::new(
        "CreateStreamInput",
        &[
            shape::STREAM_NAME.member("StreamName").required(),
            Shape::integer().at_least(1).member("ShardCount"),
            shape::STREAM_MODE_DETAILS.member("StreamModeDetails"),
            shape::TAG_MAP.member("Tags"),
            shape::WARM_THROUGHPUT.member("WarmThroughputMiBps"),
            shape::MAX_RECORD_SIZE.member("MaxRecordSizeInKiB"),
            shape::RECORD_DISTRIBUTION_STRATEGY.member("RecordDistributionStrategy"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<()> {
        let world = &call.world;
        let name = StreamName::new(input.stream_name).ok_or(Error::StreamNotNamed)?;
        service.admit_call(call, Self::NAME, Some(&name))?;
        let mode = input.stream_mode_details.map_or(Mode::Provisioned, |details| details.stream_mode);
        let warm_throughput = input.warm_throughput_mi_bps.filter(|warm| *warm > 0);
        if let Some(warm) = warm_throughput {
            super::check_warm_throughput(service, world, mode, warm)?;
        }
        let shards = match (mode, input.shard_count) {
            (Mode::Provisioned, Some(count)) => count,
            (Mode::OnDemand, None) => warm_throughput.unwrap_or_default().max(on_demand::FIRST_SHARDS),
            (Mode::Provisioned, None) => return Err(Error::ShardCountMissing),
            (Mode::OnDemand, Some(_)) => return Err(Error::ShardCountOnDemand),
        };
        let distribution = input.record_distribution_strategy.unwrap_or_default();
        if (mode, distribution) == (Mode::Provisioned, RecordDistribution::Auto) {
            return Err(Error::DistributionProvisioned);
        }
        let mut accepted = BTreeMap::new();
        tags::add(&mut accepted, input.tags, &name.label(world))?;
        let now = service.now();
        if let Some(there) = service.catalog.find(world, &name) {
            let settings = &there.state().settings;
            let is_repeated = call.repeats(settings.maker.as_ref()) && settings.status(now) != Status::Deleting;
            return if is_repeated { Ok(()) } else { Err(Error::StreamExists { stream: name.label(world) }) };
        }
        // The quota is looked at before the shards are made: a count may be far beyond it.
        let quota = |streams: &[Arc<Stream>]| check_quotas(service, call, streams, mode, shards, now);
        quota(&service.catalog.in_world(world))?;
        let settings = Settings {
            uid: StreamUid::random(&service.catalog.env),
            created: now,
            maker: call.invocation.clone(),
            phase: Phase::Created(now + service.config().lifecycle_delay),
            mode,
            retention_hours: DEFAULT_RETENTION_HOURS,
            trimmed_before: Timestamp::EPOCH,
            key_id: None,
            max_record_kib: input.max_record_size_in_ki_b.unwrap_or(DEFAULT_MAX_RECORD_KIB),
            shard_metrics: BTreeSet::new(),
            tags: accepted,
            policy: None,
            next_shard: ShardIndex(shards),
            scalings: Daily::default(),
            mode_switches: Daily::default(),
            encryption_starts: Daily::default(),
            encryption_stops: Daily::default(),
            distribution,
            warm_throughput,
            traffic: Traffic::beginning(shards, now),
        };
        let first = Shard::first_of(shards, now);
        service.catalog.create(world, &name, settings, first, quota).await?;
        tracing::info!(stream = %name, shards, "stream created");
        Ok(())
    }
}

fn check_quotas(
    service: &Kinesis,
    call: &Call,
    streams: &[Arc<Stream>],
    mode: Mode,
    shards: u32,
    now: Timestamp,
) -> Result<()> {
    let config = service.config();
    let changing =
        |stream: &&Arc<Stream>| matches!(stream.state().settings.status(now), Status::Creating | Status::Deleting);
    let limit = config.streams_in_transition();
    if streams.iter().filter(changing).count() >= limit {
        return Err(Error::StreamsInTransition { limit });
    }
    match mode {
        Mode::Provisioned => super::check_shard_limit(service, &call.world, streams, shards),
        Mode::OnDemand => super::check_on_demand_limit(service, &call.world, streams),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::config::Config;
    use crate::test::Fixture;

    #[tokio::test]
    async fn a_stream_is_creating_then_active() {
        let fixture = Fixture::new().await;
        fixture.ok("CreateStream", json!({"StreamName": "s", "ShardCount": 3, "Tags": {"a": "b"}})).await;
        let describe = || fixture.ok("DescribeStream", json!({"StreamName": "s"}));
        let creating = describe().await;
        assert_eq!(creating["StreamDescription"]["StreamStatus"], "CREATING");
        assert_eq!(creating["StreamDescription"]["Shards"], json!([]));
        fixture.advance_secs(1).await;
        let active = describe().await;
        assert_eq!(active["StreamDescription"]["StreamStatus"], "ACTIVE");
        assert_eq!(active["StreamDescription"]["Shards"].as_array().unwrap().len(), 3);
        let tags = fixture.ok("ListTagsForStream", json!({"StreamName": "s"})).await;
        assert_eq!(tags["Tags"], json!([{"Key": "a", "Value": "b"}]));
    }

    #[tokio::test]
    async fn on_demand_begins_with_four_shards() {
        let fixture = Fixture::new().await;
        let mode = json!({"StreamMode": "ON_DEMAND"});
        fixture.ok("CreateStream", json!({"StreamName": "s", "StreamModeDetails": mode})).await;
        fixture.advance_secs(1).await;
        let summary = fixture.ok("DescribeStreamSummary", json!({"StreamName": "s"})).await;
        assert_eq!(summary["StreamDescriptionSummary"]["OpenShardCount"], 4);
        assert_eq!(summary["StreamDescriptionSummary"]["StreamModeDetails"], mode);
    }

    #[tokio::test]
    async fn a_name_is_taken_once_per_world() {
        let mut fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let again = json!({"StreamName": "s", "ShardCount": 1});
        let taken = "ResourceInUseException: Stream s under account 000000000000 already exists.";
        fixture.refused("CreateStream", again.clone(), taken).await;
        fixture.world.region = "eu-west-1".into();
        fixture.ok("CreateStream", again).await;
    }

    #[tokio::test]
    async fn counts_against_limits() {
        let lifecycle_delay = Duration::from_secs(10);
        let fixture = Fixture::with(Config { lifecycle_delay, ..Config::default() }).await;
        fixture
            .refused(
                "CreateStream",
                json!({"StreamName": "s", "ShardCount": 501}),
                "LimitExceededException: This request would exceed the shard limit for the account 000000000000 in \
                 us-east-1. Current shard count for the account: 0. Limit: 500. Number of additional shards that would \
                 have resulted from this request: 501. Refer to the AWS Service Limits page \
                 (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to \
                 request higher limits.",
            )
            .await;
        fixture.advance_secs(1).await;
        for name in ["a", "b", "c", "d", "e"] {
            fixture.ok("CreateStream", json!({"StreamName": name, "ShardCount": 1})).await;
        }
        let f = json!({"StreamName": "f", "ShardCount": 1});
        let rate = "LimitExceededException: Rate exceeded for stream f under account 000000000000.";
        fixture.refused("CreateStream", f.clone(), rate).await;
        fixture.advance_secs(1).await;
        fixture
            .refused(
                "CreateStream",
                f.clone(),
                "LimitExceededException: This request would exceed the limit on the number of streams that can \
                 simultaneously be in CREATING or DELETING. Limit: 5.",
            )
            .await;
        fixture.advance_secs(9).await;
        fixture.ok("CreateStream", f).await;
    }

    #[tokio::test]
    async fn fifty_on_demand_streams_are_enough() {
        let mut fixture = Fixture::limited().await;
        let create = |name: &str| json!({"StreamName": name, "StreamModeDetails": {"StreamMode": "ON_DEMAND"}});
        for number in 0..50 {
            fixture.ok("CreateStream", create(&number.to_string())).await;
            fixture.advance_secs(1).await;
        }
        let words = "LimitExceededException: This request would exceed the limit on the number of On-Demand streams for \
                     the account 000000000000 in us-east-1. Current On-Demand streams count: 50. Limit: 50.";
        fixture.refused("CreateStream", create("x"), words).await;
        fixture.stream("p", 1).await;
        let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/p";
        let switch = json!({"StreamARN": arn, "StreamModeDetails": {"StreamMode": "ON_DEMAND"}});
        fixture.refused("UpdateStreamMode", switch.clone(), words).await;
        fixture.ok("DeleteStream", json!({"StreamName": "7"})).await;
        fixture.advance_secs(1).await;
        fixture.ok("UpdateStreamMode", switch).await;
        fixture.world.account = "111111111111".into();
        fixture.ok("CreateStream", create("x")).await;
    }

    #[tokio::test]
    async fn shards_that_a_reshard_will_make_count() {
        let mut fixture = Fixture::limited().await;
        fixture.world.region = "eu-north-1".into();
        fixture.stream("a", 99).await;
        fixture.stream("b", 100).await;
        let split = |name: &str| json!({"StreamName": name, "ShardToSplit": "0", "NewStartingHashKey": "1000"});
        fixture.ok("SplitShard", split("a")).await;
        let refused = fixture.call("SplitShard", split("b")).await.unwrap_err();
        assert!(refused.contains("shard limit") && refused.contains("Current shard count for the account: 200."));
        let limits = fixture.ok("DescribeLimits", json!({})).await;
        assert_eq!((&limits["ShardLimit"], &limits["OpenShardCount"]), (&json!(200), &json!(199)));
        fixture.advance_secs(1).await;
        assert_eq!(fixture.ok("DescribeLimits", json!({})).await["OpenShardCount"], 200);
        let scale = json!({"StreamName": "b", "TargetShardCount": 101, "ScalingType": "UNIFORM_SCALING"});
        let refused = fixture.call("UpdateShardCount", scale).await.unwrap_err();
        assert!(refused.contains("Number of additional shards that would have resulted from this request: 1."));
    }

    #[tokio::test]
    async fn refuses_what_the_mode_does_not_go_with() {
        let fixture = Fixture::new().await;
        let refused = async |input, words| fixture.refused("CreateStream", input, words).await;
        let missing = "InvalidArgumentException: ShardCount must be provided for a stream in PROVISIONED mode.";
        refused(json!({"StreamName": "s"}), missing).await;
        let count = json!({"StreamName": "s", "ShardCount": 1, "StreamModeDetails": {"StreamMode": "ON_DEMAND"}});
        let unwanted = "InvalidArgumentException: ShardCount must not be provided for a stream in ON_DEMAND mode.";
        refused(count, unwanted).await;
        refused(
            json!({"StreamName": "s/", "ShardCount": 0}),
            "ValidationException: 2 validation errors detected: Value 's/' at 'streamName' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value '0' at 'shardCount' failed to \
             satisfy constraint: Member must have value greater than or equal to 1",
        )
        .await;
    }

    #[tokio::test]
    async fn what_was_created_is_there_after_a_restart() {
        let mut fixture = Fixture::new().await;
        let input = json!({"StreamName": "s", "ShardCount": 2, "Tags": {"a": "b"}, "MaxRecordSizeInKiB": 2048});
        fixture.ok("CreateStream", input).await;
        fixture.restart().await;
        let summary = fixture.ok("DescribeStreamSummary", json!({"StreamName": "s"})).await;
        assert_eq!(summary["StreamDescriptionSummary"]["StreamStatus"], "CREATING");
        fixture.advance_secs(1).await;
        let summary = fixture.ok("DescribeStreamSummary", json!({"StreamName": "s"})).await;
        assert_eq!(summary["StreamDescriptionSummary"]["StreamStatus"], "ACTIVE");
        assert_eq!(summary["StreamDescriptionSummary"]["OpenShardCount"], 2);
        assert_eq!(summary["StreamDescriptionSummary"]["MaxRecordSizeInKiB"], 2048);
    }
}
