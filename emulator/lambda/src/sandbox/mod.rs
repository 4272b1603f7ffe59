//! Sandboxes: one process group serves one revision of one version of a function, one event at a time.
//!
//! In reading order: [`interpreter`] finds what runs the code, [`environment`] and [`launch`] say how, [`opt`] puts layers together, [`process`] starts
//! and kills it, [`capture`] reads what it prints, [`single`] takes it through events, [`watch`] what it takes,
//! [`slots`] says who gets one, and [`pool`] keeps the warm ones. [`attached`] is for processes that are not ours.
//! Invariant: when a sandbox is dropped, or the emulator dies, no process of it is left.

mod attached;
mod capture;
mod environment;
mod host;
mod interpreter;
mod java;
mod launch;
mod opt;
mod pool;
mod process;
mod run;
mod single;
mod slots;
mod watch;

pub use attached::Attachment;
pub use host::{RuntimeHost, RuntimeListener};

pub(crate) use attached::Attachments;
pub(crate) use launch::{Launcher, Plan};
pub(crate) use pool::{Limits, Pool};
pub(crate) use run::{Event, Finished, Verdict};

#[cfg(test)]
mod limit_tests;
#[cfg(test)]
mod node_tests;
#[cfg(test)]
mod tests;
