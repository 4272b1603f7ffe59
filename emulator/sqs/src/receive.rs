//! Receiving: messages are given out, or waited for; those that were given out too often go to the queue for dead letters.
//!
//! A receiver that waits is woken by what changes the queue and by the moment at which the next message becomes available.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, try_join_all};

use crate::backlog::{Held, Take};
use crate::error::{Error, Result};
use crate::journal::Change;
use crate::message::{Delivery, Message};
use crate::queue::{Definition, Queue};
use crate::service::Sqs;

/// What a receiver asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    pub(crate) most: usize,
    /// If not as long as the queue says.
    pub(crate) visibility: Option<Duration>,
    /// If not as long as the queue says.
    pub(crate) wait: Option<Duration>,
}

impl Sqs {
    /// Receives messages: by sequence, each with what is known of its deliveries.
    pub(crate) async fn receive(&self, queue: &Arc<Queue>, ask: Ask) -> Result<Vec<(u64, Held)>> {
        let clock = &self.env().clock;
        let wait = ask.wait.unwrap_or_else(|| queue.definition().settings.wait());
        let deadline = clock.now() + wait;
        let (mut changed, mut stopping) = (queue.watch(), self.stopping());
        loop {
            changed.mark_unchanged();
            let delivered = self.take(queue, ask).await?;
            let now = clock.now();
            if !delivered.is_empty() || now >= deadline {
                return Ok(delivered);
            }
            let next = queue.state().backlog.next_available(now);
            let until = next.map_or(deadline, |next| next.min(deadline));
            tokio::select! {
                // The sender lives in the queue, which is held here.
                _ = changed.changed() => {}
                () = clock.sleep_until(until) => {}
                _ = stopping.wait_for(|stopping| *stopping) => return Ok(Vec::new()),
            }
        }
    }

    /// What can be received now. It is with the receiver when this returns, also if the emulator is killed thereafter.
    async fn take(&self, queue: &Arc<Queue>, ask: Ask) -> Result<Vec<(u64, Held)>> {
        let definition = queue.definition();
        let settings = &definition.settings;
        let dead_letters = self.dead_letters(&definition);
        let take = Take {
            most: ask.most,
            visibility: ask.visibility.unwrap_or(settings.visibility()),
            retention: settings.retention(),
            // With nowhere to go, messages stay.
            most_receives: dead_letters.as_ref().and(settings.redrive()).map(|redrive| redrive.most_receives),
        };
        let now = self.now();
        let (taken, durable) = {
            let mut state = queue.state();
            if state.is_gone {
                return Err(Error::QueueNotFound);
            }
            let mut taken = state.backlog.take(now, take);
            let delivered = taken.delivered.iter();
            let delivered =
                delivered.map(|(sequence, held)| Change::Delivery(queue.place(*sequence), held.delivery.clone()));
            let expired = taken.expired.iter().map(|sequence| Change::Remove(queue.place(*sequence)));
            let changes: Vec<_> = delivered.chain(expired).collect();
            let dead = std::mem::take(&mut taken.dead);
            let durable = (!changes.is_empty()).then(|| self.journal().write(changes, drop).boxed());
            drop(state);
            // The other queue's lock is taken only now: two queues may be each other's.
            let buried =
                dead_letters.filter(|_| !dead.is_empty()).map(|target| self.bury(queue, &definition, &target, dead));
            (taken, durable.into_iter().chain(buried).collect::<Vec<_>>())
        };
        try_join_all(durable).await?;
        Ok(taken.delivered)
    }

    /// The queue for dead letters, if it is there.
    fn dead_letters(&self, source: &Definition) -> Option<Arc<Queue>> {
        let redrive = source.settings.redrive()?;
        self.by_arn(&source.world(), &redrive.target).ok()
    }

    /// Moves dead messages: they leave one queue and enter the other in one write.
    fn bury(
        &self,
        source: &Arc<Queue>,
        definition: &Definition,
        target: &Arc<Queue>,
        dead: Vec<(u64, Held)>,
    ) -> BoxFuture<'static, Result<()>> {
        let now = self.now();
        let mut state = target.state();
        if state.is_gone {
            drop(state);
            // It was deleted just now: they stay where they are.
            let mut source = source.state();
            dead.into_iter().for_each(|(sequence, held)| source.backlog.insert(sequence, held));
            return std::future::ready(Ok(())).boxed();
        }
        let (mut changes, mut arriving) = (Vec::new(), Vec::new());
        for (from, held) in dead {
            let to = state.next_sequence(now);
            let mut message = Message::clone(&held.message);
            message.dead_letter_of = Some(definition.arn());
            // How long a message is kept counts from its first queue on, but in a FIFO queue from the last.
            if definition.settings.fifo.is_some() {
                message.sent = now;
            }
            let held =
                Held { message: Arc::new(message), delivery: Delivery { available: now, ..Delivery::default() } };
            let place = target.place(to);
            changes.push(Change::Remove(source.place(from)));
            changes.push(Change::Message(place.clone(), Arc::clone(&held.message)));
            changes.push(Change::Delivery(place, held.delivery.clone()));
            arriving.push((to, held));
        }
        self.arrive(target, arriving, changes).boxed()
    }
}
