//! Where packages lie: `code/{hash}.zip` as uploaded and `code/{hash}/` unpacked.
//!
//! The zip is the truth and is synced; a directory is unpacked from it anew by every process that wants it, since nobody
//! syncs its files. It appears under its name only when it is complete. Invariant: what somebody holds an [`Unpacked`] of
//! is not swept away.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use env::Random;

use super::{CodeHash, Unusable, archive};

/// The packages of one data directory.
pub(crate) struct Shelf {
    dir: PathBuf,
    random: Random,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: HashMap<CodeHash, Weak<Unpacked>>,
    /// Unpacked by this process, so that their files are what they were.
    fresh: HashSet<CodeHash>,
}

/// A package ready to run. While it is held its directory stays.
#[derive(Debug)]
pub(crate) struct Unpacked {
    /// The package.
    pub(crate) hash: CodeHash,
    /// Its files.
    pub(crate) dir: PathBuf,
}

impl Shelf {
    /// Opens the shelf in `dir`, clearing what an interrupted write left behind.
    pub(crate) fn open(dir: PathBuf, random: Random) -> io::Result<Self> {
        fs::create_dir_all(&dir)?;
        for entry in fs::read_dir(&dir)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with("new-") {
                remove(&entry.path())?;
            }
        }
        Ok(Self { dir, random, state: Mutex::default() })
    }

    /// Checks `package`, keeps it durably and unpacks it.
    pub(crate) fn put(&self, package: &[u8]) -> Result<Arc<Unpacked>, Unusable> {
        let hash = CodeHash::of(package);
        // Unpacking is the check: every entry is read to its checksum.
        let unpacked = self.hold(hash, || self.unpack(hash, package))?;
        let file = self.zip_file(hash);
        if !file.exists() {
            self.write_durably(package, &file).map_err(|error| Unusable::Disk(error.to_string()))?;
        }
        Ok(unpacked)
    }

    /// The package `hash` as it was uploaded.
    pub(crate) fn zip(&self, hash: CodeHash) -> io::Result<Vec<u8>> {
        fs::read(self.zip_file(hash))
    }

    /// The package `hash`, unpacked if it is not yet.
    pub(crate) fn unpacked(&self, hash: CodeHash) -> Result<Arc<Unpacked>, Unusable> {
        self.hold(hash, || {
            let package = self.zip(hash).map_err(|error| Unusable::Disk(error.to_string()))?;
            self.unpack(hash, &package)
        })
    }

    /// Removes every package that is neither `wanted` nor held.
    pub(crate) fn sweep(&self, wanted: impl Fn(CodeHash) -> bool) -> io::Result<()> {
        let mut state = self.state();
        let State { held, fresh } = &mut *state;
        held.retain(|_, code| code.strong_count() > 0);
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            let hash = path.file_stem().and_then(|stem| CodeHash::from_hex(stem.to_str()?));
            if let Some(hash) = hash.filter(|hash| !wanted(*hash) && !held.contains_key(hash)) {
                fresh.remove(&hash);
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// The held package, made by `make` if its directory is not there.
    fn hold(&self, hash: CodeHash, make: impl FnOnce() -> Result<(), Unusable>) -> Result<Arc<Unpacked>, Unusable> {
        // Unpacking happens under the lock, once for everybody who wants the package, and no sweep comes in between.
        let mut state = self.state();
        if let Some(code) = state.held.get(&hash).and_then(Weak::upgrade) {
            return Ok(code);
        }
        let dir = self.dir.join(hash.to_string());
        if !state.fresh.contains(&hash) {
            if dir.is_dir() {
                remove(&dir).map_err(|error| Unusable::Disk(error.to_string()))?;
            }
            make()?;
            state.fresh.insert(hash);
        }
        let code = Arc::new(Unpacked { hash, dir });
        state.held.insert(hash, Arc::downgrade(&code));
        Ok(code)
    }

    fn unpack(&self, hash: CodeHash, package: &[u8]) -> Result<(), Unusable> {
        let disk = |error: io::Error| Unusable::Disk(error.to_string());
        let new = self.new_path();
        fs::create_dir(&new).map_err(disk)?;
        let outcome = archive::unpack(package, &new)
            .and_then(|()| fs::rename(&new, self.dir.join(hash.to_string())).map_err(disk));
        if outcome.is_err() {
            drop(remove(&new));
        }
        outcome
    }

    fn write_durably(&self, package: &[u8], path: &Path) -> io::Result<()> {
        let new = self.new_path();
        let mut file = File::create(&new)?;
        file.write_all(package)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        File::open(&self.dir)?.sync_all()
    }

    fn zip_file(&self, hash: CodeHash) -> PathBuf {
        self.dir.join(format!("{hash}.zip"))
    }

    fn new_path(&self) -> PathBuf {
        self.dir.join(format!("new-{}", self.random.hex::<8>()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn remove(path: &Path) -> io::Result<()> {
    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Entry, zip};

    fn shelf(dir: &Path) -> Shelf {
        Shelf::open(dir.to_owned(), Random::seeded(1)).unwrap()
    }

    #[test]
    fn a_package_survives_reopening_and_damage_to_its_directory() {
        let dir = tempfile::tempdir().unwrap();
        let package = zip(&[Entry::file("app.py", "1")]);
        let hash = shelf(dir.path()).put(&package).unwrap().hash;
        fs::write(dir.path().join(hash.to_string()).join("app.py"), "").unwrap();
        let shelf = shelf(dir.path());
        assert_eq!(shelf.zip(hash).unwrap(), package);
        assert_eq!(fs::read_to_string(shelf.unpacked(hash).unwrap().dir.join("app.py")).unwrap(), "1");
    }

    #[test]
    fn a_sweep_spares_what_is_wanted_or_held() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = shelf(dir.path());
        let package = |text| zip(&[Entry::file("app.py", text)]);
        let wanted = shelf.put(&package("wanted")).unwrap().hash;
        let held = shelf.put(&package("held")).unwrap();
        let gone = shelf.put(&package("gone")).unwrap().hash;
        shelf.sweep(|hash| hash == wanted).unwrap();
        assert!(shelf.zip(wanted).is_ok() && held.dir.is_dir());
        assert!(shelf.zip(gone).is_err() && shelf.unpacked(gone).is_err());
    }

    #[test]
    fn what_is_refused_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = shelf(dir.path());
        shelf.put(&zip(&[Entry::file("ok", "1"), Entry::file("../evil", "2")])).unwrap_err();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
