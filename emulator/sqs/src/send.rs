//! Sending: a message is checked, gets its place, becomes durable, and only then is there to be received.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sha2::{Digest as _, Sha256};

use crate::attribute::{self, AttributeValue, Attributes, hex};
use crate::backlog::Held;
use crate::deduplication::{Key, Remembered};
use crate::error::{Error, Result};
use crate::journal::Change;
use crate::message::{Delivery, Message, sequence_number};
use crate::queue::{Definition, Queue};
use crate::service::Sqs;

/// The longest delay of a message.
const LONGEST_DELAY_SECS: i64 = 900;
const NOT_FOR_THIS_TYPE: &str = "The request include parameter that is not valid for this queue type";

/// A message to send.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// What it says.
    pub body: String,
    /// What it carries beside that.
    pub attributes: Attributes,
    /// The X-Ray header that it travels with.
    pub trace: Option<String>,
    /// How long nobody sees it, if not as long as the queue says.
    pub delay_secs: Option<i64>,
    /// The group it belongs to; FIFO queues want one.
    pub group: Option<String>,
    /// What makes it the same as another, in a FIFO queue.
    pub deduplication: Option<String>,
    /// Who sends it.
    pub sender: String,
}

impl Outgoing {
    /// A message that says `body`, from `sender`.
    pub fn new(body: impl Into<String>, sender: impl Into<String>) -> Self {
        Self { body: body.into(), sender: sender.into(), ..Self::default() }
    }

    /// What it counts for towards the size that a queue allows.
    pub(crate) fn size(&self) -> usize {
        Message::size(&self.body, &self.attributes)
    }
}

/// A message that was sent.
pub(crate) struct Sent {
    pub(crate) message_id: String,
    pub(crate) md5_of_body: String,
    pub(crate) md5_of_attributes: Option<String>,
    /// MD5 of the system attributes that came with it.
    pub(crate) md5_of_system_attributes: Option<String>,
    /// Only from a FIFO queue.
    pub(crate) sequence_number: Option<String>,
}

/// A message that has its place.
struct Entered {
    message_id: String,
    sequence: u64,
    /// Done when it is on stable storage.
    durable: BoxFuture<'static, Result<()>>,
}

impl Sqs {
    /// Sends a message. Its place is decided when this is first polled, so that the messages of a batch keep their order.
    pub(crate) async fn send(&self, queue: &Arc<Queue>, outgoing: Outgoing) -> Result<Sent> {
        let definition = queue.definition();
        check(&outgoing, &definition)?;
        let key = deduplication_key(&outgoing, &definition)?;
        let md5_of_body = attribute::md5_of_body(&outgoing.body);
        let md5_of_attributes = attribute::md5(&outgoing.attributes);
        let trace = outgoing.trace.as_ref();
        let system = trace.map(|trace| [("AWSTraceHeader".to_owned(), AttributeValue::text(trace))].into());
        let entered = self.enter(queue, &definition, outgoing, key)?;
        entered.durable.await?;
        Ok(Sent {
            message_id: entered.message_id,
            md5_of_body,
            md5_of_attributes,
            md5_of_system_attributes: system.as_ref().and_then(attribute::md5),
            sequence_number: definition.settings.fifo.is_some().then(|| sequence_number(entered.sequence)),
        })
    }

    /// Gives a message its place, or finds that of the one it is the same as.
    fn enter(
        &self,
        queue: &Arc<Queue>,
        definition: &Definition,
        outgoing: Outgoing,
        key: Option<Key>,
    ) -> Result<Entered> {
        let now = self.now();
        let mut state = queue.state();
        if state.is_gone {
            return Err(Error::QueueNotFound);
        }
        if let Some((sequence, id)) = key.as_ref().and_then(|key| state.sends.earlier(key, now)) {
            // The first of the two may still be on its way to the disk: this one is not acknowledged before it.
            let durable = self.journal().write(Vec::new(), drop).boxed();
            return Ok(Entered { message_id: id.to_owned(), sequence, durable });
        }
        let sequence = state.next_sequence(now);
        let message_id = self.env().random.uuid();
        let delay = outgoing.delay_secs.and_then(|secs| u64::try_from(secs).ok()).map(Duration::from_secs);
        let available = now + delay.unwrap_or(definition.settings.delay());
        let held = Held {
            message: Arc::new(message(outgoing, message_id.clone(), now)),
            delivery: Delivery { available, ..Delivery::default() },
        };
        let place = queue.place(sequence);
        let mut changes = vec![
            Change::Message(place.clone(), Arc::clone(&held.message)),
            Change::Delivery(place.clone(), held.delivery.clone()),
        ];
        let old = state.sends.forget_old(now);
        changes.extend(old.into_iter().map(|sequence| Change::Forget(queue.place(sequence))));
        if let Some(key) = key {
            let send = Remembered { key, message: message_id.clone(), at: now };
            state.sends.remember(sequence, send.clone());
            changes.push(Change::Remember(place, send));
        }
        let durable = self.arrive(queue, vec![(sequence, held)], changes).boxed();
        Ok(Entered { message_id, sequence, durable })
    }

