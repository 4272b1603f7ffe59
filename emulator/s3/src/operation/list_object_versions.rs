//! ListObjectVersions: all versions and delete markers of a bucket's keys, newest first.

use std::ops::Bound;
use std::sync::Arc;

use aws_wire::Reply;

use super::get_object::storage_class;
use crate::answer;
use crate::error::{Error, Result};
use crate::listing::Query;
use crate::request::Request;
use crate::service::S3;
use crate::xml::Xml;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    let query = Query::of(request, "max-keys")?;
    let after = request.query("key-marker").unwrap_or_default();
    let after_version = request.query("version-id-marker").filter(|version| !version.is_empty());
    if after_version.is_some() && after.is_empty() {
        let message = "A version-id marker cannot be specified without a key marker.";
        return Err(Error::argument("version-id-marker", after_version.unwrap_or_default(), message));
    }
    let page = s3.read(request.bucket(), |shelf| {
        let entries =
            shelf.objects.range::<str, _>((Bound::Included(after), Bound::Unbounded)).flat_map(|(key, versions)| {
                let mut shown = key == after && !after.is_empty();
                let latest = versions.len().saturating_sub(1);
                versions.iter().enumerate().rev().filter_map(move |(at, held)| {
                    if shown {
                        shown = after_version.is_none_or(|version| version != held.version.id);
                        return None;
                    }
                    Some((key.as_str(), (Arc::clone(held), at == latest)))
                })
            });
        query.page(entries, after)
    })?;
    // A page that ends with a rolled up prefix goes on after it.
    let last = page.entries.last().filter(|(held, _)| page.next.as_deref() == Some(&held.version.key));
    Ok(answer::xml(Xml::document("ListVersionsResult", |xml| {
        xml.text("Name", request.bucket());
        xml.text("Prefix", query.spell(query.prefix));
        xml.text("KeyMarker", query.spell(after));
        xml.text("VersionIdMarker", after_version.unwrap_or_default());
        xml.maybe("NextKeyMarker", page.next.as_ref().map(|next| query.spell(next)));
        xml.maybe("NextVersionIdMarker", last.filter(|_| page.next.is_some()).map(|(held, _)| &held.version.id));
        xml.text("MaxKeys", query.asked);
        xml.maybe("Delimiter", query.delimiter.map(|delimiter| query.spell(delimiter)));
        xml.maybe("EncodingType", query.encoding());
        xml.text("IsTruncated", page.next.is_some());
        for (held, latest) in &page.entries {
            let version = &held.version;
            xml.element(if version.content.is_some() { "Version" } else { "DeleteMarker" }, |xml| {
                xml.text("Key", query.spell(&version.key));
                xml.text("VersionId", &version.id);
                xml.text("IsLatest", latest);
                xml.text("LastModified", version.modified);
                if let Some(content) = &version.content {
                    xml.text("ETag", &content.etag);
                    xml.text("ChecksumAlgorithm", content.checksum.algorithm.name());
                    xml.text("ChecksumType", content.checksum.kind.name());
                    xml.text("Size", content.size());
                    xml.text("StorageClass", storage_class(&content.headers));
                }
                xml.owner("Owner", &bucket.account);
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
    fn newest_first_in_pages() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.versioning("bucket", "Enabled");
        for key in ["a", "a", "b", "c/1"] {
            fixture.ok("PUT", &format!("/bucket/{key}"), &[], "x");
        }
        fixture.ok("DELETE", "/bucket/a", &[], "");
        let (mut seen, mut markers) = (Vec::new(), String::new());
        loop {
            let path = format!("/bucket?versions&max-keys=1&delimiter=/{markers}");
            let page = fixture.ok("GET", &path, &[], "").xml("ListVersionsResult");
            for child in &page.children {
                match child.name.as_str() {
                    "Version" | "DeleteMarker" => {
                        let text = |name| child.value(name).unwrap();
                        seen.push(format!("{} {} {}", child.name, text("Key"), text("IsLatest")));
                    }
                    "CommonPrefixes" => seen.push(child.value("Prefix").unwrap().to_owned()),
                    _ => {}
                }
            }
            let Some(key) = page.value("NextKeyMarker") else { break };
            let version = page.value("NextVersionIdMarker").unwrap_or_default();
            markers = format!("&key-marker={key}&version-id-marker={version}");
        }
        assert_eq!(seen, ["DeleteMarker a true", "Version a false", "Version a false", "Version b true", "c/"]);
        fixture.refused("GET", "/bucket?versions&version-id-marker=x", &[], "", (400, "InvalidArgument"));
    }
}
