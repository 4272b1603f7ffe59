//! A log's files: lines appended to the newest, the oldest dropped when there are too many.
//!
//! A file is named by the position of its first byte, so positions go on across rotation and restarts. Nothing is
//! synced: what the operating system holds survives our end, and a log is no record.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

const SEGMENT_BYTES: u64 = 4 * 1024 * 1024;
const SEGMENTS: usize = 4;

/// The files of one log.
pub(super) struct Segments {
    dir: PathBuf,
    /// Positions of the first bytes, in order.
    bases: Vec<u64>,
    /// The newest file and its length.
    active: Option<(File, u64)>,
}

/// Whole lines.
pub(super) struct Chunk {
    pub(super) bytes: Vec<u8>,
    /// The position behind them.
    pub(super) next: u64,
}

impl Segments {
    pub(super) fn open(dir: PathBuf) -> io::Result<Self> {
        let mut bases = Vec::new();
        if dir.is_dir() {
            for entry in fs::read_dir(&dir)? {
                let path = entry?.path();
                bases.extend(path.file_stem().and_then(|stem| stem.to_str()?.parse::<u64>().ok()));
            }
        }
        bases.sort_unstable();
        let mut segments = Self { dir, bases, active: None };
        if let Some(base) = segments.bases.last().copied() {
            let mut file = OpenOptions::new().append(true).open(segments.path(base))?;
            let length = file.metadata()?.len();
            // Ends a line that a crash may have cut, so that the next one is whole.
            if length > 0 {
                file.write_all(b"\n")?;
            }
            segments.active = Some((file, length + u64::from(length > 0)));
        }
        Ok(segments)
    }

    /// The position behind the last line.
    pub(super) fn end(&self) -> u64 {
        self.bases.last().copied().unwrap_or_default() + self.active.as_ref().map_or(0, |(_, length)| *length)
    }

    /// Adds a line, its end included, and says where the log ends now.
    pub(super) fn append(&mut self, line: &[u8]) -> io::Result<u64> {
        if self.active.as_ref().is_none_or(|(_, length)| *length >= SEGMENT_BYTES) {
            self.rotate()?;
        }
        if let Some((file, length)) = &mut self.active {
            file.write_all(line)?;
            *length += line.len() as u64;
        }
        Ok(self.end())
    }

    /// The lines from `position` on, about `max_bytes` of them but at least one if there is one.
    pub(super) fn read(&self, position: u64, max_bytes: usize) -> io::Result<Chunk> {
        let Some(oldest) = self.bases.first().copied() else { return Ok(Chunk { bytes: Vec::new(), next: 0 }) };
        let position = position.clamp(oldest, self.end());
        let index = self.bases.partition_point(|base| *base <= position) - 1;
        let mut chunk = Chunk { bytes: Vec::new(), next: position };
        for base in self.bases[index..].iter().copied() {
            if chunk.bytes.len() >= max_bytes {
                break;
            }
            let mut file = BufReader::new(File::open(self.path(base))?);
            file.seek(SeekFrom::Start(chunk.next - base))?;
            while chunk.bytes.len() < max_bytes {
                let read = file.read_until(b'\n', &mut chunk.bytes)?;
                if read == 0 {
                    break;
                }
                chunk.next += read as u64;
            }
        }
        Ok(chunk)
    }

    fn rotate(&mut self) -> io::Result<()> {
        fs::create_dir_all(&self.dir)?;
        let base = self.end();
        let file = OpenOptions::new().create(true).append(true).open(self.path(base))?;
        self.bases.push(base);
        self.active = Some((file, 0));
        if self.bases.len() > SEGMENTS {
            let oldest = self.bases.remove(0);
            fs::remove_file(self.path(oldest))?;
        }
        Ok(())
    }

    fn path(&self, base: u64) -> PathBuf {
        self.dir.join(format!("{base:020}.log"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_lines_make_room_for_new_ones() {
        let dir = tempfile::tempdir().unwrap();
        let mut segments = Segments::open(dir.path().to_owned()).unwrap();
        let line = [b"x".repeat(1024 * 1024 - 1), b"\n".to_vec()].concat();
        for _ in 0..18 {
            segments.append(&line).unwrap();
        }
        assert_eq!(segments.end(), 18 * 1024 * 1024);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), SEGMENTS);
        let oldest = segments.read(0, 1).unwrap();
        assert_eq!((oldest.bytes.len(), oldest.next), (line.len(), 5 * 1024 * 1024));
        let across = segments.read(7 * 1024 * 1024, 3 * 1024 * 1024).unwrap();
        assert_eq!(across.next, 10 * 1024 * 1024);
    }

    #[test]
    fn an_empty_log_has_nothing() {
        let segments = Segments::open(PathBuf::from("/nonexistent")).unwrap();
        assert_eq!((segments.read(0, 10).unwrap().next, segments.end()), (0, 0));
    }
}
