//! A subscription: where it leads, which messages it wants, and whether its endpoint agreed to it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use aws_wire::{Arn, Invocation};
use http::Uri;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::archive::check_replay;
use crate::error::{Error, Result};
use crate::filter::Policy;
use crate::message::{Publication, Texts};
use crate::retry::Retry;
use crate::topic::{Topic, is_fifo, is_object};

/// The way to an endpoint. Persisted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Protocol {
    Sqs,
    Lambda,
    Http,
    Https,
    Email,
    #[serde(rename = "email-json")]
    EmailJson,
    Application,
    Firehose,
    Sms,
}

impl Protocol {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        match text {
            "sqs" => Ok(Self::Sqs),
            "lambda" => Ok(Self::Lambda),
            "http" => Ok(Self::Http),
            "https" => Ok(Self::Https),
            "email" => Ok(Self::Email),
            "email-json" => Ok(Self::EmailJson),
            "application" => Ok(Self::Application),
            "firehose" => Ok(Self::Firehose),
            "sms" => Ok(Self::Sms),
            other => Err(Error::invalid(format!("Amazon SNS does not support this protocol string: {other}"))),
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqs => "sqs",
            Self::Lambda => "lambda",
            Self::Http => "http",
            Self::Https => "https",
            Self::Email => "email",
            Self::EmailJson => "email-json",
            Self::Application => "application",
            Self::Firehose => "firehose",
            Self::Sms => "sms",
        }
    }

    /// Whether the endpoint has to agree before it gets anything.
    pub(crate) const fn asks_first(self) -> bool {
        matches!(self, Self::Http | Self::Https | Self::Email | Self::EmailJson)
    }

    /// Whether the endpoint can be asked. An address cannot: no mail leaves this machine, so nobody ever agrees for it.
    pub(crate) const fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }

    /// Whether it can carry what is set.
    pub(crate) fn check_settings(self, settings: &Settings) -> Result<()> {
        let takes_raw = match self {
            Self::Sqs | Self::Http | Self::Https | Self::Firehose => true,
            Self::Lambda | Self::Email | Self::EmailJson | Self::Application | Self::Sms => false,
        };
        if settings.raw && !takes_raw {
            let reason = format!("Delivery protocol [{}] does not support raw message delivery.", self.name());
            return Err(Error::invalid(format!("Attributes Reason: RawMessageDelivery: {reason}")));
        }
        if self == Self::Firehose && settings.role.is_none() {
            // Our words.
            let reason = "SubscriptionRoleArn: Delivery protocol [firehose] requires the ARN of a role.";
            return Err(Error::invalid(format!("Attributes Reason: {reason}")));
        }
        Ok(())
    }

    /// Checks an endpoint for a topic.
    pub(crate) fn check_endpoint(self, endpoint: &str, topic: &str) -> Result<()> {
        let resource =
            |service: &str| Arn::parse(endpoint).filter(|arn| arn.service == service).map(|arn| arn.resource);
        let is_arn = |service: &str| resource(service).is_some();
        let is_named = |name: &str, kind: &str| name.strip_prefix(kind).is_some_and(|rest| !rest.is_empty());
        match self {
            Self::Sqs if !is_arn("sqs") => Err(Error::invalid("SQS endpoint ARN")),
            Self::Sqs if is_fifo(endpoint) && !is_fifo(topic) => Err(Error::invalid(
                "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
            )),
            Self::Lambda if !is_arn("lambda") => Err(Error::invalid("Lambda endpoint ARN")),
            Self::Sqs => Ok(()),
            Self::Firehose if resource("firehose").is_none_or(|name| !is_named(name, "deliverystream/")) => {
                Err(Error::invalid("Firehose endpoint ARN"))
            }
            Self::Application if resource("sns").is_none_or(|name| !is_named(name, "endpoint/")) => {
                Err(Error::invalid(format!("Application endpoint arn invalid:{endpoint}")))
            }
            Self::Sms if !is_phone_number(endpoint) => Err(Error::PhoneNumberInvalid(endpoint.to_owned())),
            Self::Lambda
            | Self::Http
            | Self::Https
            | Self::Email
            | Self::EmailJson
            | Self::Application
            | Self::Firehose
            | Self::Sms
                if is_fifo(topic) =>
            {
                Err(Error::invalid(
                    "Invalid parameter: Endpoint Reason: Please use SQS queue as an endpoint of a FIFO topic",
                ))
            }
            Self::Lambda | Self::Application | Self::Firehose | Self::Sms => Ok(()),
            Self::Http | Self::Https => self.check_url(endpoint),
            Self::Email | Self::EmailJson if is_address(endpoint) => Ok(()),
            Self::Email | Self::EmailJson => Err(Error::invalid("Email address")),
        }
    }

    fn check_url(self, url: &str) -> Result<()> {
        let parsed = url.parse::<Uri>().ok().filter(|uri| uri.scheme_str() == Some(self.name()));
        let Some(host) = parsed.as_ref().and_then(Uri::host) else {
            return Err(Error::invalid("Endpoint must match the specified protocol"));
        };
        // Nothing leaves this machine because somebody published here.
        if is_this_machine(host) {
            Ok(())
        } else {
            Err(Error::invalid("Endpoint Reason: millrace delivers to loopback addresses only"))
        }
    }
}

