//! What needs no service: how a queue reads, what is asked for, and what is refused.

use std::collections::HashMap;

use super::remote::has;
use super::*;

const URL: &str = "http://localhost:4566/000000000000/q";

fn found(attributes: &[(&str, &str)]) -> Found {
    let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
    Found { attributes: attributes.iter().map(owned).collect(), tags: HashMap::new() }
}

fn observed(url: &str, attributes: &[(&str, &str)]) -> SqsQueue {
    let stored = SqsQueue { id: url.into(), ..SqsQueue::default() };
    stored.observed(&TagRules::default(), "us-east-1".into(), &found(attributes))
}

#[test]
fn a_queue_becomes_state() {
    let queue = observed(URL, &[("QueueArn", "arn:q"), ("DelaySeconds", "5"), ("SqsManagedSseEnabled", "true")]);
    assert_eq!(
        (queue.arn.text(), queue.url.text(), queue.name.text(), queue.name_prefix.text()),
        ("arn:q", URL, "q", "")
    );
    assert_eq!((queue.delay_seconds, queue.sqs_managed_sse_enabled), (5.into(), true.into()));
    assert_eq!((queue.kms_data_key_reuse_period_seconds, queue.fifo_queue), (300.into(), false.into()));
    assert_eq!((queue.policy, queue.redrive_policy), ("".into(), "".into()));
    let made_up = format!("http://h/000000000000/{}", name_or_unique_with(&Attr::Null, &"p-".into(), FIFO));
    let queue = observed(&made_up, &[("FifoQueue", "true"), ("KmsDataKeyReusePeriodSeconds", "60")]);
    assert_eq!((queue.name_prefix.text(), queue.kms_data_key_reuse_period_seconds), ("p-", 60.into()));
}

#[test]
fn a_url_names_the_queue() {
    assert_eq!(name_in("https://sqs.us-east-1.amazonaws.com/000000000000/q"), Some("q"));
    for url in ["", "q", "http://h", "http://h/q", "http://h/000000000000/", "http://h/000000000000/q/x"] {
        assert_eq!(name_in(url), None, "{url}");
    }
}

#[test]
fn names_follow_awss_rule() {
    let check = |name: &str, prefix: &str, fifo: bool| {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty()).into();
        let queue =
            SqsQueue { name: some(name), name_prefix: some(prefix), fifo_queue: fifo.into(), ..SqsQueue::default() };
        queue.check_name().map_err(|refused| refused.into_iter().next().map(|d| (d.summary, d.path)).unwrap())
    };
    let (most, too_long) = ("a".repeat(80), "a".repeat(81));
    for (name, prefix, fifo) in [(&*most, "", false), ("a-b_9", "", false), ("a.fifo", "", true), ("", "p", true)] {
        assert_eq!(check(name, prefix, fifo), Ok(()), "{name}{prefix}");
    }
    for (name, fifo) in [(&*too_long, false), ("a b", false), ("a.fifo", false), ("a", true), (".fifo", true)] {
        assert_eq!(check(name, "", fifo), Err((format!("invalid queue name: {name}"), "name".into())));
    }
    let (summary, path) = check("", &most, false).unwrap_err();
    assert!(summary.starts_with(&format!("invalid queue name: {most}2")), "{summary}");
    assert_eq!(path, "name_prefix".into());
    let unknown = SqsQueue { fifo_queue: Attr::Unknown, name: "a".into(), ..SqsQueue::default() };
    assert_eq!(unknown.check_name(), Ok(()));
}

#[test]
fn encryption_is_asked_for_as_a_whole() {
    let wanted = |key: &str, sse: Attr<bool>| {
        let queue = SqsQueue {
            kms_master_key_id: key.into(),
            kms_data_key_reuse_period_seconds: 60.into(),
            sqs_managed_sse_enabled: sse,
            ..SqsQueue::default()
        };
        queue.wanted().into_keys().collect::<Vec<_>>()
    };
    assert_eq!(wanted("alias/k", Attr::Unknown), ["KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId"]);
    assert_eq!(wanted("", false.into()), ["SqsManagedSseEnabled"]);
    assert_eq!(wanted("", Attr::Null), [""; 0]);
}

#[test]
fn what_is_shown_is_what_was_asked_for() {
    let policy = r#"{"Statement":[{"Effect":"Allow","Action":["a:b"]}]}"#;
    let found = found(&[("Policy", policy), ("RedrivePolicy", r#"{"a":1,"b":2}"#), ("DelaySeconds", "5")]).attributes;
    for (name, wanted, expected) in [
        ("DelaySeconds", "5", true),
        ("DelaySeconds", "6", false),
        ("Policy", r#"{ "Statement": {"Action": "a:b", "Effect": "Allow"} }"#, true),
        ("Policy", "", false),
        ("RedrivePolicy", r#"{"b": 2, "a": 1}"#, true),
        ("RedrivePolicy", "{}", false),
        ("KmsMasterKeyId", "", true),
        ("KmsMasterKeyId", "alias/k", false),
        ("KmsDataKeyReusePeriodSeconds", "60", true),
    ] {
        assert_eq!(has(&found, &[(name, wanted.to_owned())].into()), expected, "{name} {wanted}");
    }
}
