//! STS: who is calling, and temporary credentials for a role or a session.
//!
//! Nothing is stored. A temporary access key tells the account it belongs to, as AWS's do, so that requests signed with it
//! reach the right world; session policies, and what a caller may assume, belong to the enforcement that is *not* here yet.
//!
//! | module | holds |
//! | --- | --- |
//! | `service` | the service and its endpoint |
//! | `action` | one file per API action |
//! | [`access_key`] | temporary access keys and the account inside them |
//! | `credentials` | a set of temporary credentials, as the API shows it |
//! | `roles` | what STS must know of a role, as a trait |
//! | `error` | facts, and AWS's words for them |

pub mod access_key;
mod action;
mod credentials;
mod error;
mod roles;
mod service;

#[cfg(test)]
mod fixture;

pub use error::Error;
pub use roles::{Role, Roles};
pub use service::Sts;
