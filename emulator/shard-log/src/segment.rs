//! A segment: one file of a log, and what all parts of the engine need to use it.
//!
//! It knows names, open files, indexes and heads; what frames mean for a log is left to its callers. Invariant: a segment
//! that is not the last of its log never changes.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use env::Timestamp;

use crate::cache::Cache;
use crate::damage::{Damage, DamageKind, DamageReport};
use crate::directory::Directory;
use crate::format::{HEADER, TRAILER};
use crate::frame::{self, Frame, State};
use crate::fs::{File, FileSystem};
use crate::header::{Header, Unusable};
use crate::index::{Index, Mark};
use crate::log::{LogId, Offset};
use crate::sealing::Keyring;
use crate::walk::{Step, Walk};

/// Open files kept for later use. Those of appends not yet synced come on top.
const OPEN_FILES: usize = 256;
/// Indexes of sealed segments kept for later use; one takes some 50 KB.
const INDEXES: usize = 256;

/// A file of a log.
#[derive(Debug)]
pub(crate) struct Segment {
    /// Its name in the caches, never used again.
    key: u64,
    pub(crate) log: LogId,
    /// The first offset that it can hold; gives it its file name.
    pub(crate) first: Offset,
    path: PathBuf,
    /// The newest arrival in the segments before it; the outer `None` is a head that cannot be read.
    floor: OnceLock<Option<Option<Timestamp>>>,
}

impl Segment {
    /// The name of the file of a segment that begins at `first`.
    fn file_name(first: Offset) -> String {
        format!("{:020}.segment", first.0)
    }

    /// What a file of that name begins at; `None` if it is no segment.
    pub(crate) fn parse_file_name(name: &str) -> Option<Offset> {
        let first = Offset(name.strip_suffix(".segment")?.parse().ok()?);
        (Self::file_name(first) == name).then_some(first)
    }

    /// Walks over the frames of its `file` from `start`, where one begins, to `end`.
    pub(crate) fn walk<'a>(&self, file: &'a dyn File, salt: u64, start: u64, end: u64) -> Walk<'a> {
        Walk::new(file, salt, self.first, start, end)
    }

    /// Damage found in it.
    pub(crate) fn damage(&self, kind: DamageKind, position: u64, bytes: u64) -> Damage {
        let file = format!("{}/{}", self.log, Self::file_name(self.first));
        Damage { log: self.log.clone(), file, position, bytes, kind, lost: None }
    }
}

/// What the logs of a store share: the file system, the caches, and the report of what was found damaged.
#[derive(Debug)]
pub(crate) struct Storage {
    pub(crate) fs: Arc<dyn FileSystem>,
    pub(crate) damage: DamageReport,
    /// Who unwraps the keys of sealed frames; nobody, as long as none was given.
    pub(crate) keyring: OnceLock<Arc<dyn Keyring>>,
    files: Cache<u64, Arc<dyn File>>,
    indexes: Cache<u64, Arc<Index>>,
    segments: AtomicU64,
    /// Keeps the directory locked as long as any log is in use.
    _directory: Arc<Directory>,
}

impl Storage {
    pub(crate) fn new(fs: Arc<dyn FileSystem>, directory: Arc<Directory>) -> Self {
        Self {
            fs,
            damage: DamageReport::default(),
            keyring: OnceLock::new(),
            files: Cache::new(OPEN_FILES),
            indexes: Cache::new(INDEXES),
            segments: AtomicU64::new(0),
            _directory: directory,
        }
    }

    /// The segment of `log` that begins at `first`, in the log's `directory`. Touches no file.
    pub(crate) fn segment(&self, log: &LogId, directory: &Path, first: Offset) -> Arc<Segment> {
        let key = self.segments.fetch_add(1, Ordering::Relaxed);
        let path = directory.join(Segment::file_name(first));
        Arc::new(Segment { key, log: log.clone(), first, path, floor: OnceLock::new() })
    }

    /// Makes the file of `segment` in `directory`, which is the log's or will be, with nothing in it but its head.
    pub(crate) fn create(&self, directory: &Path, segment: &Segment, header: &Header) -> io::Result<Arc<dyn File>> {
        let path = directory.join(Segment::file_name(segment.first));
        let file = self.fs.create(&path)?;
        if let Err(error) = file.write_all_at(&header.encode(), 0) {
            // Should it stay, it is a segment without a head and without records, which recovery knows how to mend.
            drop(self.fs.remove_file(&path));
            return Err(error);
        }
        self.files.put(segment.key, Arc::clone(&file));
        Ok(file)
    }

    /// The open file of `segment`.
    pub(crate) fn file(&self, segment: &Segment) -> io::Result<Arc<dyn File>> {
        self.files.get_or(segment.key, || self.fs.open(&segment.path))
    }

    /// Removes the file of `segment`.
    pub(crate) fn remove(&self, segment: &Segment) -> io::Result<()> {
        self.fs.remove_file(&segment.path)?;
        self.files.forget(segment.key);
        self.indexes.forget(segment.key);
        Ok(())
    }

    /// The head of `segment`.
    pub(crate) fn header(&self, segment: &Segment) -> io::Result<Result<Header, Unusable>> {
        let length = usize::try_from(HEADER).expect("a head is short");
        let header = Header::decode(&self.file(segment)?.read_up_to(length, 0)?);
        // A file that was given another's name is not the segment of that name.
        Ok(header.and_then(|header| match header.standing.next == segment.first {
            true => Ok(header),
            false => Err(Unusable::Garbled),
        }))
    }

