//! Code that lies in a bucket: what this crate asks of whoever has buckets.

use aws_wire::World;
use bytes::Bytes;
use futures_util::future::BoxFuture;

/// Somebody who reads packages out of buckets.
pub trait CodeSource: Send + Sync + 'static {
    /// The whole object, as somebody in `world` may read it. More than 50 MB need not be read to the end: the package is
    /// refused anyway.
    fn fetch<'a>(&'a self, world: &'a World, object: &'a CodeObject) -> BoxFuture<'a, Result<Bytes, CodeError>>;
}

/// An object with a package in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeObject {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key.
    pub key: String,
    /// One of its versions, if not the newest.
    pub version: Option<String>,
}

/// Why there is no package, in S3's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct CodeError {
    /// `NoSuchBucket`, `NoSuchKey` and so on.
    pub code: String,
    /// The sentence that goes with it.
    pub message: String,
}
