//! The operations, and the registry that names them. An operation is a file and a line here.
//!
//! S3 has no name of an operation in its requests: which one is meant follows from the method, from what the path names, and
//! from parameters and headers that must be there. The first line that fits is the one.

use aws_wire::Reply;

use crate::configuration;
use crate::error::{Error, Result};
use crate::request::Request;
use crate::service::S3;

mod abort_multipart_upload;
mod acl;
mod bucket_configuration;
mod complete_multipart_upload;
mod copy_object;
mod create_bucket;
mod create_multipart_upload;
mod delete_bucket;
mod delete_object;
mod delete_object_tagging;
mod delete_objects;
mod get_bucket_location;
mod get_bucket_versioning;
mod get_object;
mod get_object_attributes;
mod get_object_tagging;
mod head_bucket;
mod list_buckets;
mod list_multipart_uploads;
mod list_object_versions;
mod list_objects;
mod list_objects_v2;
mod list_parts;
mod object_legal_hold;
mod object_retention;
mod put_bucket_versioning;
mod put_object;
mod put_object_tagging;
mod upload_part;
mod upload_part_copy;

/// What a path names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Service,
    Bucket,
    Object,
}

/// What an operation does.
pub(crate) type Run = fn(&S3, &Request) -> Result<Reply>;

struct Operation {
    method: &'static str,
    on: On,
    /// Parameters that must be there.
    query: &'static [&'static str],
    /// A header that must be there.
    header: Option<&'static str>,
    run: Run,
}

const fn of(method: &'static str, on: On, query: &'static [&'static str], run: Run) -> Operation {
    Operation { method, on, query, header: None, run }
}

const COPY_SOURCE: &str = "x-amz-copy-source";

/// All that S3 does here. More particular lines come first.
static REGISTRY: &[Operation] = &[
    of("GET", On::Service, &[], list_buckets::run),
    of("PUT", On::Bucket, &["versioning"], put_bucket_versioning::run),
    of("PUT", On::Bucket, &["acl"], acl::put_of_bucket),
    of("PUT", On::Bucket, &[], create_bucket::run),
    of("HEAD", On::Bucket, &[], head_bucket::run),
    of("DELETE", On::Bucket, &[], delete_bucket::run),
    of("GET", On::Bucket, &["location"], get_bucket_location::run),
    of("GET", On::Bucket, &["versioning"], get_bucket_versioning::run),
    of("GET", On::Bucket, &["acl"], acl::get_of_bucket),
    of("GET", On::Bucket, &["versions"], list_object_versions::run),
    of("GET", On::Bucket, &["uploads"], list_multipart_uploads::run),
    of("GET", On::Bucket, &["list-type"], list_objects_v2::run),
    of("GET", On::Bucket, &[], list_objects::run),
    of("POST", On::Bucket, &["delete"], delete_objects::run),
    of("PUT", On::Object, &["tagging"], put_object_tagging::run),
    of("GET", On::Object, &["tagging"], get_object_tagging::run),
    of("DELETE", On::Object, &["tagging"], delete_object_tagging::run),
    of("GET", On::Object, &["attributes"], get_object_attributes::run),
    of("PUT", On::Object, &["acl"], acl::put_of_object),
    of("GET", On::Object, &["acl"], acl::get_of_object),
    of("PUT", On::Object, &["legal-hold"], object_legal_hold::put),
    of("GET", On::Object, &["legal-hold"], object_legal_hold::get),
    of("PUT", On::Object, &["retention"], object_retention::put),
    of("GET", On::Object, &["retention"], object_retention::get),
    of("POST", On::Object, &["uploads"], create_multipart_upload::run),
    Operation {
        header: Some(COPY_SOURCE),
        ..of("PUT", On::Object, &["partNumber", "uploadId"], upload_part_copy::run)
    },
    of("PUT", On::Object, &["partNumber", "uploadId"], upload_part::run),
    of("POST", On::Object, &["uploadId"], complete_multipart_upload::run),
    of("DELETE", On::Object, &["uploadId"], abort_multipart_upload::run),
    of("GET", On::Object, &["uploadId"], list_parts::run),
    Operation { header: Some(COPY_SOURCE), ..of("PUT", On::Object, &[], copy_object::run) },
    of("PUT", On::Object, &[], put_object::run),
    of("GET", On::Object, &[], get_object::run),
    of("HEAD", On::Object, &[], get_object::run),
    of("DELETE", On::Object, &[], delete_object::run),
];

/// Sub-resources that nothing here has. Without them, a question about one would be answered with something else.
const UNKNOWN: &[&str] = &[
    "abac",
    "analytics",
    "intelligent-tiering",
    "inventory",
    "metadataConfiguration",
    "metadataTable",
    "metrics",
    "policyStatus",
    "restore",
    "select",
    "session",
    "torrent",
];

/// Sub-resources that some operations are about. The others are about something else, and not for who names one of these.
const NAMED: &[&str] = &[
    "acl",
    "attributes",
    "delete",
    "legal-hold",
    "location",
    "retention",
    "tagging",
    "uploads",
    "versioning",
    "versions",
];

/// The operation that `request` means.
pub(crate) fn find(request: &Request) -> Result<Run> {
    let on = match (&request.address.bucket, &request.address.key) {
        (None, _) => On::Service,
        (Some(_), None) => On::Bucket,
        (Some(_), Some(_)) => On::Object,
    };
    if let Some((name, _)) = request.queries().find(|(name, _)| UNKNOWN.contains(name)) {
        return Err(Error::NotImplemented(format!("the sub-resource {name}")));
    }
    if on == On::Bucket && configuration::ALL.iter().any(|known| request.query(known.query).is_some()) {
        return Ok(bucket_configuration::run);
    }
    let fits = |operation: &&Operation| {
        operation.method == request.method.as_str()
            && operation.on == on
            && operation.query.iter().all(|name| request.query(name).is_some())
            && NAMED.iter().all(|name| request.query(name).is_none() || operation.query.contains(name))
            && operation.header.is_none_or(|name| request.headers.contains_key(name))
    };
    REGISTRY.iter().find(fits).map(|operation| operation.run).ok_or(Error::MethodNotAllowed)
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn what_no_operation_does_is_refused() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.refused("GET", "/bucket?inventory", &[], "", (501, "NotImplemented"));
        fixture.refused("GET", "/bucket/k?torrent", &[], "", (501, "NotImplemented"));
        fixture.refused("POST", "/bucket", &[], "", (405, "MethodNotAllowed"));
        // Who gets a name wrong loses nothing.
        fixture.ok("PUT", "/bucket/k", &[], "x");
        fixture.refused("DELETE", "/bucket/k?acl", &[], "", (405, "MethodNotAllowed"));
        fixture.refused("PUT", "/bucket/k?attributes", &[], "", (405, "MethodNotAllowed"));
        fixture.refused("DELETE", "/bucket?versioning", &[], "", (405, "MethodNotAllowed"));
        assert_eq!(fixture.ok("GET", "/bucket/k", &[], "").text(), "x");
        fixture.refused("PATCH", "/bucket/k", &[], "", (405, "MethodNotAllowed"));
        fixture.refused("GET", "/bucket/%ff", &[], "", (400, "InvalidURI"));
        fixture.refused("GET", "/bucket/k?uploadId=%ff", &[], "", (400, "InvalidURI"));
    }
}
