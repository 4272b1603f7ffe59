//! What needs no service: how long to wait, what the scope becomes, and which delivery policies say the same.

use super::*;

fn subscription(protocol: &str, agrees: bool) -> SnsTopicSubscription {
    SnsTopicSubscription {
        protocol: protocol.into(),
        endpoint_auto_confirms: agrees.into(),
        confirmation_timeout_in_minutes: 5.into(),
        ..SnsTopicSubscription::default()
    }
}

#[test]
fn who_is_waited_for() {
    for (protocol, agrees, expected) in [
        ("sqs", false, Some(120)),
        ("lambda", false, Some(120)),
        ("http", false, None),
        ("https", true, Some(300)),
        ("email", true, None),
        ("email-json", false, None),
    ] {
        assert_eq!(subscription(protocol, agrees).time_to_agree().map(|time| time.as_secs()), expected, "{protocol}");
    }
}

#[test]
fn delivery_policies_say_the_same_without_zeros() {
    let short = r#"{"healthyRetryPolicy":{"numRetries":5,"minDelayTarget":1}}"#;
    let long = r#"{ "sicklyRetryPolicy": null, "guaranteed": false, "healthyRetryPolicy": {"minDelayTarget": 1,
        "numRetries": 5, "numNoDelayRetries": 0, "backoffFunction": ""} }"#;
    assert!(are_same_delivery(short, long));
    assert!(!are_same_delivery(short, &short.replace('5', "6")));
    assert!(!are_same_delivery(short, ""));
    assert!(!are_same_delivery(short, "{}"));
}
