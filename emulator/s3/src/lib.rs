//! S3: buckets and objects over a folder, for AWS's clients and for the services beside it.
//!
//! The bytes of objects are files that never change; what is known about them (keys, versions, headers, tags) is in the state
//! store, and a write is there when both are on stable storage. No name that comes from outside becomes the name of a file.
//! Buckets are of an account and known by name in all of them, as in AWS. What is *not* here: who may do what, keys,
//! web sites, replication and whatever else happens by itself: what is said about such things is kept, and decides nothing
//! (docs/fidelity.md).
//!
//! | module | holds |
//! | --- | --- |
//! | `service` | the service and its endpoint, and what other services ask of it |
//! | `operation` | one file per API operation, and their registry |
//! | `request`, `address`, `chunked` | what a request says: the bucket and key it is for, its body out of its framing |
//! | `answer`, `xml`, `date` | what an answer is made of |
//! | `condition`, `range`, `checksum`, `metadata`, `tags` | headers that several operations share |
//! | `bucket`, `object`, `upload`, `configuration` | the nouns |
//! | `acl`, `lock` | who is granted what, and what is kept from being deleted |
//! | `encryption`, `keys`, `sealing` | what KMS has a part in: what a request wants, who gives secrets, sealed files |
//! | `listing` | prefixes, delimiters and pages |
//! | `directory` | everything known about buckets and objects, in memory and durable |
//! | `blobs` | the files |
//! | `error` | facts, and AWS's words for them |

mod acl;
mod address;
mod answer;
mod blobs;
mod bucket;
mod checksum;
mod chunked;
mod condition;
mod configuration;
mod date;
mod directory;
mod encryption;
mod error;
mod keys;
mod listing;
mod lock;
mod metadata;
mod object;
mod operation;
mod range;
mod request;
mod sealing;
mod service;
mod tags;
mod upload;
mod xml;

#[cfg(test)]
mod fixture;

pub use address::bucket_of_host;
pub use error::Error;
pub use keys::{Context, GeneratedKey, KeyError, Keys};
pub use sealing::SECRET;
pub use service::{OpenError, S3};
