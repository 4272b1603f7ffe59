//! From a version of a function to a running process: what to start, where, with what around it.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use env::Env;

use super::capture::Capture;
use super::environment::{self, Facts};
use super::interpreter::{Interpreter, Interpreters};
use super::process::{Process, Program};
use super::run::Failure;
use super::single::{Sandbox, Scratch};
use super::{RuntimeHost, RuntimeListener};
use crate::code::{Shelf, Unpacked};
use crate::function::{Configuration, Family, LogFormat, Package, runtime_version_arn};
use crate::log::{Line, Logs, Recorder};
use crate::name::FunctionArn;
use crate::runtime_api::RuntimeApi;

const PYTHON_BOOTSTRAP: (&str, &str) = ("runtime.py", include_str!("bootstrap/runtime.py"));
const NODE_BOOTSTRAP: (&str, &str) = ("runtime.mjs", include_str!("bootstrap/runtime.mjs"));

/// A version of a function, as far as running it goes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    /// Qualified with `version`.
    pub(crate) function: FunctionArn,
    /// `$LATEST` or a number.
    pub(crate) version: String,
    /// Sandboxes of one revision serve each other's events.
    pub(crate) revision_id: String,
    pub(crate) configuration: Configuration,
    pub(crate) code: Package,
}

/// What runs a function's code.
struct Command {
    path: PathBuf,
    arguments: Vec<OsString>,
    /// None: the package brings its own executable.
    interpreter: Option<Interpreter>,
}

/// Starts sandboxes.
pub(crate) struct Launcher {
    env: Env,
    host: Arc<dyn RuntimeHost>,
    shelf: Arc<Shelf>,
    logs: Arc<Logs>,
    endpoint_url: String,
    bootstraps: PathBuf,
    scratch: PathBuf,
    interpreters: Interpreters,
    /// Functions whose log says already that they run on another version than they asked for.
    noted: Mutex<HashSet<FunctionArn>>,
}

impl Launcher {
    /// A launcher that keeps its own files below `dir`.
    pub(crate) fn new(
        env: Env,
        host: Arc<dyn RuntimeHost>,
        shelf: Arc<Shelf>,
        logs: Arc<Logs>,
        endpoint_url: String,
        dir: &Path,
    ) -> io::Result<Self> {
        let (bootstraps, scratch) = (dir.join("runtime"), dir.join("scratch"));
        fs::create_dir_all(&bootstraps)?;
        for (name, text) in [PYTHON_BOOTSTRAP, NODE_BOOTSTRAP] {
            fs::write(bootstraps.join(name), text)?;
        }
        // Left behind by an emulator that was killed.
        if scratch.is_dir() {
            fs::remove_dir_all(&scratch)?;
        }
        fs::create_dir_all(&scratch)?;
        let (interpreters, noted) = Default::default();
        Ok(Self { env, host, shelf, logs, endpoint_url, bootstraps, scratch, interpreters, noted })
    }

    /// The clock that sandboxes live by.
    pub(super) fn env(&self) -> &Env {
        &self.env
    }

    /// Starts a sandbox for `plan`. It has yet to load the function.
    pub(super) async fn launch(&self, plan: Arc<Plan>) -> Result<Sandbox, Failure> {
        let begun = Instant::now();
        let code = self.unpack(&plan).await?;
        let Command { path, arguments, interpreter } = self.command(&plan, &code).await?;
        let api = RuntimeApi::new();
        let listener = self.host.open(api.clone()).await.map_err(Failure::of_ours)?;
        let scratch = Scratch::new(self.scratch.join(self.env.random.hex::<8>())).map_err(Failure::of_ours)?;
        let recorder = self.recorder(&plan)?;
        self.announce(&plan, interpreter.as_ref(), &recorder);
        let program = Program {
            path,
            arguments,
            environment: self.environment(&plan, &code, &scratch, &listener, &recorder),
            directory: code.dir.clone(),
        };
        let (process, output) = Process::start(&program).map_err(Failure::of_ours)?;
        let capture = Capture::start(output, recorder.clone());
        Ok(Sandbox::new(plan, api, process, capture, recorder, begun, (listener, code, scratch)))
    }

    /// Says in the function's log, or in ours, why there is no sandbox.
    pub(super) fn report(&self, plan: &Plan, failure: &Failure) {
        match (failure, self.recorder(plan)) {
            (Failure::Function { kind, message }, Ok(recorder)) => {
                recorder.platform(&Line::Note(format!("{kind}: {message}")));
            }
            (Failure::Function { message: reason, .. } | Failure::Ours(reason), _) => {
                tracing::error!(function = %plan.function, reason, "a sandbox could not be started");
            }
        }
    }

