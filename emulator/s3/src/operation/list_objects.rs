//! ListObjects: the first form of the list, whose pages go on after a marker.

use aws_wire::Reply;

use super::list_objects_v2::{Entry, entries};
use crate::answer;
use crate::error::Result;
use crate::listing::Query;
use crate::request::Request;
use crate::service::S3;
use crate::xml::Xml;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    let query = Query::of(request, "max-keys")?;
    let marker = request.query("marker").unwrap_or_default();
    let page = s3.read(request.bucket(), |shelf| query.page(entries(shelf, query.prefix, marker), marker))?;
    Ok(answer::xml(Xml::document("ListBucketResult", |xml| {
        xml.text("Name", request.bucket());
        xml.text("Prefix", query.spell(query.prefix));
        xml.text("Marker", query.spell(marker));
        // Without a delimiter the last key says where to go on.
        xml.maybe("NextMarker", page.next.as_ref().filter(|_| query.delimiter.is_some()).map(|next| query.spell(next)));
        xml.text("MaxKeys", query.asked);
        xml.maybe("Delimiter", query.delimiter.map(|delimiter| query.spell(delimiter)));
        xml.maybe("EncodingType", query.encoding());
        xml.text("IsTruncated", page.next.is_some());
        for held in &page.entries {
            Entry { held, query: &query, owner: Some(&bucket.account) }.write(xml);
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
    fn pages_go_on_after_a_marker() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        for key in ["a", "b/1", "b/2", "c"] {
            fixture.ok("PUT", &format!("/bucket/{key}"), &[], "x");
        }
        let page = |query: &str| fixture.ok("GET", &format!("/bucket?{query}"), &[], "").xml("ListBucketResult");
        let all = page("");
        assert_eq!((all.all("Contents").count(), all.value("IsTruncated")), (4, Some("false")));
        assert!(all.child("Contents").unwrap().child("Owner").is_some());
        let first = page("max-keys=2&delimiter=/");
        assert_eq!((first.value("NextMarker"), first.value("IsTruncated")), (Some("b/"), Some("true")));
        let second = page("max-keys=2&delimiter=/&marker=b/");
        assert_eq!(second.child("Contents").unwrap().value("Key"), Some("c"));
        assert_eq!((second.all("CommonPrefixes").count(), second.value("NextMarker")), (0, None));
        fixture.refused("GET", "/bucket?max-keys=x", &[], "", (400, "InvalidArgument"));
        fixture.refused("GET", "/bucket?max-keys=-1", &[], "", (400, "InvalidArgument"));
        fixture.refused("GET", "/bucket?encoding-type=x", &[], "", (400, "InvalidArgument"));
        fixture.refused("GET", "/none", &[], "", (404, "NoSuchBucket"));
    }
}
