//! The documents that targets get, in AWS's shape: the envelope for queues and HTTP endpoints, the event for functions, the
//! question to an endpoint whether it wants to be subscribed.

use std::collections::BTreeMap;

use env::Timestamp;
use serde_json::{Map, Value, json};

use crate::message::Attribute;

/// Nobody can verify a message of an emulator: this stands where a signature would.
const SIGNATURE: &str = "EXAMPLE";

/// A message on its way to one subscription.
pub(crate) struct Notification<'a> {
    pub(crate) id: &'a str,
    pub(crate) topic: &'a str,
    pub(crate) subscription: &'a str,
    pub(crate) subject: Option<&'a str>,
    pub(crate) text: &'a str,
    pub(crate) attributes: &'a BTreeMap<String, Attribute>,
    /// Only of FIFO topics.
    pub(crate) sequence: Option<&'a str>,
    pub(crate) at: Timestamp,
    pub(crate) signature_version: &'a str,
    /// Where the emulator can be reached.
    pub(crate) origin: &'a str,
}

impl Notification<'_> {
    /// The envelope.
    pub(crate) fn envelope(&self) -> String {
        let mut members = vec![("Type", json!("Notification")), ("MessageId", json!(self.id))];
        members.extend(self.sequence.map(|sequence| ("SequenceNumber", json!(sequence))));
        members.push(("TopicArn", json!(self.topic)));
        members.extend(self.subject.map(|subject| ("Subject", json!(subject))));
        members.push(("Message", json!(self.text)));
        members.push(("Timestamp", json!(self.at.to_string())));
        // Messages of FIFO topics are not signed.
        if self.sequence.is_none() {
            members.extend(signature(self.signature_version, self.topic));
        }
        members.push(("UnsubscribeURL", json!(self.unsubscribe_url())));
        if !self.attributes.is_empty() {
            members.push(("MessageAttributes", self.shown_attributes()));
        }
        document(&members)
    }

    /// The event for a function.
    pub(crate) fn event(&self) -> String {
        let message = json!({
            "Type": "Notification",
            "MessageId": self.id,
            "TopicArn": self.topic,
            "Subject": self.subject,
            "Message": self.text,
            "Timestamp": self.at.to_string(),
            "SignatureVersion": self.signature_version,
            "Signature": SIGNATURE,
            "SigningCertUrl": certificate_url(self.topic),
            "UnsubscribeUrl": self.unsubscribe_url(),
            "MessageAttributes": self.shown_attributes(),
        });
        let record = json!({
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": self.subscription,
            "Sns": message,
        });
        json!({"Records": [record]}).to_string()
    }

    fn shown_attributes(&self) -> Value {
        let shown = |value: &Attribute| json!({"Type": value.data_type, "Value": value.shown()});
        let attributes = self.attributes.iter().map(|(name, value)| (name.clone(), shown(value)));
        Value::Object(attributes.collect::<Map<_, _>>())
    }

    fn unsubscribe_url(&self) -> String {
        format!("{}/?Action=Unsubscribe&SubscriptionArn={}", self.origin, self.subscription)
    }
}

/// The question whether an endpoint wants to be subscribed.
pub(crate) fn confirmation(id: &str, topic: &str, token: &str, at: Timestamp, origin: &str) -> String {
    let text = format!(
        "You have chosen to subscribe to the topic {topic}.\nTo confirm the subscription, visit the SubscribeURL included in \
         this message."
    );
    let url = format!("{origin}/?Action=ConfirmSubscription&TopicArn={topic}&Token={token}");
    let mut members = vec![
        ("Type", json!("SubscriptionConfirmation")),
        ("MessageId", json!(id)),
        ("Token", json!(token)),
        ("TopicArn", json!(topic)),
        ("Message", json!(text)),
        ("SubscribeURL", json!(url)),
        ("Timestamp", json!(at.to_string())),
    ];
    members.extend(signature("1", topic));
    document(&members)
}

fn signature(version: &str, topic: &str) -> [(&'static str, Value); 3] {
    [
        ("SignatureVersion", json!(version)),
        ("Signature", json!(SIGNATURE)),
        ("SigningCertURL", json!(certificate_url(topic))),
    ]
}

fn certificate_url(topic: &str) -> String {
    let region = topic.split(':').nth(3).unwrap_or_default();
    format!("https://sns.{region}.amazonaws.com/SimpleNotificationService-{}.pem", "0".repeat(32))
}

/// Members in this order, spaced as AWS does.
fn document(members: &[(&str, Value)]) -> String {
    let lines: Vec<String> = members.iter().map(|(name, value)| format!("  \"{name}\" : {value}")).collect();
    format!("{{\n{}\n}}", lines.join(",\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notification<'a>(attributes: &'a BTreeMap<String, Attribute>, sequence: Option<&'a str>) -> Notification<'a> {
        Notification {
            id: "i",
            topic: "arn:aws:sns:eu-west-1:000000000000:t",
            subscription: "arn:aws:sns:eu-west-1:000000000000:t:s",
            subject: sequence.is_none().then_some("subject"),
            text: "a\"b",
            attributes,
            sequence,
            at: Timestamp::from_millis(1_700_000_000_123),
            signature_version: "1",
            origin: "http://localhost:4566",
        }
    }

    #[test]
    fn envelopes() {
        let value = Attribute { data_type: "String".into(), string_value: Some("v".into()), binary_value: None };
        let attributes = [("k".to_owned(), value)].into();
        let expected = r#"{
  "Type" : "Notification",
  "MessageId" : "i",
  "TopicArn" : "arn:aws:sns:eu-west-1:000000000000:t",
  "Subject" : "subject",
  "Message" : "a\"b",
  "Timestamp" : "2023-11-14T22:13:20.123Z",
  "SignatureVersion" : "1",
  "Signature" : "EXAMPLE",
  "SigningCertURL" : "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-00000000000000000000000000000000.pem",
  "UnsubscribeURL" : "http://localhost:4566/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:eu-west-1:000000000000:t:s",
  "MessageAttributes" : {"k":{"Type":"String","Value":"v"}}
}"#;
        assert_eq!(notification(&attributes, None).envelope(), expected);
        let fifo = notification(&BTreeMap::new(), Some("1")).envelope();
        assert!(
            fifo.contains("\"SequenceNumber\" : \"1\"") && !fifo.contains("Signature") && !fifo.contains("Subject\""),
            "{fifo}"
        );
    }

    #[test]
    fn events() {
        let event: Value = serde_json::from_str(&notification(&BTreeMap::new(), None).event()).unwrap();
        let record = &event["Records"][0];
        assert_eq!(record["EventSource"], "aws:sns");
        assert_eq!(record["EventSubscriptionArn"], "arn:aws:sns:eu-west-1:000000000000:t:s");
        assert_eq!((&record["Sns"]["Message"], &record["Sns"]["MessageAttributes"]), (&json!("a\"b"), &json!({})));
    }
}
