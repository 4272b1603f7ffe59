//! The services, and the wires between them: who asks for something in its own words is given somebody who has it.

mod buckets;
mod destinations;
mod function_logs;
mod keys;
mod records;
mod roles;
mod targets;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use aws_wire::Endpoint;
use cloudwatch_logs::{Logs, Writer};
use ec2::Ec2;
use env::Env;
use iam::Iam;
use kinesis::{Kinesis, StreamKeyring};
use kms::Kms;
use lambda::Lambda;
use s3::S3;
use shard_log::{Durability, LogStore as _};
use sns::Sns;
use sqs::Sqs;
use state_store::Store;
use sts::Sts;

use self::buckets::Buckets;
use self::destinations::Documents;
use self::function_logs::FunctionLogs;
use self::keys::KmsKeys;
use self::records::Streams;
use self::roles::IamRoles;
use self::targets::SnsTargets;
use crate::cli::Sync;
use crate::clock::MovedClock;
use crate::config::Config;
use crate::router::ServiceName;
use crate::runtime_host::LoopbackHost;

/// Function processes at a time. Each has tens of megabytes; a machine that builds software can bear this many.
const MAX_SANDBOXES: usize = 64;
/// How long a function's process is kept warm without work.
const SANDBOX_IDLE: Duration = Duration::from_secs(300);

/// All services of the emulator.
pub(crate) struct Services {
    pub(crate) lambda: Lambda,
    pub(crate) clock: MovedClock,
    kinesis: Kinesis,
    kms: Kms,
    iam: Iam,
    sts: Sts,
    ec2: Ec2,
    s3: S3,
    log_groups: Logs,
    function_logs: Writer,
    sqs: Sqs,
    sns: Sns,
    logs: Arc<shard_log::Store>,
}

impl Services {
    /// Opens what `directory` holds. Functions reach the emulator at `endpoint`.
    pub(crate) async fn open(config: &Config, env: &Env, directory: &Path, endpoint: &str) -> Result<Arc<Self>> {
        let store = Store::open(&directory.join("state")).context("cannot open the state")?;
        let clock = MovedClock::open(env.clock.clone(), &store)?;
        let logs =
            shard_log::Config { durability: durability(config.sync), ..shard_log::Config::new(directory.join("logs")) };
        let kms = Kms::open(env.clone(), &store)?;
        let keys = Arc::new(KmsKeys(kms.clone()));
        let logs = shard_log::Store::open(logs, env).context("cannot open the logs")?;
        let logs = Arc::new(logs.with_keyring(Arc::new(StreamKeyring::new(keys.clone()))));
        let iam = Iam::new(env.clone(), &store)?;
        let sts = Sts::new(env.clone(), IamRoles(iam.clone()));
        let s3 =
            S3::open(env.clone(), &store, &directory.join("s3"), keys.clone()).context("cannot open the objects")?;
        let log_groups = Logs::open(env.clone(), &store, logs.clone()).await.context("cannot open the log groups")?;
        let kinesis = kinesis::Config {
            lifecycle_delay: config.lifecycle_delay,
            limits: config.limits.is_some(),
            limit_scale: config.limits.unwrap_or(kinesis::LimitScale::ONE),
        };
        let kinesis = Kinesis::open(env.clone(), &store, logs.clone(), keys.clone(), kinesis).await?;
        let sqs = Sqs::open(env.clone(), &store)?;
        // Functions are among the targets of topics, and may have topics for destinations: they come last.
        let targets = Arc::new(SnsTargets::new(sqs.clone()));
        let sns = sns::Config { origin: endpoint.to_owned(), targets: targets.clone() };
        let sns = Sns::open(env.clone(), &store, sns)?;
        let lambda = lambda::Config {
            data_dir: directory.join("lambda"),
            endpoint_url: endpoint.to_owned(),
            lifecycle_delay: config.lifecycle_delay,
            max_sandboxes: MAX_SANDBOXES,
            idle_timeout: SANDBOX_IDLE,
            runtime_host: Arc::new(LoopbackHost),
            record_source: Arc::new(Streams(kinesis.clone())),
            destinations: Arc::new(Documents { queues: sqs.clone(), topics: sns.clone(), objects: s3.clone() }),
            code_source: Arc::new(Buckets(s3.clone())),
            keys,
        };
        let lambda = Lambda::new(env.clone(), &store, lambda)?;
        let function_logs = log_groups.writer();
        lambda.tell(Arc::new(FunctionLogs(function_logs.clone())));
        targets.set_functions(lambda.clone(), env.random.clone());
        let ec2 = Ec2::new();
        Ok(Arc::new(Self { lambda, clock, kinesis, kms, iam, sts, ec2, sqs, sns, s3, log_groups, function_logs, logs }))
    }

    /// Goes on with what a restart interrupted. Functions can call the emulator from now on.
    pub(crate) fn start(&self) -> Result<()> {
        self.lambda.start().context("cannot start the event source mappings")?;
        self.sns.start().context("cannot go on with deliveries")
    }

    /// The service of that name.
    pub(crate) fn endpoint(&self, name: ServiceName) -> &dyn Endpoint {
        match name {
            ServiceName::Kinesis => &self.kinesis,
            ServiceName::Kms => &self.kms,
            ServiceName::Lambda => &self.lambda,
            ServiceName::Iam => &self.iam,
            ServiceName::Sts => &self.sts,
            ServiceName::Ec2 => &self.ec2,
            ServiceName::S3 => &self.s3,
            ServiceName::Logs => &self.log_groups,
            ServiceName::Sqs => &self.sqs,
            ServiceName::Sns => &self.sns,
        }
    }

    /// Ends what runs by itself, mappings and function processes, and who waits for messages.
    pub(crate) async fn stop(&self) {
        self.sqs.stop();
        self.lambda.stop().await;
        self.function_logs.flush().await;
    }

    /// Returns when everything acknowledged is on stable storage.
    pub(crate) async fn sync(&self) -> Result<()> {
        self.logs.sync().await?;
        Ok(self.logs.close().await?)
    }
}

const fn durability(sync: Sync) -> Durability {
    match sync {
        Sync::Interval => Durability::DEFAULT,
        Sync::Always => Durability::Always,
    }
}
