//! A file system in memory, for tests: it knows what was synced, forgets the rest when the power is cut, and fails on
//! demand.
//!
//! Each directory and each file has two contents, the one that programs see and the one on stable storage. A crash gives
//! a new file system, so that what is left of the program that crashed cannot write to it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use env::Random;

use super::{File, FileSystem};

/// Bytes that reach the disk together or not at all.
const SECTOR: usize = 64;

/// The file system.
#[derive(Debug, Default)]
pub(crate) struct Faulty {
    root: Arc<Directory>,
    faults: Arc<Faults>,
}

/// What is to go wrong from now on.
#[derive(Debug)]
pub(crate) struct Faults {
    /// So many more bytes fit on the disk.
    room: AtomicU64,
    /// So many more syncs succeed.
    syncs: AtomicU64,
    /// Files cannot be cut.
    pub(crate) cuts: AtomicBool,
    /// Syncs asked for so far.
    pub(crate) synced: AtomicU64,
    /// While it is locked, syncs take their time.
    pub(crate) gate: Mutex<()>,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            room: AtomicU64::new(u64::MAX),
            syncs: AtomicU64::new(u64::MAX),
            cuts: AtomicBool::default(),
            synced: AtomicU64::default(),
            gate: Mutex::default(),
        }
    }
}

impl Faults {
    /// Leaves room for `bytes` more and says how much there was.
    pub(crate) fn set_room(&self, bytes: u64) -> u64 {
        self.room.swap(bytes, Ordering::Relaxed)
    }

    /// Lets so many more syncs succeed, and none after them.
    pub(crate) fn fail_after(&self, syncs: u64) {
        self.syncs.store(syncs, Ordering::Relaxed);
    }

    fn sync(&self) -> io::Result<()> {
        drop(self.gate.lock().unwrap());
        self.synced.fetch_add(1, Ordering::Relaxed);
        let left = self.syncs.try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        left.map(drop).map_err(|_| io::Error::other("the disk is gone"))
    }
}

#[derive(Debug, Default)]
struct Directory(Mutex<Versions<Names>>);

type Names = BTreeMap<String, Node>;

#[derive(Debug, Default)]
struct MemoryFile {
    content: Mutex<Versions<Vec<u8>>>,
    locked: AtomicBool,
}

/// What programs see, and what is on stable storage.
#[derive(Clone, Debug, Default)]
struct Versions<T> {
    seen: T,
    stable: T,
}

#[derive(Clone, Debug)]
enum Node {
    Directory(Arc<Directory>),
    File(Arc<MemoryFile>),
}

/// An open file; the lock goes when it is dropped.
#[derive(Debug)]
struct Handle {
    file: Arc<MemoryFile>,
    faults: Arc<Faults>,
    holds_lock: AtomicBool,
}

impl Faulty {
    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What the next program finds after this one was killed: everything that was written.
    pub(crate) fn after_kill(&self) -> Arc<Self> {
        self.after(&mut Versions::clone, &mut Versions::clone)
    }

    /// What the next program finds after the power was cut: of what was not synced, some or nothing.
    pub(crate) fn after_power_cut(&self, random: &Random) -> Arc<Self> {
        let mut names = |Versions { seen, stable }: &Versions<Names>| {
            // File systems write names down by themselves at times, and never in another order.
            let survived = if random.below(2) == 0 { seen } else { stable };
            Versions { seen: survived.clone(), stable: survived.clone() }
        };
        let mut content = |Versions { seen, stable }: &Versions<Vec<u8>>| {
            let (least, most) = (seen.len().min(stable.len()), seen.len().max(stable.len()));
            let span = u32::try_from(most - least).unwrap();
            let length = least + random.below(span + 1) as usize;
            let mut survived = vec![0; length];
            for start in (0..length).step_by(SECTOR) {
                let source = if random.below(2) == 0 { seen } else { stable };
                let end = (start + SECTOR).min(length).min(source.len());
                if start < end {
                    survived[start..end].copy_from_slice(&source[start..end]);
                }
            }
            Versions { seen: survived.clone(), stable: survived }
        };
        self.after(&mut names, &mut content)
    }

    fn after(&self, names: &mut Fate<'_, Names>, content: &mut Fate<'_, Vec<u8>>) -> Arc<Self> {
        let mut crash = Crash { names, content, directories: BTreeMap::new(), files: BTreeMap::new() };
        Arc::new(Self { root: crash.directory(&self.root), faults: Arc::default() })
    }

    /// Changes the content of a file behind the program's back, on stable storage too.
    pub(crate) fn edit<T>(&self, path: &Path, edit: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        let Some(Node::File(file)) = self.find(path) else { panic!("no file {}", path.display()) };
        let mut content = file.content.lock().unwrap();
        let outcome = edit(&mut content.seen);
        content.stable = content.seen.clone();
        outcome
    }

    fn find(&self, path: &Path) -> Option<Node> {
        let names = path.components().filter_map(|component| match component {
            Component::Normal(name) => name.to_str(),
            _ => None,
        });
        names.into_iter().try_fold(Node::Directory(Arc::clone(&self.root)), |node, name| match node {
            Node::Directory(directory) => directory.0.lock().unwrap().seen.get(name).cloned(),
            Node::File(_) => None,
        })
    }

