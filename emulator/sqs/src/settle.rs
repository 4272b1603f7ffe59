//! What receivers say of a message they got: that it is done, or how long they still need it.

use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::journal::Change;
use crate::message::Delivery;
use crate::queue::Queue;
use crate::receipt::Receipt;
use crate::service::Sqs;

/// The longest visibility timeout.
pub(crate) const LONGEST_VISIBILITY_SECS: i64 = 43_200;

/// The timeout that a caller names.
pub(crate) fn visibility(secs: i64) -> Result<Duration> {
    match u64::try_from(secs) {
        Ok(whole) if secs <= LONGEST_VISIBILITY_SECS => Ok(Duration::from_secs(whole)),
        _ => Err(Error::out_of_range("VisibilityTimeout", secs, "Must be >= 0 and <= 43200, if provided.")),
    }
}

impl Sqs {
    /// Deletes a message. It is no error if it is gone. A handle that is not the last one of its message deletes nothing.
    pub(crate) async fn delete(&self, queue: &Arc<Queue>, handle: &str) -> Result<()> {
        let receipt = self.receipt(queue, handle)?;
        let durable = {
            let now = self.now();
            let mut state = queue.state();
            let Some(held) = state.backlog.get(receipt.sequence) else { return Ok(()) };
            if queue.definition().settings.fifo.is_some()
                && !(held.delivery.is_in_flight(now) && is_last(&receipt, &held.delivery))
            {
                let reason = "The receipt handle has expired.".to_owned();
                return Err(Error::Invalid { name: "ReceiptHandle", value: handle.to_owned(), reason });
            }
            if !is_last(&receipt, &held.delivery) {
                return Ok(());
            }
            state.backlog.remove(receipt.sequence);
            let woken = Arc::clone(queue);
            // Its group may go on.
            self.journal().write(vec![Change::Remove(queue.place(receipt.sequence))], move |_| woken.wake())
        };
        durable.await
    }

    /// Sets how long a message stays with who received it, from now on.
    pub(crate) async fn change_visibility(&self, queue: &Arc<Queue>, handle: &str, secs: i64) -> Result<()> {
        let timeout = visibility(secs)?;
        let receipt = self.receipt(queue, handle)?;
        let durable = {
            let now = self.now();
            let mut state = queue.state();
            let held = state.backlog.get(receipt.sequence);
            let in_flight = held.filter(|held| held.delivery.is_in_flight(now) && is_last(&receipt, &held.delivery));
            let Some(held) = in_flight else {
                let reason = "Message does not exist or is not available for visibility timeout change.".to_owned();
                return Err(Error::Invalid { name: "ReceiptHandle", value: handle.to_owned(), reason });
            };
            let delivery = Delivery { available: now + timeout, ..held.delivery.clone() };
            state.backlog.reschedule(receipt.sequence, delivery.clone());
            let woken = Arc::clone(queue);
            let change = Change::Delivery(queue.place(receipt.sequence), delivery);
            self.journal().write(vec![change], move |_| woken.wake())
        };
        durable.await
    }

    fn receipt(&self, queue: &Queue, handle: &str) -> Result<Receipt> {
        let receipt = Receipt::parse(handle)?;
        if queue.state().is_gone {
            return Err(Error::QueueNotFound);
        }
        // A handle of another queue is as good as none.
        if receipt.queue == queue.definition().id {
            Ok(receipt)
        } else {
            Err(Error::ReceiptInvalid { handle: handle.to_owned() })
        }
    }

    /// Removes all messages, of a queue that is purged or deleted; those that are sent twice are forgotten with the queue.
    pub(crate) async fn empty(&self, queue: &Arc<Queue>, forget_sends: bool) -> Result<()> {
        let durable = {
            let mut state = queue.state();
            let mut changes: Vec<_> =
                state.backlog.drain().into_iter().map(|sequence| Change::Remove(queue.place(sequence))).collect();
            if forget_sends {
                changes
                    .extend(state.sends.sequences().into_iter().map(|sequence| Change::Forget(queue.place(sequence))));
            }
            self.journal().write(changes, drop)
        };
        durable.await
    }
}

fn is_last(receipt: &Receipt, delivery: &Delivery) -> bool {
    receipt.receives == delivery.receives
}
