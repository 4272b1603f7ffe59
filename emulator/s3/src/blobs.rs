//! The files: bytes that are written once, under names of our own, and never changed.
//!
//! A file is written beside its place, synced, and renamed into it before anybody hears its name; so what the state refers to
//! is there in whole after any kill. What is there and not referred to was never acknowledged, or was given up: it is swept away
//! at the next start.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use env::Random;
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};

use crate::sealing::{self, HEAD, Secret};

/// A stretch of an object that lies in one file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Piece {
    /// The name of the file: hex digits of chance.
    pub(crate) blob: String,
    pub(crate) length: u64,
}

/// The folder of the files.
#[derive(Debug)]
pub(crate) struct Blobs {
    /// Finished files, by the first two digits of their names.
    directory: PathBuf,
    /// Files under way.
    drafts: PathBuf,
    random: Random,
}

impl Blobs {
    /// Opens the folder, making it if there is none.
    pub(crate) fn open(directory: &Path, random: Random) -> io::Result<Self> {
        let blobs = Self { directory: directory.join("blobs"), drafts: directory.join("drafts"), random };
        fs::create_dir_all(&blobs.directory)?;
        fs::create_dir_all(&blobs.drafts)?;
        Ok(blobs)
    }

    /// Removes what is not `known` and all drafts.
    pub(crate) fn sweep(&self, known: &HashSet<&str>) -> io::Result<()> {
        for draft in fs::read_dir(&self.drafts)? {
            fs::remove_file(draft?.path())?;
        }
        for folder in fs::read_dir(&self.directory)? {
            let folder = folder?;
            // What others put here is not ours to remove.
            if !folder.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(folder.path())? {
                let file = file?;
                if !file.file_name().to_str().is_some_and(|name| known.contains(name)) {
                    fs::remove_file(file.path())?;
                }
            }
        }
        Ok(())
    }

    /// Writes bytes, sealed if there is a secret. They are on stable storage when this returns. Also answers the MD5 of the
    /// file; sealed, it tells nothing of the bytes.
    pub(crate) fn put(&self, bytes: &[u8], secret: Option<&Secret>) -> io::Result<(Option<Piece>, [u8; 16])> {
        let sealed = secret.map(|secret| secret.seal(self.random.bytes(), bytes)).transpose()?;
        let file = sealed.as_deref().unwrap_or(bytes);
        let piece = self.write(file, bytes.len() as u64)?;
        Ok((piece, Md5::digest(file).into()))
    }

    /// Writes a file that holds so many bytes of an object. Nothing needs none.
    fn write(&self, bytes: &[u8], length: u64) -> io::Result<Option<Piece>> {
        if length == 0 {
            return Ok(None);
        }
        let blob = self.random.hex::<16>();
        let draft = self.drafts.join(&blob);
        let written = (|| {
            let mut file = File::create(&draft)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            self.place(&blob, |place| fs::rename(&draft, place))
        })();
        if written.is_err() {
            // A full disk must not stay full of what failed.
            drop(fs::remove_file(&draft));
        }
        written.map(|()| Some(Piece { blob, length }))
    }

    /// The same bytes under a name of their own, without a copy.
    pub(crate) fn link(&self, piece: &Piece) -> io::Result<Piece> {
        let blob = self.random.hex::<16>();
        self.place(&blob, |place| fs::hard_link(self.path(&piece.blob), place))?;
        Ok(Piece { blob, length: piece.length })
    }

    /// Up to `length` bytes of a piece from `from` on. What is sealed takes its secret.
    pub(crate) fn read(&self, piece: &Piece, from: u64, length: u64, secret: Option<&Secret>) -> io::Result<Vec<u8>> {
        let length = length.min(piece.length.saturating_sub(from));
        let mut file = File::open(self.path(&piece.blob))?;
        let Some(secret) = secret else { return stretch(&mut file, from, length) };
        let mut head = [0; HEAD];
        file.read_exact(&mut head)?;
        let (at, first, skip) = sealing::chunks(from, length, piece.length);
        let mut sealed = stretch(&mut file, at.start, at.end - at.start)?;
        let mut plain = secret.open(head, first, &mut sealed, piece.length)?;
        drop(plain.drain(..usize::try_from(skip).map_err(io::Error::other)?.min(plain.len())));
        plain.truncate(usize::try_from(length).map_err(io::Error::other)?);
        Ok(plain)
    }

    /// Gives a file up. One that stays is swept away at the next start.
    pub(crate) fn remove(&self, blob: &str) {
        if let Err(error) = fs::remove_file(self.path(blob)) {
            tracing::warn!(blob, %error, "a file that nobody needs stays");
        }
    }

    /// Puts a file into its place, durably.
    fn place(&self, blob: &str, put: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
        let path = self.path(blob);
        let folder = path.parent().unwrap_or(&self.directory);
        match fs::create_dir(folder) {
            Ok(()) => sync_folder(&self.directory)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        put(&path)?;
        sync_folder(folder)
    }

    fn path(&self, blob: &str) -> PathBuf {
        self.directory.join(blob.get(..2).unwrap_or("00")).join(blob)
    }
}

fn stretch(file: &mut File, from: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_swept_away() {
        let folder = tempfile::tempdir().unwrap();
        let open = |seed| Blobs::open(folder.path(), Random::seeded(seed)).unwrap();
        let blobs = open(1);
        let put = |bytes: &[u8]| blobs.put(bytes, None).unwrap().0;
        assert_eq!(put(b""), None);
        let kept = put(b"0123456789").unwrap();
        let linked = blobs.link(&kept).unwrap();
        let lost = put(b"lost").unwrap();
        fs::write(folder.path().join("drafts/half"), "ha").unwrap();
        fs::write(folder.path().join("blobs/.DS_Store"), "").unwrap();
        drop(blobs);
        let blobs = open(2);
        blobs.sweep(&HashSet::from([linked.blob.as_str(), kept.blob.as_str()])).unwrap();
        blobs.remove(&kept.blob);
        assert_eq!(blobs.read(&linked, 3, 4, None).unwrap(), b"3456");
        assert_eq!(blobs.read(&linked, 8, 99, None).unwrap(), b"89");
        assert!(blobs.read(&lost, 0, 4, None).is_err());
        assert_eq!(fs::read_dir(folder.path().join("drafts")).unwrap().count(), 0);
    }
}
