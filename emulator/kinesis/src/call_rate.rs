//! How often an action of the control plane may be called: so many times in any second, by an account or for a stream.
//!
//! The figures are AWS's; actions for which it documents none have none. What readers and writers get from a shard is
//! [`crate::throttle`]'s. Invariant: what is kept is bounded by what was called within a second.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_wire::World;
use env::Timestamp;

use crate::name::StreamName;
use crate::throttle::Calls;

/// Whose calls count together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Per {
    /// Those of an account in a region.
    Account,
    /// Those for a stream.
    Stream,
}

/// AWS's figure for an action.
fn rate(action: &str) -> Option<(u64, Per)> {
    Some(match action {
        "DescribeLimits" => (1, Per::Account),
        "AddTagsToStream"
        | "CreateStream"
        | "DeleteStream"
        | "DescribeAccountSettings"
        | "ListStreams"
        | "ListTagsForStream"
        | "MergeShards"
        | "RegisterStreamConsumer"
        | "RemoveTagsFromStream"
        | "SplitShard"
        | "UpdateAccountSettings"
        | "UpdateStreamWarmThroughput" => (5, Per::Account),
        "DescribeStream" | "UpdateShardCount" => (10, Per::Account),
        "DescribeStreamSummary" => (20, Per::Account),
        "DecreaseStreamRetentionPeriod"
        | "DeregisterStreamConsumer"
        | "DisableEnhancedMonitoring"
        | "EnableEnhancedMonitoring"
        | "IncreaseStreamRetentionPeriod"
        | "ListStreamConsumers" => (5, Per::Stream),
        "DescribeStreamConsumer" => (20, Per::Stream),
        "ListShards" => (1000, Per::Stream),
        _ => return None,
    })
}

/// Whose calls of what.
#[derive(PartialEq, Eq, Hash, Debug)]
struct Caller {
    action: &'static str,
    world: World,
    stream: Option<StreamName>,
}

/// The calls of the last second.
#[derive(Debug, Default)]
pub(crate) struct CallRates(Mutex<HashMap<Caller, Calls>>);

/// So many callers are kept before those of whom there is nothing to know are looked for.
const MANY: usize = 256;

impl CallRates {
    /// Whether `action` may be called now. `scaled` turns AWS's figure into the one that holds here.
    pub(crate) fn admit(
        &self,
        action: &'static str,
        world: &World,
        stream: Option<&StreamName>,
        now: Timestamp,
        scaled: impl FnOnce(u64) -> usize,
    ) -> bool {
        let Some((figure, per)) = rate(action) else { return true };
        let stream = stream.filter(|_| per == Per::Stream).cloned();
        // A panic while counting leaves counts as good as before.
        let mut callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= MANY {
            callers.retain(|_, calls| !calls.are_past(now));
        }
        callers.entry(Caller { action, world: world.clone(), stream }).or_default().admit(scaled(figure), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + millis)
    }

    fn calls(rates: &CallRates, action: &'static str, stream: &str, millis: u64) -> usize {
        let world = World::new("000000000000", "us-east-1");
        let (stream, figure) = (StreamName::new(stream), |figure| usize::try_from(figure).unwrap());
        (0..2000).filter(|_| rates.admit(action, &world, stream.as_ref(), at(millis), figure)).count()
    }

    #[test]
    fn counts_by_account_or_by_stream() {
        let rates = CallRates::default();
        for (action, first, other) in [
            ("DescribeLimits", 1, 0),
            ("CreateStream", 5, 0),
            ("UpdateShardCount", 10, 0),
            ("DescribeStreamSummary", 20, 0),
            ("IncreaseStreamRetentionPeriod", 5, 5),
            ("DescribeStreamConsumer", 20, 20),
            ("ListShards", 1000, 1000),
            ("TagResource", 2000, 2000),
        ] {
            assert_eq!(calls(&rates, action, "a", 0), first, "{action}");
            assert_eq!(calls(&rates, action, "b", 500), other, "{action}");
            assert_eq!(calls(&rates, action, "a", 1000), first, "{action}");
        }
    }

    #[tokio::test]
    async fn refuses_in_the_words_of_aws() {
        use serde_json::json;
        let mut fixture = crate::test::Fixture::limited().await;
        fixture.stream("s", 1).await;
        let account = "LimitExceededException: Rate exceeded for account 000000000000.";
        fixture.ok("DescribeLimits", json!({})).await;
        fixture.refused("DescribeLimits", json!({}), account).await;
        let stream = "LimitExceededException: Rate exceeded for stream s under account 000000000000.";
        let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
        for (action, figure, input, words) in [
            ("ListStreams", 5, json!({}), account),
            ("DescribeAccountSettings", 5, json!({}), account),
            ("DescribeStream", 10, json!({"StreamName": "s"}), stream),
            ("DescribeStreamSummary", 20, json!({"StreamARN": arn}), stream),
            ("ListStreamConsumers", 5, json!({"StreamARN": arn}), stream),
            ("ListTagsForStream", 5, json!({"StreamName": "s"}), stream),
            ("RemoveTagsFromStream", 5, json!({"StreamName": "s", "TagKeys": ["a"]}), stream),
            ("IncreaseStreamRetentionPeriod", 5, json!({"StreamName": "s", "RetentionPeriodHours": 24}), stream),
            ("EnableEnhancedMonitoring", 5, json!({"StreamName": "s", "ShardLevelMetrics": ["ALL"]}), stream),
        ] {
            for _ in 0..figure {
                fixture.ok(action, input.clone()).await;
            }
            fixture.refused(action, input, words).await;
        }
        // What is refused for another reason counts; what does not satisfy the model does not.
        let target = format!("{arn}/consumer/c:1");
        for _ in 0..20 {
            let refused = fixture.call("DescribeStreamConsumer", json!({"ConsumerARN": target})).await.unwrap_err();
            assert!(refused.starts_with("ResourceNotFoundException"), "{refused}");
            fixture.call("DeleteStream", json!({"StreamName": ""})).await.unwrap_err();
        }
        fixture.refused("DescribeStreamConsumer", json!({"ConsumerARN": target}), stream).await;
        fixture.ok("DeleteStream", json!({"StreamName": "s"})).await;
        fixture.world.region = "eu-west-1".into();
        fixture.ok("DescribeLimits", json!({})).await;
    }

    #[test]
    fn worlds_do_not_count_together() {
        let rates = CallRates::default();
        let admitted = |region: &str| rates.admit("DescribeLimits", &World::new("1", region), None, at(0), |_| 1);
        assert!(admitted("eu-west-1") && admitted("eu-west-2") && !admitted("eu-west-1"));
    }

    #[test]
    fn what_is_past_is_not_kept() {
        let rates = CallRates::default();
        for second in 0..100 {
            for stream in 0..MANY {
                let stream = StreamName::new(format!("{second}-{stream}"));
                rates.admit("DescribeStreamConsumer", &World::new("1", "r"), stream.as_ref(), at(second * 1000), |_| 1);
            }
        }
        assert!(rates.0.lock().unwrap().len() <= 2 * MANY);
    }
}
