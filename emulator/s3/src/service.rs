//! The service as one value: what it is reached by, how an operation is found for a request, and what other services ask of it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use aws_wire::{Call, Endpoint, Reply, World};
use bytes::Bytes;
use env::Env;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use state_store::Store;
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::answer;
use crate::bucket::{Bucket, hex};
use crate::checksum::Algorithm;
use crate::directory::{Directory, Shelf};
use crate::encryption::{self, Sealing};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::lock::Lock;
use crate::metadata;
use crate::object::{Content, Held};
use crate::operation;
use crate::request::Request;

/// Buckets and objects. Cheap to clone.
#[derive(Clone)]
pub struct S3(Arc<Directory>, Arc<dyn Keys>);

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder of objects failed.
    #[error("the folder of objects failed: {0}")]
    Folder(#[from] std::io::Error),
    /// The state failed.
    #[error(transparent)]
    State(#[from] state_store::Error),
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3").finish_non_exhaustive()
    }
}

impl S3 {
    /// Opens what `store` and `folder` hold. What is to be encrypted by KMS is by the secrets of `keys`.
    pub fn open(env: Env, store: &Store, folder: &Path, keys: Arc<dyn Keys>) -> Result<Self, OpenError> {
        Directory::open(env, store, folder).map(|directory| Self(Arc::new(directory), keys))
    }

    /// Makes an object of `bytes` in a bucket of the world's account. It is on stable storage when this returns.
    pub fn put(&self, world: &World, bucket: &str, key: &str, bytes: &[u8]) -> Result<()> {
        blocking(|| {
            let found = self.bucket_of(&world.account, bucket)?;
            let sealing = self.sealing(&found, key, encryption::of_bucket(&found)?)?;
            let mut content = self.content(bytes, metadata::of(&http::HeaderMap::new())?, sealing)?;
            content.lock = Lock::default().or_of_bucket(&found, self.0.now());
            self.add(bucket, key, content, |_| Ok(())).map(drop)
        })
    }

    /// The bytes of an object in a bucket of the world's account: of a version of it, or of the newest.
    pub fn get(&self, world: &World, bucket: &str, key: &str, version: Option<&str>) -> Result<Bytes> {
        blocking(|| {
            let found = self.bucket_of(&world.account, bucket)?;
            let (held, content) = self.object(bucket, key, version)?;
            let bytes = self.bytes(&found, &content)?;
            drop(held);
            Ok(bytes.into())
        })
    }

    /// All bytes of an object of `bucket`.
    pub(crate) fn bytes(&self, bucket: &Bucket, content: &Content) -> Result<Vec<u8>> {
        metadata::check_readable(&content.headers)?;
        let secret = self.secret(bucket, content.seal.as_ref())?;
        let mut bytes = Vec::new();
        for piece in &content.pieces {
            bytes.extend(self.0.blobs.read(piece, 0, piece.length, secret.as_ref())?);
        }
        Ok(bytes)
    }

    /// The bucket that `request` is about.
    pub(crate) fn bucket(&self, request: &Request) -> Result<Arc<Bucket>> {
        let bucket = self.bucket_of(&request.call.world.account, request.bucket())?;
        match request.header("x-amz-expected-bucket-owner") {
            Some(owner) if owner != bucket.account => Err(Error::AccessDenied),
            _ => Ok(bucket),
        }
    }

    /// The bucket of that name, which belongs to `account`.
    pub(crate) fn bucket_of(&self, account: &str, name: &str) -> Result<Arc<Bucket>> {
        let bucket = self.read(name, |shelf| Arc::clone(&shelf.bucket))?;
        if bucket.account == account { Ok(bucket) } else { Err(Error::AccessDenied) }
    }

    /// What `read` finds in a bucket.
    pub(crate) fn read<R>(&self, bucket: &str, read: impl FnOnce(&Shelf) -> R) -> Result<R> {
        self.0.read(bucket, read).ok_or_else(|| Error::BucketNotFound { bucket: bucket.to_owned() })
    }

    /// An object and its content: the newest version, or the one that is named.
    pub(crate) fn object(&self, bucket: &str, key: &str, version: Option<&str>) -> Result<(Arc<Held>, Content)> {
        let held = match version {
            None => self.read(bucket, |shelf| shelf.newest(key).cloned())?,
            Some(id) => self.read(bucket, |shelf| shelf.version(key, id).cloned())?,
        };
        let key = key.to_owned();
        match (held, version) {
            (None, None) => Err(Error::KeyNotFound { key, delete_marker: false }),
            (None, Some(version)) => Err(Error::VersionNotFound { key, version: version.to_owned() }),
            (Some(held), version) => match (held.version.content.clone(), version) {
                (Some(content), _) => Ok((held, content)),
                (None, None) => Err(Error::KeyNotFound { key, delete_marker: true }),
                (None, Some(_)) => Err(Error::DeleteMarker { key }),
            },
        }
    }

