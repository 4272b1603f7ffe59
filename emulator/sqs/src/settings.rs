//! What is set of a queue: its attributes, as types. [`Settings::set`] is the only way in, [`Settings::show`] the way out.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};

/// The largest message that any queue takes, and the largest batch.
pub(crate) const LARGEST_MESSAGE: usize = 1_048_576;

/// The attributes of a queue that somebody can set. Persisted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Settings {
    delay_secs: u64,
    maximum_message_size: usize,
    retention_secs: u64,
    wait_secs: u64,
    visibility_secs: u64,
    policy: Option<String>,
    redrive: Option<Redrive>,
    redrive_allow: Option<String>,
    kms_key: Option<String>,
    kms_reuse_secs: u64,
    sse: bool,
    /// Only of FIFO queues.
    pub(crate) fifo: Option<Fifo>,
}

/// What only FIFO queues have. Persisted.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(crate) struct Fifo {
    pub(crate) content_based: bool,
    /// Whether deduplication ids count within their group only.
    pub(crate) per_group: bool,
    limit_per_group: bool,
}

/// When a message is a dead letter, and where it goes. Persisted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Redrive {
    pub(crate) target: String,
    pub(crate) most_receives: u32,
}

impl Settings {
    /// What a queue has if nothing is said.
    pub(crate) fn new(fifo: bool) -> Self {
        Self {
            delay_secs: 0,
            maximum_message_size: LARGEST_MESSAGE,
            retention_secs: 345_600,
            wait_secs: 0,
            visibility_secs: 30,
            policy: None,
            redrive: None,
            redrive_allow: None,
            kms_key: None,
            kms_reuse_secs: 300,
            sse: true,
            fifo: fifo.then(Fifo::default),
        }
    }

    pub(crate) const fn delay(&self) -> Duration {
        Duration::from_secs(self.delay_secs)
    }

    pub(crate) const fn maximum_message_size(&self) -> usize {
        self.maximum_message_size
    }

    pub(crate) const fn retention(&self) -> Duration {
        Duration::from_secs(self.retention_secs)
    }

    pub(crate) const fn wait(&self) -> Duration {
        Duration::from_secs(self.wait_secs)
    }

    pub(crate) const fn visibility(&self) -> Duration {
        Duration::from_secs(self.visibility_secs)
    }

    pub(crate) const fn redrive(&self) -> Option<&Redrive> {
        self.redrive.as_ref()
    }

