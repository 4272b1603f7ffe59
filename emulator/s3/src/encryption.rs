//! How something new is to be encrypted: what its request says, else what its bucket does; and what answers say about it.
//!
//! `AES256` is S3's own way, which says nothing about the disk. With KMS, bytes are sealed with a secret that only the key
//! service can give back, so an object is as readable as its key is usable.

use std::collections::BTreeMap;

use aws_wire::{Reply, World};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::answer::with;
use crate::bucket::Bucket;
use crate::error::{Error, Result};
use crate::keys::{Context, GeneratedKey};
use crate::request::Request;
use crate::sealing::{Seal, Secret};
use crate::service::S3;
use crate::xml::{Element, parse};

const HEADER: &str = "x-amz-server-side-encryption";
const KEY_ID: &str = "x-amz-server-side-encryption-aws-kms-key-id";
const BUCKET_KEY: &str = "x-amz-server-side-encryption-bucket-key-enabled";
const CONTEXT: &str = "x-amz-server-side-encryption-context";
/// The key that is used where none is named.
const USUAL_KEY: &str = "alias/aws/s3";
/// What every secret says it is for.
const ARN: &str = "aws:s3:arn";

/// What KMS is to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Wish {
    algorithm: String,
    key: Option<String>,
    bucket_key: bool,
    context: Context,
}

/// A secret for something new, and how to get it again.
pub(crate) struct Sealing {
    pub(crate) seal: Seal,
    pub(crate) secret: Secret,
}

/// What a document says that configures a bucket's encryption, if it is one.
pub(crate) fn check(root: &Element) -> Result<()> {
    of_document(root).map(drop)
}

/// What `request` and the bucket it is for want of KMS; nothing if S3 encrypts by itself.
pub(crate) fn wish(request: &Request, bucket: &Bucket) -> Result<Option<Wish>> {
    let (said, key) = (request.header(HEADER), request.header(KEY_ID));
    let of_bucket = of_bucket(bucket)?;
    let bucket_key = request.header(BUCKET_KEY).map(|text| text.eq_ignore_ascii_case("true"));
    match said {
        Some(algorithm @ ("aws:kms" | "aws:kms:dsse")) => {
            let of_bucket = of_bucket.filter(|wish| wish.algorithm == algorithm);
            let key = key.map(str::to_owned).or_else(|| of_bucket.as_ref().and_then(|wish| wish.key.clone()));
            let bucket_key = bucket_key.unwrap_or_else(|| of_bucket.is_some_and(|wish| wish.bucket_key));
            Ok(Some(Wish { algorithm: algorithm.to_owned(), key, bucket_key, context: context(request)? }))
        }
        None | Some("AES256") if key.is_some() => {
            let message = "Server Side Encryption with AWS KMS managed key requires HTTP header \
                           x-amz-server-side-encryption : aws:kms";
            Err(Error::argument(HEADER, said.unwrap_or("null"), message))
        }
        Some("AES256") => Ok(None),
        Some(_) => Err(Error::EncryptionInvalid),
        None => {
            let with_own = |wish: Wish| Wish { bucket_key: bucket_key.unwrap_or(wish.bucket_key), ..wish };
            Ok(of_bucket.map(with_own))
        }
    }
}

/// What the bucket wants of KMS where nobody says anything.
pub(crate) fn of_bucket(bucket: &Bucket) -> Result<Option<Wish>> {
    let Some(document) = bucket.configurations.get("encryption") else { return Ok(None) };
    of_document(&parse(document.as_bytes(), "ServerSideEncryptionConfiguration")?)
}

fn of_document(root: &Element) -> Result<Option<Wish>> {
    let rule = root.child("Rule").ok_or(Error::XmlMalformed)?;
    let default = rule.child("ApplyServerSideEncryptionByDefault").ok_or(Error::XmlMalformed)?;
    let key = default.value("KMSMasterKeyID").map(str::to_owned);
    match default.value("SSEAlgorithm") {
        Some("AES256") if key.is_some() => {
            let message =
                "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse";
            Err(Error::argument("KMSMasterKeyID", key.as_deref().unwrap_or_default(), message))
        }
        Some("AES256") => Ok(None),
        Some(algorithm @ ("aws:kms" | "aws:kms:dsse")) => {
            let bucket_key = rule.value("BucketKeyEnabled") == Some("true");
            Ok(Some(Wish { algorithm: algorithm.to_owned(), key, bucket_key, context: Context::new() }))
        }
        _ => Err(Error::XmlMalformed),
    }
}

