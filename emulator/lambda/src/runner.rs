//! Runs functions: from an ARN and an event to a verdict.
//!
//! Puts together what the other modules keep: which version is meant, whether it may run, and a sandbox for it. It knows
//! nothing of HTTP and nothing of mappings, which both call it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_wire::AwsError;
use bytes::Bytes;
use env::Env;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use state_store::Store;

use crate::Error;
use crate::code::{CodeHash, Shelf, Unpacked, fingerprint};
use crate::function::{Catalog, Concurrency, Function, Permit, State, Version};
use crate::invoke::{FunctionErrorKind, Invoke, Outcome};
use crate::layer::{LayerUse, Layers};
use crate::log::Logs;
use crate::mapping::Functions;
use crate::name::FunctionArn;
use crate::sandbox::{Attachment, Attachments, Event, Finished, Launcher, Limits, Plan, Pool, RuntimeHost, Verdict};

/// What an event without a body is.
const EMPTY_EVENT: Bytes = Bytes::from_static(b"{}");

/// How finely events are divided between the versions of an alias.
const CHANCES: u32 = 1 << 20;

/// The code of a failure that is ours.
pub(crate) const SERVICE_EXCEPTION: &str = "ServiceException";

/// The functions and everything that runs them.
pub(crate) struct Runner {
    pub(crate) env: Env,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) layers: Layers,
    pub(crate) logs: Arc<Logs>,
    pub(crate) lifecycle_delay: Duration,
    concurrency: Concurrency,
    pool: Pool,
    attachments: Attachments,
    /// What the functions whose code is a folder ran last.
    folders: Mutex<HashMap<FunctionArn, String>>,
}

/// Layers as a function keeps them, and what holds their packages.
pub(crate) type NamedLayers = (Option<Vec<LayerUse>>, Vec<Arc<Unpacked>>);

/// A run that may begin. It counts from now on.
pub(crate) struct Admitted {
    plan: Arc<Plan>,
    permit: Permit,
}

impl Admitted {
    /// What runs: `$LATEST` or a number.
    pub(crate) fn version(&self) -> &str {
        &self.plan.version
    }
}

/// A run that came to an end.
pub(crate) struct Ran {
    pub(crate) finished: Finished,
    /// `$LATEST` or a number.
    pub(crate) executed_version: String,
}

impl Runner {
    /// Opens what `store` and `data_dir` hold.
    pub(crate) fn open(
        env: Env,
        store: &Store,
        data_dir: &Path,
        host: Arc<dyn RuntimeHost>,
        endpoint_url: String,
        lifecycle_delay: Duration,
        limits: Limits,
    ) -> Result<Self, Error> {
        let disk = |error: io::Error| Error::Storage(error.to_string());
        let catalog = Arc::new(Catalog::open(store)?);
        let layers = Layers::open(store)?;
        let shelf = Arc::new(Shelf::open(data_dir.join("code"), env.random.clone()).map_err(disk)?);
        let logs = Arc::new(Logs::new(data_dir.join("logs")));
        let launcher = Launcher::new(env.clone(), host, Arc::clone(&shelf), Arc::clone(&logs), endpoint_url, data_dir);
        let pool = Pool::new(launcher.map_err(disk)?, limits);
        let (concurrency, folders, attachments) = Default::default();
        let runner =
            Self { env, catalog, shelf, layers, logs, lifecycle_delay, concurrency, pool, attachments, folders };
        runner.sweep();
        Ok(runner)
    }

    /// Runs the function that `arn` names with `payload` and waits for its end.
    pub(crate) async fn run(
        &self,
        arn: &FunctionArn,
        request_id: String,
        client_context: Option<String>,
        payload: Bytes,
    ) -> Result<Ran, Error> {
        let admitted = self.admit(arn)?;
        let executed_version = admitted.version().to_owned();
        let event = Event { request_id, invoked_arn: arn.clone(), client_context, payload, pieces: None };
        let finished = self.carry_out(admitted, event).await;
        Ok(Ran { finished, executed_version })
    }

    /// Lets a run of the function that `arn` names begin, if it may.
    pub(crate) fn admit(&self, arn: &FunctionArn) -> Result<Admitted, Error> {
        let (function, plan) = self.plan(arn)?;
        let permit = self
            .concurrency
            .enter(&function.arn, function.reserved_concurrency, || self.reserved_concurrency(&function.arn, 0))
            .map_err(Error::Throttled)?;
        Ok(Admitted { plan, permit })
    }

    /// Takes `event` through the function and waits for its end.
    pub(crate) async fn carry_out(&self, admitted: Admitted, mut event: Event) -> Finished {
        let Admitted { plan, permit } = admitted;
        if event.payload.is_empty() {
            event.payload = EMPTY_EVENT;
        }
        let event = match self.attachments.run(&plan, &self.env, event).await {
            Ok(finished) => return finished,
            Err(event) => *event,
        };
        let plan = self.look_again(plan).await;
        let catalog = Arc::clone(&self.catalog);
        let is_current = move |plan: &Plan| {
            let function = catalog.get(&plan.function);
            function.is_ok_and(|function| {
                function.versions().any(|(_, version)| version.revision_id == plan.stored_revision())
            })
        };
        self.pool.run(plan, event, permit, is_current).await
    }

    /// Whether the function that `arn` names could run now.
    pub(crate) fn check_runnable(&self, arn: &FunctionArn) -> Result<(), Error> {
        self.plan(arn).map(drop)
    }

