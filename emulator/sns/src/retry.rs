//! How often and when a delivery over HTTP is tried again: the delivery policy of a subscription, else of its topic, else
//! AWS's own, three times after 20 seconds each.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// When to try again. Persisted with what is to be delivered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Retry {
    retries: u32,
    min_secs: u32,
    max_secs: u32,
}

impl Default for Retry {
    fn default() -> Self {
        Self { retries: 3, min_secs: 20, max_secs: 20 }
    }
}

impl Retry {
    /// What a policy of a subscription (`healthyRetryPolicy`) or of a topic (`http.defaultHealthyRetryPolicy`) says.
    pub(crate) fn parse(policy: &str) -> Option<Self> {
        let policy: Value = serde_json::from_str(policy).ok()?;
        let of_topic = &policy["http"]["defaultHealthyRetryPolicy"];
        let said = if of_topic.is_object() { of_topic } else { &policy["healthyRetryPolicy"] };
        let number = |name: &str, default: u32, most: u64| match &said[name] {
            Value::Null => Some(default),
            value => value.as_u64().filter(|number| *number <= most).and_then(|number| u32::try_from(number).ok()),
        };
        let default = Self::default();
        let retry = Self {
            retries: number("numRetries", default.retries, 100)?,
            min_secs: number("minDelayTarget", default.min_secs, 3600)?,
            max_secs: number("maxDelayTarget", default.max_secs, 3600)?,
        };
        (policy.is_object() && retry.min_secs >= 1 && retry.min_secs <= retry.max_secs).then_some(retry)
    }

    /// As the API shows what is in effect of a topic.
    pub(crate) fn of_topic(self) -> String {
        let request = json!({"headerContentType": "text/plain; charset=UTF-8"});
        let http = json!({
            "defaultHealthyRetryPolicy": self.shown(),
            "disableSubscriptionOverrides": false,
            "defaultRequestPolicy": request,
        });
        json!({"http": http}).to_string()
    }

    /// As the API shows what is in effect of a subscription.
    pub(crate) fn of_subscription(self) -> String {
        let nothing = Value::Null;
        json!({"healthyRetryPolicy": self.shown(), "sicklyRetryPolicy": nothing, "throttlePolicy": nothing}).to_string()
    }

    fn shown(self) -> Value {
        json!({
            "minDelayTarget": self.min_secs,
            "maxDelayTarget": self.max_secs,
            "numRetries": self.retries,
            "numMaxDelayRetries": 0,
            "numNoDelayRetries": 0,
            "numMinDelayRetries": 0,
            "backoffFunction": "linear",
        })
    }

    /// How long to wait after `failures` failures; `None` if that was the last attempt. From the least delay to the greatest in
    /// even steps.
    pub(crate) fn pause(self, failures: u32) -> Option<Duration> {
        if failures > self.retries {
            return None;
        }
        let steps = self.retries.saturating_sub(1).max(1);
        let grown = (self.max_secs - self.min_secs) * failures.saturating_sub(1) / steps;
        Some(Duration::from_secs(u64::from(self.min_secs + grown)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_evenly_and_end() {
        let pauses = |retry: Retry| {
            (1..).map_while(|failures| retry.pause(failures)).map(|pause| pause.as_secs()).collect::<Vec<_>>()
        };
        assert_eq!(pauses(Retry::default()), [20, 20, 20]);
        let policy = r#"{"healthyRetryPolicy":{"numRetries":5,"minDelayTarget":1,"maxDelayTarget":9}}"#;
        assert_eq!(pauses(Retry::parse(policy).unwrap()), [1, 3, 5, 7, 9]);
        let policy = r#"{"http":{"defaultHealthyRetryPolicy":{"numRetries":0}}}"#;
        assert_eq!(pauses(Retry::parse(policy).unwrap()), [0; 0]);
        assert_eq!(Retry::parse(&Retry::default().of_topic()), Some(Retry::default()));
        assert_eq!(Retry::parse(&Retry::default().of_subscription()), Some(Retry::default()));
        for bad in [
            "",
            "[]",
            r#"{"healthyRetryPolicy":{"numRetries":101}}"#,
            r#"{"healthyRetryPolicy":{"minDelayTarget":21}}"#,
        ] {
            assert_eq!(Retry::parse(bad), None, "{bad}");
        }
    }
}