    /// Whether the queue `source` may have this one for its dead letters.
    pub(crate) fn admits_dead_letters_of(&self, source: &str) -> bool {
        let Some(policy) = self.redrive_allow.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok())
        else {
            return true;
        };
        match policy["redrivePermission"].as_str() {
            Some("denyAll") => false,
            Some("byQueue") => {
                policy["sourceQueueArns"].as_array().is_some_and(|arns| arns.iter().any(|arn| arn == source))
            }
            _ => true,
        }
    }

    /// Sets all of `attributes`, or nothing. Whether a queue for dead letters exists is for others to find out.
    pub(crate) fn set(&mut self, attributes: &BTreeMap<String, String>) -> Result<()> {
        let mut changed = self.clone();
        let says =
            |name, value: &str| attributes.get(name).is_some_and(|said: &String| said.eq_ignore_ascii_case(value));
        if says("SqsManagedSseEnabled", "true")
            && attributes.contains_key("KmsMasterKeyId")
            && !says("KmsMasterKeyId", "")
        {
            return Err(Error::TwoEncryptions);
        }
        for (name, value) in attributes {
            changed.set_one(name, value)?;
        }
        if changed.fifo.as_ref().is_some_and(|fifo| fifo.limit_per_group && !fifo.per_group) {
            return Err(Error::AttributeInvalid { name: "FifoThroughputLimit" });
        }
        *self = changed;
        Ok(())
    }

    fn set_one(&mut self, name: &str, value: &str) -> Result<()> {
        match name {
            "DelaySeconds" => self.delay_secs = number("DelaySeconds", value, 0, 900)?,
            "MaximumMessageSize" => {
                let size = number("MaximumMessageSize", value, 1024, 1_048_576)?;
                self.maximum_message_size = usize::try_from(size).unwrap_or(LARGEST_MESSAGE);
            }
            "MessageRetentionPeriod" => self.retention_secs = number("MessageRetentionPeriod", value, 60, 1_209_600)?,
            "ReceiveMessageWaitTimeSeconds" => self.wait_secs = number("ReceiveMessageWaitTimeSeconds", value, 0, 20)?,
            "VisibilityTimeout" => self.visibility_secs = number("VisibilityTimeout", value, 0, 43_200)?,
            "Policy" => self.policy = document("Policy", value)?,
            "RedrivePolicy" => self.redrive = redrive(value)?,
            "RedriveAllowPolicy" => self.redrive_allow = redrive_allow(value)?,
            "KmsMasterKeyId" => {
                self.kms_key = Some(value.to_owned()).filter(|key| !key.is_empty());
                self.sse = self.sse && self.kms_key.is_none();
            }
            "KmsDataKeyReusePeriodSeconds" => {
                self.kms_reuse_secs = number("KmsDataKeyReusePeriodSeconds", value, 60, 86_400)?;
            }
            "SqsManagedSseEnabled" => {
                self.sse = boolean("SqsManagedSseEnabled", value)?;
                if self.sse {
                    self.kms_key = None;
                }
            }
            "FifoQueue" => {
                // A queue is what its name says, for ever.
                if boolean("FifoQueue", value)? != self.fifo.is_some() {
                    return Err(Error::AttributeUnknown { name: name.to_owned() });
                }
            }
            "ContentBasedDeduplication" => {
                self.fifo(name)?.content_based = boolean("ContentBasedDeduplication", value)?;
            }
            "DeduplicationScope" => {
                self.fifo(name)?.per_group = choice("DeduplicationScope", value, "queue", "messageGroup")?;
            }
            "FifoThroughputLimit" => {
                self.fifo(name)?.limit_per_group =
                    choice("FifoThroughputLimit", value, "perQueue", "perMessageGroupId")?;
            }
            name => return Err(Error::AttributeUnknown { name: name.to_owned() }),
        }
        Ok(())
    }

    fn fifo(&mut self, name: &str) -> Result<&mut Fifo> {
        self.fifo.as_mut().ok_or_else(|| Error::AttributeUnknown { name: name.to_owned() })
    }

    /// As the API shows them.
    pub(crate) fn show(&self) -> BTreeMap<&'static str, String> {
        let mut shown = BTreeMap::from([
            ("DelaySeconds", self.delay_secs.to_string()),
            ("MaximumMessageSize", self.maximum_message_size.to_string()),
            ("MessageRetentionPeriod", self.retention_secs.to_string()),
            ("ReceiveMessageWaitTimeSeconds", self.wait_secs.to_string()),
            ("VisibilityTimeout", self.visibility_secs.to_string()),
            ("SqsManagedSseEnabled", self.sse.to_string()),
        ]);
        shown.extend(self.policy.clone().map(|policy| ("Policy", policy)));
        shown.extend(self.redrive_allow.clone().map(|policy| ("RedriveAllowPolicy", policy)));
        if let Some(Redrive { target, most_receives }) = &self.redrive {
            let policy = format!(r#"{{"deadLetterTargetArn":"{target}","maxReceiveCount":{most_receives}}}"#);
            shown.insert("RedrivePolicy", policy);
        }
        if let Some(key) = &self.kms_key {
            shown.insert("KmsMasterKeyId", key.clone());
            shown.insert("KmsDataKeyReusePeriodSeconds", self.kms_reuse_secs.to_string());
        }
        if let Some(fifo) = &self.fifo {
            let one_of = |second: bool, names: [&str; 2]| names[usize::from(second)].to_owned();
            shown.insert("FifoQueue", "true".to_owned());
            shown.insert("ContentBasedDeduplication", fifo.content_based.to_string());
            shown.insert("DeduplicationScope", one_of(fifo.per_group, ["queue", "messageGroup"]));
            shown.insert("FifoThroughputLimit", one_of(fifo.limit_per_group, ["perQueue", "perMessageGroupId"]));
        }
        shown
    }
}