    fn directory(&self, path: &Path) -> io::Result<Arc<Directory>> {
        match self.find(path) {
            Some(Node::Directory(directory)) => Ok(directory),
            Some(Node::File(_)) => Err(io::ErrorKind::NotADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Acts on what programs see of the directory that `path` is in.
    fn in_parent<T>(&self, path: &Path, act: impl FnOnce(&mut Names, String) -> io::Result<T>) -> io::Result<T> {
        let name = path.file_name().and_then(|name| name.to_str()).ok_or(io::ErrorKind::InvalidInput)?;
        let parent = self.directory(path.parent().unwrap_or(Path::new("")))?;
        act(&mut parent.0.lock().unwrap().seen, name.to_owned())
    }

    fn handle(&self, file: Arc<MemoryFile>) -> Arc<dyn File> {
        Arc::new(Handle { file, faults: Arc::clone(&self.faults), holds_lock: AtomicBool::new(false) })
    }
}

/// What a crash makes of a content.
type Fate<'a, T> = dyn FnMut(&Versions<T>) -> Versions<T> + 'a;

/// A crash: what it makes of names and of contents, and what it has been through. A file may have several names.
struct Crash<'a> {
    names: &'a mut Fate<'a, Names>,
    content: &'a mut Fate<'a, Vec<u8>>,
    directories: BTreeMap<*const Directory, Arc<Directory>>,
    files: BTreeMap<*const MemoryFile, Arc<MemoryFile>>,
}

impl Crash<'_> {
    fn directory(&mut self, directory: &Arc<Directory>) -> Arc<Directory> {
        if let Some(copy) = self.directories.get(&Arc::as_ptr(directory)) {
            return Arc::clone(copy);
        }
        let Versions { seen, stable } = (self.names)(&directory.0.lock().unwrap());
        let versions = Versions { seen: self.nodes(&seen), stable: self.nodes(&stable) };
        let copy = Arc::new(Directory(Mutex::new(versions)));
        self.directories.insert(Arc::as_ptr(directory), Arc::clone(&copy));
        copy
    }

    fn nodes(&mut self, names: &Names) -> Names {
        let node = |node: &Node| match node {
            Node::Directory(directory) => Node::Directory(self.directory(directory)),
            Node::File(file) => Node::File(self.file(file)),
        };
        let nodes = names.values().map(node);
        names.keys().cloned().zip(nodes).collect()
    }

    fn file(&mut self, file: &Arc<MemoryFile>) -> Arc<MemoryFile> {
        let copy = self.files.entry(Arc::as_ptr(file)).or_insert_with(|| {
            let content = Mutex::new((self.content)(&file.content.lock().unwrap()));
            Arc::new(MemoryFile { content, locked: AtomicBool::default() })
        });
        Arc::clone(copy)
    }
}

impl FileSystem for Faulty {
    fn create_dirs(&self, path: &Path) -> io::Result<()> {
        for ancestor in path.ancestors().collect::<Vec<_>>().into_iter().rev().filter(|path| path.file_name().is_some())
        {
            self.in_parent(ancestor, |nodes, name| {
                nodes.entry(name).or_insert_with(|| Node::Directory(Arc::default()));
                Ok(())
            })?;
        }
        Ok(())
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let file = Arc::new(MemoryFile::default());
        self.in_parent(path, |nodes, name| Ok(nodes.insert(name, Node::File(Arc::clone(&file)))))?;
        Ok(self.handle(file))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        match self.find(path) {
            Some(Node::File(file)) => Ok(self.handle(file)),
            Some(Node::Directory(_)) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        Ok(self.directory(path)?.0.lock().unwrap().seen.keys().cloned().collect())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let node = self.in_parent(from, |nodes, name| nodes.remove(&name).ok_or(io::ErrorKind::NotFound.into()))?;
        self.in_parent(to, |nodes, name| Ok(nodes.insert(name, node))).map(drop)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.in_parent(path, |nodes, name| match nodes.remove(&name) {
            Some(_) => Ok(()),
            None => Err(io::ErrorKind::NotFound.into()),
        })
    }

    fn remove_dirs(&self, path: &Path) -> io::Result<()> {
        self.in_parent(path, |nodes, name| Ok(nodes.remove(&name))).map(drop)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.faults.sync()?;
        let directory = self.directory(path)?;
        let mut names = directory.0.lock().unwrap();
        names.stable = names.seen.clone();
        Ok(())
    }
}

impl File for Handle {
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        let content = self.file.content.lock().unwrap();
        let rest = content.seen.get(usize::try_from(position).unwrap()..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }

    /// Writes what there is room for: a disk that fills up takes the beginning of a write.
    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<usize> {
        let room = self.faults.room.load(Ordering::Relaxed);
        let length = bytes.len().min(usize::try_from(room).unwrap());
        if length == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.faults.room.fetch_sub(length as u64, Ordering::Relaxed);
        let position = usize::try_from(position).unwrap();
        let mut content = self.file.content.lock().unwrap();
        if content.seen.len() < position + length {
            content.seen.resize(position + length, 0);
        }
        content.seen[position..position + length].copy_from_slice(&bytes[..length]);
        Ok(length)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.file.content.lock().unwrap().seen.len() as u64)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        if self.faults.cuts.load(Ordering::Relaxed) {
            return Err(io::Error::other("the file cannot be cut"));
        }
        self.file.content.lock().unwrap().seen.resize(usize::try_from(len).unwrap(), 0);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.faults.sync()?;
        let mut content = self.file.content.lock().unwrap();
        content.stable = content.seen.clone();
        Ok(())
    }

    fn try_lock(&self) -> io::Result<()> {
        if self.file.locked.swap(true, Ordering::Relaxed) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.holds_lock.store(true, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.holds_lock.load(Ordering::Relaxed) {
            self.file.locked.store(false, Ordering::Relaxed);
        }
    }
}
