//! KMS: symmetric keys and their aliases, and encrypting, decrypting and making data keys with them.
//!
//! Every world has the keys that AWS manages for the services we have, behind their aliases, from the first time that anybody
//! asks; nobody can change them. The material of keys lies in the state store, beside the data it protects: it is here to make
//! key states, rotation and policies testable, not to keep anything from the user of this machine (docs/fidelity.md). What is
//! *not* here: asymmetric and HMAC keys, imported material, grants, other regions' replicas, and who may use a key.
//!
//! | module | holds |
//! | --- | --- |
//! | `service` | the service and its endpoint, and what other services ask of it |
//! | `action` | one file per API action, and their registry |
//! | `key`, `alias`, `name` | the nouns, and the ways to name a key |
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
mod tag;

#[cfg(test)]
mod fixture;

pub use ciphertext::EncryptionContext;
pub use error::Error;
pub use service::{DataKey, Kms};
