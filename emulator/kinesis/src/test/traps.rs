//! What other emulators got wrong and no action's own tests hold: naming by ARN, answers that tell both names, the top of
//! the key space, errors that are no errors of AWS.

use aws_wire::Body;
use serde_json::{Value, json};

use super::Fixture;

const ARN: &str = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
const SHARD: &str = "shardId-000000000000";

/// Every action that takes a stream's name, with what else it wants.
fn named_actions() -> Vec<(&'static str, Value)> {
    let encryption = json!({"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"});
    vec![
        ("PutRecord", json!({"PartitionKey": "k", "Data": ""})),
        ("PutRecords", json!({"Records": [{"PartitionKey": "k", "Data": ""}]})),
        ("GetShardIterator", json!({"ShardId": SHARD, "ShardIteratorType": "LATEST"})),
        ("DescribeStream", json!({})),
        ("DescribeStreamSummary", json!({})),
        ("ListShards", json!({})),
        ("AddTagsToStream", json!({"Tags": {"a": "b"}})),
        ("ListTagsForStream", json!({})),
        ("RemoveTagsFromStream", json!({"TagKeys": ["a"]})),
        ("IncreaseStreamRetentionPeriod", json!({"RetentionPeriodHours": 48})),
        ("DecreaseStreamRetentionPeriod", json!({"RetentionPeriodHours": 24})),
        ("EnableEnhancedMonitoring", json!({"ShardLevelMetrics": ["ALL"]})),
        ("DisableEnhancedMonitoring", json!({"ShardLevelMetrics": ["ALL"]})),
        ("StartStreamEncryption", encryption.clone()),
        ("StopStreamEncryption", encryption),
        ("SplitShard", json!({"ShardToSplit": SHARD, "NewStartingHashKey": "1000"})),
        (
            "MergeShards",
            json!({"ShardToMerge": "shardId-000000000001", "AdjacentShardToMerge": "shardId-000000000002"}),
        ),
        ("UpdateShardCount", json!({"TargetShardCount": 2, "ScalingType": "UNIFORM_SCALING"})),
        ("DeleteStream", json!({})),
    ]
}

#[tokio::test]
async fn an_arn_names_a_stream_as_well_as_a_name_does() {
    for names in [json!({"StreamName": "s"}), json!({"StreamARN": ARN}), json!({"StreamName": "s", "StreamARN": ARN})] {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        for (action, mut input) in named_actions() {
            input.as_object_mut().unwrap().extend(names.as_object().unwrap().clone());
            let answer = fixture.ok(action, input).await;
            // Where one name is told, so is the other.
            if answer.get("StreamName").is_some() || answer.get("StreamARN").is_some() {
                assert_eq!((&answer["StreamName"], &answer["StreamARN"]), (&json!("s"), &json!(ARN)), "{action}");
            }
            fixture.advance_secs(2).await;
        }
    }
}

#[tokio::test]
async fn every_action_that_takes_a_name_refuses_none_and_two() {
    let fixture = Fixture::new().await;
    fixture.stream("s", 1).await;
    let neither = "InvalidArgumentException: Either StreamName or StreamARN should be provided.";
    let other = format!("InvalidArgumentException: StreamName t does not match StreamARN {ARN}.");
    for (action, mut input) in named_actions() {
        // It has a sentence of its own, for its tokens.
        if action != "ListShards" {
            fixture.refused(action, input.clone(), neither).await;
        }
        input["StreamName"] = "t".into();
        input["StreamARN"] = ARN.into();
        fixture.refused(action, input, &other).await;
    }
}

#[tokio::test]
async fn the_last_shard_ends_with_the_greatest_key() {
    let fixture = Fixture::new().await;
    for shards in 1..=9 {
        let name = format!("s{shards}");
        fixture.stream(&name, shards).await;
        let listed = fixture.ok("ListShards", json!({"StreamName": name})).await["Shards"].clone();
        let ranges: Vec<_> = listed.as_array().unwrap().iter().map(|shard| &shard["HashKeyRange"]).collect();
        assert_eq!(ranges[0]["StartingHashKey"], "0");
        assert_eq!(ranges[ranges.len() - 1]["EndingHashKey"], "340282366920938463463374607431768211455");
    }
}

