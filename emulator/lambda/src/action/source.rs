//! Where a call says its code is: along with the call, in a bucket, or in a folder of the author's.

use std::path::PathBuf;
use std::sync::Arc;

use aws_wire::{Blob, World};
use bytes::Bytes;
use serde::Deserialize;

use crate::code::{CodeHash, HOT_RELOAD_BUCKET, MAX_ZIPPED_BYTES, Unpacked};
use crate::code_source::CodeObject;
use crate::function::Package;
use crate::runner::Runner;
use crate::{Error, Lambda};

/// The most that a call with a zip in it may be, as AWS's sentence says it.
const MAX_REQUEST_BYTES: usize = 70_167_211;

/// The code of a create or an update.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Source {
    zip_file: Option<Blob>,
    s3_bucket: Option<String>,
    s3_key: Option<String>,
    s3_object_version: Option<String>,
    s3_object_storage_mode: Option<String>,
    image_uri: Option<String>,
    #[serde(rename = "SourceKMSKeyArn")]
    source_kms_key_arn: Option<String>,
}

/// Code that is here.
pub(super) enum Code {
    Zip(Bytes),
    /// Not a package: a folder that is read where it is.
    Folder(PathBuf),
}

impl Source {
    /// Gets the code from where it is.
    pub(super) async fn fetch(self, service: &Lambda, world: &World, operation: &'static str) -> Result<Code, Error> {
        if self.image_uri.is_some() {
            return Err(Error::Unsupported("container images"));
        }
        if self.source_kms_key_arn.is_some_and(|key| !key.is_empty()) {
            return Err(Error::Unsupported("packages under a key"));
        }
        if self.s3_object_storage_mode.as_deref() == Some("REFERENCE") {
            return Err(Error::Unsupported("packages that stay in their buckets"));
        }
        match (self.zip_file, self.s3_bucket, self.s3_key) {
            (Some(Blob(zip)), None, None) if zip.len() > MAX_ZIPPED_BYTES => {
                Err(Error::RequestTooLarge { limit: MAX_REQUEST_BYTES, operation })
            }
            (Some(Blob(zip)), None, None) => Ok(Code::Zip(zip)),
            (None, Some(bucket), Some(key)) if bucket == HOT_RELOAD_BUCKET => Ok(Code::Folder(key.into())),
            (None, Some(bucket), Some(key)) => {
                let object = CodeObject { bucket, key, version: self.s3_object_version };
                let zip = service.code_source().fetch(world, &object).await.map_err(Error::CodeObject)?;
                if zip.len() > MAX_ZIPPED_BYTES { Err(Error::PackageTooLarge) } else { Ok(Code::Zip(zip)) }
            }
            _ => Err(Error::CodeLocation),
        }
    }
}

impl Code {
    /// Keeps the code and says what it is. The package stays for as long as the second part is held.
    pub(super) fn store(self, runner: &Runner) -> Result<(Package, Option<Arc<Unpacked>>), Error> {
        match self {
            Self::Zip(zip) => {
                let unpacked = runner.shelf.put(&zip)?;
                let package = Package { hash: unpacked.hash, size: zip.len() as u64, folder: None };
                Ok((package, Some(unpacked)))
            }
            Self::Folder(folder) if folder.is_absolute() && folder.is_dir() => {
                let hash = CodeHash::of(folder.as_os_str().as_encoded_bytes());
                Ok((Package { hash, size: 0, folder: Some(folder) }, None))
            }
            Self::Folder(folder) => Err(Error::NoFolder(folder.display().to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use aws_wire::World;
    use bytes::Bytes;
    use futures_util::FutureExt as _;
    use futures_util::future::BoxFuture;
    use serde_json::{Value, json};

    use crate::code_source::{CodeError, CodeObject, CodeSource};
    use crate::fixture::{Bench, python, zip};

    /// One bucket with one object, in two versions.
    struct OneObject;

    impl CodeSource for OneObject {
        fn fetch<'a>(&'a self, _: &'a World, object: &'a CodeObject) -> BoxFuture<'a, Result<Bytes, CodeError>> {
            let answer = object.version.as_deref().unwrap_or("newest");
            let source = format!("def handler(e, c): return '{answer}'");
            let found = match object.key.as_str() {
                "f.zip" => Ok(zip(&python(&source)).into()),
                _ => Err(CodeError { code: "NoSuchKey".into(), message: "The specified key does not exist.".into() }),
            };
            async { found }.boxed()
        }
    }

    fn of(bucket: &str, key: &str) -> Value {
        json!({"Code": {"S3Bucket": bucket, "S3Key": key}})
    }

    #[tokio::test]
    async fn code_comes_out_of_a_bucket() {
        let bench = Bench::with(|config| config.code_source = Arc::new(OneObject));
        assert_eq!(bench.create(&[], of("code", "f.zip")).await.status, 201);
        assert_eq!(bench.invoke(json!({})).await.body, "newest");
        let older = json!({"S3Bucket": "code", "S3Key": "f.zip", "S3ObjectVersion": "older"});
        bench.call("PUT", "/2015-03-31/functions/f/code", older).await;
        assert_eq!(bench.invoke(json!({})).await.body, "older");
        let message = "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not \
                       exist.";
        let mut missing = of("code", "gone.zip");
        missing["FunctionName"] = "g".into();
        bench.create(&[], missing).await.expect_error(400, "InvalidParameterValueException", message);
    }

    #[tokio::test]
    async fn a_folder_is_live_at_the_next_event() {
        let folder = tempfile::tempdir().unwrap();
        let write = |text: &str| fs::write(folder.path().join("app.py"), text).unwrap();
        let bench = Bench::new();
        write("import os\ndef handler(e, c): return [1, os.getpid()]");
        assert_eq!(bench.create(&[], of("hot-reload", folder.path().to_str().unwrap())).await.status, 201);
        let first = bench.invoke(json!({})).await.body;
        assert_eq!(first[0], 1);
        assert_eq!(bench.invoke(json!({})).await.body, first, "nothing changed, so the process is the same");
        write("import os\ndef handler(e, c): return [22, os.getpid()]");
        let second = bench.invoke(json!({})).await.body;
        assert_eq!(second[0], 22);
        let shown = bench.call("GET", "/2015-03-31/functions/f", Value::Null).await.body;
        assert_eq!(shown["Code"]["Location"], format!("file://{}", folder.path().display()));
        let bench = bench.restarted();
        assert_eq!(bench.invoke(json!({})).await.body[0], 22);
    }

    #[tokio::test]
    async fn what_is_no_folder_is_refused() {
        let bench = Bench::new();
        for path in ["relative", "/nonexistent/folder"] {
            let message = format!("{path} is not the absolute path of a folder on this machine");
            bench.create(&[], of("hot-reload", path)).await.expect_error(
                400,
                "InvalidParameterValueException",
                &message,
            );
        }
    }
}
