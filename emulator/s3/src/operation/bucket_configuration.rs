//! Get, Put and Delete of the sub-resources that are documents: GetBucketPolicy, PutBucketTagging, DeleteBucketCors and their
//! kin. What differs between them is data in `configuration`.

use std::sync::Arc;

use aws_wire::Reply;
use http::{Method, StatusCode};

use crate::answer;
use crate::bucket::Bucket;
use crate::configuration::ALL;
use crate::error::{Error, Result};
use crate::request::Request;
use crate::service::S3;

const LIFECYCLE: &str = "lifecycle";
const SMALLEST: &str = "x-amz-transition-default-minimum-object-size";
const EVERY_CLASS: &str = "all_storage_classes_128K";

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let known = ALL.iter().find(|known| request.query(known.query).is_some()).ok_or(Error::MethodNotAllowed)?;
    let (bucket, name) = (s3.bucket(request)?, request.bucket());
    match request.method {
        Method::GET => {
            let document = match bucket.configurations.get(known.query) {
                Some(document) => document.clone(),
                None => known.missing(name)?,
            };
            let reply = match known.is_xml() {
                true => answer::xml(document),
                false => aws_wire::reply::reply(StatusCode::OK, "application/json", document),
            };
            Ok(with_smallest(reply, known.query, &bucket))
        }
        Method::PUT => {
            let smallest = smallest(request)?;
            // What the bucket is must not change until it has the document.
            let writing = s3.directory().write();
            let bucket = s3.bucket(request)?;
            let others = |name: &str| s3.read(name, |shelf| Arc::clone(&shelf.bucket)).ok();
            let kept = known.kept(&request.body, &bucket, &others)?;
            writing.change_bucket(name, |bucket| {
                match kept {
                    Some(document) => bucket.configurations.insert(known.query.into(), document),
                    None => bucket.configurations.remove(known.query),
                };
                if known.query == LIFECYCLE {
                    bucket.configurations.insert(SMALLEST.into(), smallest);
                }
            })?;
            let status = if known.put_without_content { StatusCode::NO_CONTENT } else { StatusCode::OK };
            Ok(with_smallest(answer::empty(status), known.query, &*s3.bucket(request)?))
        }
        Method::DELETE if known.deletable => {
            let forget = |bucket: &mut Bucket| drop(bucket.configurations.remove(known.query));
            s3.directory().write().change_bucket(name, forget)?;
            Ok(answer::empty(StatusCode::NO_CONTENT))
        }
        _ => Err(Error::MethodNotAllowed),
    }
}

/// The size from which objects change their class, which goes with lifecycle rules and is not in their document.
fn smallest(request: &Request) -> Result<String> {
    match request.header(SMALLEST) {
        None | Some(EVERY_CLASS) => Ok(EVERY_CLASS.into()),
        Some("varies_by_storage_class") => Ok("varies_by_storage_class".into()),
        Some(other) => Err(Error::argument(SMALLEST, other, "Invalid TransitionDefaultMinimumObjectSize")),
    }
}