/// One address, not a list of them.
fn is_address(text: &str) -> bool {
    let is_part =
        |part: &str| !part.is_empty() && !part.contains(['@', ',', ';']) && !part.contains(char::is_whitespace);
    text.split_once('@').is_some_and(|(name, host)| is_part(name) && is_part(host))
}

fn is_this_machine(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let host = host.to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost") || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A number in the form of E.164, as people write it: the plus may be left out, and digits be parted.
fn is_phone_number(text: &str) -> bool {
    let is_parting = |byte: &u8| matches!(byte, b'-' | b'.' | b'/');
    let number = text.strip_prefix('+').unwrap_or(text).as_bytes();
    let digits = number.iter().filter(|byte| !is_parting(byte)).count();
    let are_parted_once = number.windows(2).all(|pair| !pair.iter().all(is_parting));
    number.iter().all(|byte| byte.is_ascii_digit() || is_parting(byte))
        && (2..=15).contains(&digits)
        && are_parted_once
        && number.first().is_some_and(|first| matches!(first, b'1'..=b'9'))
        && number.last().is_some_and(u8::is_ascii_digit)
}

/// A subscription. Persisted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) arn: String,
    pub(crate) topic: String,
    pub(crate) protocol: Protocol,
    pub(crate) endpoint: String,
    pub(crate) owner: String,
    /// The call that created it, if it said which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maker: Option<Invocation>,
    pub(crate) settings: Settings,
    /// What the endpoint has to show to agree, until it has.
    pub(crate) token: Option<String>,
    /// Whether only its owner can end it.
    pub(crate) authenticated: bool,
}

/// What is set of a subscription. Persisted.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) raw: bool,
    filter: Option<String>,
    by_body: bool,
    redrive: Option<String>,
    delivery: Option<String>,
    /// Who writes to Firehose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    /// Which messages of its topic's archive are wanted again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replay: Option<String>,
}

impl Settings {
    /// Sets all of `attributes`, or nothing.
    pub(crate) fn set<'a>(&mut self, attributes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<()> {
        let mut changed = self.clone();
        for (name, value) in attributes {
            changed.set_one(name, value)?;
        }
        // A policy may nest in one scope and not in the other, so it is looked at when both are known.
        if let Some(filter) = &changed.filter {
            Policy::parse(filter, changed.by_body).map_err(|fault| Error::invalid(format!("FilterPolicy: {fault}")))?;
        }
        *self = changed;
        Ok(())
    }

    /// Whether a subscription to `topic` can have them. The words are ours.
    pub(crate) fn check_topic(&self, topic: &Topic) -> Result<()> {
        if self.replay.is_some() && topic.archive.is_none() {
            return Err(Error::invalid("ReplayPolicy: The topic has no ArchivePolicy"));
        }
        Ok(())
    }

    fn set_one(&mut self, name: &str, value: &str) -> Result<()> {
        let some = || Some(value.to_owned()).filter(|value| !value.is_empty());
        match name {
            "RawMessageDelivery" => match value.to_ascii_lowercase().as_str() {
                "true" => self.raw = true,
                "false" | "" => self.raw = false,
                _ => {
                    return Err(Error::invalid(format!(
                        "RawMessageDelivery: Invalid value [{value}]. Must be true or false."
                    )));
                }
            },
            "FilterPolicy" => self.filter = some().filter(|policy| policy.trim() != "{}"),
            "FilterPolicyScope" => match value {
                "MessageAttributes" | "" => self.by_body = false,
                "MessageBody" => self.by_body = true,
                _ => {
                    return Err(Error::invalid(format!(
                        "FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or MessageAttributes"
                    )));
                }
            },
            "RedrivePolicy" => {
                let target = |text: &String| {
                    dead_letter_target(text).is_some_and(|arn| Arn::parse(&arn).is_some_and(|arn| arn.service == "sqs"))
                };
                if some().is_some_and(|text| !target(&text)) {
                    return Err(Error::invalid("RedrivePolicy: deadLetterTargetArn is an invalid arn"));
                }
                self.redrive = some();
            }
            "DeliveryPolicy" => {
                if !value.is_empty() && Retry::parse(value).is_none() {
                    return Err(Error::invalid("DeliveryPolicy: failed to parse JSON."));
                }
                self.delivery = some();
            }
            "SubscriptionRoleArn" => {
                let is_role = |text: &String| {
                    Arn::parse(text).is_some_and(|arn| arn.service == "iam" && arn.resource.starts_with("role/"))
                };
                if some().is_some_and(|text| !is_role(&text)) {
                    return Err(Error::invalid("SubscriptionRoleArn"));
                }
                self.role = some();
            }
            "ReplayPolicy" => self.replay = check_replay(value)?,
            _ => return Err(Error::invalid("AttributeName")),
        }
        Ok(())
    }
}

