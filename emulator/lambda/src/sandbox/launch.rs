//! From a version of a function to a running process: what to start, where, with what around it.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use env::Env;

use super::attached::{Attachment, Attachments};
use super::capture::Capture;
use super::environment::{self, Facts};
use super::interpreter::{Interpreter, Interpreters};
use super::java;
use super::opt::Opt;
use super::process::{Process, Program};
use super::run::Failure;
use super::single::{Sandbox, Scratch};
use super::watch::Watch;
use super::{RuntimeHost, RuntimeListener};
use crate::code::{CodeHash, Shelf, Unpacked, Unusable};
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

/// The files of a function. While it is held they stay.
pub(super) struct Code {
    task: Arc<Unpacked>,
    /// What AWS has at `/opt`.
    opt: Option<PathBuf>,
    _layers: Vec<Arc<Unpacked>>,
}

/// Starts sandboxes.
pub(crate) struct Launcher {
    env: Env,
    host: Arc<dyn RuntimeHost>,
    shelf: Arc<Shelf>,
    opt: Arc<Opt>,
    logs: Arc<Logs>,
    endpoint_url: String,
    bootstraps: PathBuf,
    scratch: PathBuf,
    interpreters: Interpreters,
    watch: Watch,
    /// Functions whose log says already that they run on another version than they asked for.
    noted: Mutex<HashSet<FunctionArn>>,
}

impl Plan {
    /// The revision that the catalog knows: what follows in that of a folder says what was seen in it.
    pub(crate) fn stored_revision(&self) -> &str {
        self.revision_id.split('/').next().unwrap_or_default()
    }
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
        let opt = Arc::new(Opt::open(dir.join("opt"))?);
        let (interpreters, watch, noted) = Default::default();
        Ok(Self { env, host, shelf, opt, logs, endpoint_url, bootstraps, scratch, interpreters, watch, noted })
    }

    /// The clock that sandboxes live by.
    pub(super) fn env(&self) -> &Env {
        &self.env
    }

    /// Starts a sandbox for `plan`. It has yet to load the function.
    pub(super) async fn launch(&self, plan: Arc<Plan>) -> Result<Sandbox, Failure> {
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
            environment: self.environment(
                &plan,
                (&code.task.dir, code.opt.as_deref()),
                scratch.path(),
                &listener,
                &recorder,
            ),
            directory: code.task.dir.clone(),
        };
        let (process, output) = Process::start(&program).map_err(Failure::of_ours)?;
        let capture = Capture::start(output, recorder.clone());
        Ok(Sandbox::new(plan, api, process, capture, recorder, self.watch.clone(), (listener, code, scratch)))
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

    /// Opens a Runtime API for a process that the author of `plan` starts.
    pub(crate) async fn attach(&self, plan: &Plan, attachments: &Attachments) -> io::Result<Attachment> {
        let api = RuntimeApi::attached();
        let listener = self.host.open(api.clone()).await?;
        let recorder = self.recorder(plan).map_err(|failure| io::Error::other(failure.parts().1.to_owned()))?;
        let nowhere = Path::new("");
        let all = self.environment(plan, (nowhere, None), nowhere, &listener, &recorder);
        // These are the author's own.
        let theirs = ["PATH", "HOME", "TMPDIR", "LANG", "TZ", "LAMBDA_TASK_ROOT"];
        let ours =
            all.into_iter().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let environment = ours.filter(|(name, _)| !theirs.contains(&name.as_str())).collect();
        Ok(attachments.attach(plan.function.with_qualifier(None), api, listener, recorder, environment))
    }

    /// The folder of the code, and that of the layers if there are any.
    async fn unpack(&self, plan: &Plan) -> Result<Code, Failure> {
        let (shelf, hash, folder) = (Arc::clone(&self.shelf), plan.code.hash, plan.code.folder.clone());
        let layers: Vec<CodeHash> = plan.configuration.layers.iter().map(|layer| layer.hash).collect();
        let opt = Arc::clone(&self.opt);
        let unpacked = tokio::task::spawn_blocking(move || {
            let task = match folder {
                Some(dir) => Arc::new(Unpacked { hash, dir }),
                None => shelf.unpacked(hash)?,
            };
            let layers = layers.into_iter().map(|hash| shelf.unpacked(hash)).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, Unusable>(Code { opt: opt.of(&layers)?, task, _layers: layers })
        });
        unpacked.await.map_err(Failure::of_ours)?.map_err(Failure::of_ours)
    }

    async fn command(&self, plan: &Plan, code: &Code) -> Result<Command, Failure> {
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
                // So that it collects garbage before it is killed for it.
                let heap = format!("--max-old-space-size={}", plan.configuration.memory_mb * 9 / 10);
                let arguments = vec![heap.into(), bootstrap.into()];
                Ok(Command { path: found.path.clone(), arguments, interpreter: Some(found) })
            }
            Family::Ruby(_) => {
                let found = self.interpreters.find(runtime).await.map_err(|missing| invalid(missing.to_string()))?;
                let arguments = vec!["-S".into(), "aws_lambda_ric".into(), plan.configuration.handler.clone().into()];
                Ok(Command { path: found.path.clone(), arguments, interpreter: Some(found) })
            }
            Family::Java(_) => {
                let found = self.interpreters.find(runtime).await.map_err(|missing| invalid(missing.to_string()))?;
                let arguments = java::arguments(plan, &code.task.dir, code.opt.as_deref()).map_err(invalid)?;
                Ok(Command { path: found.path.clone(), arguments, interpreter: Some(found) })
            }
            Family::Provided => {
                let places = [Some(&code.task.dir), code.opt.as_ref()].into_iter().flatten();
                let found = places.map(|place| place.join("bootstrap")).find(|bootstrap| bootstrap.is_file());
                let bootstrap = found.ok_or_else(|| {
                    invalid("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]".to_owned())
                })?;
                let metadata = fs::metadata(&bootstrap).map_err(Failure::of_ours)?;
                if metadata.permissions().mode() & 0o111 == 0 {
                    return Err(invalid("fork/exec /var/task/bootstrap: permission denied".to_owned()));
                }
                Ok(Command { path: bootstrap, arguments: Vec::new(), interpreter: None })
            }
            Family::Unsupported => Err(invalid(format!(
                "Millrace has no runtime for {runtime}; it runs python3.x, nodejs*, java*, ruby*, and provided.* with \
                 the package's own bootstrap"
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
            (Family::Java(_), Some(found)) => format!("java:{}", found.version),
            (Family::Ruby(_), Some(found)) => format!("ruby:{}", found.version),
            _ => runtime.as_str().replacen('.', ":", 1),
        };
        let arn = runtime_version_arn(&world.region, world.partition(), runtime.as_str());
        recorder.platform(&Line::InitStart { runtime: name, arn });
        if let (Family::Python(asked) | Family::Node(asked) | Family::Java(asked) | Family::Ruby(asked), Some(found)) =
            (runtime.family(), interpreter)
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
        (task_root, opt): (&Path, Option<&Path>),
        scratch: &Path,
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
            task_root,
            opt,
            runtime_dir: &self.bootstraps,
            scratch,
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
        if plan.code.folder.is_some() {
            // The folder is its author's, and is left as it is.
            all.insert("PYTHONDONTWRITEBYTECODE".into(), "1".into());
        }
        if let Some(level) = &configuration.logging.application_log_level {
            all.insert("AWS_LAMBDA_LOG_LEVEL".into(), level.into());
        }
        all
    }
}
