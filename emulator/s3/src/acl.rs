//! Access control lists: who is granted what, as headers and documents say it and as it is kept.
//!
//! A list is kept and returned, and decides nothing. What is refused is what S3 refuses to keep: lists where the owner of a
//! bucket owns all of its objects, and public ones where the bucket blocks those.

use serde::{Deserialize, Serialize};

use crate::bucket::{Bucket, canonical_user};
use crate::error::{Error, Result};
use crate::request::Request;
use crate::xml::{Element, Xml, parse};

/// The header of a list that has a name.
pub(crate) const CANNED: &str = "x-amz-acl";

const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";
/// Whom `aws-exec-read` lets fetch the images of machines.
const EC2: &str = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";

/// Headers that grant, and what they do.
const GRANTING: [(&str, Permission); 5] = [
    ("x-amz-grant-full-control", Permission::FullControl),
    ("x-amz-grant-read", Permission::Read),
    ("x-amz-grant-read-acp", Permission::ReadAcp),
    ("x-amz-grant-write", Permission::Write),
    ("x-amz-grant-write-acp", Permission::WriteAcp),
];

/// A list of grants. Persisted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Acl {
    grants: Vec<Grant>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Grant {
    grantee: Grantee,
    permission: Permission,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Grantee {
    /// An account, by its canonical id.
    User(String),
    /// By its URI.
    Group(String),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Permission {
    FullControl,
    Write,
    WriteAcp,
    Read,
    ReadAcp,
}

/// What a list is of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Bucket,
    Object,
}

impl Acl {
    /// Its owner may do everything, and nobody else anything.
    fn private(owner: &str) -> Self {
        Self { grants: vec![grant(Grantee::User(owner.to_owned()), Permission::FullControl)] }
    }

    /// The list of that name.
    fn canned(name: &str, of: Of, owner: &str) -> Result<Self> {
        let group = |uri: &str, permission| grant(Grantee::Group(uri.to_owned()), permission);
        let more = match (name, of) {
            // Those that are about the owner of an object's bucket, who owns its objects here, say nothing about a bucket.
            ("private" | "bucket-owner-read" | "bucket-owner-full-control", _) => vec![],
            ("public-read", _) => vec![group(ALL_USERS, Permission::Read)],
            ("public-read-write", _) => {
                vec![group(ALL_USERS, Permission::Read), group(ALL_USERS, Permission::Write)]
            }
            ("authenticated-read", _) => vec![group(AUTHENTICATED_USERS, Permission::Read)],
            ("aws-exec-read", _) => vec![grant(Grantee::User(EC2.to_owned()), Permission::Read)],
            ("log-delivery-write", Of::Bucket) => {
                vec![group(LOG_DELIVERY, Permission::Write), group(LOG_DELIVERY, Permission::ReadAcp)]
            }
            _ => return Err(Error::argument(CANNED, name, "")),
        };
        let mut acl = Self::private(owner);
        acl.grants.extend(more);
        Ok(acl)
    }

    /// What the headers of a request say; nothing if they say nothing.
    fn of_headers(request: &Request, of: Of, owner: &str) -> Result<Option<Self>> {
        let mut grants = Vec::new();
        for (name, permission) in GRANTING {
            for value in request.headers.get_all(name) {
                let text = std::str::from_utf8(value.as_bytes()).map_err(|_| unrecognized(name, ""))?;
                for pair in text.split(',') {
                    grants.push(grant(grantee_of_header(name, pair)?, permission));
                }
            }
        }
        match request.header(CANNED) {
            Some(_) if !grants.is_empty() => {
                let message = "Specifying both Canned ACLs and Header Grants is not allowed";
                Err(Error::InvalidRequest(message.into()))
            }
            Some(name) => Self::canned(name, of, owner).map(Some),
            None => Ok((!grants.is_empty()).then_some(Self { grants })),
        }
    }

    /// What an `AccessControlPolicy` says.
    fn of_document(body: &[u8], owner: &str) -> Result<Self> {
        let root = parse(body, "AccessControlPolicy").map_err(|_| Error::AclMalformed)?;
        let stated = root.child("Owner").and_then(|owner| owner.value("ID")).ok_or(Error::AclMalformed)?;
        let list = root.child("AccessControlList").ok_or(Error::AclMalformed)?;
        let grants = list.all("Grant").map(|element| {
            let permission = element.value("Permission").and_then(Permission::of).ok_or(Error::AclMalformed)?;
            let grantee = element.child("Grantee").ok_or(Error::AclMalformed)?;
            Ok(grant(grantee_of_document(grantee)?, permission))
        });
        let grants = grants.collect::<Result<_>>()?;
        // Nobody becomes the owner by being called so.
        if stated == owner { Ok(Self { grants }) } else { Err(Error::AccessDenied) }
    }

    fn is_private(&self, owner: &str) -> bool {
        let owns = |grant: &Grant| grant.grantee == Grantee::User(owner.to_owned());
        self.grants.iter().all(owns) && self.grants.iter().any(|grant| grant.permission == Permission::FullControl)
    }

    fn is_public(&self) -> bool {
        let all = [ALL_USERS, AUTHENTICATED_USERS];
        self.grants.iter().any(|grant| matches!(&grant.grantee, Grantee::Group(uri) if all.contains(&uri.as_str())))
    }
}

/// The list that something new of `bucket` is to have: `None` for the usual one, which is private.
pub(crate) fn of_new(request: &Request, of: Of, bucket: &Bucket) -> Result<Option<Acl>> {
    let owner = canonical_user(&bucket.account);
    let asked = Acl::of_headers(request, of, &owner)?;
    asked.map_or(Ok(None), |acl| allowed(acl, &owner, bucket))
}

/// The list that a request puts in the place of another.
pub(crate) fn put(request: &Request, of: Of, bucket: &Bucket) -> Result<Option<Acl>> {
    let owner = canonical_user(&bucket.account);
    let acl = match (Acl::of_headers(request, of, &owner)?, request.body.is_empty()) {
        (Some(acl), true) => acl,
        (Some(_), false) => return Err(Error::ContentUnexpected),
        (None, true) => return Err(Error::HeaderMissing { header: CANNED }),
        (None, false) => Acl::of_document(&request.body, &owner)?,
    };
    allowed(acl, &owner, bucket)
}

/// What is kept of a list that S3 lets something of `bucket` have.
fn allowed(acl: Acl, owner: &str, bucket: &Bucket) -> Result<Option<Acl>> {
    if acl.is_private(owner) && acl.grants.len() == 1 {
        return Ok(None);
    }
    if bucket.owns_all_objects() && !acl.is_private(owner) {
        return Err(Error::AclNotSupported);
    }
    if bucket.blocks_public_acls() && acl.is_public() {
        return Err(Error::AccessDenied);
    }
    Ok(Some(acl))
}

/// Whether a list grants anything to anybody but the owner.
pub(crate) fn grants_to_others(acl: Option<&Acl>, account: &str) -> bool {
    acl.is_some_and(|acl| !acl.is_private(&canonical_user(account)))
}

/// The document of a list of something in `bucket`.
pub(crate) fn document(acl: Option<&Acl>, bucket: &Bucket) -> String {
    let owner = canonical_user(&bucket.account);
    // Where one owns everything, lists are as good as not there, and come back with the ownership controls.
    let acl = acl.filter(|_| !bucket.owns_all_objects());
    let acl = acl.map_or_else(|| Acl::private(&owner), Acl::clone);
    Xml::document("AccessControlPolicy", |xml| {
        xml.owner("Owner", &bucket.account);
        xml.element("AccessControlList", |xml| {
            for Grant { grantee, permission } in &acl.grants {
                xml.element("Grant", |xml| {
                    match grantee {
                        Grantee::User(id) => xml.grantee("CanonicalUser", |xml| xml.text("ID", id)),
                        Grantee::Group(uri) => xml.grantee("Group", |xml| xml.text("URI", uri)),
                    }
                    xml.text("Permission", permission.name());
                });
            }
        });
    })
}

impl Permission {
    const ALL: [Self; 5] = [Self::FullControl, Self::Write, Self::WriteAcp, Self::Read, Self::ReadAcp];

    const fn name(self) -> &'static str {
        match self {
            Self::FullControl => "FULL_CONTROL",
            Self::Write => "WRITE",
            Self::WriteAcp => "WRITE_ACP",
            Self::Read => "READ",
            Self::ReadAcp => "READ_ACP",
        }
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.name() == name)
    }
}

