//! What the tests of this crate share: a service on memory, driven through the protocol as a client drives it.

pub(crate) mod cbor;
mod golden;
mod memory_log;
mod model;
mod reference;
mod traps;

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_wire::{Body, Call, Endpoint as _, Format, Structure, World};
use bytes::Bytes;
use env::{Env, Timestamp};
use futures_util::StreamExt as _;
use serde_json::Value;
use shard_log::{LogId, LogStore};
use state_store::Store;

use crate::action;
use crate::config::Config;
use crate::encryption::StreamKeyring;
use crate::keys::{GeneratedKey, KeyError, KeyErrorKind, Keys};
use crate::on_demand::Traffic;
use crate::service::Kinesis;
use crate::shard::{Shard, ShardHandle, ShardIndex, ShardLog};
use crate::stream::{Mode, Phase, RecordDistribution, Settings, StreamUid};
use crate::throttle::{Daily, ShardThrottle};
pub(crate) use memory_log::MemoryLogs;

/// When tests begin.
pub(crate) const START: Timestamp = Timestamp::from_secs(1_700_000_000);
pub(crate) const ACCOUNT: &str = "000000000000";
pub(crate) const REGION: &str = "us-east-1";

/// Handles of shards that nobody writes to.
pub(crate) fn handles(shards: Vec<Shard>) -> impl Iterator<Item = ShardHandle> {
    let store: Arc<dyn LogStore> = Arc::new(MemoryLogs::default());
    shards.into_iter().map(move |shard| {
        let id = LogId::new(shard.index.to_string()).unwrap();
        let throttle = ShardThrottle::new(Config::default().shard_rates());
        let log = Arc::new(ShardLog::new(id, Arc::clone(&store)));
        ShardHandle { shard, log, throttle: Arc::new(Mutex::new(throttle)) }
    })
}

/// Settings of a stream like any other.
pub(crate) fn settings() -> Settings {
    Settings {
        uid: StreamUid(1),
        created: START,
        maker: None,
        phase: Phase::Created(START),
        mode: Mode::Provisioned,
        retention_hours: 24,
        trimmed_before: Timestamp::EPOCH,
        key_id: None,
        max_record_kib: 1024,
        shard_metrics: [].into(),
        tags: [].into(),
        policy: None,
        next_shard: ShardIndex(1),
        scalings: Daily::default(),
        mode_switches: Daily::default(),
        encryption_starts: Daily::default(),
        encryption_stops: Daily::default(),
        distribution: RecordDistribution::default(),
        warm_throughput: None,
        traffic: Traffic::default(),
    }
}

/// A key service that knows two keys, which can be disabled.
#[derive(Debug, Default)]
pub(crate) struct TestKeys {
    disabled: AtomicBool,
    made: AtomicU8,
}

impl TestKeys {
    /// Lets nobody use them, or everybody again.
    pub(crate) fn disable(&self, disabled: bool) {
        self.disabled.store(disabled, Ordering::Relaxed);
    }

    fn check(&self) -> Result<(), KeyError> {
        if self.disabled.load(Ordering::Relaxed) {
            return Err(KeyError { kind: KeyErrorKind::Disabled, message: "disabled".to_owned() });
        }
        Ok(())
    }
}

impl Keys for TestKeys {
    fn resolve(&self, _: &World, key_id: &str) -> Result<String, KeyError> {
        self.check()?;
        match key_id {
            "alias/aws/kinesis" | "alias/other" => Ok(format!("the key of {key_id}")),
            _ => Err(KeyError { kind: KeyErrorKind::NotFound, message: format!("no key {key_id}") }),
        }
    }

    fn generate(&self, world: &World, key_id: &str, _: &str) -> Result<GeneratedKey, KeyError> {
        let key_arn = self.resolve(world, key_id)?;
        let secret = [self.made.fetch_add(1, Ordering::Relaxed); 32];
        Ok(GeneratedKey { key_arn, secret, encrypted: secret.to_vec() })
    }

    fn decrypt(&self, _: &World, encrypted: &[u8], _: &str) -> Result<[u8; 32], KeyError> {
        self.check().map(|()| encrypted.try_into().unwrap())
    }
}

/// A service and the world around it, which survives a restart.
pub(crate) struct Fixture {
    pub(crate) kinesis: Kinesis,
    pub(crate) env: Env,
    pub(crate) logs: Arc<MemoryLogs>,
    pub(crate) keys: Arc<TestKeys>,
    store: Store,
    config: Config,
    pub(crate) world: World,
}

impl Fixture {
    /// A service without limits, whose transitions take a second.
    pub(crate) async fn new() -> Self {
        Self::with(Config { lifecycle_delay: Duration::from_secs(1), limits: false, ..Config::default() }).await
    }

    /// A service with limits, whose transitions take a second.
    pub(crate) async fn limited() -> Self {
        Self::with(Config { lifecycle_delay: Duration::from_secs(1), ..Config::default() }).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let env = Env::manual(START, 1);
        let store = Store::in_memory();
        let logs = Arc::new(MemoryLogs::default());
        let keys = Arc::new(TestKeys::default());
        logs.set_keyring(Arc::new(StreamKeyring::new(Arc::<TestKeys>::clone(&keys))));
        let kinesis = open(&env, &store, &logs, &keys, &config).await;
        Self { kinesis, env, logs, keys, store, config, world: World::new(ACCOUNT, REGION) }
    }

