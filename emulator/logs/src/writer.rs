//! A pen for whoever must not wait: events are taken at once and put in batches by a task of its own.
//!
//! What is taken is bounded. Of somebody who writes faster than the disk takes it, events are left out, and our own log says how
//! many; the writer is never held up. What was taken and not yet put is lost by a kill: who needs more calls [`Logs::put`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_wire::World;
use tokio::sync::{mpsc, oneshot};

use crate::service::{Event, Logs};

/// The most events that wait.
const WAITING: usize = 16 * 1024;
/// The most that are put at once.
const AT_ONCE: usize = 1024;

/// Where an event goes.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Place {
    world: World,
    group: String,
    stream: String,
}

#[derive(Debug)]
enum Message {
    Event(Place, Event),
    /// Everything before this is to be put; then this is answered.
    Flush(oneshot::Sender<()>),
}

/// Writes events without waiting. Clones write to the same place; the task ends with the last of them.
#[derive(Clone, Debug)]
pub struct Writer {
    messages: mpsc::Sender<Message>,
    left_out: Arc<AtomicU64>,
}

impl Logs {
    /// A pen. Needs to run inside a Tokio runtime.
    pub fn writer(&self) -> Writer {
        let (messages, waiting) = mpsc::channel(WAITING);
        let left_out = Arc::new(AtomicU64::new(0));
        tokio::spawn(put_all(self.clone(), waiting, Arc::clone(&left_out)));
        Writer { messages, left_out }
    }
}

impl Writer {
    /// Takes an event for a stream, which is made with its group if it is not there.
    pub fn write(&self, world: &World, group: &str, stream: &str, event: Event) {
        let place = Place { world: world.clone(), group: group.to_owned(), stream: stream.to_owned() };
        if self.messages.try_send(Message::Event(place, event)).is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Returns when everything that was taken so far has been put.
    pub async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        if self.messages.send(Message::Flush(done)).await.is_ok() {
            // The task goes only after its last message.
            drop(flushed.await);
        }
    }
}

async fn put_all(logs: Logs, mut waiting: mpsc::Receiver<Message>, left_out: Arc<AtomicU64>) {
    let mut messages = Vec::with_capacity(AT_ONCE);
    while waiting.recv_many(&mut messages, AT_ONCE).await > 0 {
        let (mut batches, mut flushes) = (Vec::<(Place, Vec<Event>)>::new(), Vec::new());
        for message in messages.drain(..) {
            match message {
                Message::Flush(done) => flushes.push(done),
                Message::Event(place, event) => match batches.iter_mut().find(|(known, _)| *known == place) {
                    Some((_, events)) => events.push(event),
                    None => batches.push((place, vec![event])),
                },
            }
        }
        for (place, events) in batches {
            let Place { world, group, stream } = &place;
            if let Err(error) = logs.put(world, group, stream, &events).await {
                tracing::warn!(%world, group, stream, events = events.len(), %error, "events are not in their log group");
            }
        }
        let left_out = left_out.swap(0, Ordering::Relaxed);
        if left_out > 0 {
            tracing::warn!(left_out, "events came faster than they could be put into their log groups");
        }
        for done in flushes {
            // Who asked may have gone.
            let _ = done.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixture::Fixture;

    #[tokio::test]
    async fn events_come_in_order_and_to_their_streams() {
        let fixture = Fixture::new().await;
        let writer = fixture.logs.writer();
        for number in 0..3000 {
            let (stream, message) = (["a", "b"][number % 2], number.to_string());
            writer.write(&fixture.world, "/aws/lambda/f", stream, Event { timestamp: fixture.now(), message });
        }
        writer.flush().await;
        for (first, stream) in ["a", "b"].into_iter().enumerate() {
            let input = json!({"logGroupName": "/aws/lambda/f", "logStreamName": stream, "startFromHead": true});
            let got = fixture.ok("GetLogEvents", input).await;
            let messages: Vec<_> =
                got["events"].as_array().unwrap().iter().map(|event| event["message"].clone()).collect();
            let expected: Vec<_> = (first..3000).step_by(2).map(|number| json!(number.to_string())).collect();
            assert_eq!(messages, expected);
        }
    }

    #[tokio::test]
    async fn nobody_waits_for_a_disk_that_is_too_slow() {
        let fixture = Fixture::new().await;
        let writer = fixture.logs.writer();
        // Nothing else runs in between, so the task takes nothing.
        for _ in 0..WAITING + 10 {
            let event = Event { timestamp: fixture.now(), message: "x".to_owned() };
            writer.write(&fixture.world, "g", "s", event);
        }
        assert_eq!(writer.left_out.load(Ordering::Relaxed), 10);
        writer.flush().await;
        let described = fixture.ok("DescribeLogGroups", json!({})).await;
        assert_eq!(described["logGroups"][0]["storedBytes"], WAITING * 27);
    }
}
