//! Get, Put and Delete of the sub-resources that are documents: GetBucketPolicy, PutBucketTagging, DeleteBucketCors and their
//! kin. What differs between them is data in `configuration`.

use aws_wire::Reply;
use http::{Method, StatusCode};

use crate::answer;
use crate::configuration::ALL;
use crate::error::{Error, Result};
use crate::request::Request;
use crate::service::S3;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let known = ALL.iter().find(|known| request.query(known.query).is_some()).ok_or(Error::MethodNotAllowed)?;
    let (bucket, name) = (s3.bucket(request)?, request.bucket());
    match request.method {
        Method::GET => {
            let document = match bucket.configurations.get(known.query) {
                Some(document) => document.clone(),
                None => known.missing(name)?,
            };
            Ok(match known.is_xml() {
                true => answer::xml(document),
                false => aws_wire::reply::reply(StatusCode::OK, "application/json", document),
            })
        }
        Method::PUT => {
            let kept = known.kept(&request.body)?;
            s3.directory().write().change_bucket(name, |bucket| {
                match kept {
                    Some(document) => bucket.configurations.insert(known.query.into(), document),
                    None => bucket.configurations.remove(known.query),
                };
            })?;
            Ok(answer::empty(if known.put_without_content { StatusCode::NO_CONTENT } else { StatusCode::OK }))
        }
        Method::DELETE if known.deletable => {
            let forget = |bucket: &mut crate::bucket::Bucket| drop(bucket.configurations.remove(known.query));
            s3.directory().write().change_bucket(name, forget)?;
            Ok(answer::empty(StatusCode::NO_CONTENT))
        }
        _ => Err(Error::MethodNotAllowed),
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn what_a_new_bucket_says() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        for (query, code) in [
            ("cors", "NoSuchCORSConfiguration"),
            ("lifecycle", "NoSuchLifecycleConfiguration"),
            ("object-lock", "ObjectLockConfigurationNotFoundError"),
            ("policy", "NoSuchBucketPolicy"),
            ("replication", "ReplicationConfigurationNotFoundError"),
            ("tagging", "NoSuchTagSet"),
            ("website", "NoSuchWebsiteConfiguration"),
        ] {
            fixture.refused("GET", &format!("/bucket?{query}"), &[], "", (404, code));
        }
        for (query, text) in [
            ("accelerate", "<AccelerateConfiguration "),
            ("encryption", "<SSEAlgorithm>AES256</SSEAlgorithm>"),
            ("logging", "<BucketLoggingStatus "),
            ("notification", "<NotificationConfiguration "),
            ("ownershipControls", "<ObjectOwnership>BucketOwnerEnforced</ObjectOwnership>"),
            ("publicAccessBlock", "<BlockPublicAcls>true</BlockPublicAcls>"),
            ("requestPayment", "<Payer>BucketOwner</Payer>"),
        ] {
            let document = fixture.ok("GET", &format!("/bucket?{query}"), &[], "");
            assert!(document.text().contains(text), "{}", document.text());
        }
        fixture.refused("GET", "/none?cors", &[], "", (404, "NoSuchBucket"));
    }

    #[test]
    fn put_got_and_deleted() {
        let mut fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        let policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";
        assert_eq!(fixture.ok("PUT", "/bucket?policy", &[], policy).status, 204);
        fixture.restart();
        assert_eq!(fixture.ok("GET", "/bucket?policy", &[], "").text(), policy);
        assert_eq!(fixture.ok("DELETE", "/bucket?policy", &[], "").status, 204);
        fixture.refused("GET", "/bucket?policy", &[], "", (404, "NoSuchBucketPolicy"));
        fixture.ok("DELETE", "/bucket?publicAccessBlock", &[], "");
        let code = "NoSuchPublicAccessBlockConfiguration";
        fixture.refused("GET", "/bucket?publicAccessBlock", &[], "", (404, code));
        fixture.refused("PUT", "/bucket?policy", &[], "[]", (400, "MalformedPolicy"));
        fixture.refused("PUT", "/bucket?tagging", &[], "<x/>", (400, "MalformedXML"));
        fixture.refused("DELETE", "/bucket?logging", &[], "", (405, "MethodNotAllowed"));
        let accelerate = "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>";
        fixture.refused("PUT", "/bucket?accelerate", &[], accelerate, (501, "NotImplemented"));
    }
}
