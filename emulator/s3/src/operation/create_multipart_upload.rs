//! CreateMultipartUpload: begins an object that comes in parts. All that is to be known about it is said now.

use aws_wire::Reply;

use crate::acl::{self, Of};
use crate::answer::{self, with};
use crate::checksum::{Algorithm, Kind};
use crate::encryption;
use crate::error::{Error, Result};
use crate::lock::Lock;
use crate::metadata;
use crate::request::Request;
use crate::service::S3;
use crate::tags;
use crate::upload::Upload;
use crate::xml::Xml;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    let acl = acl::of_new(request, Of::Object, &bucket)?;
    let lock = Lock::asked_for(request, &bucket, s3.directory().now())?;
    let headers = metadata::of(&request.headers)?;
    let tags = request.header("x-amz-tagging").map_or(Ok(Vec::new()), tags::from_header)?;
    let chosen = request.header("x-amz-checksum-algorithm").map(Algorithm::parse).transpose()?;
    let algorithm = chosen.unwrap_or(Algorithm::Crc64Nvme);
    let kind = match request.header("x-amz-checksum-type") {
        None => algorithm.default_kind(),
        Some(name) => {
            let invalid = || Error::InvalidRequest("Value for x-amz-checksum-type header is invalid.".into());
            Kind::of(name).ok_or_else(invalid)?
        }
    };
    if !algorithm.allows(kind) {
        let (kind, algorithm) = (kind.name(), algorithm.name().to_lowercase());
        let message = format!("The {kind} checksum type cannot be used with the {algorithm} checksum algorithm.");
        return Err(Error::InvalidRequest(message));
    }
    let sealing = s3.sealing(&bucket, request.key(), encryption::wish(request, &bucket)?)?;
    let seal = sealing.map(|sealing| sealing.seal);
    let directory = s3.directory();
    let upload = Upload {
        key: request.key().to_owned(),
        id: directory.new_id(),
        begun: directory.now(),
        headers,
        tags,
        algorithm,
        kind,
        chosen: chosen.is_some(),
        seal: seal.clone(),
        acl,
        lock,
    };
    let id = upload.id.clone();
    directory.write().put_upload(request.bucket(), upload)?;
    let mut reply = answer::xml(Xml::document("InitiateMultipartUploadResult", |xml| {
        xml.text("Bucket", request.bucket());
        xml.text("Key", request.key());
        xml.text("UploadId", id);
    }));
    if chosen.is_some() {
        reply = with(reply, "x-amz-checksum-algorithm", algorithm.name());
        reply = with(reply, "x-amz-checksum-type", kind.name());
    }
    Ok(encryption::described(reply, seal.as_ref()))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn what_is_refused() {
        let fixture = Fixture::new();
        fixture.refused("POST", "/bucket/k?uploads", &[], "", (404, "NoSuchBucket"));
        fixture.ok("PUT", "/bucket", &[], "");
        for headers in [
            vec![("x-amz-checksum-algorithm", "MD4")],
            vec![("x-amz-checksum-type", "HALF")],
            vec![("x-amz-checksum-algorithm", "SHA1"), ("x-amz-checksum-type", "FULL_OBJECT")],
            vec![("x-amz-checksum-algorithm", "CRC64NVME"), ("x-amz-checksum-type", "COMPOSITE")],
        ] {
            fixture.refused("POST", "/bucket/k?uploads", &headers, "", (400, "InvalidRequest"));
        }
        let begun = fixture.ok("POST", "/bucket/k?uploads", &[("x-amz-checksum-algorithm", "crc32")], "");
        assert_eq!(begun.header("x-amz-checksum-type"), Some("COMPOSITE"));
    }
}
