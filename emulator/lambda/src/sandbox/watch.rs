//! Watches the processes of functions that are at work: how much memory they take and how many there are.
//!
//! A limit on address space would hit runtimes that reserve far more than they use, and one on processes would count all
//! those of the user. So one task looks at `/proc` a few times a second, while anything runs, and kills a group that takes
//! more than it may. Where there is no `/proc` nothing is limited.

use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

/// How often is looked. Memory grows by gigabytes a second at most.
const PERIOD: Duration = Duration::from_millis(200);

/// As many processes as AWS lets a function have.
const MOST_PROCESSES: usize = if cfg!(test) { 64 } else { 1024 };

/// The groups that are watched. Clones watch together.
#[derive(Clone, Default)]
pub(super) struct Watch(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    groups: HashMap<i32, Group>,
    is_looking: bool,
}

struct Group {
    limit_kb: u64,
    seen: Seen,
}

/// What was seen of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// The most memory of all its processes together.
    pub(super) peak_kb: u64,
    /// It was killed for it.
    pub(super) excess: Option<Excess>,
}

/// What there was too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Excess {
    Memory,
    Processes,
}

/// A group that is watched until this is dropped.
pub(super) struct Watched {
    watch: Watch,
    group: i32,
}

impl Watch {
    /// Watches `group`, which may take `memory_mb`.
    pub(super) fn over(&self, group: Pid, memory_mb: u32) -> Watched {
        let group = group.as_raw_nonzero().get();
        let mut state = self.state();
        state.groups.insert(group, Group { limit_kb: u64::from(memory_mb) * 1024, seen: Seen::default() });
        if !std::mem::replace(&mut state.is_looking, true) {
            tokio::spawn(look_on(Arc::downgrade(&self.0)));
        }
        Watched { watch: self.clone(), group }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    /// What was seen so far.
    pub(super) fn seen(&self) -> Seen {
        self.watch.state().groups.get(&self.group).map(|group| group.seen).unwrap_or_default()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.watch.state().groups.remove(&self.group);
    }
}

impl Excess {
    /// What the function's log says of it.
    pub(super) fn describe(self) -> String {
        match self {
            Self::Memory => "The function used more memory than it has".to_owned(),
            Self::Processes => format!("The function had more than {MOST_PROCESSES} processes"),
        }
    }
}

/// Looks until nothing is watched.
async fn look_on(watch: Weak<Mutex<State>>) {
    loop {
        #[expect(
            clippy::disallowed_methods,
            reason = "processes take memory in the system's time, whatever a clock shows"
        )]
        tokio::time::sleep(PERIOD).await;
        let Some(state) = watch.upgrade() else { return };
        let watch = Watch(state);
        if watch.state().groups.is_empty() {
            watch.state().is_looking = false;
            // Somebody may have come between the two looks.
            if watch.state().groups.is_empty() || std::mem::replace(&mut watch.state().is_looking, true) {
                return;
            }
        }
        if tokio::task::spawn_blocking(move || watch.look()).await.is_err() {
            return;
        }
    }
}

impl Watch {
    /// One look at all processes there are.
    fn look(&self) {
        let mut found: HashMap<i32, (u64, usize)> = HashMap::new();
        let Ok(processes) = fs::read_dir("/proc") else { return };
        for pid in processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok()) {
            let Some(group) = group_of(pid).filter(|group| self.state().groups.contains_key(group)) else { continue };
            let (memory, count) = found.entry(group).or_default();
            *memory += memory_kb(pid, pid == group);
            *count += 1;
        }
        let mut state = self.state();
        for (group, (memory_kb, processes)) in found {
            let Some(watched) = state.groups.get_mut(&group) else { continue };
            watched.seen.peak_kb = watched.seen.peak_kb.max(memory_kb);
            let excess = match () {
                () if memory_kb > watched.limit_kb => Excess::Memory,
                () if processes > MOST_PROCESSES => Excess::Processes,
                () => continue,
            };
            watched.seen.excess = Some(excess);
            if let Some(group) = Pid::from_raw(group) {
                // It fails only when there is nobody left to kill.
                let _ = kill_process_group(group, Signal::KILL);
            }
        }
    }
}

/// The group of a process: the third word behind its name, which may hold anything.
fn group_of(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(2)?.parse().ok()
}

/// What a process takes: all of it for the first of a group, its own pages for the others, which share the rest.
fn memory_kb(pid: i32, is_first: bool) -> u64 {
    let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) else { return 0 };
    let name = if is_first { "VmRSS:" } else { "RssAnon:" };
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
