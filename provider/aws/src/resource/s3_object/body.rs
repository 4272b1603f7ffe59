//! Where an object's body comes from, and whether it is the one that the service has.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use md5::{Digest as _, Md5};
use tf_framework::{Diagnostic, Diagnostics};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use super::S3Object;
use crate::resource::s3::set;

/// How much of a file is in memory at a time while it is hashed.
const PIECE: u64 = 1024 * 1024;

/// A body that can be read once, from its beginning.
pub(super) enum Body {
    File { file: File, length: u64 },
    Bytes(Vec<u8>),
}

/// The bytes that a text in Base64 stands for.
pub(super) fn decoded(text: &str) -> Result<Vec<u8>, base64::DecodeError> {
    BASE64_STANDARD.decode(text)
}

impl Body {
    /// Opens the file, or takes the text.
    pub(super) async fn of(object: &S3Object) -> Result<Self, Diagnostics> {
        if let Some(source) = set(&object.source) {
            return Self::open(&source).await.map_err(|error| {
                Diagnostic::error(
                    format!("opening S3 object source ({source}): {error}"),
                    "Correct the path; it is relative to where Terraform runs. The file must be there when Terraform applies.",
                )
                .at("source")
                .into()
            });
        }
        if let Some(text) = set(&object.content) {
            return Ok(Self::Bytes(text.into_bytes()));
        }
        let bytes = decoded(object.content_base64.text()).map_err(|error| {
            Diagnostic::error(format!("content_base64: {error}"), "Write it in Base64, or use content.")
                .at("content_base64")
        })?;
        Ok(Self::Bytes(bytes))
    }

    async fn open(source: &str) -> std::io::Result<Self> {
        let in_home = source.strip_prefix("~/").and_then(|rest| Some(std::env::home_dir()?.join(rest)));
        let file = File::open(in_home.unwrap_or_else(|| source.into())).await?;
        let length = file.metadata().await?.len();
        Ok(Self::File { file, length })
    }

    /// How many bytes there are to read.
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::File { length, .. } => *length,
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }

    /// The next `most` bytes, or what is left; empty at the end.
    pub(super) async fn next(&mut self, most: u64) -> std::io::Result<Vec<u8>> {
        match self {
            Self::File { file, .. } => {
                let mut piece = Vec::new();
                file.take(most).read_to_end(&mut piece).await?;
                Ok(piece)
            }
            Self::Bytes(bytes) => {
                let most = usize::try_from(most).unwrap_or(usize::MAX).min(bytes.len());
                let rest = bytes.split_off(most);
                Ok(std::mem::replace(bytes, rest))
            }
        }
    }
}

/// Whether an object as configured would have the body with this ETag. `None` when that cannot be told.
pub(super) async fn has_etag(object: &S3Object, etag: &str) -> Option<bool> {
    // That of an upload in parts is no hash of the whole.
    if etag.is_empty() || etag.contains('-') {
        return None;
    }
    let mut body = Body::of(object).await.ok()?;
    let mut hash = Md5::new();
    loop {
        let piece = body.next(PIECE).await.ok()?;
        if piece.is_empty() {
            let hash = hash.finalize();
            return Some(hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>() == etag);
        }
        hash.update(&piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &str = "5d41402abc4b2a76b9719d911017c592";

    #[tokio::test]
    async fn a_body_is_known_by_its_hash() {
        let text = S3Object { content: "hello".into(), ..S3Object::default() };
        assert_eq!(has_etag(&text, HELLO).await, Some(true));
        assert_eq!(has_etag(&text, &HELLO.replace('5', "6")).await, Some(false));
        assert_eq!(has_etag(&text, &format!("{HELLO}-2")).await, None);
        let base64 = S3Object { content_base64: "aGVsbG8=".into(), ..S3Object::default() };
        assert_eq!(has_etag(&base64, HELLO).await, Some(true));
        let file = S3Object { source: "no/such/file".into(), ..S3Object::default() };
        assert_eq!(has_etag(&file, HELLO).await, None);
        let error = Body::of(&file).await.err().unwrap();
        assert!(error.iter().all(|d| d.path == "source".into() && d.summary.contains("no/such/file")));
    }

    #[tokio::test]
    async fn it_is_read_piece_by_piece() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let whole = std::fs::read(path).unwrap();
        for mut body in [Body::open(path).await.unwrap(), Body::Bytes(whole.clone())] {
            assert_eq!(body.length(), whole.len() as u64);
            assert_eq!(body.next(10).await.unwrap(), whole[..10]);
            assert_eq!(body.next(u64::MAX).await.unwrap(), whole[10..]);
            assert_eq!(body.next(10).await.unwrap(), b"");
        }
    }
}
