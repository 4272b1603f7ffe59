//! The closed loop: so many connections, each with one request under way, for so long.
//!
//! Processor time of the server is taken over the measured stretch only; requests count when they end within it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde::Serialize;
use serde_json::json;

use crate::http::Connection;
use crate::kinesis::{Dice, call, create_stream, iterator};
use crate::{Workload, latency, process};

/// What to measure.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// What is done to the server.
    #[arg(long)]
    pub(crate) workload: Workload,
    /// `host:port` of the server.
    #[arg(long)]
    pub(crate) address: String,
    /// The server's process.
    #[arg(long)]
    pid: u32,
    /// How long.
    #[arg(long, default_value_t = 2.0)]
    pub(crate) seconds: f64,
    /// How long before that, unmeasured.
    #[arg(long, default_value_t = 0.5)]
    warmup: f64,
    /// Write so much instead, from the first request on.
    #[arg(long)]
    gigabytes: Option<u64>,
    /// So many shards instead of the workload's own number.
    #[arg(long)]
    shards: Option<u32>,
    /// So many connections instead of the workload's own number.
    #[arg(long)]
    connections: Option<usize>,
    /// The stream; made if it is not there.
    #[arg(long, default_value = "bench")]
    pub(crate) stream: String,
}

/// What came out.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Figures {
    /// Records per second of the server's processor time; 0 where only latency is measured.
    pub(crate) records_per_cpu_second: f64,
    /// Records per second of the clock.
    pub(crate) records_per_second: f64,
    /// Microseconds that half of the requests stayed under.
    pub(crate) p50: u32,
    /// Microseconds that 99 of 100 stayed under.
    pub(crate) p99: u32,
    /// Microseconds that 999 of 1000 stayed under.
    pub(crate) p999: u32,
    /// Resident memory of the server at the end, in MiB.
    pub(crate) resident_mib: f64,
    /// How many requests were measured.
    pub(crate) requests: usize,
}

impl Figures {
    pub(crate) fn of(mut micros: Vec<u32>) -> Self {
        micros.sort_unstable();
        let at = |thousandth: usize| micros.get(micros.len() * thousandth / 1000).copied().unwrap_or(0);
        Self { p50: at(500), p99: at(990), p999: at(999), requests: micros.len(), ..Self::default() }
    }
}

/// What a workload asks for.
#[derive(Clone, Debug)]
struct Plan {
    action: &'static str,
    connections: usize,
    records: usize,
    bodies: Arc<Vec<Vec<u8>>>,
}

/// What a record of a bulk write holds.
const RECORD: u64 = 1024;

const WARMING: u8 = 0;
const MEASURING: u8 = 1;
const OVER: u8 = 2;

/// Runs a workload.
pub(crate) fn run(options: &Options) -> Result<Figures> {
    let mut connection = Connection::open(&options.address)?;
    let figures = match options.workload {
        Workload::Visibility => latency::visibility(&mut connection, options)?,
        Workload::Push => latency::push(&mut connection, options)?,
        Workload::EveryShard => every_shard(&mut connection, options)?,
        _ => throughput(&mut connection, options)?,
    };
    Ok(Figures { resident_mib: process::resident_mib(options.pid)?, ..figures })
}

fn throughput(connection: &mut Connection, options: &Options) -> Result<Figures> {
    let plan = plan(connection, options)?;
    let phase = Arc::new(AtomicU8::new(WARMING));
    let answered = Arc::new(AtomicU64::new(0));
    let workers: Vec<_> = (0..options.connections.unwrap_or(plan.connections))
        .map(|worker| {
            let (plan, address) = (plan.clone(), options.address.clone());
            let (phase, answered) = (Arc::clone(&phase), Arc::clone(&answered));
            thread::spawn(move || work(&plan, &phase, &answered, &address, worker))
        })
        .collect();
    if options.gigabytes.is_none() {
        thread::sleep(Duration::from_secs_f64(options.warmup));
    }
    let (cpu, started) = (process::cpu_seconds(options.pid)?, Instant::now());
    phase.store(MEASURING, Ordering::Relaxed);
    match options.gigabytes {
        Some(gigabytes) => {
            while answered.load(Ordering::Relaxed) * RECORD < gigabytes * 1_000_000_000 {
                ensure!(!workers.iter().any(thread::JoinHandle::is_finished), "a connection ended early");
                thread::sleep(Duration::from_millis(5));
            }
        }
        None => thread::sleep(Duration::from_secs_f64(options.seconds)),
    }
    phase.store(OVER, Ordering::Relaxed);
    let (cpu, elapsed) = (process::cpu_seconds(options.pid)? - cpu, started.elapsed().as_secs_f64());
    let mut micros = Vec::new();
    for worker in workers {
        micros.extend(worker.join().ok().context("a connection's thread panicked")??);
    }
    ensure!(!micros.is_empty(), "no request ended in {} s", options.seconds);
    let figures = Figures::of(micros);
    let records = (figures.requests * plan.records) as f64;
    Ok(Figures { records_per_cpu_second: records / cpu.max(0.01), records_per_second: records / elapsed, ..figures })
}

