//! PutRetentionPolicy: for how many days events are kept. What is older is gone at once.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::service::Logs;
use crate::shape;

/// What can be chosen.
const DAYS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

pub(super) struct PutRetentionPolicy;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    log_group_name: String,
    retention_in_days: i32,
}

impl Action<Logs> for PutRetentionPolicy {
    const NAME: &'static str = "PutRetentionPolicy";
    const INPUT: Structure = Structure::new(
        "PutRetentionPolicyRequest",
        &[shape::GROUP_NAME.member("logGroupName").required(), Shape::integer().member("retentionInDays").required()],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<()> {
        let days = u32::try_from(input.retention_in_days).ok().filter(|days| DAYS.contains(days));
        let days = days.ok_or(Error::Invalid(
            "1 validation error detected: Value at 'retentionInDays' failed to satisfy constraint: Member must satisfy \
             enum value set: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, \
             3288, 3653]",
        ))?;
        let keep = |record: &mut crate::group::Record| {
            check_is_set(record)?;
            record.retention_days = Some(days);
            Ok(())
        };
        service.catalog().change_group(&call.world, &input.log_group_name, keep).await
    }
}

/// Fails if a group's class decides how long its events are kept. The words are ours.
pub(super) fn check_is_set(record: &crate::group::Record) -> Result<()> {
    if record.class == crate::group::DELIVERY {
        return Err(Error::Invalid("The retention of a log group of the class DELIVERY cannot be set"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn what_is_older_is_gone() {
        let mut fixture = Fixture::with_stream().await;
        fixture.put("s", "old", 0).await;
        fixture.env.clock.advance(Duration::from_secs(86_400 * 2));
        fixture.put("s", "new", 0).await;
        let messages = |found: serde_json::Value| {
            let events = found["events"].as_array().unwrap().clone();
            events.iter().map(|event| event["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let all = json!({"logGroupName": "g"});
        assert_eq!(messages(fixture.ok("FilterLogEvents", all.clone()).await), ["old", "new"]);
        fixture.ok("PutRetentionPolicy", json!({"logGroupName": "g", "retentionInDays": 1})).await;
        assert_eq!(messages(fixture.ok("FilterLogEvents", all.clone()).await), ["new"]);
        fixture.restart().await;
        let described = fixture.ok("DescribeLogGroups", json!({})).await;
        assert_eq!(described["logGroups"][0]["retentionInDays"], 1);
        fixture.env.clock.advance(Duration::from_secs(86_400 * 2));
        assert!(messages(fixture.ok("FilterLogEvents", all).await).is_empty());
        fixture.ok("DeleteRetentionPolicy", json!({"logGroupName": "g"})).await;
        let described = fixture.ok("DescribeLogGroups", json!({})).await;
        assert_eq!(described["logGroups"][0].get("retentionInDays"), None);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let fixture = Fixture::with_stream().await;
        for days in [0, -1, 2, 3654] {
            let error =
                fixture.error("PutRetentionPolicy", json!({"logGroupName": "g", "retentionInDays": days})).await;
            assert!(error.starts_with("InvalidParameterException: 1 validation error"), "{error}");
        }
        let missing = "ResourceNotFoundException: The specified log group does not exist.";
        fixture.refused("PutRetentionPolicy", json!({"logGroupName": "x", "retentionInDays": 1}), missing).await;
        fixture.refused("DeleteRetentionPolicy", json!({"logGroupName": "x"}), missing).await;
    }
}