    /// Forgets everything that is not stored.
    pub(crate) async fn restart(&mut self) {
        self.kinesis = open(&self.env, &self.store, &self.logs, &self.keys, &self.config).await;
    }

    /// Moves the clock on and lets woken tasks run.
    pub(crate) async fn advance(&self, by: Duration) {
        self.env.clock.advance(by);
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
        // Timers do the same, but on a thread that nobody here waits for.
        for stream in self.kinesis.catalog.everything() {
            self.kinesis.catalog.settle(&stream).await.unwrap();
        }
    }

    pub(crate) async fn advance_secs(&self, seconds: u64) {
        self.advance(Duration::from_secs(seconds)).await;
    }

    /// An ACTIVE stream.
    pub(crate) async fn stream(&self, name: &str, shards: u32) {
        self.ok("CreateStream", serde_json::json!({"StreamName": name, "ShardCount": shards})).await;
        self.advance_secs(1).await;
    }

    /// A call whose answer is a stream or whose status matters.
    pub(crate) async fn reply(&self, action: &str, input: &Value) -> aws_wire::Reply {
        self.reply_in(Format::Json, action, input).await
    }

    /// Likewise in a format.
    pub(crate) async fn reply_in(&self, format: Format, action: &str, input: &Value) -> aws_wire::Reply {
        let call = Call { world: self.world.clone(), access_key: None, invocation: None, request_id: "id".into() };
        let body = match format {
            Format::Json => input.to_string().into_bytes(),
            Format::Cbor => {
                let structure = action::all().inputs().find(|(name, _)| *name == action).map(|(_, input)| input);
                cbor::from_json(structure.unwrap_or(&Structure::new("", &[])), input)
            }
        };
        let request = http::Request::post("/")
            .header("content-type", format.content_type())
            .header("x-amz-target", format!("Kinesis_20131202.{action}"))
            .body(Bytes::from(body))
            .unwrap();
        self.kinesis.serve(call, request).await
    }

    /// The answer, or `Code: message`.
    pub(crate) async fn call(&self, action: &str, input: Value) -> Result<Value, String> {
        self.call_in(Format::Json, action, &input).await
    }

    /// Likewise in a format.
    pub(crate) async fn call_in(&self, format: Format, action: &str, input: &Value) -> Result<Value, String> {
        let reply = self.reply_in(format, action, input).await;
        let status = reply.status();
        assert_eq!(reply.headers()["content-type"], format.content_type());
        let body = match reply.into_body() {
            Body::Full(body) => body,
            Body::Stream(pieces) => pieces.collect::<Vec<_>>().await.concat().into(),
        };
        let document = match format {
            _ if body.is_empty() => Value::Null,
            Format::Json => serde_json::from_slice(&body).unwrap(),
            Format::Cbor => cbor::to_json(&body),
        };
        if status.is_success() {
            return Ok(document);
        }
        let message = document["message"].as_str().unwrap_or_default();
        Err(format!("{}: {message}", document["__type"].as_str().unwrap_or_default()))
    }

    /// The answer of a call that succeeds.
    #[track_caller]
    pub(crate) fn ok(&self, action: &'static str, input: Value) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move { self.call(action, input).await.unwrap_or_else(|error| panic!("{action} at {caller}: {error}")) }
    }

    /// A call that fails with exactly these words.
    #[track_caller]
    pub(crate) fn refused(&self, action: &'static str, input: Value, error: &str) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move { assert_eq!(self.call(action, input).await, Err(error.to_owned()), "{action} at {caller}") }
    }

    /// Puts a record and returns its sequence number.
    pub(crate) async fn put(&self, stream: &str, partition_key: &str, data: &str) -> String {
        use base64::Engine as _;
        let data = base64::engine::general_purpose::STANDARD.encode(data);
        let input = serde_json::json!({"StreamName": stream, "PartitionKey": partition_key, "Data": data});
        self.ok("PutRecord", input).await["SequenceNumber"].as_str().unwrap().to_owned()
    }

    /// An iterator of the given type.
    pub(crate) async fn iterator(&self, stream: &str, shard: &str, kind: &str) -> String {
        let input = serde_json::json!({"StreamName": stream, "ShardId": shard, "ShardIteratorType": kind});
        self.ok("GetShardIterator", input).await["ShardIterator"].as_str().unwrap().to_owned()
    }

    /// The partition keys of everything in a shard.
    pub(crate) async fn keys_in(&self, stream: &str, shard: &str) -> Vec<String> {
        let iterator = self.iterator(stream, shard, "TRIM_HORIZON").await;
        let page = self.ok("GetRecords", serde_json::json!({"ShardIterator": iterator})).await;
        let records = page["Records"].as_array().unwrap();
        records.iter().map(|record| record["PartitionKey"].as_str().unwrap().to_owned()).collect()
    }
}

async fn open(env: &Env, store: &Store, logs: &Arc<MemoryLogs>, keys: &Arc<TestKeys>, config: &Config) -> Kinesis {
    let logs: Arc<dyn LogStore> = Arc::<MemoryLogs>::clone(logs);
    Kinesis::open(env.clone(), store, logs, Arc::<TestKeys>::clone(keys), config.clone()).await.unwrap()
}