    async fn unpack(&self, plan: &Plan) -> Result<Arc<Unpacked>, Failure> {
        let (shelf, hash) = (Arc::clone(&self.shelf), plan.code.hash);
        let unpacked = tokio::task::spawn_blocking(move || shelf.unpacked(hash)).await;
        unpacked.map_err(Failure::of_ours)?.map_err(Failure::of_ours)
    }

    async fn command(&self, plan: &Plan, code: &Unpacked) -> Result<Command, Failure> {
        let runtime = plan.configuration.runtime;
        let invalid = |message: String| Failure::new("Runtime.InvalidEntrypoint", message);
        match runtime.family() {
            Family::Python(_) => {
                let found = self.interpreters.find(runtime).await.map_err(|missing| invalid(missing.to_string()))?;
                let bootstrap = self.bootstraps.join(PYTHON_BOOTSTRAP.0);
                let arguments = vec!["-u".into(), bootstrap.into()];
                Ok(Command { path: found.path.clone(), arguments, interpreter: Some(found) })
            }
            Family::Node(_) => {
                let found = self.interpreters.find(runtime).await.map_err(|missing| invalid(missing.to_string()))?;
                let bootstrap = self.bootstraps.join(NODE_BOOTSTRAP.0);
                Ok(Command { path: found.path.clone(), arguments: vec![bootstrap.into()], interpreter: Some(found) })
            }
            Family::Provided => {
                let bootstrap = code.dir.join("bootstrap");
                let metadata = fs::metadata(&bootstrap).map_err(|_| {
                    invalid("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]".to_owned())
                })?;
                if metadata.permissions().mode() & 0o111 == 0 {
                    return Err(invalid("fork/exec /var/task/bootstrap: permission denied".to_owned()));
                }
                Ok(Command { path: bootstrap, arguments: Vec::new(), interpreter: None })
            }
            Family::Unsupported => Err(invalid(format!(
                "Millrace has no runtime for {runtime}; it runs python3.x, nodejs*, and provided.* with the package's own \
                 bootstrap"
            ))),
        }
    }

    fn recorder(&self, plan: &Plan) -> Result<Recorder, Failure> {
        let (year, month, day, ..) = self.env.clock.now().civil();
        let stream = format!("{year:04}/{month:02}/{day:02}/[{}]{}", plan.version, self.env.random.hex::<16>());
        let log = self.logs.of(&plan.function).map_err(Failure::of_ours)?;
        let format = plan.configuration.logging.log_format;
        Ok(Recorder::new(log, stream, format, self.env.clock.clone()))
    }

    /// Says in the log what starts, and when it is not quite what the owner asked for.
    fn announce(&self, plan: &Plan, interpreter: Option<&Interpreter>, recorder: &Recorder) {
        let runtime = plan.configuration.runtime;
        let world = plan.function.world();
        let name = match (runtime.family(), interpreter) {
            (Family::Python(_), Some(found)) => format!("python:{}", found.version),
            (Family::Node(_), Some(found)) => format!("nodejs:{}", found.version),
            _ => runtime.as_str().replacen('.', ":", 1),
        };
        let arn = runtime_version_arn(&world.region, world.partition(), runtime.as_str());
        recorder.platform(&Line::InitStart { runtime: name, arn });
        if let (Family::Python(asked) | Family::Node(asked), Some(found)) = (runtime.family(), interpreter)
            && found.version != asked
            && self.noted.lock().unwrap_or_else(PoisonError::into_inner).insert(plan.function.with_qualifier(None))
        {
            let path = found.path.display();
            let note =
                format!("{runtime} is not on this machine; running on version {} ({path}) instead", found.version);
            recorder.platform(&Line::Note(note));
        }
    }

    fn environment(
        &self,
        plan: &Plan,
        code: &Unpacked,
        scratch: &Scratch,
        listener: &RuntimeListener,
        recorder: &Recorder,
    ) -> BTreeMap<OsString, OsString> {
        let configuration = &plan.configuration;
        let mut all = environment::of(&Facts {
            function: &plan.function,
            version: &plan.version,
            runtime: configuration.runtime,
            handler: &configuration.handler,
            memory_mb: configuration.memory_mb,
            log_group: &configuration.logging.log_group,
            log_stream: recorder.stream(),
            task_root: &code.dir,
            runtime_dir: &self.bootstraps,
            scratch: scratch.path(),
            runtime_api: &listener.address,
            endpoint_url: &self.endpoint_url,
            path: std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into()),
            owner: configuration.environment.as_ref(),
        });
        let format = match configuration.logging.log_format {
            LogFormat::Text => "Text",
            LogFormat::Json => "JSON",
        };
        all.insert("AWS_LAMBDA_LOG_FORMAT".into(), format.into());
        if let Some(level) = &configuration.logging.application_log_level {
            all.insert("AWS_LAMBDA_LOG_LEVEL".into(), level.into());
        }
        all
    }
}
