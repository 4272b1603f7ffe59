//! What tests of pollers stand on: a stream in memory, a function that the test answers for, a clock that it moves.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_wire::World;
use bytes::Bytes;
use env::{Env, Timestamp};
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::Value;
use state_store::Store;
use tokio::sync::{mpsc, oneshot, watch};

use crate::fixture::{FakeKeys, Mailbox};
use crate::invoke::{FunctionErrorKind, Invoke, Outcome};
use crate::mapping::catalog::{Catalog, Followed};
use crate::mapping::definition::{Goal, Mapping, State, WorldKey};
use crate::mapping::pollers::Pollers;
use crate::mapping::settings::Settings;
use crate::mapping::site::{Functions, Site};
use crate::mapping::{
    Page, Position, ReadRequest, Record, RecordSource, Shard, ShardAddress, SourceError, StartingPosition, Stream,
};
use crate::name::FunctionArn;

pub(crate) const STREAM: &str = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
pub(crate) const START: Timestamp = Timestamp::from_secs(1_000_000);

/// A stream in memory. Sequence numbers count up from 1 over all shards.
pub(crate) struct FakeSource {
    env: Env,
    stream: Mutex<Option<FakeStream>>,
    changed: watch::Sender<u64>,
    reads: AtomicUsize,
}

struct FakeStream {
    incarnation: String,
    shards: Vec<(Shard, Vec<Record>)>,
    next: u64,
}

impl FakeSource {
    pub(crate) fn new(env: Env) -> Self {
        Self { env, stream: Mutex::new(None), changed: watch::Sender::new(0), reads: AtomicUsize::new(0) }
    }

    /// Makes the stream, or makes it anew.
    pub(crate) fn create(&self, incarnation: &str, shards: &[&str]) {
        let shards = shards.iter().map(|id| (shard(id, &[]), Vec::new())).collect();
        *self.stream.lock().unwrap() = Some(FakeStream { incarnation: incarnation.into(), shards, next: 1 });
        self.changed.send_modify(|version| *version += 1);
    }

    pub(crate) fn delete(&self) {
        *self.stream.lock().unwrap() = None;
        self.changed.send_modify(|version| *version += 1);
    }

    pub(crate) fn put(&self, shard: &str, data: &str) {
        self.with(|stream| {
            let record = Record {
                sequence_number: stream.next.to_string().into(),
                partition_key: "k".into(),
                data: Bytes::copy_from_slice(data.as_bytes()),
                arrival: self.env.clock.now(),
            };
            stream.next += 1;
            let (_, records) = stream.shards.iter_mut().find(|(found, _)| found.id == shard).unwrap();
            records.push(record);
        });
    }

    /// Retention takes the oldest `count` records of `shard`.
    pub(crate) fn expire(&self, shard: &str, count: usize) {
        self.with(|stream| {
            let (_, records) = stream.shards.iter_mut().find(|(found, _)| found.id == shard).unwrap();
            records.drain(..count);
        });
    }

    /// Closes `parents` and opens `children` of them.
    pub(crate) fn reshard(&self, parents: &[&str], children: &[&str]) {
        self.with(|stream| {
            for (found, _) in &mut stream.shards {
                found.is_open &= !parents.contains(&found.id.as_str());
            }
            stream.shards.extend(children.iter().map(|id| (shard(id, parents), Vec::new())));
        });
    }

    /// How often somebody began to read.
    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    fn with(&self, change: impl FnOnce(&mut FakeStream)) {
        change(self.stream.lock().unwrap().as_mut().unwrap());
        self.changed.send_modify(|version| *version += 1);
    }

    fn page(
        &self,
        address: ShardAddress<'_>,
        position: &Position,
        request: ReadRequest,
    ) -> Result<Option<Page>, SourceError> {
        let stream = self.stream.lock().unwrap();
        let stream = stream.as_ref().filter(|stream| stream.incarnation == address.incarnation);
        let stream = stream.ok_or(SourceError::NotFound)?;
        let (shard, records) =
            stream.shards.iter().find(|(found, _)| found.id == address.shard).ok_or(SourceError::NotFound)?;
        let is_after = |record: &&Record| match position {
            Position::TrimHorizon => true,
            Position::At(number) => record.sequence_number >= *number,
            Position::After(number) => record.sequence_number > *number,
        };
        let mut rest = records.iter().filter(is_after);
        let records: Vec<_> = rest.by_ref().take(request.records).cloned().collect();
        let is_behind = rest.next().is_some();
        let at_end = !shard.is_open && !is_behind;
        Ok((at_end || !request.waits || !records.is_empty()).then_some(Page { records, at_end, is_behind }))
    }
}

