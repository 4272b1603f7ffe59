//! The service as one value: what it is made of, how it is set up, and what the server asks of it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_wire::rest_json::{self, Routes};
use aws_wire::{Call, Endpoint, Reply, Service};
use bytes::Bytes;
use env::Env;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::Request;
use state_store::Store;

use crate::code::CodeHash;
use crate::code_source::CodeSource;
use crate::destination::Destinations;
use crate::function::Package;
use crate::keys::Keys;
use crate::mapping::{Feeding, Functions, Mappings, RecordSource};
use crate::name::{FunctionArn, FunctionReference, Qualifier};
use crate::queue::Queue;
use crate::runner::Runner;
use crate::sandbox::{Attachment, Limits, RuntimeHost};
use crate::{Error, EventReader, FunctionLog, action};

/// How the service is set up.
pub struct Config {
    /// Where code and logs live. Made if it is not there.
    pub data_dir: PathBuf,
    /// Where the functions' own AWS clients reach the emulator, without a slash at the end.
    pub endpoint_url: String,
    /// How long a function stays `Pending`, and an update `InProgress`.
    pub lifecycle_delay: Duration,
    /// How many function processes there may be at a time; further events wait.
    pub max_sandboxes: usize,
    /// How long a process without work is kept.
    pub idle_timeout: Duration,
    /// Opens the Runtime API's listeners.
    pub runtime_host: Arc<dyn RuntimeHost>,
    /// The streams that mappings read.
    pub record_source: Arc<dyn RecordSource>,
    /// Where documents about invocations go, functions aside: those are reached here.
    pub destinations: Arc<dyn Destinations>,
    /// Where code in buckets is read.
    pub code_source: Arc<dyn CodeSource>,
    /// The keys that filter criteria may be kept under.
    pub keys: Arc<dyn Keys>,
}

/// Functions and event source mappings of all accounts and regions. Cheap to clone.
#[derive(Clone)]
pub struct Lambda(Arc<Parts>);

struct Parts {
    runner: Arc<Runner>,
    queue: Queue,
    mappings: Mappings,
    endpoint_url: String,
    code_source: Arc<dyn CodeSource>,
    routes: Routes<Lambda>,
}

impl Lambda {
    /// Opens what `store` and the data directory hold. Nothing runs before [`start`](Self::start).
    pub fn new(env: Env, store: &Store, config: Config) -> Result<Self, Error> {
        let Config {
            data_dir,
            endpoint_url,
            lifecycle_delay,
            max_sandboxes,
            idle_timeout,
            runtime_host,
            record_source,
            destinations,
            code_source,
            keys,
        } = config;
        let limits = Limits { sandboxes: max_sandboxes, idle: idle_timeout };
        let runner =
            Runner::open(env.clone(), store, &data_dir, runtime_host, endpoint_url.clone(), lifecycle_delay, limits)?;
        let mappings = Mappings::open(env, store.clone(), record_source, keys, lifecycle_delay)?;
        let runner = Arc::new(runner);
        let queue = Queue::open(store, Arc::clone(&runner), destinations);
        Ok(Self(Arc::new(Parts { runner, queue, mappings, endpoint_url, code_source, routes: action::routes() })))
    }

    /// Tells `reader` of whatever functions print from now on. Said once.
    pub fn tell(&self, reader: Arc<dyn EventReader>) {
        self.0.runner.logs.tell(reader);
    }

    /// Goes on with what a restart interrupted: queued events and mappings. Call it once, inside a Tokio runtime, when
    /// functions' own clients can reach the emulator.
    pub fn start(&self) -> Result<(), Error> {
        self.0.queue.start()?;
        self.0.mappings.start(Arc::clone(&self.0.runner) as _, Arc::new(self.0.queue.clone()));
        Ok(())
    }

    /// Stops mappings, which may finish the batches under way, and then all function processes.
    pub async fn stop(&self) {
        self.0.mappings.stop().await;
        self.0.runner.close();
    }

    /// Invokes `function` for somebody who does not wait: a topic, a bucket, a rule. The event is durable when this returns.
    /// Blocks for a disk sync.
    pub fn invoke_later(&self, function: &FunctionArn, payload: Bytes) -> Result<(), Error> {
        self.0.runner.check_runnable(function)?;
        self.0.queue.push(function.clone(), self.0.runner.env.random.uuid(), None, payload)
    }

    /// Lets a process that the author of `function` starts serve its events, for as long as the answer is held.
    pub async fn attach(&self, function: &FunctionArn) -> Result<Attachment, Error> {
        self.0.runner.attach(function).await
    }