#[tokio::test]
async fn ten_mebibytes_read_at_once_are_a_debt_of_five_seconds() {
    use base64::Engine as _;
    let fixture = Fixture::limited().await;
    fixture.stream("s", 1).await;
    let data = base64::engine::general_purpose::STANDARD.encode(vec![0; (1 << 20) - 2]);
    for _ in 0..11 {
        fixture.ok("PutRecord", json!({"StreamName": "s", "PartitionKey": "k", "Data": data})).await;
        fixture.advance_secs(1).await;
    }
    let iterator = fixture.iterator("s", SHARD, "TRIM_HORIZON").await;
    let page = fixture.ok("GetRecords", json!({"ShardIterator": iterator})).await;
    assert_eq!(page["Records"].as_array().unwrap().len(), 10);
    let next = json!({"ShardIterator": page["NextShardIterator"]});
    let exceeded = "ProvisionedThroughputExceededException: Rate exceeded for shard shardId-000000000000 in stream s \
                    under account 000000000000.";
    fixture.advance(std::time::Duration::from_millis(4990)).await;
    fixture.refused("GetRecords", next.clone(), exceeded).await;
    fixture.advance(std::time::Duration::from_millis(10)).await;
    assert_eq!(fixture.ok("GetRecords", next).await["Records"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_unknown_action_is_an_error_of_aws() {
    let fixture = Fixture::new().await;
    for action in ["NoSuchAction", "createstream", ""] {
        let reply = fixture.reply(action, &json!({})).await;
        assert_eq!(reply.status(), 400);
        assert_eq!(reply.headers()["content-type"], "application/x-amz-json-1.1");
        assert!(reply.headers().contains_key("x-amzn-requestid"));
        let Body::Full(body) = reply.into_body() else { panic!("a stream") };
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), json!({"__type": "UnknownOperationException"}));
    }
}

#[tokio::test]
async fn an_action_without_an_output_answers_nothing_at_all() {
    let fixture = Fixture::new().await;
    let reply = fixture.reply("CreateStream", &json!({"StreamName": "s", "ShardCount": 1})).await;
    assert_eq!(reply.headers()["content-type"], "application/x-amz-json-1.1");
    let Body::Full(body) = reply.into_body() else { panic!("a stream") };
    assert!(body.is_empty());
}

#[tokio::test]
async fn a_reshard_leaves_alone_what_it_need_not_touch() {
    let fixture = Fixture::new().await;
    fixture.stream("s", 2).await;
    let scale = json!({"StreamName": "s", "TargetShardCount": 3, "ScalingType": "UNIFORM_SCALING"});
    fixture.ok("UpdateShardCount", scale).await;
    fixture.advance_secs(1).await;
    // From halves to thirds both halves are cut, and the two pieces around the old border merged.
    let listed = fixture.ok("ListShards", json!({"StreamName": "s"})).await["Shards"].clone();
    let open = |shard: &&Value| shard["SequenceNumberRange"].get("EndingSequenceNumber").is_none();
    let listed = listed.as_array().unwrap();
    let parents: Vec<_> = listed.iter().filter(open).map(|shard| &shard["ParentShardId"]).collect();
    assert_eq!(listed.len(), 7);
    assert!(parents.contains(&&json!(SHARD)) && parents.contains(&&json!("shardId-000000000001")), "{parents:?}");
    // Splitting one shard by hand and asking for the same again touches nothing.
    let same = json!({"StreamName": "s", "TargetShardCount": 3, "ScalingType": "UNIFORM_SCALING"});
    fixture.ok("UpdateShardCount", same).await;
    fixture.advance_secs(1).await;
    assert_eq!(fixture.ok("ListShards", json!({"StreamName": "s"})).await["Shards"].as_array().unwrap().len(), 7);
}
