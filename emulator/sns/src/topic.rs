//! A topic: what it is called and what is set of it.

use std::collections::BTreeMap;

use aws_wire::{Arn, Invocation, World};
use env::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::archive::Archive;
use crate::error::{Error, Result};
use crate::retry::Retry;
use crate::tag::Tags;

/// The end of every FIFO topic's name, and of no other's.
const FIFO: &str = ".fifo";

/// Attributes that have no effect here beside that they are stored and shown: what a topic logs of its deliveries, and how its
/// messages are traced, signed and encrypted.
const STORED: [&str; 8] = [
    "DataProtectionPolicy",
    "DisplayName",
    "FifoThroughputScope",
    "KmsMasterKeyId",
    "Policy",
    "SignatureVersion",
    "TracingConfig",
    "DeliveryPolicy",
];

/// A topic. Persisted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Topic {
    pub(crate) name: String,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) tags: Tags,
    /// The call that created it, if it said which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maker: Option<Invocation>,
    /// What its policy says about keeping messages, while it says that they are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) archive: Option<Archive>,
    /// How many of its subscriptions were removed.
    pub(crate) removed: u64,
}

impl Topic {
    /// A topic with nothing set.
    pub(crate) fn new(world: &World, name: String) -> Self {
        Self {
            name,
            account: world.account.clone(),
            region: world.region.clone(),
            attributes: BTreeMap::new(),
            tags: Tags::new(),
            maker: None,
            archive: None,
            removed: 0,
        }
    }

    pub(crate) fn world(&self) -> World {
        World::new(&self.account, &self.region)
    }

    pub(crate) fn arn(&self) -> String {
        self.world().arn("sns", &self.name)
    }

    pub(crate) fn is_fifo(&self) -> bool {
        is_fifo(&self.name)
    }

    /// Whether messages without a deduplication id are the same if they say the same.
    pub(crate) fn is_content_based(&self) -> bool {
        self.attributes.get("ContentBasedDeduplication").is_some_and(|value| value == "true")
    }

    /// How deliveries over HTTP are tried again.
    pub(crate) fn retry(&self) -> Retry {
        self.attributes.get("DeliveryPolicy").and_then(|policy| Retry::parse(policy)).unwrap_or_default()
    }

    /// Sets an attribute; an empty value removes it.
    pub(crate) fn set(&mut self, name: &str, value: &str, now: Timestamp) -> Result<()> {
        match name {
            "ArchivePolicy" if !self.is_fifo() => return Err(Error::invalid("AttributeName")),
            "ArchivePolicy" => {
                self.archive = Archive::parse(value, self.archive.as_ref(), now)?;
                return Ok(());
            }
            "ContentBasedDeduplication" if self.is_fifo() && is_boolean(value) => {}
            "FifoTopic" if is_boolean(value) && (value == "true") == self.is_fifo() => {}
            "DeliveryPolicy" if !value.is_empty() && Retry::parse(value).is_none() => {
                return Err(Error::invalid("DeliveryPolicy: failed to parse JSON."));
            }
            "Policy" | "DataProtectionPolicy" if !value.is_empty() && !is_object(value) => {
                return Err(Error::invalid("Policy Error: null"));
            }
            "DisplayName" if value.chars().count() > 100 => return Err(Error::invalid("DisplayName")),
            "SignatureVersion" if !matches!(value, "1" | "2") => return Err(Error::invalid("SignatureVersion")),
            "TracingConfig" if !matches!(value, "PassThrough" | "Active") => {
                return Err(Error::invalid("TracingConfig"));
            }
            "FifoThroughputScope" if !self.is_fifo() || !matches!(value, "Topic" | "MessageGroup") => {
                return Err(Error::invalid("FifoThroughputScope"));
            }
            name if STORED.contains(&name) || is_feedback(name) => {}
            _ => return Err(Error::invalid("AttributeName")),
        }
        if value.is_empty() {
            self.attributes.remove(name);
        } else {
            self.attributes.insert(name.to_owned(), value.to_owned());
        }
        Ok(())
    }

    /// As the API shows it, without the counts of its subscriptions.
    pub(crate) fn show(&self, now: Timestamp) -> BTreeMap<String, String> {
        let mut shown = self.attributes.clone();
        if let Some(archive) = &self.archive {
            shown.insert("ArchivePolicy".to_owned(), archive.policy.clone());
            shown.insert("BeginningArchiveTime".to_owned(), archive.beginning(now));
        }
        let arn = self.arn();
        shown.entry("DisplayName".to_owned()).or_default();
        shown.entry("Policy".to_owned()).or_insert_with(|| default_policy(&arn, &self.account));
        shown.insert("EffectiveDeliveryPolicy".to_owned(), self.retry().of_topic());
        shown.insert("Owner".to_owned(), self.account.clone());
        shown.insert("TopicArn".to_owned(), arn);
        if self.is_fifo() {
            shown.insert("FifoTopic".to_owned(), "true".to_owned());
            shown.entry("ContentBasedDeduplication".to_owned()).or_insert_with(|| "false".to_owned());
        }
        shown
    }
}

