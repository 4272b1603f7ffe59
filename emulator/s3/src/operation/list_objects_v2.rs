//! ListObjectsV2: the objects of a bucket in the order of their keys, whose pages go on with a token.

use std::ops::Bound;
use std::sync::Arc;

use aws_wire::Reply;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;

use super::get_object::storage_class;
use crate::answer;
use crate::directory::Shelf;
use crate::error::{Error, Result};
use crate::listing::Query;
use crate::object::Held;
use crate::request::Request;
use crate::service::S3;
use crate::xml::Xml;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    if request.query("list-type") != Some("2") {
        return Err(Error::argument("list-type", request.query("list-type").unwrap_or_default(), "Invalid list type"));
    }
    let query = Query::of(request, "max-keys")?;
    let token = request.query("continuation-token");
    let start = request.query("start-after").filter(|start| !start.is_empty());
    let after = match token {
        Some(token) => opened(token)?,
        None => start.unwrap_or_default().to_owned(),
    };
    let page = s3.read(request.bucket(), |shelf| query.page(entries(shelf, query.prefix, &after), &after))?;
    let owner = (request.query("fetch-owner") == Some("true")).then_some(bucket.account.as_str());
    Ok(answer::xml(Xml::document("ListBucketResult", |xml| {
        xml.text("Name", request.bucket());
        xml.text("Prefix", query.spell(query.prefix));
        xml.maybe("ContinuationToken", token);
        xml.maybe("NextContinuationToken", page.next.as_ref().map(|next| URL_SAFE.encode(next)));
        xml.maybe("StartAfter", start.map(|start| query.spell(start)));
        xml.text("KeyCount", page.entries.len() + page.prefixes.len());
        xml.text("MaxKeys", query.asked);
        xml.maybe("Delimiter", query.delimiter.map(|delimiter| query.spell(delimiter)));
        xml.maybe("EncodingType", query.encoding());
        xml.text("IsTruncated", page.next.is_some());
        for held in &page.entries {
            Entry { held, query: &query, owner }.write(xml);
        }
        for prefix in &page.prefixes {
            xml.element("CommonPrefixes", |xml| xml.text("Prefix", query.spell(prefix)));
        }
    })))
}

/// Where a page ended, out of the token that said so.
fn opened(token: &str) -> Result<String> {
    let name = URL_SAFE.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(|| Error::argument("continuation-token", token, "The continuation token provided is incorrect"))
}

/// The objects of a bucket whose keys come after `after` and not before `prefix`.
pub(super) fn entries<'a>(
    shelf: &'a Shelf,
    prefix: &'a str,
    after: &'a str,
) -> impl Iterator<Item = (&'a str, Arc<Held>)> {
    let from = if after >= prefix && !after.is_empty() { Bound::Excluded(after) } else { Bound::Included(prefix) };
    let objects = shelf.objects.range::<str, _>((from, Bound::Unbounded));
    let newest = objects.filter_map(|(key, versions)| Some((key.as_str(), versions.last()?)));
    newest.filter(|(_, held)| held.version.content.is_some()).map(|(key, held)| (key, Arc::clone(held)))
}

/// An object in a list.
pub(super) struct Entry<'a> {
    pub(super) held: &'a Held,
    pub(super) query: &'a Query<'a>,
    pub(super) owner: Option<&'a str>,
}

impl Entry<'_> {
    pub(super) fn write(&self, xml: &mut Xml) {
        let version = &self.held.version;
        let Some(content) = &version.content else { return };
        xml.element("Contents", |xml| {
            xml.text("Key", self.query.spell(&version.key));
            xml.text("LastModified", version.modified);
            xml.text("ETag", &content.etag);
            xml.text("ChecksumAlgorithm", content.checksum.algorithm.name());
            xml.text("ChecksumType", content.checksum.kind.name());
            xml.text("Size", content.size());
            if let Some(account) = self.owner {
                xml.owner("Owner", account);
            }
            xml.text("StorageClass", storage_class(&content.headers));
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn pages_prefixes_and_encoding() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        for key in ["a%20b", "d/1", "d/2", "e", "f"] {
            fixture.ok("PUT", &format!("/bucket/{key}"), &[], "xyz");
        }
        let page =
            |query: &str| fixture.ok("GET", &format!("/bucket?list-type=2&{query}"), &[], "").xml("ListBucketResult");
        let first = page("max-keys=2&delimiter=/&encoding-type=url");
        let object = first.child("Contents").unwrap();
        assert_eq!((object.value("Key"), object.value("Size")), (Some("a+b"), Some("3")));
        assert_eq!((object.value("StorageClass"), object.child("Owner")), (Some("STANDARD"), None));
        assert_eq!(first.child("CommonPrefixes").unwrap().value("Prefix"), Some("d/"));
        assert_eq!((first.value("KeyCount"), first.value("MaxKeys")), (Some("2"), Some("2")));
        let token = first.value("NextContinuationToken").unwrap();
        let second = page(&format!("max-keys=2&delimiter=/&fetch-owner=true&continuation-token={token}"));
        let keys: Vec<_> = second.all("Contents").map(|object| object.value("Key").unwrap()).collect();
        assert_eq!((keys, second.value("IsTruncated")), (vec!["e", "f"], Some("false")));
        assert!(second.child("Contents").unwrap().child("Owner").is_some());
        let keys = |query: &str| page(query).all("Contents").count();
        assert_eq!((keys("prefix=d/"), keys("start-after=d/1"), keys("prefix=d/&start-after=d/1")), (2, 3, 1));
        assert_eq!((keys("max-keys=0"), keys("prefix=e&start-after=a"), keys("prefix=a&start-after=e")), (0, 1, 0));
        fixture.refused("GET", "/bucket?list-type=2&continuation-token=!", &[], "", (400, "InvalidArgument"));
        fixture.refused("GET", "/bucket?list-type=3", &[], "", (400, "InvalidArgument"));
    }
}
