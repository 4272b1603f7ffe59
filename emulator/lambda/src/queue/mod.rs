//! Events that nobody waits for: kept in the store until their function is through with them or they are given up, and
//! their destinations have been told.
//!
//! One small task per event, which holds no payload while it waits. Invariants: an event that was accepted is run at least
//! once, also across restarts, unless it grows too old while nothing can run it; what is owed to a destination is stored
//! before the event is forgotten.

mod letter;
mod tries;

use std::sync::{Arc, Weak};
use std::time::Duration;

use aws_wire::Blob;
use bytes::Bytes;
use env::Timestamp;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use state_store::{Store, Table};

use self::letter::{Over, Response, owed};
use self::tries::{Condition, Patience, Step, Tries, Try, pause};
use crate::Error;
use crate::destination::{Delivery, DeliveryError, Destinations, Target};
use crate::name::{FunctionArn, Qualifier};
use crate::runner::{Ran, Runner};
use crate::sandbox::Verdict;

/// How long a letter is offered to a destination that cannot take it now.
const LETTER_AGE: Duration = Duration::from_secs(6 * 3600);

/// The queued events of all functions. Clones share them.
#[derive(Clone)]
pub(crate) struct Queue(Arc<Inner>);

struct Inner {
    table: Table<Queued>,
    runner: Arc<Runner>,
    /// Where letters go that are not for functions.
    outside: Arc<dyn Destinations>,
}

/// An event in the queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Queued {
    function: FunctionArn,
    client_context: Option<String>,
    /// Empty once the event is over.
    payload: Blob,
    /// When the event was accepted; once it is over, when it ended.
    accepted_at: Timestamp,
    due_at: Timestamp,
    tries: Tries,
    /// What destinations have yet to be told of an event that is over.
    #[serde(default)]
    letters: Vec<Delivery>,
}

/// What a try came to.
struct Attempt {
    outcome: Try,
    /// What the function said, if it ran.
    ran: Option<Ran>,
}

impl Queue {
    pub(crate) fn open(store: &Store, runner: Arc<Runner>, outside: Arc<dyn Destinations>) -> Self {
        Self(Arc::new(Inner { table: store.table("lambda.events"), runner, outside }))
    }

    /// Takes up what was queued before a restart.
    pub(crate) fn start(&self) -> Result<(), Error> {
        for (request_id, _) in self.0.table.all()? {
            self.follow(request_id);
        }
        Ok(())
    }

    /// Queues an event, durably.
    pub(crate) fn push(
        &self,
        function: FunctionArn,
        request_id: String,
        client_context: Option<String>,
        payload: Bytes,
    ) -> Result<(), Error> {
        let now = self.0.runner.env.clock.now();
        let queued = Queued {
            function,
            client_context,
            payload: Blob(payload),
            accepted_at: now,
            due_at: now,
            tries: Tries::default(),
            letters: Vec::new(),
        };
        self.0.table.put(&request_id, &queued)?;
        self.follow(request_id);
        Ok(())
    }

    fn follow(&self, request_id: String) {
        tokio::spawn(follow(Arc::downgrade(&self.0), request_id));
    }
}

impl Destinations for Queue {
    /// A function gets a letter as an event; everything else is somebody else's.
    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<(), DeliveryError>> {
        let Target::Function(function) = &delivery.target else { return self.0.outside.deliver(delivery) };
        async move {
            let runner = &self.0.runner;
            let runnable =
                runner.catalog.get(function).and_then(|found| found.version(function.qualifier.as_ref()).map(drop));
            runnable.map_err(|_| DeliveryError::NotThere(format!("Function not found: {function}")))?;
            let (id, payload) = (runner.env.random.uuid(), Bytes::from(delivery.body.clone()));
            self.push(function.clone(), id, None, payload).map_err(|error| DeliveryError::TryAgain(error.to_string()))
        }
        .boxed()
    }
}

/// Takes one event through its tries and its letters. A store that fails ends it; the event is taken up again at the next
/// start.
async fn follow(queue: Weak<Inner>, request_id: String) {
    loop {
        let Some(inner) = queue.upgrade() else { return };
        let queued = match inner.table.get(&request_id) {
            Ok(Some(queued)) => queued,
            Ok(None) => return,
            Err(error) => return tracing::error!(%error, "a queued event cannot be read"),
        };
        let (clock, due_at) = (inner.runner.env.clock.clone(), queued.due_at);
        if due_at > clock.now() {
            // Not holding the payload for minutes, nor the service, is why it is read again afterwards.
            drop((queued, inner));
            clock.sleep_until(due_at).await;
            continue;
        }
        let after = match queued.letters.is_empty() {
            true => inner.run(&request_id, queued).await,
            false => Queue(Arc::clone(&inner)).post(queued).await,
        };
        let written = match after {
            Some(queued) => inner.table.put(&request_id, &queued),
            None => inner.table.remove(&request_id),
        };
        if let Err(error) = written {
            return tracing::error!(%error, "the queue of events cannot be written");
        }
    }
}

