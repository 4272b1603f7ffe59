//! What holds for the service as a whole: the shape of answers, worlds apart, what is no action.

use crate::fixture::{Fixture, TOPIC};

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
