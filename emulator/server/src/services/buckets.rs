//! Code in buckets, as Lambda asks for it: the objects of S3.

use aws_wire::World;
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use lambda::code_source::{CodeError, CodeObject, CodeSource};
use s3::S3;

/// The buckets of all worlds.
pub(super) struct Buckets(pub(super) S3);

impl CodeSource for Buckets {
    fn fetch<'a>(&'a self, world: &'a World, object: &'a CodeObject) -> BoxFuture<'a, Result<Bytes, CodeError>> {
        async move {
            let read = self.0.get(world, &object.bucket, &object.key, object.version.as_deref());
            read.map_err(|error| CodeError { code: error.code().to_owned(), message: error.to_string() })
        }
        .boxed()
    }
}