fn with_smallest(reply: Reply, query: &str, bucket: &Bucket) -> Reply {
    let smallest = bucket.configurations.get(SMALLEST).filter(|_| query == LIFECYCLE);
    answer::with_maybe(reply, SMALLEST, smallest.map(String::as_str))
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
        let rule = "<LifecycleConfiguration><Rule><ID>a</ID><Status>Enabled</Status></Rule></LifecycleConfiguration>";
        fixture.ok("PUT", "/bucket?lifecycle", &[], rule);
        let lifecycle = fixture.ok("GET", "/bucket?lifecycle", &[], "");
        assert_eq!(lifecycle.header("x-amz-transition-default-minimum-object-size"), Some("all_storage_classes_128K"));
        let size = [("x-amz-transition-default-minimum-object-size", "x")];
        fixture.refused("PUT", "/bucket?lifecycle", &size, rule, (400, "InvalidArgument"));
        let notification = "<NotificationConfiguration><QueueConfiguration/></NotificationConfiguration>";
        fixture.refused("PUT", "/bucket?notification", &[], notification, (501, "NotImplemented"));
    }

    #[test]
    fn what_nothing_comes_of_is_kept() {
        let mut fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.ok("PUT", "/with.period", &[], "");
        for (query, root, content) in [
            ("accelerate", "AccelerateConfiguration", "<Status>Enabled</Status>"),
            ("accelerate", "AccelerateConfiguration", "<Status>Suspended</Status>"),
            ("requestPayment", "RequestPaymentConfiguration", "<Payer>Requester</Payer>"),
            ("website", "WebsiteConfiguration", "<IndexDocument><Suffix>i</Suffix></IndexDocument>"),
        ] {
            let path = format!("/bucket?{query}");
            fixture.ok("PUT", &path, &[], &format!("<{root}>{content}</{root}>"));
            fixture.restart();
            assert!(fixture.ok("GET", &path, &[], "").text().contains(content), "{query}");
            fixture.refused("PUT", &path, &[], "<x/>", (400, "MalformedXML"));
        }
        assert_eq!(fixture.ok("DELETE", "/bucket?website", &[], "").status, 204);
        fixture.refused("GET", "/bucket?website", &[], "", (404, "NoSuchWebsiteConfiguration"));
        let accelerate = "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>";
        fixture.refused("PUT", "/with.period?accelerate", &[], accelerate, (400, "InvalidRequest"));
        fixture.refused("DELETE", "/bucket?object-lock", &[], "", (405, "MethodNotAllowed"));
    }

    #[test]
    fn logs_go_to_a_bucket_of_the_same_owner_and_region() {
        let mut fixture = Fixture::new();
        let status = |target: &str| {
            format!(
                "<BucketLoggingStatus><LoggingEnabled><TargetBucket>{target}</TargetBucket><TargetGrants><Grant><Grantee>\
                 <URI>http://acs.amazonaws.com/groups/global/AuthenticatedUsers</URI></Grantee><Permission>READ</Permission>\
                 </Grant></TargetGrants><TargetPrefix/></LoggingEnabled></BucketLoggingStatus>"
            )
        };
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.ok("PUT", "/logs", &[], "");
        let west =
            "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
        fixture.ok("PUT", "/west", &[], west);
        fixture.account = "111111111111";
        fixture.ok("PUT", "/foreign", &[], "");
        fixture.account = "000000000000";
        for (target, error) in [
            ("none", (400, "InvalidTargetBucketForLogging")),
            ("foreign", (400, "InvalidTargetBucketForLogging")),
            ("west", (403, "CrossLocationLoggingProhibited")),
            ("", (400, "MalformedXML")),
        ] {
            fixture.refused("PUT", "/bucket?logging", &[], &status(target), error);
        }
        fixture.ok("PUT", "/bucket?logging", &[], &status("logs"));
        fixture.restart();
        let found = fixture.ok("GET", "/bucket?logging", &[], "");
        assert!(found.text().contains("<TargetBucket>logs</TargetBucket>"), "{}", found.text());
        // Clients know grantees by their type alone.
        assert!(found.text().contains("xsi:type=\"Group\"><URI>"), "{}", found.text());
        fixture.ok("PUT", "/bucket?logging", &[], "<BucketLoggingStatus/>");
        assert!(!fixture.ok("GET", "/bucket?logging", &[], "").text().contains("LoggingEnabled"));
    }

    #[test]
    fn copies_take_versions_on_both_sides() {
        let mut fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        let document = "<ReplicationConfiguration><Role>arn:aws:iam::000000000000:role/r</Role><Rule><ID>a</ID><Prefix/>\
                        <Status>Enabled</Status><Destination><Bucket>arn:aws:s3:::copies</Bucket></Destination></Rule>\
                        </ReplicationConfiguration>";
        let refused = |fixture: &Fixture, message: &str| {
            let answer = fixture.refused("PUT", "/bucket?replication", &[], document, (400, "InvalidRequest"));
            assert!(answer.text().contains(message), "{}", answer.text());
        };
        refused(&fixture, "Versioning must be 'Enabled'");
        fixture.versioning("bucket", "Enabled");
        refused(&fixture, "Destination bucket must exist.");
        fixture.ok("PUT", "/copies", &[], "");
        refused(&fixture, "Destination bucket must have versioning enabled.");
        fixture.versioning("copies", "Enabled");
        fixture.ok("PUT", "/bucket?replication", &[], document);
        fixture.restart();
        assert!(fixture.ok("GET", "/bucket?replication", &[], "").text().contains("<ID>a</ID><Prefix></Prefix>"));
        let suspended = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
        fixture.refused("PUT", "/bucket?versioning", &[], suspended, (409, "InvalidBucketState"));
        assert_eq!(fixture.ok("DELETE", "/bucket?replication", &[], "").status, 204);
        fixture.refused("GET", "/bucket?replication", &[], "", (404, "ReplicationConfigurationNotFoundError"));
        fixture.versioning("bucket", "Suspended");
    }
}
