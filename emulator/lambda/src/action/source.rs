//! Where a call says its code is. Here it can only come along with the call.

use std::sync::Arc;

use aws_wire::Blob;
use serde::Deserialize;

use crate::Error;
use crate::code::{MAX_ZIPPED_BYTES, Unpacked};
use crate::function::Package;
use crate::runner::Runner;

/// The most that a call with a zip in it may be, as AWS's sentence says it.
const MAX_REQUEST_BYTES: usize = 70_167_211;

/// The code of a create or an update.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Source {
    zip_file: Option<Blob>,
    s3_bucket: Option<String>,
    s3_key: Option<String>,
    image_uri: Option<String>,
}

impl Source {
    /// Keeps the code and says what it is. The package stays for as long as the second part is held.
    pub(super) fn store(self, runner: &Runner, operation: &'static str) -> Result<(Package, Arc<Unpacked>), Error> {
        if self.image_uri.is_some() {
            return Err(Error::Unsupported("container images"));
        }
        let Some(Blob(zip)) = self.zip_file else {
            let is_in_s3 = self.s3_bucket.is_some() || self.s3_key.is_some();
            return Err(if is_in_s3 { Error::Unsupported("code in S3") } else { Error::CodeLocation });
        };
        if zip.len() > MAX_ZIPPED_BYTES {
            return Err(Error::RequestTooLarge { limit: MAX_REQUEST_BYTES, operation });
        }
        let unpacked = runner.shelf.put(&zip)?;
        Ok((Package { hash: unpacked.hash, size: zip.len() as u64 }, unpacked))
    }
}
