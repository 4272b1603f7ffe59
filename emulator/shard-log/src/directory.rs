//! The directory of a store: its version, its lock, and the directories of its logs.
//!
//! A log's directory appears and disappears by a rename, so that there is all of it or nothing; names that begin with a
//! dot are drafts and remains, swept when the store is opened.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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

/// The directory of a store, locked.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    logs: PathBuf,
    /// Holds the lock as long as it is open.
    _format: Arc<dyn File>,
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
        let ours = format!("{DIRECTORY_MAGIC}{VERSION}\n");
        let found = format.read_up_to(64, 0).map_err(fail)?;
        if ours.as_bytes().starts_with(&found) && found.len() < ours.len() {
            // New, or made by a process that did not live to name the version.
            format.write_all_at(ours.as_bytes(), 0).and_then(|()| format.sync()).map_err(fail)?;
            sync_names(&**fs, &path).map_err(fail)?;
        } else if found != ours.as_bytes() {
            return Err(OpenError::Format { file, found: String::from_utf8_lossy(&found).trim_end().to_owned() });
        }
        for name in fs.names(&logs).map_err(fail)?.iter().filter(|name| name.starts_with('.')) {
            fs.remove_dirs(&logs.join(name)).map_err(fail)?;
        }
        Ok(Self { path, logs, _format: format })
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

    /// Removes a log; no error if there is none.
    pub(crate) fn remove(&self, fs: &dyn FileSystem, id: &LogId) -> io::Result<()> {
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