    /// Writes `changes`, after which `messages` are in `queue`. Called with the queue's lock, so that places and writes have
    /// one order.
    pub(crate) fn arrive(
        &self,
        queue: &Arc<Queue>,
        messages: Vec<(u64, Held)>,
        changes: Vec<Change>,
    ) -> impl Future<Output = Result<()>> + use<> {
        let (queue, journal) = (Arc::clone(queue), self.journal().clone());
        self.journal().write(changes, move |is_durable| {
            let mut state = queue.state();
            for (sequence, held) in messages {
                match (is_durable, state.is_gone) {
                    (true, false) => state.backlog.insert(sequence, held),
                    // It was deleted meanwhile, and what it had by then is removed by who deleted it.
                    (true, true) => {
                        let place = queue.place(sequence);
                        let changes = vec![Change::Remove(place.clone()), Change::Forget(place)];
                        drop(journal.write(changes, drop));
                    }
                    (false, _) => state.sends.forget(sequence),
                }
            }
            drop(state);
            queue.wake();
        })
    }
}

fn message(outgoing: Outgoing, id: String, sent: env::Timestamp) -> Message {
    Message {
        id,
        body: outgoing.body,
        attributes: outgoing.attributes,
        trace: outgoing.trace,
        sender: outgoing.sender,
        sent,
        group: outgoing.group,
        deduplication: outgoing.deduplication,
        dead_letter_of: None,
    }
}

fn check(outgoing: &Outgoing, queue: &Definition) -> Result<()> {
    let settings = &queue.settings;
    if outgoing.body.is_empty() {
        return Err(Error::Missing { name: "MessageBody".to_owned() });
    }
    if let Some(character) = outgoing.body.chars().find(|character| !is_allowed(*character)) {
        return Err(Error::MessageContents { character: character.into() });
    }
    attribute::check(&outgoing.attributes)?;
    let limit = settings.maximum_message_size();
    if outgoing.size() > limit {
        return Err(Error::MessageTooLong { limit });
    }
    if let Some(delay) = outgoing.delay_secs {
        if !(0..=LONGEST_DELAY_SECS).contains(&delay) {
            return Err(Error::out_of_range("DelaySeconds", delay, "Must be >= 0 and <= 900, if provided."));
        }
        // A FIFO queue delays all its messages alike, or they would not stay in order.
        if settings.fifo.is_some() && delay > 0 {
            return Err(Error::out_of_range("DelaySeconds", delay, NOT_FOR_THIS_TYPE));
        }
    }
    for (name, value) in [("MessageGroupId", &outgoing.group), ("MessageDeduplicationId", &outgoing.deduplication)] {
        if let Some(value) = value.as_ref().filter(|value| !is_id(value)) {
            let reason =
                format!("{name} can only include alphanumeric and punctuation characters. 1 to 128 in length.");
            return Err(Error::Invalid { name, value: value.clone(), reason });
        }
    }
    match (&settings.fifo, &outgoing.group, &outgoing.deduplication) {
        (Some(_), None, _) => Err(Error::Missing { name: "MessageGroupId".to_owned() }),
        (None, _, Some(value)) => Err(Error::Invalid {
            name: "MessageDeduplicationId",
            value: value.clone(),
            reason: NOT_FOR_THIS_TYPE.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// What makes a message for a FIFO queue the same as another.
fn deduplication_key(outgoing: &Outgoing, queue: &Definition) -> Result<Option<Key>> {
    let Some(fifo) = &queue.settings.fifo else { return Ok(None) };
    let id = match &outgoing.deduplication {
        Some(id) => id.clone(),
        None if fifo.content_based => hex(&Sha256::digest(outgoing.body.as_bytes())),
        None => return Err(Error::DeduplicationMissing),
    };
    Ok(Some(Key { group: outgoing.group.clone().filter(|_| fifo.per_group), id }))
}

const fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