fn shard(id: &str, parents: &[&str]) -> Shard {
    Shard { id: id.into(), parents: parents.iter().map(|&parent| parent.into()).collect(), is_open: true }
}

impl RecordSource for FakeSource {
    fn stream<'a>(&'a self, _: &'a World, _: &'a str) -> BoxFuture<'a, Result<Stream, SourceError>> {
        let found = self.stream.lock().unwrap();
        let found = found.as_ref().ok_or(SourceError::NotFound).map(|stream| Stream {
            incarnation: stream.incarnation.clone(),
            retention: Duration::from_secs(86_400),
            shards: stream.shards.iter().map(|(shard, _)| shard.clone()).collect(),
        });
        async { found }.boxed()
    }

    fn resolve<'a>(
        &'a self,
        address: ShardAddress<'a>,
        start: StartingPosition,
    ) -> BoxFuture<'a, Result<Position, SourceError>> {
        let stream = self.stream.lock().unwrap();
        let found = stream.as_ref().ok_or(SourceError::NotFound).map(|stream| {
            let next = Position::At(stream.next.to_string().into());
            let (_, records) = stream.shards.iter().find(|(found, _)| found.id == address.shard).unwrap();
            match start {
                StartingPosition::TrimHorizon => Position::TrimHorizon,
                StartingPosition::Latest => next,
                StartingPosition::AtTimestamp(time) => records
                    .iter()
                    .find(|record| record.arrival >= time)
                    .map_or(next, |record| Position::At(record.sequence_number.clone())),
            }
        });
        async { found }.boxed()
    }

    fn read<'a>(
        &'a self,
        address: ShardAddress<'a>,
        position: &'a Position,
        request: ReadRequest,
    ) -> BoxFuture<'a, Result<Page, SourceError>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let mut changed = self.changed.subscribe();
        async move {
            loop {
                changed.mark_unchanged();
                if let Some(page) = self.page(address, position, request)? {
                    return Ok(page);
                }
                changed.changed().await.expect("the sender lives in the source");
            }
        }
        .boxed()
    }
}

/// An invocation that waits for the test to answer it.
pub(crate) struct Call {
    pub(crate) shard: String,
    pub(crate) request_id: String,
    /// The payloads of the batch as text.
    pub(crate) data: Vec<String>,
    answer: oneshot::Sender<Outcome>,
}

impl Call {
    pub(crate) fn succeed(self) {
        let payload = Bytes::from_static(b"null");
        self.answer(Outcome::Success { payload, executed_version: "$LATEST".into() });
    }

    pub(crate) fn fail(self) {
        let payload = Bytes::from_static(b"{}");
        let kind = FunctionErrorKind::Unhandled;
        self.answer(Outcome::FunctionError { kind, payload, executed_version: "$LATEST".into() });
    }

    pub(crate) fn answer(self, outcome: Outcome) {
        // The worker may have been cut off meanwhile.
        drop(self.answer.send(outcome));
    }
}

/// Every function there could be, except one called `missing`.
pub(crate) struct FakeFunctions(pub(crate) mpsc::UnboundedSender<Call>);

impl Invoke for FakeFunctions {
    fn invoke<'a>(&'a self, _: &'a FunctionArn, request_id: String, payload: Bytes) -> BoxFuture<'a, Outcome> {
        let event: Value = serde_json::from_slice(&payload).unwrap();
        let records = event["Records"].as_array().unwrap();
        let text = |record: &Value| {
            let data = record["kinesis"]["data"].as_str().unwrap();
            String::from_utf8(base64::Engine::decode(&base64::prelude::BASE64_STANDARD, data).unwrap()).unwrap()
        };
        let (answer, answered) = oneshot::channel();
        let shard = records[0]["eventID"].as_str().unwrap().split(':').next().unwrap().to_owned();
        let call = Call { shard, request_id, data: records.iter().map(text).collect(), answer };
        // A test that has ended takes no more calls.
        drop(self.0.send(call));
        async move {
            let gone = Outcome::ServiceError { code: "ServiceException", message: "the test has ended".into() };
            answered.await.unwrap_or(gone)
        }
        .boxed()
    }
}

impl Functions for FakeFunctions {
    fn role(&self, function: &FunctionArn) -> Option<String> {
        (function.name.as_str() != "missing").then(|| "arn:aws:iam::000000000000:role/r".into())
    }
}

