//! ListShards: the shards of a stream that still hold something, filtered and page by page.
//!
//! A page is 1,000 shards unless MaxResults asks for fewer or more. The token carries the stream and the filter.

use aws_wire::{Action, Call, EpochSeconds, Shape, Structure};
use env::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::name::StreamName;
use crate::output::ShardOutput;
use crate::page_token::{self, Page};
use crate::service::Kinesis;
use crate::shape;
use crate::shard::{Shard, ShardIndex};
use crate::stream::{Status, StreamUid};

pub(super) struct ListShards;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    next_token: Option<String>,
    exclusive_start_shard_id: Option<String>,
    max_results: Option<usize>,
    stream_creation_timestamp: Option<EpochSeconds>,
    shard_filter: Option<ShardFilter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShardFilter {
    r#type: String,
    shard_id: Option<String>,
    timestamp: Option<EpochSeconds>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    shards: Vec<ShardOutput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// Which shards are wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Filter {
    /// All that are retained, in the API FROM_TRIM_HORIZON.
    Retained,
    /// Those that are open now.
    Open,
    /// Those that were open at the oldest moment of which something is retained.
    OpenAtHorizon,
    /// Those that were open then.
    OpenAt(Timestamp),
    /// Those that were open then or later.
    OpenSince(Timestamp),
}

/// Where a listing goes on.
#[derive(Serialize, Deserialize)]
struct Rest {
    stream: String,
    uid: StreamUid,
    after: Option<ShardIndex>,
    filter: Filter,
}

impl Page for Rest {
    const KIND: &'static str = "shards";
}

const PAGE: usize = 1000;
const FILTER: Shape = Shape::structure(&Structure::new(
    "com.amazonaws.kinesis.v20131202.ShardFilter",
    &[
        Shape::string()
            .one_of(&[
                "AFTER_SHARD_ID",
                "AT_TRIM_HORIZON",
                "FROM_TRIM_HORIZON",
                "AT_LATEST",
                "AT_TIMESTAMP",
                "FROM_TIMESTAMP",
            ])
            .member("Type")
            .required(),
        shape::SHARD_ID.member("ShardId"),
        Shape::timestamp().member("Timestamp"),
    ],
));

