//! `aws_kinesis_stream_consumer`: the one consumer of a stream that a name or an ARN picks.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::types::Consumer;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Attr, Context, DataSource, Diagnostics};

use crate::arn::must_be_arn;
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing};
use crate::tags::Tags;
use crate::{region, rfc3339};

/// A consumer with its own throughput from every shard of a stream (enhanced fan-out).
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KinesisStreamConsumer {
    /// The ARN of the consumer.
    #[schemars(extend("tf" = optional_computed().check(must_be_arn())))]
    arn: Attr<String>,
    /// When the consumer was registered, as an RFC 3339 timestamp.
    #[schemars(extend("tf" = computed()))]
    creation_timestamp: Attr<String>,
    /// The ARN of the consumer.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The name.
    #[schemars(extend("tf" = optional_computed()))]
    name: Attr<String>,
    /// The region of the consumer; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// What the consumer is doing.
    #[schemars(extend("tf" = computed()))]
    status: Attr<String>,
    /// The ARN of the stream.
    #[schemars(extend("tf" = required().check(must_be_arn())))]
    stream_arn: Attr<String>,
    /// Tags of the consumer.
    #[schemars(extend("tf" = optional_computed()))]
    tags: Attr<Tags>,
}

impl DataSource for KinesisStreamConsumer {
    const TYPE: &'static str = "aws_kinesis_stream_consumer";
    type Client = Aws;

    async fn read(cx: &Context<Aws>, config: Self) -> Result<Self, Diagnostics> {
        let kinesis = cx.client().kinesis(&config.region)?;
        let stream = config.stream_arn.text();
        let consumers = list_consumers(&kinesis, stream).await;
        let consumers = consumers.while_doing(&format!("listing Kinesis Stream ({stream}) Consumers"))?;
        let found = the_one(consumers, &config)?;
        let arn = found.consumer_arn.as_str();
        let tags = kinesis.list_tags_for_resource().resource_arn(arn).send().await;
        let tags = tags.while_doing(&format!("listing tags for Kinesis Stream Consumer ({arn})"))?.tags;
        let tags = tags.into_iter().flatten().map(|tag| (tag.key, tag.value.unwrap_or_default()));
        Ok(Self {
            arn: arn.into(),
            creation_timestamp: rfc3339::of(&found.consumer_creation_timestamp).into(),
            id: arn.into(),
            status: found.consumer_status.as_str().into(),
            tags: cx.client().tags().read(tags, &Attr::Null, &Attr::Null).tags_all,
            region: region::of_state(cx.client(), &config.region),
            stream_arn: config.stream_arn,
            name: found.consumer_name.into(),
        })
    }
}

async fn list_consumers(kinesis: &Client, stream_arn: &str) -> Result<Vec<Consumer>, ApiError> {
    let mut pages = kinesis.list_stream_consumers().stream_arn(stream_arn).into_paginator().send();
    let mut consumers = Vec::new();
    while let Some(page) = pages.next().await {
        consumers.extend(page?.consumers.unwrap_or_default());
    }
    Ok(consumers)
}

/// The consumer that fits everything that is configured, if it is the only one.
fn the_one(consumers: Vec<Consumer>, config: &KinesisStreamConsumer) -> Result<Consumer, Diagnostics> {
    let fits = |consumer: &Consumer| {
        config.name.as_str().is_none_or(|name| name == consumer.consumer_name)
            && config.arn.as_str().is_none_or(|arn| arn == consumer.consumer_arn)
    };
    let mut fitting = consumers.into_iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(found), None) => Ok(found),
        (None, _) => Err(Diagnostics::error(
            "no Kinesis Stream Consumer found matching criteria; try different search",
            "The stream has no such consumer.",
        )),
        (Some(_), Some(_)) => Err(Diagnostics::error(
            "multiple Kinesis Stream Consumers found matching criteria; try different search",
            "Set name or arn to pick one.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;

    use super::*;

    fn consumer(name: &str) -> Consumer {
        Consumer::builder()
            .consumer_name(name)
            .consumer_arn(format!("arn:{name}"))
            .consumer_status("ACTIVE".into())
            .consumer_creation_timestamp(DateTime::from_secs(0))
            .build()
            .unwrap()
    }

    fn check(name: Attr<String>, arn: Attr<String>, expected: Result<&str, &str>) {
        let config = KinesisStreamConsumer { name, arn, ..KinesisStreamConsumer::default() };
        let found = the_one(vec![consumer("a"), consumer("b")], &config);
        let found = found.map(|c| c.consumer_name).map_err(|e| e.iter().map(|d| d.summary.clone()).collect::<String>());
        match expected {
            Ok(name) => assert_eq!(found.as_deref(), Ok(name)),
            Err(begins) => assert!(found.unwrap_err().starts_with(begins)),
        }
    }

    #[test]
    fn exactly_one_must_fit() {
        check("a".into(), Attr::Null, Ok("a"));
        check(Attr::Null, "arn:b".into(), Ok("b"));
        check("a".into(), "arn:b".into(), Err("no Kinesis"));
        check(Attr::Null, Attr::Null, Err("multiple Kinesis"));
    }
}
