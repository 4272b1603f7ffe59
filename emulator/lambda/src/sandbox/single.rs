//! One sandbox's life: it loads the function once and is then taken through events, one at a time.
//!
//! Invariant: whatever the process does, every event gets a verdict by the function's time limit, and the log says START,
//! END and REPORT for it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use env::{Clock, Env, Timestamp};

use super::RuntimeListener;
use super::capture::Capture;
use super::launch::{Code, Plan};
use super::process::{Process, describe};
use super::run::{Caller, Event, Failure, Finished, Verdict, gone, too_large, truncated};
use super::watch::{Seen, Watch};
use crate::log::{Ending, Line, Recorder, Report};
use crate::runtime_api::{Answer, Invocation, RuntimeApi};

/// How long a runtime may go on after its answer before the caller gets it anyway. Runtimes ask for the next event at
/// once, and a caller that waits for that finds the sandbox warm and the log complete.
const SETTLING: Duration = Duration::from_millis(50);

/// A process that serves a function.
pub(super) struct Sandbox {
    plan: Arc<Plan>,
    api: RuntimeApi,
    process: Process,
    capture: Capture,
    recorder: Recorder,
    begun: Instant,
    watch: Watch,
    /// How long the function took to load, until the first report tells it.
    init_ms: Option<f64>,
    /// Kept for as long as the process runs: its socket, its code, its temporary files.
    _belongings: (RuntimeListener, Code, Scratch),
}

/// A directory for temporary files, removed with its sandbox.
pub(super) struct Scratch(PathBuf);

/// How loading the function went.
pub(super) enum Init {
    /// It waits for events.
    Ready,
    /// It took longer than allowed and was stopped.
    TooSlow,
    /// It cannot be loaded, with what the runtime said about it, if it did.
    Failed(Option<Verdict>, Failure),
}

/// What came of handing over an event.
pub(super) enum Handed {
    /// There is a verdict.
    Over {
        /// Given back if it can take another event.
        sandbox: Option<Box<Sandbox>>,
        /// For the caller, unless it was told before the runtime was through.
        finished: Option<Finished>,
    },
    /// The process was gone before the function saw the event: another may have it.
    Unseen(Event),
}

/// How a run ended.
enum End {
    Answered(Answer),
    Stopped(Failure),
}

impl Sandbox {
    pub(super) fn new(
        plan: Arc<Plan>,
        api: RuntimeApi,
        process: Process,
        capture: Capture,
        recorder: Recorder,
        watch: Watch,
        belongings: (RuntimeListener, Code, Scratch),
    ) -> Self {
        let begun = Instant::now();
        Self { plan, api, process, capture, recorder, begun, watch, init_ms: None, _belongings: belongings }
    }

    /// Whose sandbox it is.
    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Whether its process is gone.
    pub(super) fn is_dead(&self) -> bool {
        self.process.has_exited()
    }

    /// Waits until the function is loaded, for `limit` at most.
    pub(super) async fn init(&mut self, clock: &Clock, limit: Duration) -> Init {
        let watched = self.watch.over(self.process.group(), self.plan.configuration.memory_mb);
        tokio::select! {
            () = self.api.started() => {}
            status = self.process.exited() => {
                self.capture.flush().await;
                self.note_excess(watched.seen());
                // It may have said why before it went.
                if !self.api.init_failed() {
                    return Init::Failed(None, Failure::exited(describe(status)));
                }
            }
            () = clock.sleep(limit) => {
                self.stop().await;
                return Init::TooSlow;
            }
        }
        if self.api.init_failed() {
            let verdict = answer_verdict(self.api.answered().await);
            self.stop().await;
            return Init::Failed(Some(verdict), Failure::exited(Some("exit status 1".to_owned())));
        }
        self.init_ms = Some(millis(self.begun));
        Init::Ready
    }

    /// Takes the loaded function through `event`.
    pub(super) async fn run(mut self: Box<Self>, env: &Env, event: Event, caller: &mut Caller) -> Handed {
        let begun = Instant::now();
        let watched = self.watch.over(self.process.group(), self.plan.configuration.memory_mb);
        let seconds = self.plan.configuration.timeout_seconds;
        let deadline = env.clock.now() + Duration::from_secs(seconds.into());
        self.recorder.begin_tail();
        self.recorder.platform(&start_line(&event, &self.plan));
        self.api.assign(
            Invocation {
                request_id: event.request_id.clone(),
                deadline,
                function_arn: event.invoked_arn.to_string(),
                trace_id: trace_id(env),
                client_context: event.client_context.clone(),
                payload: event.payload.clone(),
            },
            event.pieces.clone(),
        );
        let end = tokio::select! {
            biased;
            answer = self.api.answered() => match answer {
                Answer::Truncated => self.why_truncated(env).await,
                answer => End::Answered(answer),
            },
            status = self.process.exited() => {
                if !self.api.is_handed_out() {
                    return Handed::Unseen(event);
                }
                End::Stopped(match self.api.is_streaming() {
                    true => Failure::truncated(describe(status)),
                    false => Failure::exited(describe(status)),
                })
            }
            () = env.clock.sleep_until(deadline) => {
                self.stop().await;
                End::Stopped(Failure::timed_out(seconds))
            }
        };
        match end {
            End::Stopped(failure) => {
                let log_tail = self.close(&event, begun, Some(&failure), watched.seen(), env).await;
                let finished = Finished { verdict: failure.verdict(&event.request_id), log_tail };
                Handed::Over { sandbox: None, finished: Some(finished) }
            }
            End::Answered(answer) => {
                let mut verdict = Some(answer_verdict(answer));
                let settled = tokio::select! {
                    () = self.api.idle() => true,
                    () = self.settle(env, deadline, &mut verdict, caller) => false,
                };
                let log_tail = self.close(&event, begun, None, watched.seen(), env).await;
                let finished = verdict.map(|verdict| Finished { verdict, log_tail });
                Handed::Over { sandbox: (settled && !self.is_dead()).then_some(self), finished }
            }
        }
    }

