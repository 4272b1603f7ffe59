//! What AWS has at `/opt`: the layers of a function in one folder, the later over the earlier.
//!
//! One layer is its own folder. Several are put together once per combination, by links to their files, and are there until
//! the emulator starts anew.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::code::{CodeHash, Unpacked, Unusable};

/// The combinations of layers.
pub(super) struct Opt {
    dir: PathBuf,
    /// Held while a combination is put together, so that it is done once.
    building: Mutex<()>,
}

impl Opt {
    pub(super) fn open(dir: PathBuf) -> io::Result<Self> {
        // Left behind by an emulator that ran before.
        if dir.is_dir() {
            fs::remove_dir_all(&dir)?;
        }
        fs::create_dir_all(&dir)?;
        Ok(Self { dir, building: Mutex::new(()) })
    }

    /// The folder of these layers, if there are any.
    pub(super) fn of(&self, layers: &[Arc<Unpacked>]) -> Result<Option<PathBuf>, Unusable> {
        if let [] | [_] = layers {
            return Ok(layers.first().map(|only| only.dir.clone()));
        }
        let hashes: String = layers.iter().map(|layer| layer.hash.to_string()).collect();
        let target = self.dir.join(CodeHash::of(hashes.as_bytes()).to_string());
        let _building = self.building.lock().unwrap_or_else(PoisonError::into_inner);
        if !target.is_dir() {
            let new = target.with_extension("new");
            let outcome = (|| {
                if new.is_dir() {
                    fs::remove_dir_all(&new)?;
                }
                layers.iter().try_for_each(|layer| overlay(&layer.dir, &new))?;
                fs::rename(&new, &target)
            })();
            outcome.map_err(|error: io::Error| Unusable::Disk(error.to_string()))?;
        }
        Ok(Some(target))
    }
}

/// Puts the files below `from` below `to`, over what is there.
fn overlay(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        // What a runtime compiled from one layer's file may lie over another's.
        if entry.file_name() == "__pycache__" {
            continue;
        }
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            if target.is_file() {
                fs::remove_file(&target)?;
            }
            overlay(&entry.path(), &target)?;
            continue;
        }
        if target.is_dir() {
            fs::remove_dir_all(&target)?;
        } else if target.exists() {
            fs::remove_file(&target)?;
        }
        fs::hard_link(entry.path(), &target)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_layer_lies_over_an_earlier_one() {
        let dir = tempfile::tempdir().unwrap();
        let layer = |name: &str, files: &[&str]| {
            let layer = dir.path().join(name);
            for file in files {
                let path = layer.join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, name).unwrap();
            }
            Arc::new(Unpacked { hash: CodeHash::of(name.as_bytes()), dir: layer })
        };
        let (one, two) = (layer("one", &["bin/a", "bin/b", "x"]), layer("two", &["bin/b", "x/y"]));
        let opt = Opt::open(dir.path().join("opt")).unwrap();
        assert_eq!(opt.of(&[]).unwrap(), None);
        assert_eq!(opt.of(std::slice::from_ref(&one)).unwrap(), Some(one.dir.clone()));
        let merged = opt.of(&[one, two]).unwrap().unwrap();
        let read = |file: &str| fs::read_to_string(merged.join(file)).unwrap();
        assert_eq!([read("bin/a"), read("bin/b"), read("x/y")], ["one", "two", "two"]);
    }
}