    /// Lets a process of the author's serve the function that `arn` names.
    pub(crate) async fn attach(&self, arn: &FunctionArn) -> Result<Attachment, Error> {
        let (_, plan) = self.plan(&arn.with_qualifier(None))?;
        let attached = self.pool.launcher().attach(&plan, &self.attachments).await;
        attached.map_err(|error| Error::Storage(error.to_string()))
    }

    /// What the functions of `arn`'s world have reserved, that function itself counted with `own`.
    pub(crate) fn reserved_concurrency(&self, arn: &FunctionArn, own: u32) -> u32 {
        let all = self.catalog.list(&arn.world());
        let others = all.iter().filter(|function| function.arn.name != arn.name);
        others.filter_map(|function| function.reserved_concurrency).sum::<u32>() + own
    }

    /// Forgets code and sandboxes that a change of `arn` left without use.
    pub(crate) fn retire(&self, arn: &FunctionArn) {
        let function = self.catalog.get(arn).ok();
        let versions = function.iter().flat_map(|function| function.versions());
        let current: Vec<&str> = versions.map(|(_, version)| version.revision_id.as_str()).collect();
        self.pool.retire(&arn.with_qualifier(None), &current);
        self.sweep();
    }

    /// Stops: idle processes are killed, and those that run take no further event.
    pub(crate) fn close(&self) {
        self.pool.close();
    }

    /// The layers that a call names, if it names any, for the function `arn`. Their packages stay while the second part is
    /// held.
    pub(crate) fn layers(&self, arn: &FunctionArn, named: Option<&[String]>) -> Result<NamedLayers, Error> {
        let Some(named) = named else { return Ok((None, Vec::new())) };
        let (uses, held) = self.layers.resolve(&arn.world(), named, &self.shelf)?;
        Ok((Some(uses), held))
    }

    /// Code in a folder may have changed since the last event; it is a revision of its own then.
    async fn look_again(&self, plan: Arc<Plan>) -> Arc<Plan> {
        let Some(folder) = plan.code.folder.clone() else { return plan };
        // If the look fails, the code runs as it was.
        let Ok(seen) = tokio::task::spawn_blocking(move || fingerprint(&folder)).await else { return plan };
        let plan = Plan { revision_id: format!("{}/{seen}", plan.revision_id), ..Plan::clone(&plan) };
        let before = {
            let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
            folders.insert(plan.function.clone(), plan.revision_id.clone())
        };
        if before.is_some_and(|before| before != plan.revision_id) {
            self.pool.retire(&plan.function.with_qualifier(None), &[&plan.revision_id]);
        }
        Arc::new(plan)
    }

    /// Removes packages that nothing uses.
    pub(crate) fn sweep(&self) {
        let sweep =
            |uses: &dyn Fn(CodeHash) -> bool| self.layers.sweep(|has| self.shelf.sweep(|hash| uses(hash) || has(hash)));
        if let Err(error) = self.catalog.sweep(sweep) {
            tracing::warn!(%error, "old code could not be removed");
        }
    }

    fn plan(&self, arn: &FunctionArn) -> Result<(Arc<Function>, Arc<Plan>), Error> {
        let function = self.catalog.get(arn)?;
        let chance = || f64::from(self.env.random.below(CHANCES)) / f64::from(CHANCES);
        let (qualifier, version) = function.choose(arn.qualifier.as_ref(), chance)?;
        if version.lifecycle.state(self.env.clock.now()) == State::Pending {
            return Err(Error::FunctionPending);
        }
        let Version { configuration, code, revision_id, .. } = version;
        let plan = Arc::new(Plan {
            function: arn.with_qualifier(Some(qualifier.clone())),
            version: qualifier.to_string(),
            revision_id: revision_id.clone(),
            configuration: configuration.clone(),
            code: code.clone(),
        });
        Ok((Arc::clone(&function), plan))
    }
}

impl Invoke for Runner {
    fn invoke<'a>(&'a self, function: &'a FunctionArn, request_id: String, payload: Bytes) -> BoxFuture<'a, Outcome> {
        async move {
            match self.run(function, request_id, None, payload).await {
                Ok(ran) => outcome(ran),
                Err(Error::FunctionNotFound(_)) => Outcome::NotFound,
                Err(Error::Throttled(reason)) => Outcome::Throttled { reason },
                Err(error) => {
                    let AwsError { code, message, .. } = error.into();
                    let code = match code {
                        Cow::Borrowed(code) => code,
                        Cow::Owned(_) => SERVICE_EXCEPTION,
                    };
                    Outcome::ServiceError { code, message: message.unwrap_or_default() }
                }
            }
        }
        .boxed()
    }
}

impl Functions for Runner {
    fn role(&self, arn: &FunctionArn) -> Option<String> {
        let function = self.catalog.get(arn).ok()?;
        let version = function.version(arn.qualifier.as_ref()).ok()?;
        Some(version.configuration.role.clone())
    }
}

fn outcome(ran: Ran) -> Outcome {
    let Ran { finished, executed_version } = ran;
    match finished.verdict {
        Verdict::Answer(payload) => Outcome::Success { payload, executed_version },
        Verdict::Error(payload) => {
            Outcome::FunctionError { kind: FunctionErrorKind::Unhandled, payload, executed_version }
        }
        Verdict::Trouble(message) => Outcome::ServiceError { code: SERVICE_EXCEPTION, message },
    }
}