    /// An answer breaks off when the process ends, which may be seen a moment later, or when its runtime ends the connection.
    async fn why_truncated(&self, env: &Env) -> End {
        tokio::select! {
            status = self.process.exited() => End::Stopped(Failure::truncated(describe(status))),
            () = env.clock.sleep(SETTLING) => End::Answered(Answer::Truncated),
        }
    }

    /// Waits for the end of a runtime that goes on after its answer. The caller gets the verdict meanwhile.
    async fn settle(&self, env: &Env, deadline: Timestamp, verdict: &mut Option<Verdict>, caller: &mut Caller) {
        tokio::select! {
            () = env.clock.sleep(SETTLING) => {}
            _ = self.process.exited() => return,
        }
        if let Some(verdict) = verdict.take() {
            caller.tell(Finished { verdict, log_tail: self.recorder.tail() });
        }
        tokio::select! {
            _ = self.process.exited() => {}
            () = env.clock.sleep_until(deadline) => self.process.kill(),
        }
    }

    /// Writes the lines that end a run and returns the end of its log.
    async fn close(
        &mut self,
        event: &Event,
        begun: Instant,
        failure: Option<&Failure>,
        seen: Seen,
        env: &Env,
    ) -> Vec<u8> {
        let duration_ms = millis(begun);
        self.capture.flush().await;
        self.note_excess(seen);
        let ending = failure.map_or(Ending::Answered, |failure| {
            let (kind, message) = failure.parts();
            let text = match kind {
                "Sandbox.Timedout" => format!("{} {} {message}", env.clock.now(), event.request_id),
                _ => format!("RequestId: {} Error: {message}\n{kind}", event.request_id),
            };
            self.recorder.platform(&Line::Note(text));
            if kind == "Sandbox.Timedout" { Ending::TimedOut } else { Ending::Crashed { kind: kind.to_owned() } }
        });
        // A process that is gone tells nothing any more; a look at it did.
        let seen_mb = (seen.peak_kb > 0).then(|| seen.peak_kb.div_ceil(1024));
        let limit_mb = self.plan.configuration.memory_mb.into();
        let max_memory_used_mb = self.process.peak_memory_mb().or(seen_mb.map(|used| used.min(limit_mb)));
        let init_ms = self.init_ms.take();
        write_end(&self.recorder, &self.plan, event, duration_ms, max_memory_used_mb, init_ms, ending);
        self.recorder.tail()
    }

    /// Logs an event that met a function which could not be loaded.
    pub(super) async fn close_unloaded(&mut self, event: &Event, failure: &Failure, env: &Env) -> Vec<u8> {
        self.recorder.platform(&start_line(event, &self.plan));
        let begun = self.begun;
        self.close(event, begun, Some(failure), Seen::default(), env).await
    }

    /// Says in the log why we killed the process, if we did.
    fn note_excess(&self, seen: Seen) {
        if let Some(excess) = seen.excess {
            self.recorder.platform(&Line::Note(excess.describe()));
        }
    }

    /// Kills the process and waits until it is gone.
    async fn stop(&self) {
        self.process.kill();
        self.process.exited().await;
    }
}

pub(super) fn answer_verdict(answer: Answer) -> Verdict {
    match answer {
        Answer::Response(payload) => Verdict::Answer(payload),
        Answer::Error(document) => Verdict::Error(document),
        Answer::TooLarge(limit) => Verdict::Error(too_large(limit)),
        Answer::Truncated => Verdict::Error(truncated()),
        Answer::Gone => Verdict::Error(gone()),
    }
}

pub(super) fn start_line(event: &Event, plan: &Plan) -> Line {
    Line::Start { request_id: event.request_id.clone(), version: plan.version.clone() }
}

pub(super) fn write_end(
    recorder: &Recorder,
    plan: &Plan,
    event: &Event,
    duration_ms: f64,
    max_memory_used_mb: Option<u64>,
    init_ms: Option<f64>,
    ending: Ending,
) {
    let request_id = event.request_id.clone();
    recorder.platform(&Line::End { request_id: request_id.clone(), ending: ending.clone() });
    let memory_mb = plan.configuration.memory_mb;
    recorder.platform(&Line::Report(Report {
        request_id,
        duration_ms,
        memory_mb,
        max_memory_used_mb,
        init_ms,
        ending,
    }));
}

pub(super) fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

/// A trace that nobody samples.
pub(super) fn trace_id(env: &Env) -> String {
    let (root, parent) = (env.random.hex::<12>(), env.random.hex::<8>());
    format!("Root=1-{:08x}-{root};Parent={parent};Sampled=0", env.clock.now().as_secs())
}

impl Scratch {
    pub(super) fn new(path: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let path = std::mem::take(&mut self.0);
        // What cannot be removed now is removed at the next start.
        let remove = move || drop(fs::remove_dir_all(path));
        // A function may have left any number of files, and whoever drops a sandbox may hold up others.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => remove(),
        }
    }
}
