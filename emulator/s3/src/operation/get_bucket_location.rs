//! GetBucketLocation: the region of a bucket, of which the oldest has no name.

use aws_wire::Reply;

use crate::answer;
use crate::error::Result;
use crate::request::Request;
use crate::service::S3;
use crate::xml::{Element, Xml};

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    let text = if bucket.region == "us-east-1" { String::new() } else { bucket.region.clone() };
    let root = Element { name: "LocationConstraint".into(), text, children: Vec::new() };
    Ok(answer::xml(Xml::again(&root)))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn a_name_or_none() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        let location =
            "<CreateBucketConfiguration><LocationConstraint>EU</LocationConstraint></CreateBucketConfiguration>";
        fixture.ok("PUT", "/other", &[], location);
        let of =
            |bucket: &str| fixture.ok("GET", &format!("/{bucket}?location"), &[], "").xml("LocationConstraint").text;
        assert_eq!((of("bucket").as_str(), of("other").as_str()), ("", "eu-west-1"));
        fixture.refused("GET", "/none?location", &[], "", (404, "NoSuchBucket"));
    }
}
