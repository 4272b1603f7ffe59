//! The directory of a store: its version, its lock, and the directories of its logs.
//!
//! A log's directory appears and disappears by a rename, so that there is all of it or nothing; names that begin with a
//! dot are drafts and remains, swept when the store is opened. Opening syncs nothing. Invariant: where there is a log, the
//! version and the way to the log are on stable storage.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::format::{DIRECTORY_MAGIC, VERSION};
use crate::fs::{File, FileSystem};
use crate::log::LogId;

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("{} is in use by another process", .directory.display())]
    InUse {
        /// The directory.
        directory: PathBuf,
    },
    /// It was written by another version of this program, or is no store at all.
    #[error("{} holds {found:?} where this program knows \"{DIRECTORY_MAGIC}{VERSION}\"", .file.display())]
    Format {
        /// The file that names the version.
        file: PathBuf,
        /// What it names.
        found: String,
    },
    /// The system said no.
    #[error("{} cannot be used: {reason}", .directory.display())]
    Io {
        /// The directory.
        directory: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
}

/// Makes the way to everything in `directory` durable, from the root on.
fn sync_names(fs: &dyn FileSystem, directory: &Path) -> io::Result<()> {
    for ancestor in directory.ancestors() {
        let ancestor = if ancestor.as_os_str().is_empty() { Path::new(".") } else { ancestor };
        match fs.sync_dir(ancestor) {
            // What we may not read we have not made.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            synced => synced?,
        }
    }
    Ok(())
}

/// Whether `found` is what a process or a machine that stopped can have left of `whole`: the beginning of it, then zeros.
fn half_written(found: &[u8], whole: &[u8]) -> bool {
    let zeros = found.iter().rev().take_while(|byte| **byte == 0).count();
    found.len() <= whole.len() && whole.starts_with(&found[..found.len() - zeros])
}

/// The directory of a store, locked.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    logs: PathBuf,
    /// Names the version, and holds the lock as long as it is open.
    format: Arc<dyn File>,
    /// Whether the version and the names of all directories down to `logs` are on stable storage.
    settled: Mutex<bool>,
}

impl Directory {
    /// Makes the directory if it is not there, locks it and sweeps it.
    pub(crate) fn open(fs: &Arc<dyn FileSystem>, path: PathBuf) -> Result<Self, OpenError> {
        let fail = |reason| OpenError::Io { directory: path.clone(), reason };
        let logs = path.join("logs");
        fs.create_dirs(&logs).map_err(fail)?;
        let file = path.join("format");
        let format = match fs.open(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs.create(&file),
            opened => opened,
        };
        let format = format.map_err(fail)?;
        format.try_lock().map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => OpenError::InUse { directory: path.clone() },
            _ => fail(error),
        })?;
        let names = fs.names(&logs).map_err(fail)?;
        let settled = names.iter().any(|name| !name.starts_with('.'));
        let ours = format!("{DIRECTORY_MAGIC}{VERSION}\n");
        let found = format.read_up_to(64, 0).map_err(fail)?;
        if !settled && half_written(&found, ours.as_bytes()) {
            // New, or made by a process or on a machine that did not live to make a log.
            format.write_all_at(ours.as_bytes(), 0).map_err(fail)?;
        } else if found != ours.as_bytes() {
            return Err(OpenError::Format { file, found: String::from_utf8_lossy(&found).trim_end().to_owned() });
        }
        for name in names.iter().filter(|name| name.starts_with('.')) {
            fs.remove_dirs(&logs.join(name)).map_err(fail)?;
        }
        Ok(Self { path, logs, format, settled: Mutex::new(settled) })
    }

    /// Makes the version and the way to the logs durable; costs nothing once that is done.
    pub(crate) fn settle(&self, fs: &dyn FileSystem) -> io::Result<()> {
        // Held over the syncs: whoever makes a second log meanwhile needs them too.
        let mut settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        if !*settled {
            self.format.sync()?;
            sync_names(fs, &self.path)?;
            *settled = true;
        }
        Ok(())
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the log of that name is, if there is one.
    pub(crate) fn of(&self, id: &LogId) -> PathBuf {
        self.logs.join(id.as_str())
    }

    /// The names of all logs.
    pub(crate) fn list(&self, fs: &dyn FileSystem) -> Result<Vec<LogId>, OpenError> {
        let names = fs.names(&self.logs);
        let names = names.map_err(|reason| OpenError::Io { directory: self.logs.clone(), reason })?;
        Ok(names.into_iter().filter_map(LogId::new).collect())
    }

    /// An empty directory to make the log of that name in.
    pub(crate) fn draft(&self, fs: &dyn FileSystem, id: &LogId) -> io::Result<PathBuf> {
        let draft = self.draft_of(id);
        fs.remove_dirs(&draft)?;
        fs.create_dirs(&draft)?;
        Ok(draft)
    }

    /// Gives the draft of that log its name.
    pub(crate) fn publish(&self, fs: &dyn FileSystem, id: &LogId) -> io::Result<()> {
        fs.rename(&self.draft_of(id), &self.of(id))
    }

    /// Makes the names of the logs durable.
    pub(crate) fn sync(&self, fs: &dyn FileSystem) -> io::Result<()> {
        fs.sync_dir(&self.logs)
    }

    /// Removes a log or its draft; no error if there is none.
    pub(crate) fn remove(&self, fs: &dyn FileSystem, id: &LogId) -> io::Result<()> {
        fs.remove_dirs(&self.draft_of(id))?;
        let remains = self.logs.join(format!(".removed.{id}"));
        fs.remove_dirs(&remains)?;
        match fs.rename(&self.of(id), &remains) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            renamed => renamed?,
        }
        self.sync(fs)?;
        fs.remove_dirs(&remains)
    }

    fn draft_of(&self, id: &LogId) -> PathBuf {
        self.logs.join(format!(".draft.{id}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_cut_short_is_told_from_another_one() {
        let check = |found: &[u8], half| assert_eq!(half_written(found, b"millrace 1\n"), half, "{found:?}");
        check(b"", true);
        check(b"mill", true);
        check(b"mill\0\0\0", true);
        check(b"\0\0", true);
        check(b"millrace 1\n", true);
        check(b"millrace 2\n", false);
        check(b"mill\0ace", false);
        check(b"millrace 1\n\0", false);
    }
}
