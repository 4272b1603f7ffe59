//! SNS: topics and their subscriptions, and bringing what is published to queues, functions and HTTP endpoints.
//!
//! A publish is answered when every queue and function that wants the message has it, and when what is left, deliveries over
//! HTTP, is on stable storage; a restart goes on with those. SNS does not know who has queues and functions: it asks
//! [`Targets`]. What is *not* here: mobile push, SMS and e-mail, archives, who may publish (policies are stored), and
//! signatures of messages that anybody could verify. Subscriptions to what is not here, and policies of archives, are kept all
//! the same.
//!
//! | module | holds |
//! | --- | --- |
//! | `service` | the service and its endpoint, and what other services ask of it |
//! | `action` | one file per API action, and their registry |
//! | `topic`, `subscription`, `filter`, `tag` | the nouns, and which messages a subscription wants |
//! | `archive` | what is said about keeping messages and having them again |
//! | `message`, `document` | what is published, and the documents that targets get |
//! | `publish`, `outbox`, `retry` | who gets what; deliveries that take several attempts |
//! | `target` | what SNS asks of others |
//! | `directory`, `page` | the topics and subscriptions of all worlds; lists in pages |
//! | `error` | facts, and AWS's words for them |

mod action;
mod archive;
mod directory;
mod document;
mod error;
mod filter;
mod message;
mod outbox;
mod page;
mod publish;
mod retry;
mod service;
mod subscription;
mod tag;
mod target;
mod topic;

#[cfg(test)]
mod fixture;

pub use error::Error;
pub use message::{Attribute, Publication};
pub use service::{Config, Sns};
pub use target::{QueueMessage, TargetError, Targets};