fn dead_letter_target(policy: &str) -> Option<String> {
    if !is_object(policy) {
        return None;
    }
    let policy: Value = serde_json::from_str(policy).ok()?;
    policy["deadLetterTargetArn"].as_str().map(str::to_owned)
}

impl Subscription {
    pub(crate) const fn is_confirmed(&self) -> bool {
        self.token.is_none()
    }

    /// Where messages go that its endpoint does not take.
    pub(crate) fn dead_letters(&self) -> Option<String> {
        self.settings.redrive.as_deref().and_then(dead_letter_target)
    }

    /// How deliveries are tried again, if not as its topic says.
    pub(crate) fn retry(&self) -> Option<Retry> {
        self.settings.delivery.as_deref().and_then(Retry::parse)
    }

    /// Whether it wants a message.
    pub(crate) fn wants(&self, publication: &Publication, texts: &Texts) -> bool {
        let Some(filter) = &self.settings.filter else { return true };
        let Ok(policy) = Policy::parse(filter, self.settings.by_body) else { return false };
        if self.settings.by_body {
            // A body that is no object has no members.
            let body = serde_json::from_str::<Value>(texts.of(self.protocol.name()));
            return body.ok().and_then(|body| body.as_object().map(|members| policy.matches(members))).unwrap_or(false);
        }
        let attributes = publication.message_attributes.iter();
        let members: Map<String, Value> =
            attributes.filter_map(|(name, value)| Some((name.clone(), value.filtered()?))).collect();
        policy.matches(&members)
    }

