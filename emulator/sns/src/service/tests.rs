//! What holds for the service as a whole: the shape of answers, worlds apart, what is no action.

use proptest::prelude::*;
use proptest::sample::select;

use crate::fixture::{FUNCTION, Fixture, QUEUE, TOPIC, URL};

#[tokio::test]
async fn answers_are_documents() {
    let fixture = Fixture::new();
    assert_eq!(
        fixture.ok("CreateTopic", &[("Name", "t")]).await,
        format!(
            "<CreateTopicResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><CreateTopicResult><TopicArn>{TOPIC}</TopicArn>\
             </CreateTopicResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></CreateTopicResponse>"
        )
    );
    let (status, _) = fixture.send("GetTopicAttributes", &[("TopicArn", &format!("{TOPIC}x"))]).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn what_is_no_action_is_refused() {
    let fixture = Fixture::new();
    let words = "Could not find operation Fly for version 2010-03-31";
    fixture.refused("Fly", &[], "InvalidAction", words).await;
    let words =
        "1 validation error detected: Value null at 'topicArn' failed to satisfy constraint: Member must not be null";
    fixture.refused("DeleteTopic", &[], "ValidationError", words).await;
}

#[tokio::test]
async fn only_links_that_were_sent_change_something_without_a_post() {
    let fixture = Fixture::with_topic().await;
    let (status, _) = fixture.follow(&format!("http://localhost:4566/?Action=DeleteTopic&TopicArn={TOPIC}")).await;
    assert_eq!(status, 405);
    fixture.ok("GetTopicAttributes", &[("TopicArn", TOPIC)]).await;
}

/// Members, as forms spell them.
const MEMBERS: [&str; 18] = [
    "TopicArn",
    "SubscriptionArn",
    "ResourceArn",
    "TargetArn",
    "Name",
    "Protocol",
    "Endpoint",
    "Message",
    "MessageStructure",
    "Subject",
    "Token",
    "NextToken",
    "AttributeName",
    "AttributeValue",
    "Attributes.entry.1.key",
    "Attributes.entry.1.value",
    "MessageAttributes.entry.1.Name",
    "MessageAttributes.entry.1.Value.DataType",
];

/// Values for them, most of them wrong.
const VALUES: [&str; 20] = [
    "",
    "x",
    "t",
    "t.fifo",
    "json",
    "{}",
    "{\"default\":\"m\"}",
    "{\"a\":[{\"numeric\":[\">\",1]}]}",
    "sqs",
    "lambda",
    "http",
    "FilterPolicy",
    "FilterPolicyScope",
    "MessageBody",
    "DeliveryPolicy",
    "FifoTopic",
    TOPIC,
    QUEUE,
    FUNCTION,
    URL,
];

fn actions() -> Vec<&'static str> {
    crate::action::registry().inputs().map(|(name, _)| name).collect()
}

proptest! {
    #[test]
    fn any_form_is_answered(
        calls in prop::collection::vec((select(actions()), prop::collection::vec((select(&MEMBERS[..]), select(&VALUES[..])), 0..8)), 1..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let fixture = Fixture::with_topic().await;
            for (action, members) in calls {
                let members = [&[("TopicArn", TOPIC)], &members[..]].concat();
                let (status, document) = fixture.send(action, &members).await;
                assert!(status < 500, "{document}");
            }
        });
    }
}
