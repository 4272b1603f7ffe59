//! Code that its author is still writing: a folder of theirs instead of a package, looked at anew for every event.
//!
//! A fingerprint says whether anything in it has changed: names, sizes and times of files, not their contents, so that
//! looking costs little. What a runtime itself leaves behind does not count.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::CodeHash;

/// The bucket that stands for the file system of this machine; its keys are absolute paths.
pub(crate) const HOT_RELOAD_BUCKET: &str = "hot-reload";

/// Folders in which nothing is that an author writes.
const IGNORED: &[&str] = &["__pycache__", ".git"];

/// No more is looked at: whoever has more has to live with what the first so many say.
const MOST_ENTRIES: usize = 50_000;
/// Nor deeper, so that links in a circle come to an end.
const MOST_LEVELS: usize = 32;

/// Changes whenever a file below `folder` does.
pub(crate) fn fingerprint(folder: &Path) -> CodeHash {
    let mut seen = String::new();
    let mut left = MOST_ENTRIES;
    look(folder, MOST_LEVELS, &mut left, &mut seen);
    CodeHash::of(seen.as_bytes())
}

fn look(folder: &Path, levels: usize, left: &mut usize, seen: &mut String) {
    // What cannot be read counts as not there: the function will say so better than we could.
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut entries: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort_unstable();
    for path in entries {
        let is_ignored = path.file_name().is_some_and(|name| IGNORED.iter().any(|ignored| name == *ignored));
        if is_ignored || *left == 0 {
            continue;
        }
        *left -= 1;
        let Ok(metadata) = fs::metadata(&path) else { continue };
        if metadata.is_dir() {
            if levels > 0 {
                look(&path, levels - 1, left, seen);
            }
            continue;
        }
        let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        // Writing to a String cannot fail.
        let _ = writeln!(seen, "{} {} {changed:?}", path.display(), metadata.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_author_changes_shows_and_what_a_runtime_leaves_does_not() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("a/b")).unwrap();
        fs::write(dir.path().join("a/b/c.py"), "1").unwrap();
        let before = fingerprint(dir.path());
        fs::create_dir(dir.path().join("a/__pycache__")).unwrap();
        fs::write(dir.path().join("a/__pycache__/c.pyc"), "1").unwrap();
        assert_eq!(fingerprint(dir.path()), before);
        fs::write(dir.path().join("a/b/c.py"), "22").unwrap();
        let after = fingerprint(dir.path());
        assert_ne!(after, before);
        fs::rename(dir.path().join("a/b/c.py"), dir.path().join("a/b/d.py")).unwrap();
        assert_ne!(fingerprint(dir.path()), after);
    }
}