    /// The log of a function that there is or that left one, for `millrace logs`.
    pub fn log(&self, function: &FunctionArn) -> Result<Arc<FunctionLog>, Error> {
        let function = &function.with_qualifier(None);
        if self.0.runner.catalog.get(function).is_err() && !self.0.runner.logs.has(function) {
            return Err(Error::FunctionNotFound(function.clone()));
        }
        self.0.runner.logs.of(function).map_err(|error| Error::Storage(error.to_string()))
    }

    /// The deployment package of that name below `/_millrace/lambda/code/`, the path that `Code.Location` points at.
    /// Reads a file: run it where blocking is fine.
    pub fn package(&self, file_name: &str) -> Option<Vec<u8>> {
        let hash = CodeHash::from_hex(file_name.strip_suffix(".zip")?)?;
        self.0.runner.shelf.zip(hash).ok()
    }

    /// Whether the path belongs to this service.
    pub fn knows(&self, path: &str) -> bool {
        self.0.routes.knows(path)
    }

    pub(crate) fn runner(&self) -> &Arc<Runner> {
        &self.0.runner
    }

    pub(crate) fn queue(&self) -> &Queue {
        &self.0.queue
    }

    /// Where the code can be had.
    pub(crate) fn location(&self, code: &Package) -> String {
        match &code.folder {
            Some(folder) => format!("file://{}", folder.display()),
            None => format!("{}/_millrace/lambda/code/{}.zip", self.0.endpoint_url, code.hash),
        }
    }

    /// Who reads code out of buckets.
    pub(crate) fn code_source(&self) -> &dyn CodeSource {
        &*self.0.code_source
    }

    /// Runs `work`, which writes to disk, where that holds up nobody.
    pub(crate) async fn blocking<R, F>(&self, work: F) -> Result<R, Error>
    where
        R: Send + 'static,
        F: FnOnce(&Runner) -> Result<R, Error> + Send + 'static,
    {
        let runner = Arc::clone(&self.0.runner);
        let done = tokio::task::spawn_blocking(move || work(&runner)).await;
        done.unwrap_or_else(|error| Err(Error::Storage(error.to_string())))
    }
}

/// The function that a caller means by a name and perhaps a qualifier beside it. Another account or region is another
/// world, in which this caller finds nothing.
pub(crate) fn resolve(call: &Call, name: &str, qualifier: Option<&str>) -> Result<FunctionArn, Error> {
    let reference: FunctionReference = name.parse().map_err(|_| match name.len() > 64 && !name.contains(':') {
        true => Error::NameTooLong(name.to_owned()),
        false => Error::InvalidFunctionName(name.to_owned()),
    })?;
    let beside = qualifier.map(str::parse::<Qualifier>).transpose();
    let beside = beside.map_err(|_| Error::InvalidFunctionName(name.to_owned()))?;
    if beside.is_some() && reference.qualifier.is_some() && beside != reference.qualifier {
        return Err(Error::QualifierMismatch);
    }
    let mut arn = FunctionArn::new(&call.world, reference.name, beside.or(reference.qualifier));
    let is_foreign = reference.account.as_ref().is_some_and(|account| *account != arn.account)
        || reference.region.as_ref().is_some_and(|region| *region != arn.region);
    if is_foreign {
        arn.account = reference.account.unwrap_or(arn.account);
        arn.region = reference.region.unwrap_or(arn.region);
        return Err(Error::FunctionNotFound(arn));
    }
    Ok(arn)
}

/// Likewise, for actions that work on the whole function or on `$LATEST` only.
pub(crate) fn resolve_unqualified(call: &Call, name: &str) -> Result<FunctionArn, Error> {
    let arn = resolve(call, name, None)?;
    match arn.qualifier {
        None | Some(Qualifier::Latest) => Ok(arn.with_qualifier(None)),
        Some(Qualifier::Version(_) | Qualifier::Alias(_)) => Err(Error::QualifierNotAllowed),
    }
}

impl Service for Lambda {
    type Error = Error;
}

impl Feeding for Lambda {
    fn mappings(&self) -> &Mappings {
        &self.0.mappings
    }

    fn functions(&self) -> &dyn Functions {
        &*self.0.runner
    }
}

impl Endpoint for Lambda {
    fn serve(&self, call: Call, request: Request<Bytes>) -> BoxFuture<'_, Reply> {
        async move { rest_json::serve(&self.0.routes, self, &call, request).await }.boxed()
    }
}

impl fmt::Debug for Lambda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lambda").field("routes", &self.0.routes).finish_non_exhaustive()
    }
}
