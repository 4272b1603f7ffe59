//! SQS: standard and FIFO queues, with everything between a send and a delete.
//!
//! An acknowledged message is on stable storage, and so is what is known of its deliveries; a restart goes on where it was.
//! A receiver that waits is woken by what it waits for: a send, a group that becomes free, the end of a delay or of a
//! visibility timeout. What is *not* here: who may use a queue (policies are stored), message move tasks, and encryption of
//! what lies on the disk (its settings are stored).
//!
//! | module | holds |
//! | --- | --- |
//! | `service`, `client` | the service, its endpoint, what other services ask of it; the service as one client sees it |
//! | `protocol` | the two protocols: AWS JSON 1.0, and the older forms and XML |
//! | `action` | one file per API action, and their registry |
//! | `send`, `receive`, `settle` | what actions do with messages |
//! | `queue`, `settings`, `name`, `tag` | a queue, what is set of it, what it is called |
//! | `backlog`, `deduplication` | the messages of a queue, and which were sent twice: pure, time is an argument |
//! | `message`, `attribute`, `receipt` | a message, its attributes and their MD5, the handle of a delivery |
//! | `directory`, `journal` | the queues of all worlds; how messages become durable |
//! | `error` | facts, and AWS's words for them |

mod action;
mod attribute;
mod backlog;
mod client;
mod deduplication;
mod directory;
mod error;
mod journal;
mod message;
mod name;
mod protocol;
mod queue;
mod receipt;
mod receive;
mod send;
mod service;
mod settings;
mod settle;
mod tag;

#[cfg(test)]
mod fixture;

pub use attribute::{AttributeValue, Attributes};
pub use error::Error;
pub use send::Outgoing;
pub use service::Sqs;
