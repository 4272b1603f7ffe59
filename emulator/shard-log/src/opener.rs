//! How a reader gets at sealed records: it finds the frame with their key, has the key unwrapped and opens them.
//!
//! An opener lives as long as one look at a segment and remembers the last key of it. Invariant: a frame that it cannot open
//! though the key is there is reported as damage and skipped; one whose key nobody unwraps is neither.

use std::io;

use crate::damage::{Damage, DamageKind};
use crate::frame::{Frame, Home, Sealed};
use crate::fs::File;
use crate::records::Records;
use crate::sealing::{Keyring as _, Locked, NoKeyring, OpeningKey};
use crate::segment::{Segment, Storage};
use crate::walk::Step;

/// Opens the sealed frames of a segment.
#[derive(Debug)]
pub(crate) struct Opener<'a> {
    storage: &'a Storage,
    segment: &'a Segment,
    file: &'a dyn File,
    salt: u64,
    /// The key that was used last, and where its frame begins.
    last: Option<(u64, OpeningKey)>,
}

/// Why records could not be got at.
#[derive(Debug)]
pub(crate) enum Unopened {
    /// The file cannot be read.
    Io(io::Error),
    /// The keyring does not unwrap their key.
    Locked(Locked),
}

impl From<io::Error> for Unopened {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl<'a> Opener<'a> {
    pub(crate) fn new(storage: &'a Storage, segment: &'a Segment, file: &'a dyn File, salt: u64) -> Self {
        Self { storage, segment, file, salt, last: None }
    }

    /// The records in the frame at `position`; `None` if it has none that can be read.
    pub(crate) fn records(&mut self, position: u64, frame: Frame) -> Result<Option<Records>, Unopened> {
        match frame {
            Frame::Records(records) => Ok(Some(records)),
            Frame::Sealed(sealed) => self.open(position, &sealed),
            Frame::State(_) | Frame::Key(_) => Ok(None),
        }
    }

    fn open(&mut self, position: u64, sealed: &Sealed) -> Result<Option<Records>, Unopened> {
        let home = Home { log: &self.segment.log, salt: self.salt, segment: self.segment.first };
        let opened = self.key(sealed.key_at, position)?.and_then(|key| sealed.open(&key, home));
        if opened.is_none() {
            let damage = self.segment.damage(DamageKind::Seal, position, sealed.length());
            self.storage.damage.note(Damage { lost: Some(sealed.first..sealed.end()), ..damage });
        }
        Ok(opened)
    }

    /// The key whose frame begins at `position`, or, if that is damaged, the one after it, which is a copy.
    fn key(&mut self, position: u64, end: u64) -> Result<Option<OpeningKey>, Unopened> {
        if let Some((at, key)) = &self.last
            && *at == position
        {
            return Ok(Some(key.clone()));
        }
        let mut walk = self.segment.walk(self.file, self.salt, position, end);
        while let Some(step) = walk.step()? {
            match step {
                Step::Damage { .. } => {}
                Step::Frame { frame: Frame::Key(key), .. } => {
                    let keyring = self.storage.keyring.get();
                    let key = keyring.map_or_else(|| NoKeyring.unwrap(&key.wrapped), |ring| ring.unwrap(&key.wrapped));
                    let key = key.map_err(Unopened::Locked)?;
                    self.last = Some((position, key.clone()));
                    return Ok(Some(key));
                }
                Step::Frame { .. } => break,
            }
        }
        Ok(None)
    }
}