impl Action<Kinesis> for ListShards {
    const NAME: &'static str = "ListShards";
    const INPUT: Structure = Structure::new(
        "ListShardsInput",
        &[
            shape::STREAM_NAME.member("StreamName"),
            shape::NEXT_TOKEN.member("NextToken"),
            shape::SHARD_ID.member("ExclusiveStartShardId"),
            shape::LIMIT.member("MaxResults"),
            Shape::timestamp().member("StreamCreationTimestamp"),
            FILTER.member("ShardFilter"),
            shape::STREAM_ARN.member("StreamARN"),
            shape::STREAM_ID.member("StreamId"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Output> {
        let now = service.now();
        let limit = input.max_results.unwrap_or(PAGE);
        let (stream, rest) = match &input.next_token {
            Some(token) => {
                refuse_beside_token(&input)?;
                let rest: Rest = page_token::open(token, &service.secret, now)?;
                let name = StreamName::new(rest.stream.as_str()).ok_or(Error::TokenInvalid)?;
                service.admit_call(call, Self::NAME, Some(&name))?;
                let stream = service.stream_named(&call.world, &name).await?;
                if stream.uid != rest.uid {
                    return Err(stream.not_found());
                }
                (stream, rest)
            }
            None => {
                let (name, arn) = (input.stream_name.as_deref(), input.stream_arn.as_deref());
                if name.is_none() && arn.is_none() {
                    return Err(Error::TokenOrStream);
                }
                let stream = service.stream(call, Self::NAME, name, arn).await?;
                let created = stream.state().settings.created.as_secs();
                if input.stream_creation_timestamp.is_some_and(|given| given.0.as_secs() != created) {
                    return Err(stream.not_found());
                }
                let (filter, filtered_after) = filter(input.shard_filter.as_ref(), &stream)?;
                let after = match &input.exclusive_start_shard_id {
                    Some(shard) => Some(shard_after(shard, &stream)?),
                    None => filtered_after,
                };
                let rest = Rest { stream: stream.name.to_string(), uid: stream.uid, after, filter };
                (stream, rest)
            }
        };
        let state = stream.state();
        let horizon = state.settings.horizon(now);
        let visible = state.settings.status(now) != Status::Creating;
        let mut wanted = state
            .shards
            .retained(horizon)
            .filter(|shard| visible && rest.after.is_none_or(|after| shard.index > after))
            .filter(|shard| rest.filter.wants(shard, horizon, state.settings.created))
            .peekable();
        let page: Vec<&Shard> = wanted.by_ref().take(limit).collect();
        let next_token = match page.last() {
            Some(last) if wanted.peek().is_some() => {
                let rest = Rest { after: Some(last.index), ..rest };
                Some(page_token::close(rest, &service.secret, now)?)
            }
            _ => None,
        };
        Ok(Output { shards: page.into_iter().map(ShardOutput::from).collect(), next_token })
    }
}

/// What says where to begin cannot be said twice.
fn refuse_beside_token(input: &Input) -> Result<()> {
    let beside = [
        ("StreamName", input.stream_name.is_some()),
        ("StreamARN", input.stream_arn.is_some()),
        ("ExclusiveStartShardId", input.exclusive_start_shard_id.is_some()),
        ("StreamCreationTimestamp", input.stream_creation_timestamp.is_some()),
        ("ShardFilter", input.shard_filter.is_some()),
    ];
    match beside.into_iter().find(|(_, given)| *given) {
        Some((member, _)) => Err(Error::TokenWith { member }),
        None => Ok(()),
    }
}

fn shard_after(shard: &str, stream: &crate::stream::Stream) -> Result<ShardIndex> {
    let unknown = || Error::ShardUnknown { shard: shard.to_owned(), stream: stream.label() };
    ShardIndex::parse(shard).ok_or_else(unknown)
}

/// What a filter asks for, and after which shard.
fn filter(filter: Option<&ShardFilter>, stream: &crate::stream::Stream) -> Result<(Filter, Option<ShardIndex>)> {
    let Some(filter) = filter else { return Ok((Filter::Retained, None)) };
    let kind = |kind: &'static str, needs: Option<&'static str>| {
        for (member, given) in [("ShardId", filter.shard_id.is_some()), ("Timestamp", filter.timestamp.is_some())] {
            match (given, needs == Some(member)) {
                (false, true) => return Err(Error::FilterNeeds { filter: kind, member }),
                (true, false) => return Err(Error::FilterRefuses { filter: kind, member }),
                (true, true) | (false, false) => {}
            }
        }
        Ok(())
    };
    let timestamp = filter.timestamp.map_or(Timestamp::EPOCH, |timestamp| timestamp.0);
    match filter.r#type.as_str() {
        "AFTER_SHARD_ID" => {
            kind("AFTER_SHARD_ID", Some("ShardId"))?;
            let shard = filter.shard_id.as_deref().unwrap_or_default();
            Ok((Filter::Retained, Some(shard_after(shard, stream)?)))
        }
        "AT_TRIM_HORIZON" => kind("AT_TRIM_HORIZON", None).map(|()| (Filter::OpenAtHorizon, None)),
        "AT_LATEST" => kind("AT_LATEST", None).map(|()| (Filter::Open, None)),
        "AT_TIMESTAMP" => kind("AT_TIMESTAMP", Some("Timestamp")).map(|()| (Filter::OpenAt(timestamp), None)),
        "FROM_TIMESTAMP" => kind("FROM_TIMESTAMP", Some("Timestamp")).map(|()| (Filter::OpenSince(timestamp), None)),
        // The constraint leaves no other.
        _ => kind("FROM_TRIM_HORIZON", None).map(|()| (Filter::Retained, None)),
    }
}

impl Filter {
    /// `began` is when the stream did, which may be after the horizon.
    fn wants(self, shard: &Shard, horizon: Timestamp, began: Timestamp) -> bool {
        match self {
            Self::Retained => true,
            Self::Open => shard.is_open(),
            Self::OpenAtHorizon => shard.was_open_at(horizon.max(began)),
            Self::OpenAt(time) => shard.was_open_at(time),
            Self::OpenSince(time) => shard.closed.is_none_or(|closed| closed >= time.max(horizon)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::{Fixture, START};

    async fn list(fixture: &Fixture, input: Value) -> (Vec<u64>, Value) {
        let answer = fixture.ok("ListShards", input).await;
        let shards = answer["Shards"].as_array().unwrap().iter();
        let ids = shards.map(|shard| shard["ShardId"].as_str().unwrap()[8..].parse().unwrap()).collect();
        (ids, answer["NextToken"].clone())
    }

    #[tokio::test]
    async fn pages_with_a_token_that_knows_the_rest() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 5).await;
        let (ids, token) = list(&fixture, json!({"StreamName": "s", "MaxResults": 2})).await;
        assert_eq!(ids, [0, 1]);
        let (ids, token) = list(&fixture, json!({"NextToken": token, "MaxResults": 2})).await;
        assert_eq!(ids, [2, 3]);
        let (ids, end) = list(&fixture, json!({"NextToken": token})).await;
        assert_eq!((ids, end), (vec![4], Value::Null));
        let after = json!({"StreamName": "s", "ExclusiveStartShardId": "shardId-000000000003"});
        assert_eq!(list(&fixture, after).await.0, [4]);
        let both = "InvalidArgumentException: NextToken and StreamName cannot be provided together.";
        fixture.refused("ListShards", json!({"NextToken": token, "StreamName": "s"}), both).await;
        let filter = json!({"NextToken": token, "ShardFilter": {"Type": "AT_LATEST"}});
        let both = "InvalidArgumentException: NextToken and ShardFilter cannot be provided together.";
        fixture.refused("ListShards", filter, both).await;
        fixture.advance_secs(301).await;
        let expired = "ExpiredNextTokenException: NextToken has expired. A token can be used for 300 seconds.";
        fixture.refused("ListShards", json!({"NextToken": token}), expired).await;
    }

    #[tokio::test]
    async fn every_filter() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        fixture.advance_secs(100).await;
        let split = json!({"StreamName": "s", "ShardToSplit": "shardId-000000000000", "NewStartingHashKey": "1000"});
        fixture.ok("SplitShard", split).await;
        fixture.advance_secs(1).await;
        fixture.advance_secs(99).await;
        let filtered = async |filter: Value| list(&fixture, json!({"StreamName": "s", "ShardFilter": filter})).await.0;
        let at = |kind: &str, offset: u64| json!({"Type": kind, "Timestamp": START.as_secs() + offset});
        assert_eq!(filtered(json!({"Type": "FROM_TRIM_HORIZON"})).await, [0, 1, 2]);
        assert_eq!(filtered(json!({"Type": "AT_TRIM_HORIZON"})).await, [0]);
        assert_eq!(filtered(json!({"Type": "AT_LATEST"})).await, [1, 2]);
        assert_eq!(filtered(json!({"Type": "AFTER_SHARD_ID", "ShardId": "shardId-000000000001"})).await, [2]);
        assert_eq!(filtered(at("AT_TIMESTAMP", 50)).await, [0]);
        assert_eq!(filtered(at("AT_TIMESTAMP", 150)).await, [1, 2]);
        assert_eq!(filtered(at("FROM_TIMESTAMP", 50)).await, [0, 1, 2]);
        assert_eq!(filtered(at("FROM_TIMESTAMP", 150)).await, [1, 2]);
        fixture.advance_secs(24 * 3600).await;
        assert_eq!(filtered(json!({"Type": "FROM_TRIM_HORIZON"})).await, [1, 2]);
        assert_eq!(filtered(json!({"Type": "AT_TRIM_HORIZON"})).await, [1, 2]);
        let refused = async |filter: Value, words| {
            fixture.refused("ListShards", json!({"StreamName": "s", "ShardFilter": filter}), words).await;
        };
        let needs = "InvalidArgumentException: ShardFilter AT_TIMESTAMP must be used with Timestamp.";
        refused(json!({"Type": "AT_TIMESTAMP"}), needs).await;
        let unwanted = "InvalidArgumentException: ShardFilter AT_LATEST must not be used with ShardId.";
        refused(json!({"Type": "AT_LATEST", "ShardId": "shardId-000000000000"}), unwanted).await;
    }

    #[tokio::test]
    async fn needs_a_stream_that_is_the_one_meant() {
        let fixture = Fixture::new().await;
        let neither = "InvalidArgumentException: Either NextToken or StreamName should be provided.";
        fixture.refused("ListShards", json!({}), neither).await;
        let unknown = "ResourceNotFoundException: Stream s under account 000000000000 not found.";
        fixture.refused("ListShards", json!({"StreamName": "s"}), unknown).await;
        fixture.stream("s", 1).await;
        let input = |created: u64| json!({"StreamName": "s", "StreamCreationTimestamp": created});
        assert_eq!(list(&fixture, input(START.as_secs())).await.0, [0]);
        fixture.refused("ListShards", input(START.as_secs() - 1), unknown).await;
    }
}