    /// The newest arrival in the segments before this one; `None` if its head cannot be read.
    pub(crate) fn floor(&self, segment: &Segment) -> io::Result<Option<Option<Timestamp>>> {
        if let Some(floor) = segment.floor.get() {
            return Ok(*floor);
        }
        let floor = self.header(segment)?.ok().map(|header| header.standing.last_arrival);
        Ok(*segment.floor.get_or_init(|| floor))
    }

    /// The index of `segment`, which is not the last of its log.
    pub(crate) fn index(&self, segment: &Segment, salt: u64) -> io::Result<Arc<Index>> {
        self.indexes.get_or(segment.key, || {
            let file = self.file(segment)?;
            let end = file.len()?;
            let stored = match trailing_state(segment, &*file, salt, end)? {
                Some((_, state)) => stored_marks(segment, &*file, salt, &state)?,
                None => None,
            };
            match stored {
                Some(marks) => Ok(Arc::new(marks.into())),
                None => self.index_from_frames(segment, &*file, salt, end).map(Arc::new),
            }
        })
    }

    /// Notes the index of a segment that has just been sealed.
    pub(crate) fn keep_index(&self, segment: &Segment, index: Index) {
        self.indexes.put(segment.key, Arc::new(index));
    }

    /// The index of `segment` up to `end`, from its frames.
    pub(crate) fn index_from_frames(
        &self,
        segment: &Segment,
        file: &dyn File,
        salt: u64,
        end: u64,
    ) -> io::Result<Index> {
        let mut index = Index::default();
        let mut frames = self.frames(segment, file, salt, HEADER, end);
        while let Some((position, frame)) = frames.next()? {
            if let Some(span) = frame.span() {
                index.note(Mark { offset: span.first, arrival: span.arrival, position });
            }
        }
        Ok(index)
    }

    /// Walks over the whole frames of `segment` between two positions and reports what lies between them.
    pub(crate) fn frames<'a>(
        &'a self,
        segment: &'a Segment,
        file: &'a dyn File,
        salt: u64,
        start: u64,
        end: u64,
    ) -> Frames<'a> {
        let expected = (start == HEADER).then_some(segment.first);
        Frames { walk: segment.walk(file, salt, start, end), report: &self.damage, segment, expected, torn: None }
    }
}

/// The whole frames of a stretch of a segment.
#[derive(Debug)]
pub(crate) struct Frames<'a> {
    walk: Walk<'a>,
    report: &'a DamageReport,
    segment: &'a Segment,
    /// The offset that follows the last frame.
    expected: Option<Offset>,
    /// Damage that no whole frame has followed yet.
    torn: Option<Damage>,
}

impl Frames<'_> {
    /// The next whole frame and where it begins.
    pub(crate) fn next(&mut self) -> io::Result<Option<(u64, Frame)>> {
        while let Some(step) = self.walk.step()? {
            match step {
                Step::Damage { position, bytes } => {
                    self.torn = Some(self.segment.damage(DamageKind::Frames, position, bytes));
                }
                Step::Frame { position, frame } => {
                    let offsets = frame.offsets();
                    if let Some(damage) = self.torn.take() {
                        let lost = self.expected.map(|expected| expected..offsets.start);
                        self.report.note(Damage { lost, ..damage });
                    }
                    self.expected = Some(offsets.end);
                    return Ok(Some((position, frame)));
                }
            }
        }
        Ok(None)
    }

    /// Where the next frame begins.
    pub(crate) fn position(&self) -> u64 {
        self.walk.position()
    }

    /// At the end: the damage that no whole frame follows, for the caller to judge.
    pub(crate) fn torn(self) -> Option<Damage> {
        self.torn
    }
}

/// The state frame that ends at `end`, and where it begins.
pub(crate) fn trailing_state(
    segment: &Segment,
    file: &dyn File,
    salt: u64,
    end: u64,
) -> io::Result<Option<(u64, State)>> {
    let Some(trailer) = end.checked_sub(TRAILER as u64).filter(|trailer| *trailer >= HEADER) else { return Ok(None) };
    let Some(length) = frame::trailing_state_length(&file.read_up_to(TRAILER, trailer)?) else { return Ok(None) };
    let Some(position) = end.checked_sub(length).filter(|position| *position >= HEADER) else { return Ok(None) };
    state_at(segment, file, salt, position, end)
}

/// The marks of `state` and of all state frames before it; `None` if one of those is damaged.
pub(crate) fn stored_marks(
    segment: &Segment,
    file: &dyn File,
    salt: u64,
    state: &State,
) -> io::Result<Option<Vec<Mark>>> {
    let mut parts = vec![state.marks.clone()];
    let mut previous = state.previous;
    while previous != 0 {
        // Rising positions would be a circle.
        let Some((position, state)) = state_at(segment, file, salt, previous, file.len()?)? else { return Ok(None) };
        parts.push(state.marks);
        if state.previous >= position {
            return Ok(None);
        }
        previous = state.previous;
    }
    Ok(Some(parts.into_iter().rev().flatten().collect()))
}

fn state_at(
    segment: &Segment,
    file: &dyn File,
    salt: u64,
    position: u64,
    end: u64,
) -> io::Result<Option<(u64, State)>> {
    match segment.walk(file, salt, position, end).step()? {
        Some(Step::Frame { position, frame: Frame::State(state) }) => Ok(Some((position, state))),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_taken_only_as_they_are_given() {
        assert_eq!(Segment::file_name(Offset(42)), "00000000000000000042.segment");
        let check = |name, first| assert_eq!(Segment::parse_file_name(name), first);
        check("00000000000000000042.segment", Some(Offset(42)));
        check("18446744073709551615.segment", Some(Offset(u64::MAX)));
        check("42.segment", None);
        check("+0000000000000000042.segment", None);
        check("00000000000000000042.segment~", None);
        check("format", None);
    }
}
