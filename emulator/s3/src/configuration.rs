//! The sub-resources of a bucket that are documents: what each is called, what S3 says where there is none, and whether one can
//! be put here. A further one is a line of the table.

mod logging;
mod replication;
mod website;

use std::sync::Arc;

use crate::acl;
use crate::bucket::Bucket;
use crate::encryption;
use crate::error::{Error, Result};
use crate::lock;
use crate::tags;
use crate::xml::{Element, NAMESPACE, Xml, parse};

/// A kind of document.
pub(crate) struct Configuration {
    /// The name of the sub-resource in a query.
    pub(crate) query: &'static str,
    /// The name of its document's root; JSON has none.
    root: &'static str,
    missing: Missing,
    put: Put,
    /// What must hold of the bucket that gets it, and of other buckets.
    fits: Fits,
    /// What a new bucket has.
    pub(crate) at_first: Option<&'static str>,
    /// Whether a successful put says that there is nothing to say.
    pub(crate) put_without_content: bool,
    /// Whether it can be deleted.
    pub(crate) deletable: bool,
}

/// Finds a bucket by its name, whosever it is.
pub(crate) type Others<'a> = &'a dyn Fn(&str) -> Option<Arc<Bucket>>;

type Fits = fn(&Bucket, Others<'_>, &Element) -> Result<()>;

/// What is read where nothing was put.
enum Missing {
    /// An error, in S3's words.
    Error(&'static str, &'static str),
    /// A document with this in it.
    Document(&'static str),
}

/// What becomes of a document that is put.
enum Put {
    /// It is kept if this finds nothing wrong with it.
    Kept(fn(&Element) -> Result<()>),
    /// Likewise; one that says nothing takes away what is there.
    KeptUnlessEmpty(fn(&Element) -> Result<()>),
    /// A policy: JSON.
    Policy,
    /// It would have to do something that nobody does here; only one that says nothing is taken.
    OnlyEmpty(&'static str),
}

const STANDARD: Configuration = Configuration {
    query: "",
    root: "",
    missing: Missing::Document(""),
    put: Put::OnlyEmpty(""),
    fits: |_, _, _| Ok(()),
    at_first: None,
    put_without_content: false,
    deletable: false,
};

/// All of them.
pub(crate) static ALL: &[Configuration] = &[
    Configuration {
        query: "accelerate",
        root: "AccelerateConfiguration",
        put: Put::Kept(|root| match root.value("Status") {
            Some("Enabled" | "Suspended") => Ok(()),
            _ => Err(Error::XmlMalformed),
        }),
        fits: |bucket, _, _| {
            let message = "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names";
            let is_fit = !bucket.name.contains('.');
            is_fit.then_some(()).ok_or_else(|| Error::InvalidRequest(message.into()))
        },
        ..STANDARD
    },
    Configuration {
        query: "cors",
        root: "CORSConfiguration",
        missing: Missing::Error("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
        put: Put::Kept(|root| has(root, "CORSRule")),
        deletable: true,
        ..STANDARD
    },
    Configuration {
        query: "encryption",
        root: "ServerSideEncryptionConfiguration",
        missing: Missing::Document(
            "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>\
             </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule>",
        ),
        put: Put::Kept(encryption::check),
        deletable: true,
        ..STANDARD
    },
    Configuration {
        query: "lifecycle",
        root: "LifecycleConfiguration",
        missing: Missing::Error("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
        put: Put::Kept(|root| has(root, "Rule")),
        deletable: true,
        ..STANDARD
    },
    Configuration {
        query: "logging",
        root: "BucketLoggingStatus",
        put: Put::KeptUnlessEmpty(logging::check),
        fits: logging::fits,
        ..STANDARD
    },
    Configuration {
        query: "notification",
        root: "NotificationConfiguration",
        put: Put::OnlyEmpty("notifications of buckets"),
        ..STANDARD
    },
    Configuration {
        query: "object-lock",
        root: "ObjectLockConfiguration",
        missing: Missing::Error(
            "ObjectLockConfigurationNotFoundError",
            "Object Lock configuration does not exist for this bucket",
        ),
        put: Put::Kept(lock::check),
        fits: |bucket, _, _| lock::check_bucket(bucket),
        ..STANDARD
    },
    Configuration {
        query: "ownershipControls",
        root: "OwnershipControls",
        missing: Missing::Error("OwnershipControlsNotFoundError", "The bucket ownership controls were not found"),
        put: Put::Kept(check_ownership),
        fits: |bucket, _, root| {
            let is_alone = owner_of(root) != Some("BucketOwnerEnforced")
                || !acl::grants_to_others(bucket.acl.as_ref(), &bucket.account);
            is_alone.then_some(()).ok_or(Error::BucketAclNotSupported)
        },
        at_first: Some("<Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>"),
        deletable: true,
        ..STANDARD
    },
    Configuration {
        query: "policy",
        missing: Missing::Error("NoSuchBucketPolicy", "The bucket policy does not exist"),
        put: Put::Policy,
        put_without_content: true,
        deletable: true,
        ..STANDARD
    },
    Configuration {
        query: "publicAccessBlock",
        root: "PublicAccessBlockConfiguration",
        missing: Missing::Error(
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        ),
        put: Put::Kept(|_| Ok(())),
        at_first: Some(
            "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>\
             <BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>",
        ),
        deletable: true,
        ..STANDARD
    },
    Configuration {
        query: "replication",
        root: "ReplicationConfiguration",
        missing: Missing::Error("ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
        put: Put::Kept(replication::check),
        fits: replication::fits,
        deletable: true,
        ..STANDARD
    },
    Configuration {
        query: "requestPayment",
        root: "RequestPaymentConfiguration",
        missing: Missing::Document("<Payer>BucketOwner</Payer>"),
        put: Put::Kept(|root| match root.value("Payer") {
            Some("BucketOwner" | "Requester") => Ok(()),
            _ => Err(Error::XmlMalformed),
        }),
        ..STANDARD
    },
    Configuration {
        query: "tagging",
        root: "Tagging",
        missing: Missing::Error("NoSuchTagSet", "The TagSet does not exist"),
        put: Put::Kept(|root| tags::from_element(root, tags::MOST_OF_BUCKET).map(drop)),
        put_without_content: true,
        deletable: true,
        ..STANDARD
    },
    Configuration {
        query: "website",
        root: "WebsiteConfiguration",
        missing: Missing::Error(
            "NoSuchWebsiteConfiguration",
            "The specified bucket does not have a website configuration",
        ),
        put: Put::Kept(website::check),
        deletable: true,
        ..STANDARD
    },
];

impl Configuration {
    /// What is read where nothing was put.
    pub(crate) fn missing(&self, bucket: &str) -> Result<String> {
        match self.missing {
            Missing::Document(content) => Ok(self.document(content)),
            Missing::Error(code, message) => Err(Error::NotConfigured { code, message, bucket: bucket.to_owned() }),
        }
    }

    /// What a bucket has before anybody puts anything.
    pub(crate) fn first(&self) -> Option<String> {
        self.at_first.map(|content| self.document(content))
    }

    /// What is kept of a document that a client puts for `bucket`; `None` if it asks for nothing.
    pub(crate) fn kept(&self, body: &[u8], bucket: &Bucket, others: Others<'_>) -> Result<Option<String>> {
        let checked = |check: fn(&Element) -> Result<()>| {
            let root = parse(body, self.root)?;
            check(&root)?;
            (self.fits)(bucket, others, &root)?;
            Ok::<_, Error>(root)
        };
        match self.put {
            Put::Policy => policy(body).map(Some),
            Put::Kept(check) => Ok(Some(Xml::again(&checked(check)?))),
            Put::KeptUnlessEmpty(check) => {
                let root = checked(check)?;
                Ok((!root.children.is_empty()).then(|| Xml::again(&root)))
            }
            Put::OnlyEmpty(what) => match parse(body, self.root)?.children.as_slice() {
                [] => Ok(None),
                _ => Err(Error::NotImplemented(what.to_owned())),
            },
        }
    }

    /// Whether the document is XML.
    pub(crate) const fn is_xml(&self) -> bool {
        !matches!(self.put, Put::Policy)
    }

    fn document(&self, content: &str) -> String {
        let root = self.root;
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{NAMESPACE}\">{content}</{root}>")
    }
}

fn has(root: &Element, name: &str) -> Result<()> {
    root.child(name).map(drop).ok_or(Error::XmlMalformed)
}

/// The document of ownership controls of which the one rule is `owner`.
pub(crate) fn ownership(owner: &str) -> Result<String> {
    if !is_ownership(owner) {
        return Err(Error::argument("x-amz-object-ownership", owner, "Invalid x-amz-object-ownership header value"));
    }
    document("ownershipControls", &format!("<Rule><ObjectOwnership>{owner}</ObjectOwnership></Rule>"))
}

/// The document of a bucket that can lock what is in it, and says nothing about what it locks.
pub(crate) fn lock() -> Result<String> {
    document("object-lock", "<ObjectLockEnabled>Enabled</ObjectLockEnabled>")
}

fn document(query: &str, content: &str) -> Result<String> {
    ALL.iter().find(|known| known.query == query).map(|known| known.document(content)).ok_or(Error::Internal)
}

fn is_ownership(owner: &str) -> bool {
    matches!(owner, "BucketOwnerEnforced" | "BucketOwnerPreferred" | "ObjectWriter")
}

fn check_ownership(root: &Element) -> Result<()> {
    match owner_of(root) {
        Some(owner) if is_ownership(owner) => Ok(()),
        _ => Err(Error::XmlMalformed),
    }
}

fn owner_of(root: &Element) -> Option<&str> {
    root.child("Rule").and_then(|rule| rule.value("ObjectOwnership"))
}

fn policy(body: &[u8]) -> Result<String> {
    let invalid = || Error::PolicyMalformed("Policies must be valid JSON and the first byte must be '{'");
    let text = std::str::from_utf8(body).map_err(|_| invalid())?;
    let document: serde_json::Value = serde_json::from_str(text).map_err(|_| invalid())?;
    if !document.is_object() {
        return Err(invalid());
    }
    if document.get("Statement").is_none() {
        return Err(Error::PolicyMalformed("Missing required field Statement"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Configuration {
        fn kept_of(&self, body: &[u8]) -> Result<Option<String>> {
            self.kept(body, &Bucket::named("bucket"), &|_| None)
        }
    }

    fn of(query: &str) -> &'static Configuration {
        ALL.iter().find(|configuration| configuration.query == query).unwrap()
    }

    #[test]
    fn documents_are_checked_and_kept() {
        let kept =
            of("tagging").kept_of(b"<Tagging><TagSet><Tag><Key>a</Key><Value>&lt;</Value></Tag></TagSet></Tagging>");
        assert!(kept.unwrap().unwrap().ends_with("<Tag><Key>a</Key><Value>&lt;</Value></Tag></TagSet></Tagging>"));
        assert_eq!(of("tagging").kept_of(b"<Tagging/>"), Err(Error::XmlMalformed));
        assert_eq!(of("cors").kept_of(b"<CORSConfiguration/>"), Err(Error::XmlMalformed));
        assert_eq!(of("logging").kept_of(b"<BucketLoggingStatus/>"), Ok(None));
        let queue =
            of("notification").kept_of(b"<NotificationConfiguration><QueueConfiguration/></NotificationConfiguration>");
        assert!(matches!(queue, Err(Error::NotImplemented(_))));
        let rot13 = b"<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>ROT13</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>";
        assert_eq!(of("encryption").kept_of(rot13), Err(Error::XmlMalformed));
        assert_eq!(of("policy").kept_of(b"{\"Statement\":[]}"), Ok(Some("{\"Statement\":[]}".into())));
        assert!(matches!(of("policy").kept_of(b"[]"), Err(Error::PolicyMalformed(_))));
    }

    #[test]
    fn what_is_not_there_is_an_error_or_a_document() {
        assert!(matches!(of("cors").missing("b"), Err(Error::NotConfigured { code: "NoSuchCORSConfiguration", .. })));
        assert!(of("requestPayment").missing("b").unwrap().contains("<Payer>BucketOwner</Payer>"));
        for configuration in ALL.iter().filter(|configuration| configuration.is_xml()) {
            if let Ok(document) = configuration.missing("b") {
                parse(document.as_bytes(), configuration.root).unwrap();
            }
            if let Some(document) = configuration.first() {
                assert!(configuration.kept_of(document.as_bytes()).unwrap().is_some());
            }
        }
    }
}
