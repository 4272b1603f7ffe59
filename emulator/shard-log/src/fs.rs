//! The door to the file system: everything the log asks of it, as two traits.
//!
//! `std::fs` is used in [`os`] only. Tests put a file system in its place that forgets what was not synced and fails on
//! demand. Nothing here knows what a segment is.

#[cfg(test)]
pub(crate) mod faulty;
mod os;

use std::fmt::Debug;
use std::io;
use std::path::Path;
use std::sync::Arc;

pub(crate) use os::Os;

/// Directories and names.
pub(crate) trait FileSystem: Send + Sync + Debug {
    /// Makes a directory and those above it; no error if it is there.
    fn create_dirs(&self, path: &Path) -> io::Result<()>;

    /// Makes an empty file, or empties the one that is there.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>>;

    /// Opens a file that exists, to read and write.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>>;

    /// The names in a directory, in no order.
    fn names(&self, path: &Path) -> io::Result<Vec<String>>;

    /// Gives a file or directory another name, at once.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes a directory and all that is in it; no error if there is none.
    fn remove_dirs(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a directory durable.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
}

/// An open file. Reads and writes name their position, so one handle serves all threads.
pub(crate) trait File: Send + Sync + Debug {
    /// Reads up to `buffer.len()` bytes; 0 at the end of the file.
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize>;

    /// Writes some of `bytes` and says how many.
    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<usize>;

    /// The length of the file.
    fn len(&self) -> io::Result<u64>;

    /// Cuts or extends the file.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Returns when the content and the length are on stable storage.
    fn sync(&self) -> io::Result<()>;

    /// Reads into the spare capacity of `buffer`, of which there is some, and says how much.
    fn read_onto(&self, buffer: &mut Vec<u8>, position: u64) -> io::Result<usize> {
        let start = buffer.len();
        buffer.resize(buffer.capacity(), 0);
        let read = self.read_at(&mut buffer[start..], position);
        buffer.truncate(start + read.as_ref().map_or(0, |read| *read));
        read
    }

    /// Takes the advisory lock of the file for this process; `WouldBlock` if another has it. Closing the file frees it.
    fn try_lock(&self) -> io::Result<()>;
}

impl dyn File + '_ {
    /// Writes all of `bytes`. After an error some of them may be in the file.
    pub(crate) fn write_all_at(&self, mut bytes: &[u8], mut position: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.write_at(bytes, position) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    bytes = &bytes[written..];
                    position += written as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads `len` bytes, fewer at the end of the file.
    pub(crate) fn read_up_to(&self, len: usize, position: u64) -> io::Result<Vec<u8>> {
        let mut buffer = Vec::with_capacity(len);
        while buffer.len() < len {
            let filled = buffer.len() as u64;
            match self.read_onto(&mut buffer, position + filled) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        // An allocator may give more than it is asked for.
        buffer.truncate(len);
        Ok(buffer)
    }
}