/// Makes what the workload needs: a stream, records to read, bodies to send.
fn plan(connection: &mut Connection, options: &Options) -> Result<Plan> {
    let stream = &options.stream;
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (action, connections, shards, records) = match options.workload {
        Workload::PutRecord => ("PutRecord", 16, 4, 1),
        Workload::PutRecords | Workload::PutSmallRecords => ("PutRecords", 4, 16, 500),
        _ => ("GetRecords", 4, 1, 10_000),
    };
    create_stream(connection, stream, options.shards.unwrap_or(shards))?;
    let bodies = match options.workload {
        Workload::PutRecord => (0..256).map(|_| dice.record(stream, 1024)).collect(),
        Workload::PutRecords => (0..8).map(|_| dice.records(stream, records, 1024)).collect(),
        Workload::PutSmallRecords => (0..8).map(|_| dice.records(stream, records, 100)).collect(),
        _ => {
            let body = dice.records(stream, 500, 1024);
            for _ in 0..records / 500 {
                connection.call("PutRecords", &body)?;
            }
            let iterator = iterator(connection, stream, "TRIM_HORIZON")?;
            vec![json!({"ShardIterator": iterator, "Limit": records}).to_string().into_bytes()]
        }
    };
    Ok(Plan { action, connections, records, bodies: Arc::new(bodies) })
}

/// A record into every shard of a stream with even ranges.
fn every_shard(connection: &mut Connection, options: &Options) -> Result<Figures> {
    let shards = options.shards.unwrap_or(1);
    create_stream(connection, &options.stream, shards)?;
    let width = u128::MAX / u128::from(shards);
    let middles: Vec<_> = (0..shards).map(|shard| width * u128::from(shard) + width / 2).collect();
    let mut micros = Vec::new();
    let (cpu, started) = (process::cpu_seconds(options.pid)?, Instant::now());
    for middles in middles.chunks(500) {
        let record =
            |middle: &u128| json!({"PartitionKey": "k", "ExplicitHashKey": middle.to_string(), "Data": "AA=="});
        let records: Vec<_> = middles.iter().map(record).collect();
        let called = Instant::now();
        let answer = call(connection, "PutRecords", &json!({"StreamName": options.stream, "Records": records}))?;
        ensure!(answer["FailedRecordCount"] == 0, "some records were refused: {answer}");
        micros.push(u32::try_from(called.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    let (cpu, elapsed) = (process::cpu_seconds(options.pid)? - cpu, started.elapsed().as_secs_f64());
    let records = f64::from(shards);
    Ok(Figures {
        records_per_cpu_second: records / cpu.max(0.01),
        records_per_second: records / elapsed,
        ..Figures::of(micros)
    })
}

/// One connection's part: the microseconds of each of its requests that was measured.
fn work(plan: &Plan, phase: &AtomicU8, answered: &AtomicU64, address: &str, worker: usize) -> Result<Vec<u32>> {
    let mut connection = Connection::open(address)?;
    let mut micros = Vec::new();
    for body in plan.bodies.iter().cycle().skip(worker * 17 % plan.bodies.len()) {
        let started = Instant::now();
        let answer = connection.call(plan.action, body)?;
        ensure!(plan.action == "PutRecord" || answer.len() > plan.records * 16, "an answer without its records");
        answered.fetch_add(plan.records as u64, Ordering::Relaxed);
        match phase.load(Ordering::Relaxed) {
            WARMING => {}
            MEASURING => micros.push(u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX)),
            _ => break,
        }
    }
    Ok(micros)
}
