//! Intents: a note on the disk for each create under way, so that what an apply was cut off from is found again.
//!
//! Terraform knows of an object when the answer of its apply arrives. A provider or a service that is killed before leaves
//! an object that nobody knows of. The note holds the token that the create went out under; the next create of the same
//! in the same folder takes the note over and sends the token again, and a service that knows tokens answers with what is
//! there instead of refusing the name or making a second object.
//!
//! A note goes when Terraform has heard, and stays while the outcome is not known. Invariant: a note belongs to one
//! process at a time, by a lock that dies with the process; several processes of a provider work for one folder. A note
//! that cannot be written costs nothing but itself: the create goes on without.

use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher as _, DefaultHasher, Hash as _, Hasher as _, RandomState};
use std::io::{Seek as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

use crate::schema::Schema;
use crate::value::Value;

/// How long after an answer its note is kept: longer than it takes to reach the host.
const DELIVERY: Duration = Duration::from_secs(1);
/// A note that nobody came back for is given up after so long.
const OLDEST: Duration = Duration::from_secs(30 * 24 * 3600);

tokio::task_local! {
    static CURRENT: Arc<Intent>;
}

/// The intent of the create that the running task carries out; `None` outside of one. What talks to the service asks here.
pub fn current_intent() -> Option<Arc<Intent>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// What is written down.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Note {
    token: String,
    #[serde(flatten)]
    subject: Subject,
    /// Of the object, once its create has answered.
    #[serde(default)]
    id: Option<String>,
}

/// What is to be created, as far as a later create can be told to be the same.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Subject {
    /// The type of the resource.
    resource: String,
    /// A digest of what cannot be changed in place.
    lasting: String,
    /// A digest of the whole plan: a state may hold secrets, and a note must not.
    plan: String,
}

impl Subject {
    pub(crate) fn of(resource: &str, schema: &Schema, planned: &Value) -> Self {
        let lasting = schema.block.attributes.iter().filter(|(_, attribute)| attribute.force_new);
        let lasting: Vec<_> = lasting.map(|(name, _)| (name, planned.get(name))).collect();
        Self { resource: resource.to_owned(), lasting: digest(&lasting), plan: digest(&planned) }
    }
}

/// One create.
#[derive(Debug)]
pub struct Intent {
    token: String,
    /// Whose note this was, and whether it planned the very same; `None` if it is new.
    taken_over: Option<bool>,
    is_unanswered: AtomicBool,
    note: Mutex<Option<Held>>,
}

/// A note that is ours.
#[derive(Debug)]
struct Held {
    path: PathBuf,
    file: File,
    note: Note,
}

/// A note that was there.
#[derive(Debug)]
struct Left {
    path: PathBuf,
    note: Note,
}

impl Intent {
    /// What the service is to know the create by.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Says that a request went out and no answer came: whether anything was created is not known.
    pub fn went_unanswered(&self) {
        self.is_unanswered.store(true, Ordering::Relaxed);
    }

    /// Whether an earlier create with other arguments may have made something under the token.
    pub(crate) fn differs(&self) -> bool {
        self.taken_over == Some(false)
    }

    /// Runs `create` so that it finds this intent.
    pub(crate) async fn scope<T>(self: &Arc<Self>, create: impl Future<Output = T>) -> T {
        CURRENT.scope(Arc::clone(self), create).await
    }

    /// Forgets the create.
    pub(crate) fn remove(&self) {
        if let Some(held) = self.note.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Gone already is as good; the folder stays while it has others.
            drop(std::fs::remove_file(&held.path));
            drop(held.path.parent().map(std::fs::remove_dir));
        }
    }
}

/// The notes of one folder.
#[derive(Debug, Default)]
pub(crate) struct Intents {
    folder: Option<PathBuf>,
    left: Mutex<Option<Vec<Left>>>,
    /// Creates that have answered a moment ago.
    answered: Mutex<Vec<(Instant, Arc<Intent>)>>,
}

impl Intents {
    /// Notes below `directory` for whoever works in `place`. Without a directory there are none.
    pub(crate) fn below(directory: Option<PathBuf>, place: &Path) -> Self {
        Self { folder: directory.map(|directory| directory.join(digest(&place))), ..Self::default() }
    }

    /// Begins a create, or takes over the note of one that was cut off.
    pub(crate) fn begin(&self, subject: Subject) -> Arc<Intent> {
        let left = self.take_over(&subject);
        let taken_over = left.as_ref().map(|held| held.note.subject.plan == subject.plan);
        let held = left.or_else(|| self.note(Note { token: token(), subject, id: None }));
        let token = held.as_ref().map_or_else(token, |held| held.note.token.clone());
        Arc::new(Intent { token, taken_over, is_unanswered: AtomicBool::new(false), note: Mutex::new(held) })
    }