/// What the client says the secret is for, beyond what S3 says itself.
fn context(request: &Request) -> Result<Context> {
    let Some(text) = request.header(CONTEXT) else { return Ok(Context::new()) };
    let decoded = STANDARD.decode(text).ok();
    let context = decoded.and_then(|json| serde_json::from_slice::<BTreeMap<String, String>>(&json).ok());
    context.ok_or_else(|| {
        Error::argument(CONTEXT, text, "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map")
    })
}

impl S3 {
    /// A secret for a new object of a bucket, if KMS is to have a part in it.
    pub(crate) fn sealing(&self, bucket: &Bucket, key: &str, wish: Option<Wish>) -> Result<Option<Sealing>> {
        let Some(Wish { algorithm, key: named, bucket_key, mut context }) = wish else { return Ok(None) };
        // Secrets of a bucket's own key are for all that is in it.
        let resource = if bucket_key { bucket.name.clone() } else { format!("{}/{key}", bucket.name) };
        let world = world(bucket);
        context.insert(ARN.to_owned(), format!("arn:{}:s3:::{resource}", world.partition()));
        let generated = self.keys().generate(&world, named.as_deref().unwrap_or(USUAL_KEY), &context)?;
        let GeneratedKey { key_arn, secret, encrypted } = generated;
        let seal = Seal { algorithm, key_arn, encrypted: STANDARD.encode(encrypted), bucket_key, context };
        Ok(Some(Sealing { seal, secret: Secret::new(&secret) }))
    }

    /// The secret of what is sealed in a bucket.
    pub(crate) fn secret(&self, bucket: &Bucket, seal: Option<&Seal>) -> Result<Option<Secret>> {
        let Some(seal) = seal else { return Ok(None) };
        let encrypted = STANDARD.decode(&seal.encrypted).map_err(|error| {
            tracing::error!(%error, "the secret of an object is damaged");
            Error::Internal
        })?;
        let secret = self.keys().decrypt(&world(bucket), &encrypted, &seal.context)?;
        Ok(Some(Secret::new(&secret)))
    }
}

/// Keys are asked for where the bucket is.
fn world(bucket: &Bucket) -> World {
    World::new(&bucket.account, &bucket.region)
}

/// Adds what an answer says about the encryption of what it is about.
pub(crate) fn described(reply: Reply, seal: Option<&Seal>) -> Reply {
    let Some(seal) = seal else { return with(reply, HEADER, "AES256") };
    let reply = with(with(reply, HEADER, &seal.algorithm), KEY_ID, &seal.key_arn);
    if seal.bucket_key { with(reply, BUCKET_KEY, "true") } else { reply }
}

