//! Walking over the frames of a segment, and over what is damaged between them.
//!
//! One way of walking serves reading, seeking, indexing and recovery. Invariant: every byte between the start and the end
//! is reported exactly once, as part of a frame or as damage; a damaged stretch ends where the next whole frame begins.

use std::io;

use bytes::Bytes;

use crate::format::{FRAME_HEAD, FRAME_MAGIC, FRAME_MAGIC_AT};
use crate::frame::{self, Frame};
use crate::fs::File;
use crate::log::Offset;

/// The first read of a walk; each further one is longer, up to [`LONGEST`], for who came so far wants more.
const SHORTEST: u64 = 16 << 10;
/// Not more than the processor keeps at hand, for every byte is checked once it has been read.
const LONGEST: u64 = 512 << 10;

/// What lies at a position.
#[derive(Debug)]
pub(crate) enum Step {
    /// A whole frame.
    Frame {
        /// Where it begins.
        position: u64,
        /// What it holds.
        frame: Frame,
    },
    /// Bytes that are no frame.
    Damage {
        /// Where they begin.
        position: u64,
        /// How many.
        bytes: u64,
    },
}

/// A walk over a segment.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    file: &'a dyn File,
    salt: u64,
    first: Offset,
    position: u64,
    end: u64,
    window: Bytes,
    window_at: u64,
    read_ahead: u64,
}

impl<'a> Walk<'a> {
    /// Walks from `start`, where a frame begins, to `end`, in the segment whose first offset is `first`.
    pub(crate) fn new(file: &'a dyn File, salt: u64, first: Offset, start: u64, end: u64) -> Self {
        Self { file, salt, first, position: start, end, window: Bytes::new(), window_at: start, read_ahead: SHORTEST }
    }

    /// Where the next step begins.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// The next step; `None` at the end.
    pub(crate) fn step(&mut self) -> io::Result<Option<Step>> {
        if self.position >= self.end {
            return Ok(None);
        }
        let position = self.position;
        if let Some((frame, length)) = self.frame_at(position)? {
            self.position = position + length;
            return Ok(Some(Step::Frame { position, frame }));
        }
        self.position = self.next_frame(position + 1)?;
        Ok(Some(Step::Damage { position, bytes: self.position - position }))
    }

    /// The whole frame that begins at `position`, and its length.
    fn frame_at(&mut self, position: u64) -> io::Result<Option<(Frame, u64)>> {
        let head = self.bytes(position, FRAME_HEAD as u64)?;
        let Some(length) = frame::peek_length(&head, position) else { return Ok(None) };
        if length > self.end - position {
            return Ok(None);
        }
        let bytes = self.bytes(position, length)?;
        // One of an older segment, however it came here, is no frame of this one.
        let frame = frame::decode(&bytes, self.salt, position).filter(|frame| frame.offsets().start >= self.first);
        Ok(frame.map(|frame| (frame, length)))
    }

    /// Where the first whole frame at or after `from` begins; the end if there is none.
    fn next_frame(&mut self, mut from: u64) -> io::Result<u64> {
        while self.end.saturating_sub(from) >= FRAME_HEAD as u64 {
            let bytes = self.bytes(from, SHORTEST)?;
            if bytes.len() < FRAME_HEAD {
                // The file is shorter than it was.
                break;
            }
            let magic = bytes.windows(FRAME_MAGIC.len()).skip(FRAME_MAGIC_AT).position(|window| window == FRAME_MAGIC);
            let Some(at) = magic else {
                // The magic may lie across the end of these bytes.
                from += (bytes.len() - FRAME_MAGIC_AT - FRAME_MAGIC.len() + 1) as u64;
                continue;
            };
            from += at as u64;
            if self.frame_at(from)?.is_some() {
                return Ok(from);
            }
            from += 1;
        }
        Ok(self.end)
    }

    /// `length` bytes from `position` on; fewer where the segment ends.
    fn bytes(&mut self, position: u64, length: u64) -> io::Result<Bytes> {
        let length = length.min(self.end - position);
        let window_end = self.window_at + self.window.len() as u64;
        if position < self.window_at || position + length > window_end {
            let read = length.max(self.read_ahead).min(self.end - position);
            let read = usize::try_from(read).map_err(io::Error::other)?;
            self.window = self.file.read_up_to(read, position)?.into();
            self.window_at = position;
            self.read_ahead = (2 * self.read_ahead).min(LONGEST);
        }
        // Empty or cut when the file is shorter than it was.
        let start = usize::try_from(position - self.window_at).map_err(io::Error::other)?.min(self.window.len());
        let end = self.window.len().min(start + usize::try_from(length).map_err(io::Error::other)?);
        Ok(self.window.slice(start..end))
    }
}
