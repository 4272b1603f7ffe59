//! KMS: keys and their aliases, encrypting, decrypting and making data keys with them, and authenticating messages.
//!
//! Every world has the keys that AWS manages for the services we have, behind their aliases, from the first time that anybody
//! asks; nobody can change them. The material of keys lies in the state store, beside the data it protects: it is here to make
//! key states, rotation and policies testable, not to keep anything from the user of this machine (docs/fidelity.md). What is
//! *not* here: imported material, key stores, grants, other regions' replicas, who may use a key, and doing anything with
//! asymmetric keys, which are made, kept and described all the same.
//!
//! | module | holds |
//! | --- | --- |
//! | `service` | the service and its endpoint, and what other services ask of it |
//! | `action` | one file per API action, and their registry |
//! | `key`, `alias`, `name` | the nouns, and the ways to name a key |
//! | `spec` | the kinds of keys, and what goes with each |
//! | `ciphertext` | what a key makes of a plaintext, and back |
//! | `directory` | the keys and aliases of all worlds, in memory and durable |
//! | `shape`, `page`, `tag` | constraints, pages and tags that actions share |
//! | `error` | facts, and AWS's words for them |

mod action;
mod alias;
mod ciphertext;
mod directory;
mod error;
mod key;
mod name;
mod page;
mod service;
mod shape;
mod spec;
mod tag;

#[cfg(test)]
mod fixture;

pub use ciphertext::EncryptionContext;
pub use error::Error;
pub use service::{DataKey, Kms};