/// Everything together. Dropping it without [`Bench::stop`] is a crash.
pub(crate) struct Bench {
    pub(crate) env: Env,
    pub(crate) store: Store,
    pub(crate) source: Arc<FakeSource>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) pollers: Pollers,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) keys: Arc<FakeKeys>,
    calls: mpsc::UnboundedReceiver<Call>,
}

impl Bench {
    /// A stream with `shards` and no mapping.
    pub(crate) fn new(shards: &[&str]) -> Self {
        let env = Env::manual(START, 7);
        let source = Arc::new(FakeSource::new(env.clone()));
        source.create("first", shards);
        Self::on(env, Store::in_memory(), source, Arc::default())
    }

    fn on(env: Env, store: Store, source: Arc<FakeSource>, keys: Arc<FakeKeys>) -> Self {
        let catalog = Arc::new(Catalog::open(store.clone()).unwrap());
        let (sender, calls) = mpsc::unbounded_channel();
        let pollers = Pollers::default();
        let functions = Arc::new(FakeFunctions(sender));
        let mailbox = Arc::new(Mailbox::new());
        pollers.start(Site {
            env: env.clone(),
            catalog: Arc::clone(&catalog),
            source: Arc::<FakeSource>::clone(&source),
            functions,
            destinations: Arc::<Mailbox>::clone(&mailbox),
            keys: Arc::<FakeKeys>::clone(&keys),
        });
        Self { env, store, source, catalog, pollers, mailbox, keys, calls }
    }

    /// The emulator dies and is started again on the same disk.
    pub(crate) fn crash(self) -> Self {
        let Self { env, store, source, keys, .. } = self;
        Self::on(env, store, source, keys)
    }

    /// Makes a mapping that starts at `start`.
    pub(crate) fn create(&self, start: StartingPosition, settings: Settings) -> Followed {
        let mapping = Mapping {
            uuid: "u-1".into(),
            maker: None,
            world: WorldKey(World::new("000000000000", "us-east-1")),
            function: "arn:aws:lambda:us-east-1:000000000000:function:f".parse().unwrap(),
            event_source_arn: STREAM.into(),
            starting_position: start,
            settings,
            encryption: None,
            state: State::Creating(Goal::Enabled),
            settles_at: self.env.clock.now() + Duration::from_millis(100),
            last_modified: self.env.clock.now(),
            last_processing_result: "No records processed".into(),
            incarnation: None,
            tags: BTreeMap::new(),
        };
        let followed = self.catalog.add(mapping).unwrap();
        self.pollers.follow(followed.clone());
        followed
    }

    /// The same, and lets it become `Enabled`.
    pub(crate) async fn enabled(&self, start: StartingPosition, settings: Settings) -> Followed {
        let mut mapping = self.create(start, settings);
        self.env.clock.advance(Duration::from_millis(100));
        until(&mut mapping, |mapping| mapping.state == State::Enabled).await;
        mapping
    }

    /// Changes the mapping as an update that is over at once would.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Mapping)) {
        let world = World::new("000000000000", "us-east-1");
        let now = self.env.clock.now();
        let change = |mapping: &mut Mapping| {
            change(mapping);
            mapping.settles_at = now;
            Ok(())
        };
        self.catalog.change(&world, "u-1", change).unwrap();
    }

    /// The next invocation.
    pub(crate) async fn call(&mut self) -> Call {
        self.calls.recv().await.unwrap()
    }

    /// The next invocation, which comes only after some time has passed.
    pub(crate) async fn call_later(&mut self) -> Call {
        loop {
            tokio::select! {
                biased;
                call = self.calls.recv() => return call.unwrap(),
                () = tokio::task::yield_now() => self.env.clock.advance(Duration::from_millis(100)),
            }
        }
    }

    /// Takes and confirms invocations until `count` records came; returns them in order of arrival.
    pub(crate) async fn drain(&mut self, count: usize) -> Vec<String> {
        let mut data = Vec::new();
        while data.len() < count {
            let mut call = self.call().await;
            data.append(&mut call.data);
            call.succeed();
        }
        data
    }

    /// Whether an invocation is waiting.
    pub(crate) fn is_called(&mut self) -> bool {
        !self.calls.is_empty()
    }
}

/// Waits until the mapping is as `is_so` says.
pub(crate) async fn until(mapping: &mut Followed, is_so: impl FnMut(&Arc<Mapping>) -> bool) {
    mapping.wait_for(is_so).await.unwrap();
}
