//! Sandboxes: one process group serves one version of one function, one event at a time.

mod host;

pub use host::{RuntimeHost, RuntimeListener};
