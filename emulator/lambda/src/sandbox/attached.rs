//! Functions whose events are served by a process that their author started, under a debugger perhaps, instead of by ours.
//!
//! The process has a Runtime API like any other, and no time limit. It may come late, go away and come back: events wait for
//! it. What it prints is on its author's terminal; the function's log has the lines of the platform. Invariant: an event gets
//! one verdict, also when the process or the attachment goes away in the middle of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use env::Env;
use tokio::sync::{oneshot, watch};

use super::RuntimeListener;
use super::launch::Plan;
use super::run::{Event, Failure, Finished, Verdict};
use super::single::{answer_verdict, millis, start_line, trace_id, write_end};
use crate::log::{Ending, Line, Recorder};
use crate::name::FunctionArn;
use crate::runtime_api::{Answer, Invocation, RuntimeApi};

/// What a runtime is told of the time left, which is not counted.
const NO_LIMIT: Duration = Duration::from_secs(24 * 3600);

/// The functions that somebody is attached to. Clones know the same.
#[derive(Clone, Default)]
pub(crate) struct Attachments(Arc<Mutex<HashMap<FunctionArn, Attached>>>);

#[derive(Clone)]
struct Attached {
    api: RuntimeApi,
    recorder: Recorder,
    /// One event at a time.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// Closed when the attachment is gone.
    present: watch::Receiver<()>,
}

/// An attachment to a function, until this is dropped.
pub struct Attachment {
    /// What the process needs in its environment.
    pub environment: Vec<(String, String)>,
    function: FunctionArn,
    attachments: Attachments,
    api: RuntimeApi,
    _present: watch::Sender<()>,
    _listener: RuntimeListener,
}

impl Attachments {
    /// Lets a process behind `listener` serve `function` (unqualified). Who was attached before is so no longer.
    pub(crate) fn attach(
        &self,
        function: FunctionArn,
        api: RuntimeApi,
        listener: RuntimeListener,
        recorder: Recorder,
        environment: Vec<(String, String)>,
    ) -> Attachment {
        let (sender, present) = watch::channel(());
        self.all().insert(function.clone(), Attached { api: api.clone(), recorder, turn: Arc::default(), present });
        let attachments = self.clone();
        Attachment { environment, function, attachments, api, _present: sender, _listener: listener }
    }

    /// Takes `event` to who is attached to the function of `plan`. It comes back if nobody is, or if they go away before
    /// they have seen it.
    pub(crate) async fn run(&self, plan: &Arc<Plan>, env: &Env, event: Event) -> Result<Finished, Box<Event>> {
        let function = plan.function.with_qualifier(None);
        let Some(attached) = self.all().get(&function).cloned() else { return Err(Box::new(event)) };
        let (done, told) = oneshot::channel();
        // The event goes on if whoever waits for it goes away: the process has it.
        tokio::spawn(attached.serve(Arc::clone(plan), env.clone(), event, done));
        told.await.unwrap_or_else(|_| Ok(Finished::trouble("the emulator is stopping")))
    }

    fn all(&self) -> MutexGuard<'_, HashMap<FunctionArn, Attached>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attached {
    async fn serve(self, plan: Arc<Plan>, env: Env, event: Event, done: oneshot::Sender<Result<Finished, Box<Event>>>) {
        // Nobody may be waiting any more.
        let _ = done.send(self.answer(&plan, &env, event).await);
    }

    async fn answer(&self, plan: &Plan, env: &Env, event: Event) -> Result<Finished, Box<Event>> {
        let (mut present, turn) = (self.present.clone(), Arc::clone(&self.turn));
        let _turn = tokio::select! {
            turn = turn.lock() => turn,
            _ = present.changed() => return Err(Box::new(event)),
        };
        self.api.assign(
            Invocation {
                request_id: event.request_id.clone(),
                deadline: env.clock.now() + NO_LIMIT,
                function_arn: event.invoked_arn.to_string(),
                trace_id: trace_id(env),
                client_context: event.client_context.clone(),
                payload: event.payload.clone(),
            },
            event.pieces.clone(),
        );
        tokio::select! {
            () = self.api.handed_out() => {}
            _ = present.changed() => if !self.api.is_handed_out() {
                return Err(Box::new(event));
            },
        }
        let begun = Instant::now();
        self.recorder.begin_tail();
        self.recorder.platform(&start_line(&event, plan));
        let answer = tokio::select! {
            answer = self.api.answered() => answer,
            _ = present.changed() => Answer::Gone,
        };
        let verdict = self.close(plan, &event, begun, answer);
        Ok(Finished { verdict, log_tail: self.recorder.tail() })
    }

