//! Coming back after a stop of any kind: finds the end of a log and how it stands, and cuts off what was half written.
//!
//! Only the newest segment is read, and of that only what follows its newest state frame; damage further back is found
//! when it is read. Invariant: the next offset is beyond every one that was ever acknowledged, be the record still there
//! or not.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::damage::{Damage, DamageKind};
use crate::format::HEADER;
use crate::frame::{Frame, Span, State};
use crate::fs::File;
use crate::header::{Header, Unusable};
use crate::index::{Index, Mark};
use crate::log::{LogId, Offset};
use crate::segment::{Segment, Storage, stored_marks, trailing_state};
use crate::segment_log::Recovered;
use crate::standing::Standing;
use crate::walk::Step;
use crate::writer::Writer;

/// How far from the end to look for the newest state frame at first; it is looked for further back if it is not there.
const LOOK_BACK: u64 = if cfg!(test) { 300 } else { 256 << 10 };

/// Recovers the log in `directory`; `None` if it was never finished, so nothing was ever appended to it.
pub(crate) fn recover(
    storage: &Storage,
    id: &LogId,
    directory: &Path,
    segment_bytes: u64,
) -> io::Result<Option<Recovered>> {
    let mut firsts: Vec<_> =
        storage.fs.names(directory)?.iter().filter_map(|name| Segment::parse_file_name(name)).collect();
    firsts.sort_unstable();
    let segments: Vec<_> = firsts.into_iter().map(|first| storage.segment(id, directory, first)).collect();
    let Some((active, older)) = segments.split_last() else { return Ok(None) };
    if older.is_empty() && was_never_finished(storage, active)? {
        return Ok(None);
    }
    let header = header(storage, active, older)?;
    let file = storage.file(active)?;
    let end = find_end(storage, active, &*file, header)?;
    let writer = Writer {
        salt: header.salt,
        active: Arc::clone(active),
        position: end.position,
        // Offsets that were reserved may have been given out and lost.
        standing: Standing { next: end.standing.next.max(end.standing.reserved), ..end.standing },
        last_state: end.last_state,
        marks: end.marks,
        key_frame: None,
        segment_bytes,
    };
    Ok(Some(Recovered { id: id.clone(), directory: directory.to_owned(), writer, segments, index: end.index }))
}

/// The end of the newest segment.
#[derive(Debug)]
struct End {
    position: u64,
    standing: Standing,
    last_state: u64,
    marks: Vec<Mark>,
    index: Index,
}

fn find_end(storage: &Storage, active: &Segment, file: &dyn File, header: Header) -> io::Result<End> {
    let salt = header.salt;
    let length = file.len()?;
    let newest = newest_state(active, file, salt, length)?;
    let stored = match &newest {
        Some((_, state)) => stored_marks(active, file, salt, state)?,
        None => Some(Vec::new()),
    };
    let mut end = match (newest, stored) {
        (Some((position, state)), Some(marks)) => {
            End { position, standing: state.standing, last_state: position, marks: Vec::new(), index: marks.into() }
        }
        // Without all of the index, the whole segment must be walked.
        _ => End {
            position: HEADER,
            standing: header.standing,
            last_state: 0,
            marks: Vec::new(),
            index: Index::default(),
        },
    };
    let mut frames = storage.frames(active, file, salt, end.position, length);
    while let Some((position, frame)) = frames.next()? {
        if let Some(Span { first, end: next, arrival }) = frame.span() {
            end.standing = Standing { next, last_arrival: Some(arrival), closed: false, ..end.standing };
            let mark = Mark { offset: first, arrival, position };
            if end.index.note(mark) {
                end.marks.push(mark);
            }
        } else if let Frame::State(state) = frame {
            end.standing = state.standing;
            end.last_state = position;
            end.marks.clear();
        }
        end.position = frames.position();
    }
    if let Some(torn) = frames.torn() {
        end.position = torn.position;
        file.set_len(torn.position)?;
        // What was cut off must not come back: the file may grow again by what a power cut leaves, and a frame that only
        // lacked zeros at its end would be whole.
        file.sync()?;
        let lost = end.standing.next..end.standing.next.max(end.standing.reserved);
        storage.damage.note(Damage { kind: DamageKind::TornTail, lost: Some(lost), ..torn });
    }
    Ok(end)
}

/// The newest state frame and where it begins.
fn newest_state(active: &Segment, file: &dyn File, salt: u64, end: u64) -> io::Result<Option<(u64, State)>> {
    if let Some(state) = trailing_state(active, file, salt, end)? {
        return Ok(Some(state));
    }
    let mut back = LOOK_BACK;
    loop {
        let start = end.saturating_sub(back).max(HEADER);
        // It seldom begins at a frame; what lies before the first one is not damage.
        let mut walk = active.walk(file, salt, start, end);
        let mut newest = None;
        while let Some(step) = walk.step()? {
            if let Step::Frame { position, frame: Frame::State(state) } = step {
                newest = Some((position, state));
            }
        }
        if newest.is_some() || start == HEADER {
            return Ok(newest);
        }
        back = back.saturating_mul(4);
    }
}

/// Whether the only segment of a log is what a power cut left of making it. Appends begin when it is durable, and a log that
/// was appended to has a longer first segment, or another name on its oldest.
fn was_never_finished(storage: &Storage, only: &Segment) -> io::Result<bool> {
    let garbled = storage.header(only)? == Err(Unusable::Garbled);
    Ok(garbled && only.first == Offset::ZERO && storage.file(only)?.len()? <= HEADER)
}

/// The head of a segment that follows `older`; written anew if it is damaged, for a power cut may have kept the name of a
/// new file and nothing of its content.
fn header(storage: &Storage, segment: &Segment, older: &[Arc<Segment>]) -> io::Result<Header> {
    match storage.header(segment)? {
        Ok(header) => return Ok(header),
        Err(Unusable::Version(version)) => return Err(other_version(version)),
        Err(Unusable::Garbled) => {}
    }
    let Some((before, older)) = older.split_last() else {
        return Err(invalid("the head of its oldest segment is damaged"));
    };
    let before_header = header(storage, before, older)?;
    let standing = find_end(storage, before, &*storage.file(before)?, before_header)?.standing;
    let header = Header { salt: before_header.salt, standing: Standing { next: segment.first, ..standing } };
    storage.damage.note(segment.damage(DamageKind::Header, 0, HEADER));
    storage.file(segment)?.write_all_at(&header.encode(), 0)?;
    Ok(header)
}

fn invalid(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

fn other_version(version: u16) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("its format has version {version}, which this program cannot read"),
    )
}
