//! Sandboxes: one process group serves one revision of one version of a function, one event at a time.
//!
//! In reading order: [`interpreter`] finds what runs the code, [`environment`] and [`launch`] say how, [`process`] starts
//! and kills it, [`capture`] reads what it prints, [`single`] takes it through events, and [`pool`] keeps the warm ones.
//! Invariant: when a sandbox is dropped, or the emulator dies, no process of it is left.

mod capture;
mod environment;
mod host;
mod interpreter;
mod launch;
mod pool;
mod process;
mod run;
mod single;

pub use host::{RuntimeHost, RuntimeListener};

pub(crate) use launch::{Launcher, Plan};
pub(crate) use pool::{Limits, Pool};
pub(crate) use run::{Event, Finished, Verdict};

#[cfg(test)]
mod node_tests;
#[cfg(test)]
mod tests;
