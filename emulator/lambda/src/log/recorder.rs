//! One sandbox's pen: cuts what a process prints into lines and keeps the tail of the present run.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use env::Clock;

use super::{Event, FunctionLog, Line, MAX_MESSAGE_BYTES};
use crate::function::LogFormat;

/// How much of a run's log `LogType: Tail` answers.
const TAIL_BYTES: usize = 4 * 1024;

/// Writes one log stream. Clones write the same one.
#[derive(Clone)]
pub(crate) struct Recorder(Arc<Shared>);

struct Shared {
    log: Arc<FunctionLog>,
    stream: String,
    format: LogFormat,
    clock: Clock,
    state: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    /// A line whose end has not come yet.
    line: Vec<u8>,
    /// The last bytes of the present run.
    tail: VecDeque<u8>,
}

impl Recorder {
    pub(crate) fn new(log: Arc<FunctionLog>, stream: String, format: LogFormat, clock: Clock) -> Self {
        Self(Arc::new(Shared { log, stream, format, clock, state: Mutex::default() }))
    }

    /// The name of the log stream.
    pub(crate) fn stream(&self) -> &str {
        &self.0.stream
    }

    /// Something that the process printed.
    pub(crate) fn output(&self, mut bytes: &[u8]) {
        let mut pending = self.pending();
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            pending.line.extend_from_slice(&bytes[..end]);
            self.end_line(&mut pending);
            bytes = &bytes[end + 1..];
        }
        pending.line.extend_from_slice(bytes);
        if pending.line.len() >= MAX_MESSAGE_BYTES {
            self.end_line(&mut pending);
        }
    }

    /// The process prints no more: what it printed last is a line, ended or not.
    pub(crate) fn end_output(&self) {
        let mut pending = self.pending();
        if !pending.line.is_empty() {
            self.end_line(&mut pending);
        }
    }

    /// Something that the platform says. It starts a new line.
    pub(crate) fn platform(&self, line: &Line) {
        self.end_output();
        let mut pending = self.pending();
        self.write(&mut pending, line.render(self.0.format, self.0.clock.now()));
    }

    /// Forgets the tail: a new run begins.
    pub(crate) fn begin_tail(&self) {
        self.pending().tail.clear();
    }

    /// The last bytes of the present run.
    pub(crate) fn tail(&self) -> Vec<u8> {
        self.pending().tail.iter().copied().collect()
    }

    fn end_line(&self, pending: &mut Pending) {
        let line = std::mem::take(&mut pending.line);
        for piece in line.chunks(MAX_MESSAGE_BYTES) {
            self.write(pending, String::from_utf8_lossy(piece).into_owned());
        }
        if line.is_empty() {
            self.write(pending, String::new());
        }
    }

    fn write(&self, pending: &mut Pending, message: String) {
        pending.tail.extend(message.as_bytes());
        pending.tail.push_back(b'\n');
        let excess = pending.tail.len().saturating_sub(TAIL_BYTES);
        pending.tail.drain(..excess);
        self.0.log.append(&Event { timestamp: self.0.clock.now(), stream: self.0.stream.clone(), message });
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use env::Timestamp;

    use super::*;
    use crate::log::Logs;

    fn recorded(write: impl FnOnce(&Recorder)) -> (Vec<String>, Vec<u8>) {
        let dir = tempfile::tempdir().unwrap();
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:f".parse().unwrap();
        let log = Logs::new(dir.path().to_owned()).of(&arn).unwrap();
        let clock = Clock::manual(Timestamp::EPOCH);
        let recorder = Recorder::new(Arc::clone(&log), "s".to_owned(), LogFormat::Text, clock);
        write(&recorder);
        let events = log.read(0, usize::MAX).unwrap().events;
        (events.into_iter().map(|event| event.message).collect(), recorder.tail())
    }

    #[test]
    fn output_becomes_lines() {
        let (lines, tail) = recorded(|recorder| {
            recorder.output(b"one\ntw");
            recorder.output(b"o\n\nthree");
            recorder.platform(&Line::Note("END".to_owned()));
        });
        assert_eq!(lines, ["one", "two", "", "three", "END"]);
        assert_eq!(tail, b"one\ntwo\n\nthree\nEND\n");
    }

    #[test]
    fn a_flood_is_bounded() {
        let (lines, tail) = recorded(|recorder| recorder.output(&b"x".repeat(MAX_MESSAGE_BYTES + 10)));
        assert_eq!(lines.iter().map(String::len).collect::<Vec<_>>(), [MAX_MESSAGE_BYTES, 10]);
        assert_eq!(tail.len(), TAIL_BYTES);
    }
}
