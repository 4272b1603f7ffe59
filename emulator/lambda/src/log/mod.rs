//! What functions print, and what the platform says about each run.
//!
//! [`FunctionLog`] keeps one function's events in files and wakes followers; [`lines`] words the platform's lines;
//! [`Recorder`] is one sandbox's pen. Invariant: a log takes bounded space on disk and none in memory, whatever a
//! function prints.

mod lines;
mod recorder;
mod segments;

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use env::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

pub(crate) use lines::{Ending, Line, Report};
pub(crate) use recorder::Recorder;
use segments::Segments;

use crate::name::FunctionArn;

/// The longest message that is kept in one piece; what is longer is split, as CloudWatch Logs would refuse it.
pub(crate) const MAX_MESSAGE_BYTES: usize = 256 * 1024;

/// The logs of all functions. They outlive their functions, as log groups do.
pub(crate) struct Logs {
    dir: PathBuf,
    open: Mutex<HashMap<FunctionArn, Arc<FunctionLog>>>,
    reader: Reader,
}

/// Somebody who is told of every event of every function, once there is somebody.
type Reader = Arc<OnceLock<Arc<dyn EventReader>>>;

/// Who wants to hear what functions print. He is told at once and must not take long.
pub trait EventReader: Send + Sync + 'static {
    /// Hears an event of a function.
    fn hear(&self, function: &FunctionArn, event: &Event);
}

/// The log of one function, all versions together.
pub struct FunctionLog {
    function: FunctionArn,
    reader: Reader,
    segments: Mutex<Segments>,
    /// The position behind the last event.
    end: watch::Sender<u64>,
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When it was written.
    pub timestamp: Timestamp,
    /// The log stream: one per sandbox.
    pub stream: String,
    /// The line, without its end.
    pub message: String,
}

/// Events in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The events found; empty at the end of the log.
    pub events: Vec<Event>,
    /// Where to read on.
    pub next: u64,
}

impl Logs {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self { dir, open: Mutex::default(), reader: Reader::default() }
    }

    /// Tells `reader` of every event from now on. Said once.
    pub(crate) fn tell(&self, reader: Arc<dyn EventReader>) {
        self.reader.get_or_init(|| reader);
    }

    /// The log of the function that `arn` names, whatever its qualifier.
    pub(crate) fn of(&self, arn: &FunctionArn) -> io::Result<Arc<FunctionLog>> {
        let arn = arn.with_qualifier(None);
        // A region comes from whoever signs a request; it becomes a directory only if it looks like a region.
        if [&arn.account, &arn.region].into_iter().any(|part| !is_plain(part)) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not an account and region"));
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(log) = open.get(&arn) {
            return Ok(Arc::clone(log));
        }
        let segments = Segments::open(self.dir_of(&arn))?;
        let end = watch::Sender::new(segments.end());
        let (function, reader) = (arn.clone(), Arc::clone(&self.reader));
        let log = Arc::new(FunctionLog { function, reader, segments: Mutex::new(segments), end });
        open.insert(arn, Arc::clone(&log));
        Ok(log)
    }

    /// Whether the function ever wrote anything.
    pub(crate) fn has(&self, arn: &FunctionArn) -> bool {
        self.dir_of(arn).is_dir()
    }

    fn dir_of(&self, arn: &FunctionArn) -> PathBuf {
        self.dir.join(&arn.account).join(&arn.region).join(arn.name.as_str())
    }
}

fn is_plain(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl FunctionLog {
    /// The events at and after `position` (0 is the oldest kept), about `max_bytes` of them at most.
    pub fn read(&self, position: u64, max_bytes: usize) -> io::Result<Page> {
        let chunk = self.segments.lock().unwrap_or_else(PoisonError::into_inner).read(position, max_bytes)?;
        // A line cut off by a crash does not parse and is nobody's loss.
        let events = chunk.bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
        Ok(Page { events: events.collect(), next: chunk.next })
    }

    /// Shows the position behind the last event and changes whenever there is a new one.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.end.subscribe()
    }

    /// Adds an event. A log that cannot be written is no reason to stop a function: the failure goes to our own log.
    fn append(&self, event: &Event) {
        let mut line = serde_json::to_vec(event).expect("texts and a number encode");
        line.push(b'\n');
        let appended = self.segments.lock().unwrap_or_else(PoisonError::into_inner).append(&line);
        match appended {
            Ok(end) => drop(self.end.send_replace(end)),
            Err(error) => tracing::warn!(%error, "a function's log cannot be written"),
        }
        if let Some(reader) = self.reader.get() {
            reader.hear(&self.function, event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(message: &str) -> Event {
        Event { timestamp: Timestamp::from_secs(1), stream: "s".to_owned(), message: message.to_owned() }
    }

    #[test]
    fn a_log_stays_in_its_directory() {
        let logs = Logs::new(PathBuf::from("/nonexistent"));
        for region in ["..", "", "../../etc", "a/b"] {
            let arn = FunctionArn {
                region: region.to_owned(),
                account: "000000000000".to_owned(),
                name: "f".parse().unwrap(),
                qualifier: None,
            };
            assert!(logs.of(&arn).is_err(), "{region}");
        }
    }

    #[test]
    fn a_follower_reads_on_where_it_stopped_and_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let arn: FunctionArn = "arn:aws:lambda:us-east-1:000000000000:function:f".parse().unwrap();
        let log = Logs::new(dir.path().to_owned()).of(&arn).unwrap();
        let mut watch = log.watch();
        log.append(&event("one"));
        assert!(watch.has_changed().unwrap());
        let page = log.read(0, 1000).unwrap();
        assert_eq!((page.events, page.next), (vec![event("one")], *watch.borrow_and_update()));
        drop(log);
        let log = Logs::new(dir.path().to_owned()).of(&arn).unwrap();
        log.append(&event("two\nlines"));
        assert_eq!(log.read(page.next, 1000).unwrap().events, [event("two\nlines")]);
        assert_eq!(log.read(0, 1).unwrap().events, [event("one")], "a page is at least one event");
    }
}
