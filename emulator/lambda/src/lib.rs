//! AWS Lambda on one machine: functions as local processes, and the event source mappings that feed them.
//!
//! The parts, in reading order:
//! - [`name`]: function names, qualifiers and ARNs, parsed once at the edge;
//! - `function`: what a function is, its versions and states, and the catalog that keeps them;
//! - `code`: deployment packages on disk, checked before they are believed; [`code_source`], where buckets are read;
//! - `layer`: packages that functions share;
//! - [`runtime_api`]: the HTTP interface that a runtime inside a sandbox talks to;
//! - [`sandbox`]: one process group serving one function version, and the pool of them;
//! - `log`: what functions print, with the platform's START, END and REPORT lines;
//! - [`invoke`]: running a function, the seam that mappings and other services call; `runner` does it, and `queue` does
//!   it for events that nobody waits for;
//! - [`destination`]: where documents about invocations go, asked for as a trait; `document`: what they have in common;
//! - [`mapping`]: event source mappings, which read streams and call functions; [`keys`], which keep their filters;
//! - `action`: one file per API action; `service`: everything together.
//!
//! What is *not* here: sockets (the server brings a [`sandbox::RuntimeHost`]), the wire rules of AWS (`aws-wire`) and
//! where records come from (a mapping asks for a record source in its own words).

pub mod code_source;
pub mod destination;
pub mod invoke;
pub mod keys;
pub mod mapping;
pub mod name;
pub mod runtime_api;
pub mod sandbox;

mod action;
mod code;
mod document;
mod error;
#[cfg(test)]
mod fixture;
mod function;
mod layer;
mod log;
mod queue;
mod runner;
mod service;

pub use error::Error;
pub use log::{Event, EventReader, FunctionLog, Page};
pub use service::{Config, Lambda};
