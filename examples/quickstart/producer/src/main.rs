//! Streams the departures in a CSV file into a Kinesis stream with the official AWS SDK, and watches them come out of an
//! enhanced fan-out consumer at the same time.
//!
//! `quickstart-producer STREAM CONSUMER_ARN FILE`, with the endpoint in `AWS_ENDPOINT_URL`. At the end it prints one JSON
//! line: what was put, and what the consumer saw per shard.

mod departures;
mod fan_out;
mod put;

use std::time::Duration;

use anyhow::{Context as _, Result};
use aws_credential_types::Credentials;
use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::config::{BehaviorVersion, Region};
use aws_smithy_http_client::Builder;
use serde_json::json;

/// How long a record may take from the last put to the consumer.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next =
        |what: &str| arguments.next().with_context(|| format!("{what} is missing: STREAM CONSUMER_ARN FILE"));
    let (stream, consumer, file) = (next("the stream")?, next("the consumer")?, next("the file")?);
    let client = client()?;
    let departures = departures::read(&file)?;

    let shards = client.list_shards().stream_name(&stream).send().await?;
    let shards: Vec<String> = shards.shards().iter().map(|shard| shard.shard_id().to_owned()).collect();
    let watch = fan_out::subscribe(&client, &consumer, &shards).await?;
    let put = put::all(&client, &stream, &departures).await?;
    let seen = watch.until(departures.len(), PATIENCE).await;

    println!("{}", json!({"put": put, "fan_out": seen}));
    Ok(())
}

/// A client as any program has one; only the HTTP connector is named, because a local endpoint needs no TLS.
fn client() -> Result<Client> {
    let endpoint = std::env::var("AWS_ENDPOINT_URL").context("AWS_ENDPOINT_URL says where the emulator is")?;
    let variable = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let (key, secret) = (variable("AWS_ACCESS_KEY_ID", "test"), variable("AWS_SECRET_ACCESS_KEY", "test"));
    let config = aws_sdk_kinesis::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(variable("AWS_REGION", "us-east-1")))
        .credentials_provider(Credentials::new(key, secret, None, None, "environment"))
        .http_client(Builder::new().build_http())
        .endpoint_url(endpoint)
        .build();
    Ok(Client::from_conf(config))
}
