//! UpdateShardCount: splits and merges until so many open shards divide the key space evenly.
//!
//! Not more than double, not less than half (rounded up), ten times within 24 hours. The present count is accepted and
//! changes nothing: Terraform sends it.

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::reshard::Reshard;
use crate::service::Kinesis;
use crate::shape;

pub(super) struct UpdateShardCount;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    target_shard_count: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    stream_name: String,
    #[serde(rename = "StreamARN")]
    stream_arn: String,
    current_shard_count: u32,
    target_shard_count: u32,
}

/// Above this, a stream can only shrink.
const MOST_SHARDS: u32 = 10_000;

impl Action<Kinesis> for UpdateShardCount {
    const NAME: &'static str = "UpdateShardCount";
    const INPUT: Structure = Structure::new(
        "UpdateShardCountInput",
        &[
            shape::STREAM_NAME.member("StreamName"),
            Shape::integer().at_least(1).member("TargetShardCount").required(),
            Shape::string().one_of(&["UNIFORM_SCALING"]).member("ScalingType").required(),
            shape::STREAM_ARN.member("StreamARN"),
            shape::STREAM_ID.member("StreamId"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Output> {
        let stream =
            service.stream(call, Self::NAME, input.stream_name.as_deref(), input.stream_arn.as_deref()).await?;
        let target = input.target_shard_count;
        let (delay, most) = (service.config().lifecycle_delay, service.config().scalings_per_day());
        let streams = service.catalog.in_world(&call.world);
        service
            .catalog
            .change(&stream, |state, now| {
                super::check_provisioned(&stream, state, "UpdateShardCount")?;
                let current = super::open_shards(state);
                let output = Output {
                    stream_name: stream.name.to_string(),
                    stream_arn: stream.arn(),
                    current_shard_count: current,
                    target_shard_count: target,
                };
                if target == current {
                    return Ok(output);
                }
                check_target(current, target)?;
                super::check_shard_limit(service, &call.world, &streams, target.saturating_sub(current))?;
                if !state.settings.scalings.admit(most, now) {
                    return Err(Error::Scalings { stream: stream.label(), most });
                }
                super::begin_reshard(state, Reshard::Scale { target }, now + delay);
                Ok(output)
            })
            .await
    }
}

fn check_target(current: u32, target: u32) -> Result<()> {
    if target > current.saturating_mul(2) {
        Err(Error::ScaleUp { current, target })
    } else if target < current.div_ceil(2) {
        Err(Error::ScaleDown { current, target })
    } else if target > MOST_SHARDS {
        Err(Error::ScaleBeyond { target })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::Fixture;

    fn to(target: u32) -> Value {
        json!({"StreamName": "s", "TargetShardCount": target, "ScalingType": "UNIFORM_SCALING"})
    }

    async fn census(fixture: &Fixture) -> (usize, usize) {
        let shards = fixture.ok("ListShards", json!({"StreamName": "s"})).await["Shards"].clone();
        let is_open = |shard: &&Value| shard["SequenceNumberRange"].get("EndingSequenceNumber").is_none();
        let shards = shards.as_array().unwrap();
        let open = shards.iter().filter(is_open).count();
        (open, shards.len() - open)
    }

    #[tokio::test]
    async fn splits_and_merges_as_aws_does() {
        let mut fixture = Fixture::new().await;
        fixture.stream("s", 2).await;
        assert_eq!(
            fixture.ok("UpdateShardCount", to(4)).await,
            json!({
                "StreamName": "s",
                "StreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/s",
                "CurrentShardCount": 2,
                "TargetShardCount": 4,
            })
        );
        fixture.restart().await;
        assert_eq!(census(&fixture).await, (2, 0));
        fixture.advance_secs(1).await;
        assert_eq!(census(&fixture).await, (4, 2));
        fixture.ok("UpdateShardCount", to(4)).await;
        fixture.ok("UpdateShardCount", to(3)).await;
        fixture.advance_secs(1).await;
        let summary = fixture.ok("DescribeStreamSummary", json!({"StreamName": "s"})).await;
        assert_eq!(summary["StreamDescriptionSummary"]["OpenShardCount"], 3);
        assert_eq!(summary["StreamDescriptionSummary"]["StreamStatus"], "ACTIVE");
    }

    #[tokio::test]
    async fn every_key_finds_its_records_in_order_across_many_reshards() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let keys: Vec<String> = (0..20).map(|number| format!("key {number}")).collect();
        let mut put: Vec<Vec<String>> = vec![Vec::new(); keys.len()];
        for target in [2, 3, 5, 4, 2, 4, 8, 6] {
            for (key, numbers) in keys.iter().zip(&mut put) {
                numbers.push(fixture.put("s", key, "").await);
            }
            fixture.ok("UpdateShardCount", to(target)).await;
            for (key, numbers) in keys.iter().zip(&mut put) {
                numbers.push(fixture.put("s", key, "").await);
            }
            fixture.advance_secs(5).await;
        }
        assert!(put.iter().all(|numbers| numbers.is_sorted_by(|earlier, later| earlier < later)));
        let shards = fixture.ok("ListShards", json!({"StreamName": "s"})).await["Shards"].clone();
        let mut read = 0;
        for shard in shards.as_array().unwrap() {
            read += fixture.keys_in("s", shard["ShardId"].as_str().unwrap()).await.len();
        }
        assert_eq!(read, 8 * 2 * keys.len());
    }

    #[tokio::test]
    async fn refuses_too_much_too_little_and_too_often() {
        let fixture = Fixture::limited().await;
        fixture.stream("s", 3).await;
        let count = |target| format!("Current open shard count: 3 Target shard count: {target}");
        let words = "InvalidArgumentException: UpdateShardCount cannot scale up over double your current open shard \
                     count. ";
        fixture.refused("UpdateShardCount", to(7), &format!("{words}{}", count(7))).await;
        let words = "InvalidArgumentException: UpdateShardCount cannot scale down below half your current open shard \
                     count. ";
        fixture.refused("UpdateShardCount", to(1), &format!("{words}{}", count(1))).await;
        for target in [2, 3, 2, 3, 2, 3, 2, 3, 2, 3] {
            fixture.ok("UpdateShardCount", to(target)).await;
            fixture.advance_secs(1).await;
        }
        let words = "LimitExceededException: UpdateShardCount can not be called more than 10 times within 24 hours for \
                     stream s under account 000000000000.";
        fixture.refused("UpdateShardCount", to(2), words).await;
        fixture.advance_secs(86_400).await;
        fixture.ok("UpdateShardCount", to(2)).await;
    }

    #[tokio::test]
    async fn knows_one_way_to_scale() {
        let fixture = Fixture::new().await;
        let mut input = to(2);
        input["ScalingType"] = "OTHER".into();
        let words = "ValidationException: 1 validation error detected: Value 'OTHER' at 'scalingType' failed to satisfy \
                     constraint: Member must satisfy enum value set: [UNIFORM_SCALING]";
        fixture.refused("UpdateShardCount", input, words).await;
    }
}