const fn grant(grantee: Grantee, permission: Permission) -> Grant {
    Grant { grantee, permission }
}

/// `id="…"`, `uri="…"` or `emailAddress="…"`.
fn grantee_of_header(header: &str, pair: &str) -> Result<Grantee> {
    let (kind, value) = pair.trim().split_once('=').ok_or_else(|| unrecognized(header, pair))?;
    let value = value.trim().trim_matches('"');
    match kind.trim().to_ascii_lowercase().as_str() {
        "id" => user(value),
        "uri" => group(value),
        "emailaddress" => Err(Error::EmailUnresolved),
        _ => Err(unrecognized(header, pair)),
    }
}

/// A grantee says by what it has in it which kind it is.
fn grantee_of_document(grantee: &Element) -> Result<Grantee> {
    match (grantee.value("ID"), grantee.value("URI"), grantee.child("EmailAddress")) {
        (Some(id), None, None) => user(id),
        (None, Some(uri), None) => group(uri),
        (None, None, Some(_)) => Err(Error::EmailUnresolved),
        _ => Err(Error::AclMalformed),
    }
}

fn user(id: &str) -> Result<Grantee> {
    let is_id = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| Grantee::User(id.to_owned())).ok_or_else(|| Error::argument("CanonicalUser/ID", id, "Invalid id"))
}

fn group(uri: &str) -> Result<Grantee> {
    let is_group = [ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY].contains(&uri);
    let invalid = || Error::argument("Group/URI", uri, "Invalid group uri");
    is_group.then(|| Grantee::Group(uri.to_owned())).ok_or_else(invalid)
}

fn unrecognized(header: &str, value: &str) -> Error {
    Error::argument(header, value, "Argument format not recognized")
}
