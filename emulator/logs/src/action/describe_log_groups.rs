//! DescribeLogGroups: the groups of a region by name.

use std::sync::Arc;

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::group::Record;
use crate::name;
use crate::page::page;
use crate::service::Logs;
use crate::shape;

pub(super) struct DescribeLogGroups;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    log_group_class: Option<String>,
    log_group_identifiers: Option<Vec<String>>,
    next_token: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Output {
    log_groups: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    log_group_name: String,
    creation_time: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    retention_in_days: Option<u32>,
    metric_filter_count: u32,
    arn: String,
    stored_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_key_id: Option<String>,
    log_group_class: String,
    log_group_arn: String,
    deletion_protection_enabled: bool,
}

impl Action<Logs> for DescribeLogGroups {
    const NAME: &'static str = "DescribeLogGroups";
    const INPUT: Structure = Structure::new(
        "DescribeLogGroupsRequest",
        &[
            Shape::list(&Shape::string().length(12, 12)).length(0, 20).member("accountIdentifiers"),
            shape::GROUP_NAME.member("logGroupNamePrefix"),
            shape::GROUP_NAME_PATTERN.member("logGroupNamePattern"),
            shape::NEXT_TOKEN.member("nextToken"),
            shape::DESCRIBE_LIMIT.member("limit"),
            Shape::boolean().member("includeLinkedAccounts"),
            shape::CLASS.member("logGroupClass"),
            Shape::list(&shape::GROUP_IDENTIFIER).length(1, 50).member("logGroupIdentifiers"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<Output> {
        let (prefix, pattern) = (input.log_group_name_prefix, input.log_group_name_pattern);
        if prefix.is_some() && pattern.is_some() {
            return Err(Error::Invalid(
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
            ));
        }
        let named = input.log_group_identifiers.map(|identifiers| {
            identifiers.iter().filter_map(|identifier| name::named(&call.world, identifier)).collect::<Vec<_>>()
        });
        let fits = |record: &Record| {
            prefix.as_ref().is_none_or(|prefix| record.name.starts_with(prefix))
                && pattern.as_ref().is_none_or(|pattern| record.name.contains(pattern))
                && input.log_group_class.as_ref().is_none_or(|class| *class == record.class)
                && named.as_ref().is_none_or(|named| named.contains(&record.name))
        };
        let groups = service.catalog().groups(&call.world).into_iter().map(|group| (group.record(), group));
        let groups: Vec<_> = groups.filter(|(record, _)| fits(record)).collect();
        let (groups, next_token) = page(groups, |(record, _)| &record.name, input.limit, input.next_token.as_deref())?;
        let mut log_groups = Vec::new();
        for (record, group) in groups {
            // Sizes are counted when a log is opened.
            service.catalog().log(&group).await?;
            let arn = name::arn(&call.world, &record.name);
            log_groups.push(Entry {
                creation_time: record.created.as_millis(),
                retention_in_days: record.retention_days,
                metric_filter_count: 0,
                arn: format!("{arn}:*"),
                stored_bytes: group.bytes(),
                kms_key_id: record.key.clone(),
                log_group_class: record.class.clone(),
                log_group_arn: arn,
                deletion_protection_enabled: record.protected,
                log_group_name: Arc::unwrap_or_clone(record).name,
            });
        }
        Ok(Output { log_groups, next_token })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn in_pages_by_prefix_and_pattern() {
        let mut fixture = Fixture::with_stream().await;
        for name in ["/aws/lambda/a", "/aws/lambda/b", "other"] {
            fixture.ok("CreateLogGroup", json!({"logGroupName": name})).await;
        }
        fixture.put("s", "four", 0).await;
        fixture.restart().await;
        let names = |described: &Value| {
            let groups = described["logGroups"].as_array().unwrap().clone();
            groups.iter().map(|group| group["logGroupName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let first = fixture.ok("DescribeLogGroups", json!({"limit": 2})).await;
        assert_eq!(names(&first), ["/aws/lambda/a", "/aws/lambda/b"]);
        let second = fixture.ok("DescribeLogGroups", json!({"nextToken": first["nextToken"]})).await;
        assert_eq!((names(&second), second.get("nextToken")), (vec!["g".to_owned(), "other".into()], None));
        assert_eq!(
            second["logGroups"][0],
            json!({
                "logGroupName": "g",
                "creationTime": 1_700_000_000_000_u64,
                "metricFilterCount": 0,
                "arn": "arn:aws:logs:us-east-1:000000000000:log-group:g:*",
                "storedBytes": 30,
                "logGroupClass": "STANDARD",
                "logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:g",
                "deletionProtectionEnabled": false,
            })
        );
        for (input, expected) in [
            (json!({"logGroupNamePrefix": "/aws"}), 2),
            (json!({"logGroupNamePattern": "a/b"}), 1),
            (json!({"logGroupClass": "INFREQUENT_ACCESS"}), 0),
            (json!({"logGroupIdentifiers": ["g", "arn:aws:logs:us-east-1:000000000000:log-group:other"]}), 2),
        ] {
            assert_eq!(names(&fixture.ok("DescribeLogGroups", input.clone()).await).len(), expected, "{input}");
        }
        let both = json!({"logGroupNamePrefix": "a", "logGroupNamePattern": "b"});
        assert!(fixture.error("DescribeLogGroups", both).await.starts_with("InvalidParameterException"));
        let token = "InvalidParameterException: The specified nextToken is invalid.";
        fixture.refused("DescribeLogGroups", json!({"nextToken": "x"}), token).await;
    }
}
