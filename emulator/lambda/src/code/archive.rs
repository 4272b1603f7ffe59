//! Unpacking a zip that a stranger made.
//!
//! Invariants: nothing is written outside the target; no link is made; no more than [`MAX_UNZIPPED_BYTES`] are written,
//! whatever the entries claim about their size.

use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;
use zip::read::ZipFile;

use super::{MAX_UNZIPPED_BYTES, Unusable};

/// Unpacks `package` into the empty directory `target`.
pub(super) fn unpack(package: &[u8], target: &Path) -> Result<(), Unusable> {
    unpack_up_to(MAX_UNZIPPED_BYTES, package, target)
}

fn unpack_up_to(limit: u64, package: &[u8], target: &Path) -> Result<(), Unusable> {
    let mut archive = ZipArchive::new(Cursor::new(package)).map_err(|error| unreadable(&error))?;
    if archive.is_empty() {
        return Err(Unusable::Empty);
    }
    let mut left = limit;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| unreadable(&error))?;
        let path = target.join(inside(&entry)?);
        if entry.is_dir() {
            fs::create_dir_all(&path).map_err(|error| disk(&error))?;
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| disk(&error))?;
        }
        left = write(&mut entry, &path, left)?;
    }
    Ok(())
}

/// The path of an entry below the target, if it stays there.
fn inside<R: Read>(entry: &ZipFile<'_, R>) -> Result<PathBuf, Unusable> {
    let name = entry.name().map_err(|error| unreadable(&error))?;
    let escapes = || Unusable::Unreadable(format!("the entry {name:?} does not stay inside the package"));
    if entry.is_symlink() || name.contains(['\0', '\\']) {
        return Err(escapes());
    }
    let mut path = PathBuf::new();
    for component in Path::new(&*name).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return Err(escapes()),
        }
    }
    Ok(path)
}

/// Writes a file and returns how many bytes may still follow.
fn write<R: Read>(entry: &mut ZipFile<'_, R>, path: &Path, left: u64) -> Result<u64, Unusable> {
    let executable = entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
    let mut file = File::create(path).map_err(|error| disk(&error))?;
    let written = copy(&mut entry.take(left + 1), &mut file)?;
    let left = left.checked_sub(written).ok_or(Unusable::TooLarge)?;
    set_mode(&file, executable).map_err(|error| disk(&error))?;
    Ok(left)
}

/// Like [`io::copy`], but tells a damaged package from a failing disk.
fn copy(from: &mut impl Read, to: &mut File) -> Result<u64, Unusable> {
    let mut buffer = vec![0; 64 * 1024];
    let mut copied = 0;
    loop {
        let read = from.read(&mut buffer).map_err(|error| unreadable(&error))?;
        if read == 0 {
            return Ok(copied);
        }
        io::Write::write_all(to, &buffer[..read]).map_err(|error| disk(&error))?;
        copied += read as u64;
    }
}

#[cfg(unix)]
fn set_mode(file: &File, executable: bool) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(if executable { 0o755 } else { 0o644 }))
}

#[cfg(not(unix))]
fn set_mode(_: &File, _: bool) -> io::Result<()> {
    Ok(())
}

fn unreadable(error: &dyn std::error::Error) -> Unusable {
    Unusable::Unreadable(error.to_string())
}

fn disk(error: &io::Error) -> Unusable {
    Unusable::Disk(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Entry, zip};

    fn unpacked(package: &[u8]) -> Result<tempfile::TempDir, Unusable> {
        let target = tempfile::tempdir().unwrap();
        unpack(package, target.path()).map(|()| target)
    }

    #[test]
    fn files_keep_their_place_and_whether_they_run() {
        let target = unpacked(&zip(&[
            Entry::file("app.py", "x = 1"),
            Entry::file("lib/deep/mod.py", ""),
            Entry::executable("bootstrap", "#!/bin/sh"),
        ]))
        .unwrap();
        assert_eq!(fs::read_to_string(target.path().join("app.py")).unwrap(), "x = 1");
        assert!(target.path().join("lib/deep/mod.py").is_file());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |name| fs::metadata(target.path().join(name)).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode("app.py"), mode("bootstrap")), (0o644, 0o755));
        }
    }

    #[test]
    fn what_would_escape_is_refused() {
        for entry in [
            Entry::file("../evil.py", ""),
            Entry::file("/etc/evil", ""),
            Entry::file("a/../../evil", ""),
            Entry::file("a\\..\\evil", ""),
            Entry::link("link", "/etc/passwd"),
        ] {
            let got = unpacked(&zip(&[Entry::file("app.py", ""), entry])).map(drop);
            assert!(matches!(&got, Err(Unusable::Unreadable(_))), "{got:?}");
        }
    }

    #[test]
    fn what_is_no_package_is_refused() {
        assert!(matches!(unpacked(b"PK nonsense"), Err(Unusable::Unreadable(_))));
        assert_eq!(unpacked(&zip(&[])).unwrap_err(), Unusable::Empty);
        let mut damaged = zip(&[Entry::file("app.py", "print('some text to be damaged')")]);
        let at = damaged.windows(4).position(|window| window == b"some").unwrap();
        damaged[at] ^= 0xff;
        assert!(matches!(unpacked(&damaged), Err(Unusable::Unreadable(_))));
    }

    #[test]
    fn a_bomb_is_refused() {
        let zeros = "\0".repeat(1024);
        let package = |files| zip(&(0..files).map(|i| Entry::deflated(&format!("{i}"), &zeros)).collect::<Vec<_>>());
        let unpacked = |files| unpack_up_to(10 * 1024, &package(files), tempfile::tempdir().unwrap().path());
        assert_eq!((unpacked(10), unpacked(11)), (Ok(()), Err(Unusable::TooLarge)));
    }
}