    /// A body on the disk, and what is to be known about it.
    pub(crate) fn content(&self, body: &[u8], headers: metadata::Headers, sealing: Option<Sealing>) -> Result<Content> {
        let (piece, md5) = self.0.blobs.put(body, sealing.as_ref().map(|sealing| &sealing.secret))?;
        Ok(Content {
            etag: format!("\"{}\"", hex(&md5)),
            checksum: Algorithm::Crc64Nvme.of(body),
            pieces: piece.into_iter().collect(),
            headers,
            tags: Vec::new(),
            parts: None,
            seal: sealing.map(|sealing| sealing.seal),
            acl: None,
            lock: Lock::default(),
        })
    }

    /// Makes `content` the newest version of `key`, if `check` has nothing against it. It gets the ETag that is there now.
    pub(crate) fn add(
        &self,
        bucket: &str,
        key: &str,
        content: Content,
        check: impl FnOnce(Option<&str>) -> Result<()>,
    ) -> Result<Arc<Held>> {
        let mut writing = self.0.write();
        let newest = self.read(bucket, |shelf| shelf.newest(key).and_then(|held| held.version.content.clone()));
        let checked = newest.and_then(|newest| check(newest.as_ref().map(|content| content.etag.as_str())));
        if let Err(error) = checked {
            content.pieces.iter().for_each(|piece| self.0.blobs.remove(&piece.blob));
            return Err(error);
        }
        writing.add(bucket, key, Some(content), None)
    }

    /// Who gives secrets and gives them back.
    pub(crate) fn keys(&self) -> &dyn Keys {
        &*self.1
    }

    /// Everything there is.
    pub(crate) fn directory(&self) -> &Directory {
        &self.0
    }

    fn answer(&self, call: Call, request: http::Request<Bytes>) -> Reply {
        let (id, method, path) = (call.request_id.clone(), request.method().clone(), request.uri().path().to_owned());
        let answered = Request::of(call, request).and_then(|request| operation::find(&request)?(self, &request));
        let reply = answered.unwrap_or_else(|error| {
            tracing::debug!(%method, path, code = error.code(), %error, "refused");
            answer::error(&error, &method, &path, &id)
        });
        answer::stamped(reply, &id)
    }
}

impl Endpoint for S3 {
    fn serve(&self, call: Call, request: http::Request<Bytes>) -> BoxFuture<'_, Reply> {
        async move { blocking(|| self.answer(call, request)) }.boxed()
    }
}

/// Runs what waits for the disk. On a worker of a Tokio runtime with several, the others' tasks are handed on first.
pub(crate) fn blocking<R>(work: impl FnOnce() -> R) -> R {
    let flavor = Handle::try_current().map(|runtime| runtime.runtime_flavor());
    if matches!(flavor, Ok(RuntimeFlavor::MultiThread)) { tokio::task::block_in_place(work) } else { work() }
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    use super::*;

    #[test]
    fn other_services_put_and_get() {
        let mut fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        let world = fixture.world();
        fixture.s3.put(&world, "bucket", "a/b", b"one").unwrap();
        fixture.restart();
        assert_eq!(fixture.s3.get(&world, "bucket", "a/b", None).unwrap(), "one");
        assert_eq!(fixture.s3.get(&world, "bucket", "a/b", Some("null")).unwrap(), "one");
        assert_eq!(fixture.ok("GET", "/bucket/a/b", &[], "").text(), "one");
        let other = World::new("111111111111", "us-east-1");
        assert_eq!(fixture.s3.put(&other, "bucket", "k", b""), Err(Error::AccessDenied));
        let missing = fixture.s3.get(&world, "none", "k", None);
        assert_eq!(missing, Err(Error::BucketNotFound { bucket: "none".into() }));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn any_request_is_answered(
            calls in proptest::collection::vec((
                "GET|PUT|POST|HEAD|DELETE|OPTIONS",
                "/(bucket)?(/|/k|/%00|/%ff)?",
                r"(\?|\?(acl|cors|policy|tagging|versioning|uploads|delete|versions|list-type=2|location|lifecycle|website|logging|replication|object-lock|retention|legal-hold)&?)?",
                "(uploadId=[a-z]?&|partNumber=[0-9x]{0,6}&|versionId=n?&|max-keys=[0-9-]{0,12}&|prefix=.?&|delimiter=/&){0,3}",
                proptest::sample::select(vec!["range", "if-match", "content-md5", "x-amz-copy-source", "x-amz-tagging",
                    "x-amz-checksum-crc32", "x-amz-grant-read", "x-amz-object-lock-retain-until-date", "x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-trailer"]),
                "(bytes=|[0-9]{1,3}|-|STREAMING-|bucket/k|=|[a-z]|%|&){0,4}",
                "(<[a-zA-Z]{1,3}>|</[a-zA-Z]{1,3}>|<Delete>|<Object><Key>k</Key></Object>|[0-9a-f;]{0,3}\r\n|&#?[a-z0-9]{0,4};|x){0,6}",
            ), 1..12),
        ) {
            let fixture = Fixture::new();
            fixture.ok("PUT", "/bucket", &[], "");
            for (method, path, resource, query, header, value, body) in &calls {
                let query = query.replace(|character: char| !character.is_ascii_graphic(), "_");
                let question = if resource.is_empty() { "?" } else { "" };
                let uri = format!("{path}{resource}{question}{query}");
                if uri.parse::<http::Uri>().is_ok() {
                    fixture.call(method, &uri, &[(header, value)], body);
                }
            }
        }
    }
}