impl Inner {
    /// One try. Returns what is left to do.
    async fn run(&self, request_id: &str, queued: Queued) -> Option<Queued> {
        let Queued { function, client_context, payload, accepted_at, .. } = &queued;
        let Ok(owner) = self.runner.catalog.get(function) else {
            tracing::warn!(%function, request_id, "an asynchronous event was given up: its function is gone");
            return None;
        };
        let qualifier = function.qualifier.clone().unwrap_or(Qualifier::Latest);
        let config = owner.event_invoke(&qualifier);
        let attempt = self.attempt(function, request_id, client_context.clone(), payload.0.clone()).await;
        let now = self.runner.env.clock.now();
        let patience = Patience { retries: config.retries(), age: config.age() };
        let mut tries = queued.tries;
        let condition = match tries.then(attempt.outcome, now.since(*accepted_at), patience) {
            Step::TryAgain { after } => return Some(Queued { due_at: now + after, tries, ..queued }),
            Step::End(condition) => condition,
        };
        let arn = function.with_qualifier(Some(qualifier));
        let over = Over {
            function: &arn,
            request_id,
            condition,
            calls: tries.calls(attempt.outcome),
            payload: &payload.0,
            response: attempt.ran.as_ref().and_then(response),
            now,
        };
        let letters = owed(&owner, &config, &over, || self.runner.env.random.uuid());
        if condition != Condition::Success && letters.is_empty() {
            tracing::error!(%function, request_id, condition = condition.as_str(), "an asynchronous event was given up");
        }
        let over = Queued {
            payload: Blob::default(),
            accepted_at: now,
            due_at: now,
            tries: Tries::default(),
            letters,
            ..queued
        };
        (!over.letters.is_empty()).then_some(over)
    }

    async fn attempt(
        &self,
        function: &FunctionArn,
        request_id: &str,
        client_context: Option<String>,
        payload: Bytes,
    ) -> Attempt {
        match self.runner.run(function, request_id.to_owned(), client_context, payload).await {
            Ok(ran) => {
                let outcome = match ran.finished.verdict {
                    Verdict::Answer(_) => Try::Succeeded,
                    Verdict::Error(_) => Try::Failed,
                    Verdict::Trouble(_) => Try::Refused,
                };
                Attempt { outcome, ran: Some(ran) }
            }
            // No patience brings back a version or alias, or lets a function run that may not.
            Err(Error::FunctionNotFound(_)) => Attempt { outcome: Try::Forbidden, ran: None },
            Err(Error::Throttled(_)) if self.may_never_run(function) => Attempt { outcome: Try::Forbidden, ran: None },
            Err(_) => Attempt { outcome: Try::Refused, ran: None },
        }
    }

    fn may_never_run(&self, function: &FunctionArn) -> bool {
        self.runner.catalog.get(function).is_ok_and(|function| function.reserved_concurrency == Some(0))
    }
}

impl Queue {
    /// Delivers the letters of an event that is over. Returns what is left to do.
    async fn post(&self, mut queued: Queued) -> Option<Queued> {
        let mut left = Vec::new();
        for letter in queued.letters {
            let Err(error) = self.deliver(&letter).await else { continue };
            let age = self.0.runner.env.clock.now().since(queued.accepted_at);
            // As AWS does: what is not there, or never takes it, is not asked again.
            let may_pass = matches!(error, DeliveryError::TryAgain(_)) && age <= LETTER_AGE;
            if !may_pass {
                tracing::error!(function = %letter.function, target = %letter.target, %error, "a document was given up");
                continue;
            }
            tracing::warn!(function = %letter.function, target = %letter.target, %error, "not delivered");
            left.push(letter);
        }
        queued.due_at = self.0.runner.env.clock.now() + pause(queued.tries.refusals);
        queued.tries.refusals = queued.tries.refusals.saturating_add(1);
        (!left.is_empty()).then_some(Queued { letters: left, ..queued })
    }
}

fn response(ran: &Ran) -> Option<Response<'_>> {
    let (payload, is_error) = match &ran.finished.verdict {
        Verdict::Answer(payload) => (payload, false),
        Verdict::Error(payload) => (payload, true),
        Verdict::Trouble(_) => return None,
    };
    Some(Response { executed_version: &ran.executed_version, is_error, payload })
}

#[cfg(test)]
impl Queue {
    /// Returns when an event waits for a try, that many seconds after it was accepted.
    pub(crate) async fn waits(&self, secs: u64) {
        let is_due = |queued: &Queued| queued.due_at.since(queued.accepted_at) == Duration::from_secs(secs);
        while !self.0.table.all().unwrap().iter().any(|(_, queued)| is_due(queued)) {
            tokio::task::yield_now().await;
        }
    }

    /// Returns when no event is left.
    pub(crate) async fn is_empty(&self) {
        while !self.0.table.all().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    }
}
