//! What the tests of this crate share: a service on a folder, driven with requests as a client sends them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use aws_wire::{Body, Call, Endpoint as _, Reply, World};
use bytes::Bytes;
use env::{Env, Timestamp};
use futures_util::{FutureExt as _, StreamExt as _};
use state_store::Store;
use tempfile::TempDir;

use crate::xml::{Element, parse};
use crate::{Context, GeneratedKey, KeyError, Keys, S3, SECRET};

/// A service and what survives its restart.
pub(crate) struct Fixture {
    pub(crate) s3: S3,
    pub(crate) region: &'static str,
    pub(crate) account: &'static str,
    pub(crate) keys: Arc<OneKey>,
    env: Env,
    store: Store,
    folder: TempDir,
}

/// A key service with the keys `mine` and `other`, and AWS's. Its secrets are known to everybody.
#[derive(Debug, Default)]
pub(crate) struct OneKey {
    disabled: AtomicBool,
    secrets: AtomicU8,
}

impl OneKey {
    /// From now on, none of them can be used.
    pub(crate) fn disable(&self) {
        self.disabled.store(true, Ordering::Relaxed);
    }

    fn arn(&self, key_id: &str) -> Result<String, KeyError> {
        let arn = format!("arn:aws:kms:us-east-1:000000000000:key/{}", key_id.trim_start_matches("alias/aws/"));
        if self.disabled.load(Ordering::Relaxed) {
            return Err(KeyError { code: Some("DisabledException"), message: format!("{arn} is disabled.") });
        }
        let is_known = ["mine", "other", "alias/aws/s3"].contains(&key_id);
        let missing = || KeyError { code: Some("NotFoundException"), message: format!("Key '{arn}' does not exist") };
        is_known.then_some(arn.clone()).ok_or_else(missing)
    }
}

impl Keys for OneKey {
    fn generate(&self, _: &World, key_id: &str, context: &Context) -> Result<GeneratedKey, KeyError> {
        let key_arn = self.arn(key_id)?;
        let secret = [self.secrets.fetch_add(1, Ordering::Relaxed); SECRET];
        let encrypted = [&secret[..], format!("{context:?}").as_bytes()].concat();
        Ok(GeneratedKey { key_arn, secret, encrypted })
    }

    fn decrypt(&self, _: &World, encrypted: &[u8], context: &Context) -> Result<[u8; SECRET], KeyError> {
        self.arn("mine")?;
        let (secret, bound) = encrypted.split_at(SECRET);
        assert_eq!(bound, format!("{context:?}").as_bytes(), "asked for something else");
        Ok(secret.try_into().unwrap())
    }
}

/// An answer with all of its body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: http::HeaderMap,
    body: String,
}

