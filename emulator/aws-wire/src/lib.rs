//! How AWS talks: protocols, shapes and constraints, errors, names.
//!
//! A service crate brings its actions; everything between the bytes of a request and an action's `run`, and between its
//! result and the bytes of the answer, is here and the same for all of them: decode, check types, check constraints, run,
//! encode. An [`Action`] says *what* it takes as data ([`Structure`]) and never how it is spelled on the wire, so the same
//! action can be reached over JSON, CBOR, REST or query, and a further protocol touches no action.
//!
//! What is *not* here: sockets and hyper (the server's), who may do what (IAM's), and any service's own words.
//!
//! | module | holds |
//! | --- | --- |
//! | [`action`] | what an action is, and the registry of a service |
//! | [`shape`], [`check`] | constraints as data; the words AWS has for a value that breaks them |
//! | [`json11`], [`rest_json`], [`query`] | the protocols |
//! | [`format`] | JSON and CBOR, the two spellings of a document |
//! | [`event_stream`] | frames of a streamed answer |
//! | [`call`], [`credential`], [`arn`] | where a request belongs, who signed it, what it names |
//! | [`error`] | codes and messages, and the one table from code to status |
//! | [`blob`], [`epoch`], [`iso`] | bytes and times as members |
//! | [`scan`], [`base64_text`] | the short ways in and out of actions that are called thousands of times a second |

pub mod action;
pub mod arn;
pub mod base64_text;
pub mod blob;
pub mod call;
mod cbor;
pub mod check;
pub mod credential;
pub mod epoch;
pub mod error;
pub mod event_stream;
pub mod format;
pub mod iso;
pub mod json11;
pub mod query;
pub mod reply;
pub mod rest_json;
pub mod scan;
pub mod shape;

pub use action::{Action, Actions, EventAction, RawAction, Service};
pub use arn::Arn;
pub use blob::Blob;
pub use call::{Call, Invocation, World};
pub use epoch::EpochSeconds;
pub use error::AwsError;
pub use format::{Encoded, Format};
pub use iso::{IsoSeconds, parse_iso};
pub use reply::{Body, Endpoint, Reply};
pub use rest_json::{Http, Rest};
pub use shape::{Member, Pattern, Shape, Structure};
