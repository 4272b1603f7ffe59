//! What needs no service: how a topic reads, and what is refused.

use tf_framework::schema::derive;

use super::remote::attribute_of;
use super::*;

const ARN: &str = "arn:aws:sns:us-east-1:000000000000:t";

#[test]
fn a_topic_becomes_state() {
    let attributes = [("TopicArn", ARN), ("Owner", "000000000000"), ("Policy", "{}"), ("SignatureVersion", "2")];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let found = Found { attributes, tags: vec![("own".to_owned(), "1".to_owned())] };
    let stored = SnsTopic { id: ARN.into(), ..SnsTopic::default() };
    let topic = stored.observed(&TagRules::default(), "us-east-1".into(), &found);
    assert_eq!((topic.arn.text(), topic.name.text(), topic.name_prefix.text()), (ARN, "t", ""));
    assert_eq!((topic.owner.text(), topic.policy.text(), topic.display_name.text()), ("000000000000", "{}", ""));
    assert_eq!((topic.signature_version, topic.fifo_topic), (2.into(), false.into()));
    assert_eq!(topic.tags.known().map(Tags::len), Some(1));
}

#[test]
fn each_attribute_has_a_name_of_ours() {
    let block = derive::<SnsTopic>(0).unwrap().block;
    for (name, _) in SnsTopic::default().fields() {
        let own = if name == "TopicArn" { "arn".to_owned() } else { attribute_of(name) };
        assert!(block.attributes.contains_key(&own), "{name} is no {own}");
    }
}

#[test]
fn names_follow_awss_rule() {
    let check = |name: &str, fifo: bool| {
        let topic = SnsTopic { name: name.into(), fifo_topic: fifo.into(), ..SnsTopic::default() };
        topic.check_name().map_err(|refused| refused.into_iter().next().map(|d| (d.summary, d.path)).unwrap())
    };
    let (most, too_long) = ("a".repeat(256), "a".repeat(257));
    for (name, fifo) in [(&*most, false), ("a-b_9", false), ("a.fifo", true)] {
        assert_eq!(check(name, fifo), Ok(()), "{name}");
    }
    for (name, fifo) in [(&*too_long, false), ("a b", false), ("a.fifo", false), ("a", true), (".fifo", true)] {
        assert_eq!(check(name, fifo), Err((format!("invalid topic name: {name}"), "name".into())));
    }
}

#[test]
fn what_only_a_fifo_topic_has() {
    let archive = SnsTopic { archive_policy: "{}".into(), ..SnsTopic::default() };
    let scope = SnsTopic { fifo_throughput_scope: "Topic".into(), ..SnsTopic::default() };
    let content = SnsTopic { content_based_deduplication: true.into(), ..SnsTopic::default() };
    for (config, words) in [
        (archive, "message archive policy can only be set for FIFO topics"),
        (scope, "FIFO throughput scope can only be set for FIFO topics"),
        (content, "content-based deduplication can only be set for FIFO topics"),
    ] {
        let refused = config.check_fifo(&false.into()).unwrap_err();
        assert!(refused.iter().all(|d| d.summary == words), "{refused:?}");
        assert_eq!(config.check_fifo(&true.into()), Ok(()));
        assert_eq!(config.check_fifo(&Attr::Unknown), Ok(()));
    }
}

#[test]
fn archive_policies_say_the_same() {
    let policy = r#"{"MessageRetentionPeriod":"30"}"#;
    assert!(are_same_archive(policy, &policy.replace(':', " : ")));
    assert!(are_same_archive("", " {} ") && are_same_archive("{}", ""));
    assert!(!are_same_archive(policy, "{}") && !are_same_archive("", policy));
    assert!(!are_same_archive(policy, &policy.replace("30", "45")));
}