    /// As the API shows it.
    pub(crate) fn show(&self) -> BTreeMap<&'static str, String> {
        let mut shown = BTreeMap::from([
            ("ConfirmationWasAuthenticated", self.authenticated.to_string()),
            ("Endpoint", self.endpoint.clone()),
            ("Owner", self.owner.clone()),
            ("PendingConfirmation", (!self.is_confirmed()).to_string()),
            ("Protocol", self.protocol.name().to_owned()),
            ("RawMessageDelivery", self.settings.raw.to_string()),
            ("SubscriptionArn", self.arn.clone()),
            ("SubscriptionPrincipal", format!("arn:aws:iam::{}:root", self.owner)),
            ("TopicArn", self.topic.clone()),
        ]);
        if let Some(filter) = &self.settings.filter {
            let scope = if self.settings.by_body { "MessageBody" } else { "MessageAttributes" };
            shown.insert("FilterPolicy", filter.clone());
            shown.insert("FilterPolicyScope", scope.to_owned());
        }
        shown.extend(self.settings.redrive.clone().map(|policy| ("RedrivePolicy", policy)));
        shown.extend(self.settings.delivery.clone().map(|policy| ("DeliveryPolicy", policy)));
        shown.extend(self.settings.role.clone().map(|role| ("SubscriptionRoleArn", role)));
        if let Some(policy) = &self.settings.replay {
            shown.insert("ReplayPolicy", policy.clone());
            // There is nothing to be had again, and whoever waits for it is to know.
            shown.insert("ReplayStatus", "Failed".to_owned());
        }
        if self.protocol.is_http() {
            shown.insert("EffectiveDeliveryPolicy", self.retry().unwrap_or_default().of_subscription());
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        let check =
            |protocol: &str, endpoint: &str, topic: &str| Protocol::parse(protocol)?.check_endpoint(endpoint, topic);
        for (protocol, endpoint, topic) in [
            ("sqs", "arn:aws:sqs:r:0:q", "t"),
            ("sqs", "arn:aws:sqs:r:0:q", "t.fifo"),
            ("sqs", "arn:aws:sqs:r:0:q.fifo", "t.fifo"),
            ("lambda", "arn:aws:lambda:r:0:function:f", "t"),
            ("http", "http://127.0.0.1:80/x", "t"),
            ("https", "https://[::1]/", "t"),
            ("http", "http://a.localhost", "t"),
            ("email", "a@b.example", "t"),
            ("email-json", "a@b.example", "t"),
            ("application", "arn:aws:sns:r:0:endpoint/GCM/app/1234", "t"),
            ("firehose", "arn:aws:firehose:r:0:deliverystream/d", "t"),
            ("sms", "+15551234567", "t"),
            ("sms", "1-555/123.4567", "t"),
        ] {
            assert_eq!(check(protocol, endpoint, topic), Ok(()), "{endpoint}");
        }
        for (protocol, endpoint, topic, words) in [
            ("fax", "x", "t", "Amazon SNS does not support this protocol string: fax"),
            ("application", "arn:aws:sns:r:0:t", "t", "Application endpoint arn invalid:arn:aws:sns:r:0:t"),
            ("firehose", "arn:aws:firehose:r:0:deliverystream/", "t", "Firehose endpoint ARN"),
            ("firehose", "d", "t", "Firehose endpoint ARN"),
            ("email", "x", "t", "Email address"),
            ("email-json", "a@b.example;c@d.example", "t", "Email address"),
            ("sqs", "q", "t", "SQS endpoint ARN"),
            ("lambda", "f", "t", "Lambda endpoint ARN"),
            ("http", "https://localhost", "t", "Endpoint must match the specified protocol"),
            ("http", "http://example.com/", "t", "Endpoint Reason: millrace delivers to loopback addresses only"),
            (
                "http",
                "http://localhost.example.com/",
                "t",
                "Endpoint Reason: millrace delivers to loopback addresses only",
            ),
        ] {
            assert_eq!(check(protocol, endpoint, topic), Err(Error::invalid(words)), "{endpoint}");
        }
        for number in
            ["x", "", "+", "+0123", "+1", "+1234567890123456", "+1--234", "-1234", "1234-", "++1234", "+1 234"]
        {
            assert_eq!(check("sms", number, "t"), Err(Error::PhoneNumberInvalid(number.to_owned())), "{number}");
        }
        assert!(check("sqs", "arn:aws:sqs:r:0:q.fifo", "t").is_err());
        for (protocol, endpoint) in [
            ("lambda", "arn:aws:lambda:r:0:function:f"),
            ("application", "arn:aws:sns:r:0:endpoint/GCM/app/1234"),
            ("firehose", "arn:aws:firehose:r:0:deliverystream/d"),
            ("sms", "+15551234567"),
        ] {
            assert!(check(protocol, endpoint, "t.fifo").is_err(), "{protocol}");
        }
    }

    #[test]
    fn what_cannot_be_set() {
        for (name, value, words) in [
            ("Color", "red", "AttributeName"),
            ("RawMessageDelivery", "x", "RawMessageDelivery: Invalid value [x]. Must be true or false."),
            ("FilterPolicy", "x", "FilterPolicy: failed to parse JSON."),
            (
                "FilterPolicyScope",
                "x",
                "FilterPolicyScope: Invalid value [x]. Please use either MessageBody or MessageAttributes",
            ),
            ("RedrivePolicy", "{}", "RedrivePolicy: deadLetterTargetArn is an invalid arn"),
            ("DeliveryPolicy", "x", "DeliveryPolicy: failed to parse JSON."),
            ("SubscriptionRoleArn", "arn:aws:iam::0:user/u", "SubscriptionRoleArn"),
            ("ReplayPolicy", "x", "ReplayPolicy: Unable to parse JSON"),
        ] {
            assert_eq!(Settings::default().set([(name, value)]), Err(Error::invalid(words)), "{name}");
        }
    }
}