    /// The create has answered with an object, which Terraform will hear of in a moment.
    pub(crate) fn made(&self, intent: Arc<Intent>, id: Option<&str>) {
        if let Some(held) = &mut *intent.note.lock().unwrap_or_else(PoisonError::into_inner) {
            held.note.id = id.map(str::to_owned);
            held.write();
        }
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.push((Instant::now(), intent));
        let delivered = answered.iter().take_while(|(since, _)| since.elapsed() > DELIVERY).count();
        answered.drain(..delivered).for_each(|(_, intent)| intent.remove());
    }

    /// The create has failed and left nothing that is known of.
    pub(crate) fn failed(&self, intent: &Intent) {
        if !intent.is_unanswered.load(Ordering::Relaxed) {
            return intent.remove();
        }
        if let Some(Held { path, note, .. }) = intent.note.lock().unwrap_or_else(PoisonError::into_inner).take() {
            self.with_left(|left| left.push(Left { path, note }));
        }
    }

    /// The host has had all answers.
    pub(crate) fn delivered(&self) {
        let answered = std::mem::take(&mut *self.answered.lock().unwrap_or_else(PoisonError::into_inner));
        answered.iter().for_each(|(_, intent)| intent.remove());
    }

    /// Terraform knows the object `id`: if its create was cut off, then not before the answer.
    pub(crate) fn heard_of(&self, resource: &str, id: &str) {
        let heard = |note: &Note| note.subject.resource == resource && note.id.as_deref() == Some(id);
        self.with_left(|left| {
            for known in left.extract_if(.., |known| heard(&known.note)) {
                if let Some(held) = known.hold() {
                    drop(std::fs::remove_file(held.path));
                }
            }
        });
    }

    /// The note of a create of the same, of the same plan if there is one.
    fn take_over(&self, subject: &Subject) -> Option<Held> {
        let is_like = |left: &Subject| left.resource == subject.resource && left.lasting == subject.lasting;
        self.with_left(|left| {
            left.sort_by_key(|known| known.note.subject.plan != subject.plan);
            while let Some(at) = left.iter().position(|known| is_like(&known.note.subject)) {
                if let Some(held) = left.remove(at).hold() {
                    return Some(held);
                }
            }
            None
        })
    }

    /// What was left when it was first asked for. What others begin after that is not left while they live.
    fn with_left<T>(&self, use_them: impl FnOnce(&mut Vec<Left>) -> T) -> T {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        use_them(left.get_or_insert_with(|| {
            let entries = self.folder.as_ref().and_then(|folder| std::fs::read_dir(folder).ok());
            entries.into_iter().flatten().filter_map(|entry| Left::read(entry.ok()?.path())).collect()
        }))
    }

    fn note(&self, note: Note) -> Option<Held> {
        let folder = self.folder.as_ref()?;
        let path = folder.join(&note.token);
        let create = || {
            std::fs::create_dir_all(folder)?;
            let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
            file.lock()?;
            Ok::<_, std::io::Error>(file)
        };
        let file = create().inspect_err(|error| tracing::debug!(%error, "no note can be kept of a create")).ok()?;
        let mut held = Held { path, file, note };
        held.write();
        Some(held)
    }
}

impl Left {
    /// Reads a note. One that is too old, or was not written to its end, is removed.
    fn read(path: PathBuf) -> Option<Self> {
        let is_old = path.metadata().ok()?.modified().ok()?.elapsed().is_ok_and(|age| age > OLDEST);
        let note = serde_json::from_slice(&std::fs::read(&path).ok()?).ok();
        match note.filter(|_| !is_old) {
            Some(note) => Some(Self { path, note }),
            // Whoever is just writing it holds it.
            None => {
                let file = File::open(&path).ok()?;
                drop(file.try_lock().is_ok().then(|| std::fs::remove_file(path)));
                None
            }
        }
    }

    /// Takes it, if nobody has it.
    fn hold(self) -> Option<Held> {
        let file = OpenOptions::new().read(true).write(true).open(&self.path).ok()?;
        file.try_lock().ok()?;
        // Somebody else may have held it, and removed it, between our opening and our locking.
        let is_there = file.metadata().is_ok_and(|metadata| metadata.nlink() > 0);
        is_there.then_some(Held { path: self.path, file, note: self.note })
    }
}

impl Held {
    fn write(&mut self) {
        let text = serde_json::to_string(&self.note).expect("a note is made of strings");
        let written = self.file.rewind().and_then(|()| self.file.set_len(0));
        if let Err(error) = written.and_then(|()| self.file.write_all(text.as_bytes())) {
            tracing::debug!(%error, "no note can be kept of a create");
        }
    }
}

