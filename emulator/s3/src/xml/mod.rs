//! XML, as much as S3's documents need: elements and text. No attributes but namespaces, no entities of a document's own.

mod read;
mod write;

pub(crate) use read::{Element, parse};
pub(crate) use write::{NAMESPACE, Xml};
