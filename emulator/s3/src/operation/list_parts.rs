//! ListParts: what has come of an upload.

use aws_wire::Reply;

use super::get_object::storage_class;
use super::upload_part::upload;
use crate::answer;
use crate::error::Result;
use crate::listing::Query;
use crate::request::Request;
use crate::service::S3;
use crate::xml::Xml;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let upload = upload(s3, request)?;
    let query = Query::of(request, "max-parts")?;
    let after: u32 = request.query("part-number-marker").and_then(|text| text.parse().ok()).unwrap_or(0);
    let account = &request.call.world.account;
    let mut rest = upload.parts.range(after.saturating_add(1)..).map(|(_, part)| part);
    let page: Vec<_> = rest.by_ref().take(query.limit).collect();
    let more = rest.next().is_some();
    Ok(answer::xml(Xml::document("ListPartsResult", |xml| {
        xml.text("Bucket", request.bucket());
        xml.text("Key", request.key());
        xml.text("UploadId", &upload.upload.id);
        xml.owner("Initiator", account);
        xml.owner("Owner", account);
        xml.text("StorageClass", storage_class(&upload.upload.headers));
        xml.text("PartNumberMarker", after);
        xml.maybe("NextPartNumberMarker", page.last().map(|last| last.number));
        xml.text("MaxParts", query.asked);
        xml.text("IsTruncated", more);
        if upload.upload.chosen {
            xml.text("ChecksumAlgorithm", upload.upload.algorithm.name());
            xml.text("ChecksumType", upload.upload.kind.name());
        }
        for part in page {
            xml.element("Part", |xml| {
                xml.text("PartNumber", part.number);
                xml.text("LastModified", part.modified);
                xml.text("ETag", format!("\"{}\"", part.md5));
                xml.text("Size", part.size());
                part.checksum.write(xml);
            });
        }
    })))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn in_pages() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        let id = fixture.upload("/bucket/k", &[]);
        for number in [1, 2, 5] {
            fixture.part("/bucket/k", &id, number, "part");
        }
        let page =
            |more: &str| fixture.ok("GET", &format!("/bucket/k?uploadId={id}{more}"), &[], "").xml("ListPartsResult");
        let first = page("&max-parts=2");
        assert_eq!((first.all("Part").count(), first.value("IsTruncated")), (2, Some("true")));
        assert_eq!(first.value("NextPartNumberMarker"), Some("2"));
        let second = page("&max-parts=2&part-number-marker=2");
        let part = second.child("Part").unwrap();
        assert_eq!((part.value("PartNumber"), part.value("Size")), (Some("5"), Some("4")));
        assert_eq!(second.value("IsTruncated"), Some("false"));
        fixture.refused("GET", "/bucket/k?uploadId=x", &[], "", (404, "NoSuchUpload"));
    }
}