/// The same for the same value in every process. Two that are taken for one cost a create its exactness, not its safety.
fn digest(value: &impl std::fmt::Debug) -> String {
    let mut hasher = DefaultHasher::new();
    format!("{value:?}").hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// A random UUID.
fn token() -> String {
    let half = || RandomState::new().hash_one((SystemTime::now(), std::process::id()));
    let (high, low) = (half(), half());
    let (version, variant) = (0x4 << 12, 0b10 << 62);
    let high = high & !0xf000 | version;
    let low = low >> 2 | variant;
    let hex = format!("{high:016x}{low:016x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(lasting: &str, plan: &str) -> Subject {
        Subject { resource: "test_probe".to_owned(), lasting: lasting.to_owned(), plan: plan.to_owned() }
    }

    /// A process that is killed: its locks go, its notes stay.
    fn killed(intent: &Intent) {
        *intent.note.lock().unwrap() = None;
    }

    fn notes(directory: &Path) -> usize {
        let folders = std::fs::read_dir(directory).unwrap().map(|folder| folder.unwrap().path());
        folders.map(|folder| std::fs::read_dir(folder).unwrap().count()).sum()
    }

    #[test]
    fn a_create_that_was_cut_off_is_taken_over_once() {
        let directory = tempfile::tempdir().unwrap();
        let intents = || Intents::below(Some(directory.path().to_owned()), Path::new("/place"));
        let first = intents().begin(subject("a", "p"));
        assert_eq!(first.taken_over, None);
        // Held by a process that lives, it is nobody else's.
        let beside = intents().begin(subject("a", "p"));
        assert_ne!(beside.token(), first.token());
        beside.remove();
        killed(&first);
        let elsewhere = Intents::below(Some(directory.path().to_owned()), Path::new("/other"));
        assert_ne!(elsewhere.begin(subject("a", "p")).token(), first.token());
        let others = intents();
        for other in [subject("b", "p"), Subject { resource: "x".to_owned(), ..subject("a", "p") }] {
            assert_ne!(others.begin(other).token(), first.token());
        }
        let second = others.begin(subject("a", "p"));
        assert_eq!((second.token(), second.taken_over, second.differs()), (first.token(), Some(true), false));
        assert_ne!(others.begin(subject("a", "p")).token(), first.token());
    }

    #[test]
    fn of_two_the_one_with_the_same_plan_is_taken() {
        let directory = tempfile::tempdir().unwrap();
        let intents = || Intents::below(Some(directory.path().to_owned()), Path::new("/place"));
        let before = intents();
        let left = ["p", "q", "r"].map(|plan| before.begin(subject("a", plan)));
        left.iter().for_each(|intent| killed(intent));
        let after = intents();
        let same = after.begin(subject("a", "q"));
        assert_eq!((same.token(), same.taken_over), (left[1].token(), Some(true)));
        assert!(after.begin(subject("a", "s")).differs());
    }

    #[test]
    fn a_note_goes_when_the_outcome_is_known() {
        let directory = tempfile::tempdir().unwrap();
        let intents = Intents::below(Some(directory.path().to_owned()), Path::new("/place"));
        let refused = intents.begin(subject("a", "p"));
        intents.failed(&refused);
        let lost = intents.begin(subject("b", "p"));
        lost.went_unanswered();
        intents.failed(&lost);
        let made = intents.begin(subject("c", "p"));
        intents.made(Arc::clone(&made), Some("i-1"));
        assert_eq!(notes(directory.path()), 2);
        intents.delivered();
        assert_eq!(notes(directory.path()), 1);
        assert_eq!(intents.begin(subject("b", "p")).token(), lost.token());
    }

    #[test]
    fn what_terraform_has_in_its_state_is_not_made_again() {
        let directory = tempfile::tempdir().unwrap();
        let intents = || Intents::below(Some(directory.path().to_owned()), Path::new("/place"));
        let (before, made) = (intents(), intents().begin(subject("a", "p")));
        before.made(Arc::clone(&made), Some("i-1"));
        killed(&made);
        let after = intents();
        after.heard_of("test_probe", "i-2");
        assert_eq!(notes(directory.path()), 1);
        after.heard_of("test_probe", "i-1");
        assert_eq!(notes(directory.path()), 0);
    }

    #[test]
    fn what_is_no_note_is_removed() {
        let directory = tempfile::tempdir().unwrap();
        let intents = Intents::below(Some(directory.path().to_owned()), Path::new("/place"));
        let folder = intents.folder.clone().unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("torn"), "{\"token\":").unwrap();
        assert_eq!(intents.begin(subject("a", "p")).taken_over, None);
        assert!(!folder.join("torn").exists());
    }

    #[test]
    fn tokens_are_uuids() {
        let token = token();
        assert_eq!((token.len(), &token[14..15]), (36, "4"));
        assert!(matches!(&token[19..20], "8" | "9" | "a" | "b"), "{token}");
        assert_ne!(token, super::token());
    }
}
