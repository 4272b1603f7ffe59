//! CloudWatch Logs: groups, streams and their events, for AWS's clients and for the functions beside it.
//!
//! A group is one log of `shard-log`, in which each event says what stream it is of. That is because retention is of groups;
//! because what people ask for is a group (`aws logs tail`, FilterLogEvents), in the order in which it was written; and because
//! functions make many streams of few events each, for which a file of their own would be a waste. The price is that a single
//! stream is read past its neighbours. Groups and streams themselves are in the state store. What is *not* here: queries, metric
//! filters, subscriptions, deliveries and encryption (docs/fidelity.md).
//!
//! | module | holds |
//! | --- | --- |
//! | `service` | the service and its endpoint, and what other services ask of it |
//! | `writer` | a pen for services that must not wait |
//! | `action` | one file per API action, and their registry |
//! | `catalog` | the groups and streams of all worlds, in memory and durable |
//! | `group`, `event` | a group with its log, and events as the log has them |
//! | `name`, `pattern`, `page` | ways to name a group, filter patterns, pages of lists |
//! | `shape` | constraints that actions share |
//! | `error` | facts, and AWS's words for them |

mod action;
mod catalog;
mod error;
mod event;
mod group;
mod name;
mod page;
mod pattern;
mod service;
mod shape;
mod writer;

#[cfg(test)]
mod fixture;

pub use error::Error;
pub use service::{Event, Logs};
pub use writer::Writer;
