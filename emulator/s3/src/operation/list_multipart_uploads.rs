//! ListMultipartUploads: what is under way in a bucket, by key and by beginning.

use std::sync::Arc;

use aws_wire::Reply;

use super::get_object::storage_class;
use crate::answer;
use crate::error::Result;
use crate::listing::Query;
use crate::request::Request;
use crate::service::S3;
use crate::upload::Parts;
use crate::xml::Xml;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    let query = Query::of(request, "max-uploads")?;
    let key_marker = request.query("key-marker").unwrap_or_default();
    let id_marker = request.query("upload-id-marker").filter(|_| !key_marker.is_empty()).unwrap_or_default();
    let mut uploads: Vec<Arc<Parts>> = s3.read(request.bucket(), |shelf| shelf.uploads.values().cloned().collect())?;
    let place = |parts: &Parts| (parts.upload.key.clone(), parts.upload.begun, parts.upload.id.clone());
    uploads.sort_by_key(|parts| place(parts));
    // Of the key that a page ended in, those that come after the upload it ended with.
    let last = uploads.iter().position(|parts| parts.upload.key == key_marker && parts.upload.id == id_marker);
    let entries = uploads.iter().enumerate().filter(|(at, parts)| {
        let key = parts.upload.key.as_str();
        key > key_marker || key == key_marker && last.is_some_and(|last| *at > last)
    });
    let page = query.page(entries.map(|(_, parts)| (parts.upload.key.as_str(), Arc::clone(parts))), key_marker);
    let ended_with = page.entries.last().filter(|parts| page.next.as_deref() == Some(&parts.upload.key));
    Ok(answer::xml(Xml::document("ListMultipartUploadsResult", |xml| {
        xml.text("Bucket", request.bucket());
        xml.text("KeyMarker", query.spell(key_marker));
        xml.text("UploadIdMarker", id_marker);
        xml.maybe("NextKeyMarker", page.next.as_ref().map(|next| query.spell(next)));
        xml.maybe("NextUploadIdMarker", ended_with.map(|parts| &parts.upload.id));
        xml.text("Prefix", query.spell(query.prefix));
        xml.maybe("Delimiter", query.delimiter.map(|delimiter| query.spell(delimiter)));
        xml.maybe("EncodingType", query.encoding());
        xml.text("MaxUploads", query.asked);
        xml.text("IsTruncated", page.next.is_some());
        for parts in &page.entries {
            let upload = &parts.upload;
            xml.element("Upload", |xml| {
                xml.text("Key", query.spell(&upload.key));
                xml.text("UploadId", &upload.id);
                xml.owner("Initiator", &bucket.account);
                xml.owner("Owner", &bucket.account);
                xml.text("StorageClass", storage_class(&upload.headers));
                xml.text("Initiated", upload.begun);
                if upload.chosen {
                    xml.text("ChecksumAlgorithm", upload.algorithm.name());
                    xml.text("ChecksumType", upload.kind.name());
                }
            });
        }
        for prefix in &page.prefixes {
            xml.element("CommonPrefixes", |xml| xml.text("Prefix", query.spell(prefix)));
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
        for key in ["b", "a", "a", "c/1"] {
            fixture.upload(&format!("/bucket/{key}"), &[]);
        }
        let (mut seen, mut markers) = (Vec::new(), String::new());
        loop {
            let path = format!("/bucket?uploads&max-uploads=1&delimiter=/{markers}");
            let page = fixture.ok("GET", &path, &[], "").xml("ListMultipartUploadsResult");
            seen.extend(page.all("Upload").map(|upload| upload.value("Key").unwrap().to_owned()));
            seen.extend(page.all("CommonPrefixes").map(|prefix| prefix.value("Prefix").unwrap().to_owned()));
            let Some(key) = page.value("NextKeyMarker") else { break };
            let id = page.value("NextUploadIdMarker").unwrap_or_default();
            markers = format!("&key-marker={key}&upload-id-marker={id}");
        }
        assert_eq!(seen, ["a", "a", "b", "c/"]);
    }
}