fn number(name: &'static str, value: &str, min: u64, max: u64) -> Result<u64> {
    value.parse().ok().filter(|number| (min..=max).contains(number)).ok_or(Error::AttributeInvalid { name })
}

fn boolean(name: &'static str, value: &str) -> Result<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Error::AttributeInvalid { name }),
    }
}

/// Whether it is the second.
fn choice(name: &'static str, value: &str, first: &str, second: &str) -> Result<bool> {
    if value == first || value == second { Ok(value == second) } else { Err(Error::AttributeInvalid { name }) }
}

/// A JSON object; nothing if the text is empty, which removes it.
fn document(name: &'static str, value: &str) -> Result<Option<String>> {
    if value.is_empty() {
        return Ok(None);
    }
    match serde_json::from_str::<Value>(value) {
        Ok(Value::Object(_)) => Ok(Some(value.to_owned())),
        _ => Err(Error::AttributeInvalid { name }),
    }
}

/// A redrive policy. The number of receives may be written as text, as the console of AWS does.
fn redrive(value: &str) -> Result<Option<Redrive>> {
    let refuse = |reason: String| Error::Invalid { name: "RedrivePolicy", value: value.to_owned(), reason };
    if value.is_empty() {
        return Ok(None);
    }
    let policy: Value = serde_json::from_str(value)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| refuse("Redrive policy is not a valid JSON map.".to_owned()))?;
    let missing = |name: &str| refuse(format!("Redrive policy does not contain mandatory attribute: {name}."));
    let target = policy["deadLetterTargetArn"].as_str().ok_or_else(|| missing("deadLetterTargetArn"))?;
    let receives = match &policy["maxReceiveCount"] {
        Value::Null => return Err(missing("maxReceiveCount")),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let most_receives = receives.parse().ok().filter(|most| (1..=1000).contains(most)).ok_or_else(|| {
        refuse(format!(
            "Invalid value for maxReceiveCount: {receives}, valid values are from 1 to 1000 both inclusive."
        ))
    })?;
    Ok(Some(Redrive { target: target.to_owned(), most_receives }))
}