/// Whether a request says anything about encryption.
pub(crate) fn is_asked_for(request: &Request) -> bool {
    request.header(HEADER).is_some()
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    const KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/mine";

    fn kms<'a>() -> [(&'a str, &'a str); 2] {
        [(super::HEADER, "aws:kms"), (super::KEY_ID, "mine")]
    }

    #[test]
    fn what_kms_has_a_part_in_is_sealed() {
        let mut fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        let large = "0123456789".repeat(20_000);
        for (body, etag) in
            [("hello", "5d41402abc4b2a76b9719d911017c592"), ("", "d41d8cd98f00b204e9800998ecf8427e"), (&large, "")]
        {
            let put = fixture.ok("PUT", "/bucket/k", &kms(), body);
            assert_eq!((put.header(super::HEADER), put.header(super::KEY_ID)), (Some("aws:kms"), Some(KEY)));
            assert_ne!(put.header("etag"), Some(format!("\"{etag}\"").as_str()));
            assert!(body.is_empty() || !fixture.is_on_disk(&body[..5]), "the body lies open");
            fixture.restart();
            let got = fixture.ok("GET", "/bucket/k", &[], "");
            assert_eq!((got.text(), got.header(super::KEY_ID)), (body, Some(KEY)));
            assert_eq!(got.header(super::BUCKET_KEY), None);
        }
        let part = fixture.ok("GET", "/bucket/k", &[("range", "bytes=65530-131080")], "");
        assert_eq!(part.text(), &large[65_530..=131_080]);
        assert_eq!(fixture.s3.get(&fixture.world(), "bucket", "k", None).unwrap(), large);
    }

    #[test]
    fn a_key_that_cannot_be_used_keeps_its_objects() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        let none = [(super::HEADER, "aws:kms"), (super::KEY_ID, "nobody's")];
        fixture.refused("PUT", "/bucket/k", &none, "x", (400, "KMS.NotFoundException"));
        assert_eq!(fixture.files(), 0);
        fixture.ok("PUT", "/bucket/k", &kms(), "hello");
        fixture.keys.disable();
        fixture.refused("GET", "/bucket/k", &[], "", (400, "KMS.DisabledException"));
        fixture.refused("PUT", "/bucket/k", &kms(), "x", (400, "KMS.DisabledException"));
        assert_eq!(fixture.ok("HEAD", "/bucket/k", &[], "").header(super::KEY_ID), Some(KEY));
        fixture.ok("PUT", "/bucket/k", &[(super::HEADER, "AES256")], "open");
        assert_eq!(fixture.ok("GET", "/bucket/k", &[], "").header(super::HEADER), Some("AES256"));
    }

    #[test]
    fn a_bucket_decides_where_nobody_else_does() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        let document = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
                        <SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>mine</KMSMasterKeyID>\
                        </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule>\
                        </ServerSideEncryptionConfiguration>";
        fixture.ok("PUT", "/bucket?encryption", &[], document);
        let put = fixture.ok("PUT", "/bucket/k", &[], "hello");
        assert_eq!((put.header(super::KEY_ID), put.header(super::BUCKET_KEY)), (Some(KEY), Some("true")));
        assert_eq!(fixture.ok("GET", "/bucket/k", &[], "").text(), "hello");
        let own = [(super::HEADER, "aws:kms:dsse"), (super::KEY_ID, "other")];
        let put = fixture.ok("PUT", "/bucket/k", &own, "hello");
        assert_eq!((put.header(super::HEADER), put.header(super::BUCKET_KEY)), (Some("aws:kms:dsse"), None));
        let other = document.replace("aws:kms<", "AES256<");
        fixture.refused("PUT", "/bucket?encryption", &[], &other, (400, "InvalidArgument"));
    }

    #[test]
    fn copies_and_uploads_are_sealed_as_they_say() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.ok("PUT", "/bucket/open", &[], "hello");
        let source = ("x-amz-copy-source", "bucket/open");
        fixture.ok("PUT", "/bucket/sealed", &[source, kms()[0], kms()[1]], "");
        fixture.ok("PUT", "/bucket/open", &[source, kms()[0], kms()[1]], "");
        assert!(!fixture.is_on_disk("hello"));
        fixture.ok("PUT", "/bucket/again", &[("x-amz-copy-source", "bucket/sealed")], "");
        let again = fixture.ok("GET", "/bucket/again", &[], "");
        assert_eq!((again.text(), again.header(super::HEADER)), ("hello", Some("AES256")));

        let upload = fixture.upload("/bucket/parts", &kms());
        let large = "x".repeat(usize::try_from(crate::upload::SMALLEST_PART).unwrap());
        let (one, two) =
            (fixture.part("/bucket/parts", &upload, 1, &large), fixture.part("/bucket/parts", &upload, 2, "end"));
        fixture.complete("/bucket/parts", &upload, &[(1, &one), (2, &two)]);
        let got = fixture.ok("GET", "/bucket/parts", &[], "");
        assert!(got.text() == format!("{large}end") && got.header(super::KEY_ID) == Some(KEY));
        assert_eq!(fixture.ok("GET", "/bucket/parts?partNumber=2", &[], "").text(), "end");
    }

    #[test]
    fn what_is_refused() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        for (headers, code) in [
            (vec![(super::HEADER, "ROT13")], "InvalidEncryptionAlgorithmError"),
            (vec![(super::KEY_ID, "mine")], "InvalidArgument"),
            (vec![(super::HEADER, "AES256"), (super::KEY_ID, "mine")], "InvalidArgument"),
            (vec![(super::HEADER, "aws:kms"), (super::CONTEXT, "?")], "InvalidArgument"),
        ] {
            fixture.refused("PUT", "/bucket/k", &headers, "x", (400, code));
        }
        let context = [(super::HEADER, "aws:kms"), (super::CONTEXT, "eyJhIjoiMSJ9")];
        fixture.ok("PUT", "/bucket/k", &context, "hello");
        assert_eq!(fixture.ok("GET", "/bucket/k", &[], "").text(), "hello");
    }
}