    /// Writes the lines that end a run.
    fn close(&self, plan: &Plan, event: &Event, begun: Instant, answer: Answer) -> Verdict {
        let (verdict, ending) = match answer {
            Answer::Gone => {
                let failure = Failure::exited(None);
                let (kind, message) = failure.parts();
                let note = format!("RequestId: {} Error: {message}\n{kind}", event.request_id);
                self.recorder.platform(&Line::Note(note));
                (failure.verdict(&event.request_id), Ending::Crashed { kind: kind.to_owned() })
            }
            answer => (answer_verdict(answer), Ending::Answered),
        };
        write_end(&self.recorder, plan, event, millis(begun), None, None, ending);
        verdict
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        let mut all = self.attachments.all();
        if all.get(&self.function).is_some_and(|attached| attached.api.is_same(&self.api)) {
            all.remove(&self.function);
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;
    use http_body_util::Full;
    use serde_json::json;

    use super::*;
    use crate::fixture::{Bench, Loopback};
    use crate::sandbox::RuntimeHost as _;

    async fn attach(bench: &Bench) -> (Attachment, RuntimeApi) {
        let attachment = bench.lambda.attach(&bench.arn()).await.unwrap();
        let api = attachment.api.clone();
        (attachment, api)
    }

    /// One call of a runtime.
    async fn call(api: &RuntimeApi, method: &str, path: &str, body: &'static str) -> (u16, String) {
        let request = Request::builder().method(method).uri(format!("/2018-06-01/runtime/{path}"));
        let response = api.handle(request.body(Full::new(Bytes::from_static(body.as_bytes()))).unwrap()).await;
        let id = response.headers().get("lambda-runtime-aws-request-id");
        (response.status().as_u16(), id.map(|id| id.to_str().unwrap().to_owned()).unwrap_or_default())
    }

    #[tokio::test]
    async fn an_author_serves_the_events_for_as_long_as_they_like() {
        let bench = Bench::new();
        bench.python("def handler(e, c): return 'ours'", json!({})).await;
        let (attachment, api) = attach(&bench).await;
        let variable = |name: &str| attachment.environment.iter().find(|(found, _)| found == name).cloned();
        assert!(variable("AWS_LAMBDA_RUNTIME_API").unwrap().1.starts_with("127.0.0.1:"));
        assert_eq!((variable("_HANDLER").unwrap().1.as_str(), variable("PATH")), ("app.handler", None));
        let (reply, ()) = tokio::join!(bench.invoke(json!({})), async {
            let (_, id) = call(&api, "GET", "invocation/next", "").await;
            bench.env.clock.advance(Duration::from_secs(3600));
            assert_eq!(call(&api, "POST", &format!("invocation/{id}/response"), "\"theirs\"").await.0, 202);
        });
        assert_eq!(reply.body, "theirs");
        let log = bench.log();
        let [start, end, report] = log.as_slice() else { panic!("{log:?}") };
        let id = start.strip_prefix("START RequestId: ").unwrap().strip_suffix(" Version: $LATEST").unwrap();
        assert_eq!(*end, format!("END RequestId: {id}"));
        assert!(report.starts_with(&format!("REPORT RequestId: {id}\tDuration: ")), "{report}");
        drop(attachment);
        assert_eq!(bench.invoke(json!({})).await.body, "ours");
    }

    #[tokio::test]
    async fn a_process_may_go_and_come_back() {
        let bench = Bench::new();
        bench.python("def handler(e, c): return 'ours'", json!({})).await;
        let (_attachment, api) = attach(&bench).await;
        let (reply, ()) = tokio::join!(bench.invoke(json!({})), async {
            call(&api, "GET", "invocation/next", "").await;
            // It was killed in the debugger, and the next one asks for work.
            let next =
                api.handle(Request::get("/2018-06-01/runtime/invocation/next").body(Full::<Bytes>::default()).unwrap());
            tokio::pin!(next);
            assert!(futures_util::poll!(&mut next).is_pending());
        });
        assert_eq!((reply.error(), &reply.body["errorType"]), (Some("Unhandled"), &json!("Runtime.ExitError")));
        assert!(bench.log().last().unwrap().ends_with("Status: error\tError Type: Runtime.ExitError"));
        let (reply, ()) = tokio::join!(bench.invoke(json!({})), async {
            while api.is_handed_out() {
                tokio::task::yield_now().await;
            }
            assert_eq!(call(&api, "POST", "init/error", r#"{"errorType":"X"}"#).await.0, 202);
        });
        assert_eq!(reply.body["errorType"], "X");
        let (reply, ()) = tokio::join!(bench.invoke(json!({})), async {
            let (_, id) = call(&api, "GET", "invocation/next", "").await;
            call(&api, "POST", &format!("invocation/{id}/response"), "1").await;
        });
        assert_eq!(reply.body, 1);
    }

    #[tokio::test]
    async fn an_event_that_nobody_saw_goes_to_a_process_of_ours() {
        let bench = Bench::new();
        bench.python("def handler(e, c): return 'ours'", json!({})).await;
        let (attachment, api) = attach(&bench).await;
        let (reply, ()) = tokio::join!(bench.invoke(json!({})), async {
            while api.is_handed_out() {
                tokio::task::yield_now().await;
            }
            drop(attachment);
        });
        assert_eq!(reply.body, "ours");
        assert_eq!(bench.log().iter().filter(|line| line.starts_with("START")).count(), 1, "seen by one of them");
    }

    #[tokio::test]
    async fn nobody_attaches_to_what_is_not_there() {
        let bench = Bench::new();
        assert!(bench.lambda.attach(&bench.arn()).await.is_err());
        assert!(Loopback.open(RuntimeApi::attached()).await.is_ok());
    }
}
