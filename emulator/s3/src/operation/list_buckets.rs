//! ListBuckets: the buckets of an account, of all regions or of one.

use aws_wire::Reply;

use crate::answer;
use crate::error::{Error, Result};
use crate::request::Request;
use crate::service::S3;
use crate::xml::Xml;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let account = &request.call.world.account;
    let prefix = request.query("prefix").unwrap_or_default();
    let (region, after) = (request.query("bucket-region"), request.query("continuation-token").unwrap_or_default());
    let most = match request.query("max-buckets") {
        None => 10_000,
        Some(text) => text.parse().ok().filter(|most| (1..=10_000).contains(most)).ok_or_else(|| {
            Error::argument("max-buckets", text, "Argument max-buckets must be an integer between 1 and 10000")
        })?,
    };
    let mut buckets = s3.directory().buckets(account);
    buckets.retain(|bucket| {
        bucket.name.starts_with(prefix)
            && bucket.name.as_str() > after
            && region.is_none_or(|region| region == bucket.region)
    });
    let more = buckets.len() > most;
    buckets.truncate(most);
    Ok(answer::xml(Xml::document("ListAllMyBucketsResult", |xml| {
        xml.owner("Owner", account);
        xml.element("Buckets", |xml| {
            for bucket in &buckets {
                xml.element("Bucket", |xml| {
                    xml.text("Name", &bucket.name);
                    xml.text("CreationDate", bucket.created);
                    xml.text("BucketRegion", &bucket.region);
                });
            }
        });
        xml.maybe("Prefix", request.query("prefix"));
        xml.maybe("ContinuationToken", buckets.last().filter(|_| more).map(|last| &last.name));
    })))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn of_an_account_in_pages() {
        let mut fixture = Fixture::new();
        for name in ["one", "two", "tri"] {
            fixture.ok("PUT", &format!("/{name}"), &[], "");
        }
        fixture.restart();
        let all = fixture.ok("GET", "/", &[], "").xml("ListAllMyBucketsResult");
        let names = |root: &crate::xml::Element| {
            let buckets = root.child("Buckets").unwrap();
            buckets.all("Bucket").map(|bucket| bucket.value("Name").unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(&all), ["one", "tri", "two"]);
        assert_eq!(all.child("Owner").and_then(|owner| owner.value("ID")).unwrap().len(), 64);
        let page = fixture.ok("GET", "/?max-buckets=1&prefix=t", &[], "").xml("ListAllMyBucketsResult");
        assert_eq!((names(&page), page.value("ContinuationToken")), (vec!["tri".to_owned()], Some("tri")));
        let page = fixture.ok("GET", "/?max-buckets=1&prefix=t&continuation-token=tri", &[], "");
        let page = page.xml("ListAllMyBucketsResult");
        assert_eq!((names(&page), page.value("ContinuationToken")), (vec!["two".to_owned()], None));
        fixture.refused("GET", "/?max-buckets=0", &[], "", (400, "InvalidArgument"));
    }
}