/// Where the delivery status of `protocol` would be logged, and how much of it.
fn is_feedback(name: &str) -> bool {
    ["Application", "Firehose", "HTTP", "Lambda", "SQS"].iter().any(|protocol| {
        name.strip_prefix(protocol).is_some_and(|rest| {
            matches!(rest, "SuccessFeedbackRoleArn" | "SuccessFeedbackSampleRate" | "FailureFeedbackRoleArn")
        })
    })
}

fn is_boolean(value: &str) -> bool {
    matches!(value, "true" | "false")
}

pub(crate) fn is_object(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object())
}

/// Whether a name or ARN is that of a FIFO topic or queue.
pub(crate) fn is_fifo(name: &str) -> bool {
    name.ends_with(FIFO)
}

/// Checks the name of a topic that is to be.
pub(crate) fn check_name(name: &str, fifo: bool) -> Result<()> {
    let stem = if fifo { name.strip_suffix(FIFO) } else { Some(name) };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_stem = |stem: &str| !stem.is_empty() && stem.bytes().all(allowed);
    match (stem.is_some_and(is_stem) && name.len() <= 256, fifo) {
        (true, _) => Ok(()),
        (false, true) => Err(Error::invalid(
            "Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, \
             underscores, and hyphens, and must be between 1 and 256 characters long.",
        )),
        (false, false) => Err(Error::invalid("Topic Name")),
    }
}

/// The world and the name in a topic's ARN, which `parameter` holds.
pub(crate) fn of_arn<'a>(parameter: &str, arn: &'a str) -> Result<(World, &'a str)> {
    let parts = arn.split(':').count();
    if parts < 6 {
        return Err(Error::invalid(format!("{parameter} Reason: An ARN must have at least 6 elements, not {parts}")));
    }
    let parsed = Arn::parse(arn).filter(|arn| arn.service == "sns" && !arn.resource.contains(':'));
    let parsed = parsed.ok_or_else(|| Error::invalid(parameter))?;
    Ok((parsed.world(), parsed.resource))
}

/// What everybody in the account may do, until somebody says otherwise.
fn default_policy(arn: &str, account: &str) -> String {
    let actions = [
        "GetTopicAttributes",
        "SetTopicAttributes",
        "AddPermission",
        "RemovePermission",
        "DeleteTopic",
        "Subscribe",
        "ListSubscriptionsByTopic",
        "Publish",
    ]
    .map(|action| format!("SNS:{action}"));
    let statement = json!({
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": actions,
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
    });
    json!({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(name: &str) -> Topic {
        Topic::new(&World::new("000000000000", "us-east-1"), name.to_owned())
    }

    #[test]
    fn what_can_be_set_of_which() {
        let set = |topic_name: &str, name: &str, value: &str| {
            topic(topic_name).set(name, value, Timestamp::EPOCH).map_err(|error| error.to_string())
        };
        for (of, name, value) in [
            ("t", "DisplayName", "x"),
            ("t", "Policy", "{}"),
            ("t", "SignatureVersion", "2"),
            ("t", "TracingConfig", "Active"),
            ("t", "SQSSuccessFeedbackSampleRate", "5"),
            ("t", "DeliveryPolicy", r#"{"http":{"defaultHealthyRetryPolicy":{"numRetries":1}}}"#),
            ("t.fifo", "ContentBasedDeduplication", "true"),
            ("t.fifo", "FifoThroughputScope", "Topic"),
            ("t.fifo", "ArchivePolicy", r#"{"MessageRetentionPeriod":"30"}"#),
        ] {
            let mut topic = topic(of);
            topic.set(name, value, Timestamp::EPOCH).unwrap();
            assert_eq!(topic.show(Timestamp::EPOCH)[name], value);
        }
        for (of, name, value, words) in [
            ("t", "Color", "red", "AttributeName"),
            ("t", "ContentBasedDeduplication", "true", "AttributeName"),
            ("t", "FifoTopic", "true", "AttributeName"),
            ("t", "Policy", "x", "Policy Error: null"),
            ("t", "DeliveryPolicy", "x", "DeliveryPolicy: failed to parse JSON."),
            ("t", "SignatureVersion", "3", "SignatureVersion"),
            ("t", "TracingConfig", "x", "TracingConfig"),
            ("t", "FifoThroughputScope", "Topic", "FifoThroughputScope"),
            ("t", "ArchivePolicy", r#"{"MessageRetentionPeriod":"30"}"#, "AttributeName"),
        ] {
            assert_eq!(set(of, name, value), Err(format!("Invalid parameter: {words}")), "{name}");
        }
    }

    #[test]
    fn arns() {
        assert_eq!(of_arn("TopicArn", "arn:aws:sns:r:0:t"), Ok((World::new("0", "r"), "t")));
        let short = of_arn("TopicArn", "t").unwrap_err().to_string();
        assert_eq!(short, "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1");
        for arn in ["arn:aws:sqs:r:0:t", "arn:aws:sns:r:0:t:u", "x:aws:sns:r:0:t"] {
            assert_eq!(of_arn("TopicArn", arn), Err(Error::invalid("TopicArn")), "{arn}");
        }
    }
}