fn redrive_allow(value: &str) -> Result<Option<String>> {
    const NAME: &str = "RedriveAllowPolicy";
    let Some(text) = document(NAME, value)? else { return Ok(None) };
    let policy: Value = serde_json::from_str(&text).map_err(|_| Error::AttributeInvalid { name: NAME })?;
    let sources = policy["sourceQueueArns"].as_array();
    let is_valid = match policy["redrivePermission"].as_str() {
        Some("allowAll" | "denyAll") => sources.is_none(),
        Some("byQueue") => {
            sources.is_some_and(|arns| (1..=10).contains(&arns.len()) && arns.iter().all(Value::is_string))
        }
        _ => false,
    };
    if is_valid { Ok(Some(text)) } else { Err(Error::AttributeInvalid { name: NAME }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(fifo: bool, name: &str, value: &str) -> Result<BTreeMap<&'static str, String>> {
        let mut settings = Settings::new(fifo);
        settings.set(&[(name.to_owned(), value.to_owned())].into())?;
        Ok(settings.show())
    }

    #[test]
    fn what_is_set_is_shown() {
        let redrive = r#"{"deadLetterTargetArn":"arn:aws:sqs:r:0:d","maxReceiveCount":5}"#;
        for (fifo, name, value) in [
            (false, "DelaySeconds", "900"),
            (false, "MaximumMessageSize", "1024"),
            (false, "MessageRetentionPeriod", "60"),
            (false, "ReceiveMessageWaitTimeSeconds", "20"),
            (false, "VisibilityTimeout", "0"),
            (false, "Policy", "{}"),
            (false, "RedrivePolicy", redrive),
            (false, "RedriveAllowPolicy", r#"{"redrivePermission":"denyAll"}"#),
            (false, "KmsMasterKeyId", "alias/aws/sqs"),
            (false, "SqsManagedSseEnabled", "false"),
            (true, "FifoQueue", "true"),
            (true, "ContentBasedDeduplication", "true"),
            (true, "DeduplicationScope", "messageGroup"),
            (true, "FifoThroughputLimit", "perQueue"),
        ] {
            assert_eq!(set(fifo, name, value).unwrap()[name], value);
        }
        // As text too, and gone when it is empty.
        let text = redrive.replace('5', "\"5\"");
        assert_eq!(set(false, "RedrivePolicy", &text).unwrap()["RedrivePolicy"], redrive);
        assert!(!set(false, "RedrivePolicy", "").unwrap().contains_key("RedrivePolicy"));
    }

    #[test]
    fn what_cannot_be_set() {
        for (name, value) in [
            ("DelaySeconds", "901"),
            ("MaximumMessageSize", "1023"),
            ("MessageRetentionPeriod", "59"),
            ("ReceiveMessageWaitTimeSeconds", "x"),
            ("VisibilityTimeout", "-1"),
            ("Policy", "[]"),
            ("RedriveAllowPolicy", r#"{"redrivePermission":"byQueue"}"#),
            ("SqsManagedSseEnabled", "yes"),
        ] {
            let expected = format!("Invalid value for the parameter {name}.");
            assert_eq!(set(false, name, value).unwrap_err().to_string(), expected);
        }
        for name in ["Color", "FifoQueue", "ContentBasedDeduplication"] {
            assert_eq!(set(false, name, "true"), Err(Error::AttributeUnknown { name: name.into() }));
        }
        let limit = set(true, "FifoThroughputLimit", "perMessageGroupId");
        assert_eq!(limit, Err(Error::AttributeInvalid { name: "FifoThroughputLimit" }));
        for (value, reason) in [
            ("x", "Redrive policy is not a valid JSON map."),
            ("{}", "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."),
            (r#"{"deadLetterTargetArn":"a"}"#, "Redrive policy does not contain mandatory attribute: maxReceiveCount."),
            (
                r#"{"deadLetterTargetArn":"a","maxReceiveCount":0}"#,
                "Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive.",
            ),
        ] {
            let expected = format!("Value {value} for parameter RedrivePolicy is invalid. Reason: {reason}");
            assert_eq!(set(false, "RedrivePolicy", value).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn messages_are_encrypted_in_one_way() {
        let mut settings = Settings::new(false);
        let both = |key: &str| {
            [("KmsMasterKeyId", key), ("SqsManagedSseEnabled", "true")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into()
        };
        assert_eq!(settings.set(&both("alias/k")), Err(Error::TwoEncryptions));
        // One after the other, the later one holds.
        settings.set(&[("KmsMasterKeyId".to_owned(), "alias/k".to_owned())].into()).unwrap();
        assert_eq!(settings.show()["SqsManagedSseEnabled"], "false");
        settings.set(&both("")).unwrap();
        assert_eq!((settings.show().get("KmsMasterKeyId"), &*settings.show()["SqsManagedSseEnabled"]), (None, "true"));
    }

    #[test]
    fn whose_dead_letters_are_taken() {
        let admits = |policy: &str| {
            let mut settings = Settings::new(false);
            settings.set(&[("RedriveAllowPolicy".to_owned(), policy.to_owned())].into()).unwrap();
            settings.admits_dead_letters_of("a")
        };
        assert!(admits(""));
        assert!(admits(r#"{"redrivePermission":"allowAll"}"#));
        assert!(!admits(r#"{"redrivePermission":"denyAll"}"#));
        assert!(admits(r#"{"redrivePermission":"byQueue","sourceQueueArns":["b","a"]}"#));
        assert!(!admits(r#"{"redrivePermission":"byQueue","sourceQueueArns":["b"]}"#));
    }
}