impl Answer {
    pub(crate) fn of(reply: Reply) -> Self {
        let (parts, body) = reply.into_parts();
        let body: Vec<u8> = match body {
            Body::Full(bytes) => bytes.into(),
            Body::Stream(pieces) => pieces.collect::<Vec<_>>().now_or_never().unwrap().concat(),
        };
        Self { status: parts.status.as_u16(), headers: parts.headers, body: String::from_utf8(body).unwrap() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| std::str::from_utf8(value.as_bytes()).unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        &self.body
    }

    pub(crate) fn xml(&self, root: &str) -> Element {
        assert_eq!(self.status, 200, "{}", self.body);
        parse(self.body.as_bytes(), root).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn code(&self) -> String {
        let root = parse(self.body.as_bytes(), "Error").unwrap_or_else(|error| panic!("{error}: {}", self.body));
        root.value("Code").unwrap().to_owned()
    }
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let env = Env::manual(Timestamp::from_secs(1_700_000_000), 1);
        let (store, folder, keys) = (Store::in_memory(), tempfile::tempdir().unwrap(), Arc::new(OneKey::default()));
        let s3 = S3::open(env.clone(), &store, folder.path(), keys.clone()).unwrap();
        Self { s3, region: "us-east-1", account: "000000000000", keys, env, store, folder }
    }

    pub(crate) fn world(&self) -> World {
        World::new(self.account, self.region)
    }

    /// Forgets everything that is not stored.
    pub(crate) fn restart(&mut self) {
        self.s3 = S3::open(self.env.clone(), &self.store, self.folder.path(), self.keys.clone()).unwrap();
    }

    /// How many files objects have.
    pub(crate) fn files(&self) -> usize {
        self.paths().len()
    }

    /// Whether any of them shows these bytes.
    pub(crate) fn is_on_disk(&self, text: &str) -> bool {
        let shows = |file: Vec<u8>| file.windows(text.len()).any(|window| window == text.as_bytes());
        self.paths().into_iter().any(|path| shows(std::fs::read(path).unwrap()))
    }

    fn paths(&self) -> Vec<PathBuf> {
        let names =
            |path: &Path| std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
        names(&self.folder.path().join("blobs")).iter().flat_map(|folder| names(folder)).collect()
    }

    /// The answer, whose body may not have been read yet.
    pub(crate) fn begin(&self, method: &str, uri: &str) -> Reply {
        self.send(method, uri, &[], "")
    }

    fn send(&self, method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let call = Call { world: self.world(), access_key: None, invocation: None, request_id: "id".into() };
        let mut request = http::Request::builder().method(method).uri(uri).header("host", "localhost:4566");
        for (name, value) in headers {
            request = request.header(*name, http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let request = request.body(Bytes::from(body.to_owned())).unwrap();
        self.s3.serve(call, request).now_or_never().unwrap()
    }

    pub(crate) fn call(&self, method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        Answer::of(self.send(method, uri, headers, body))
    }

    /// The answer of a call that succeeds.
    #[track_caller]
    pub(crate) fn ok(&self, method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let answer = self.call(method, uri, headers, body);
        assert!((200..300).contains(&answer.status), "{method} {uri}: {} {}", answer.status, answer.body);
        answer
    }

    /// The answer of a call that fails with this status and code.
    #[track_caller]
    pub(crate) fn refused(
        &self,
        method: &str,
        uri: &str,
        headers: &[(&str, &str)],
        body: &str,
        (status, code): (u16, &str),
    ) -> Answer {
        let answer = self.call(method, uri, headers, body);
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{method} {uri} {headers:?}");
        answer
    }

    /// Has a bucket keep versions, or not any more.
    pub(crate) fn versioning(&self, bucket: &str, status: &str) {
        let body = format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
        self.ok("PUT", &format!("/{bucket}?versioning"), &[], &body);
    }

    /// Begins an upload.
    pub(crate) fn upload(&self, path: &str, headers: &[(&str, &str)]) -> String {
        let begun = self.ok("POST", &format!("{path}?uploads"), headers, "").xml("InitiateMultipartUploadResult");
        begun.value("UploadId").unwrap().to_owned()
    }

    /// Uploads a part and returns its ETag.
    pub(crate) fn part(&self, path: &str, upload: &str, number: u32, body: &str) -> String {
        let put = self.ok("PUT", &format!("{path}?partNumber={number}&uploadId={upload}"), &[], body);
        put.header("etag").unwrap().to_owned()
    }

    /// The document that lists parts.
    pub(crate) fn parts(parts: &[(u32, &str)]) -> String {
        let part =
            |(number, etag): &(u32, &str)| format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>");
        format!("<CompleteMultipartUpload>{}</CompleteMultipartUpload>", parts.iter().map(part).collect::<String>())
    }

    /// Ends an upload.
    pub(crate) fn complete(&self, path: &str, upload: &str, parts: &[(u32, &str)]) {
        self.ok("POST", &format!("{path}?uploadId={upload}"), &[], &Self::parts(parts))
            .xml("CompleteMultipartUploadResult");
    }
}
