//! What holds for the service as a whole: both protocols, worlds apart, other services as senders, clients that hang up.

use futures_util::FutureExt as _;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::fixture::{Fixture, URL};
use crate::{Error, Outgoing};

const ARN: &str = "arn:aws:sqs:us-east-1:000000000000:q";

#[tokio::test]
async fn the_older_protocol_says_the_same() {
    let fixture = Fixture::new();
    let create = "Action=CreateQueue&QueueName=q&Attribute.1.Name=VisibilityTimeout&Attribute.1.Value=7&Tag.1.Key=k&Tag.1.Value=v";
    let (status, text) = fixture.form("/", create).await;
    assert_eq!(status, 200);
    assert_eq!(
        text,
        format!(
            "<?xml version=\"1.0\"?><CreateQueueResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><CreateQueueResult>\
             <QueueUrl>{URL}</QueueUrl></CreateQueueResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata>\
             </CreateQueueResponse>"
        )
    );
    let send = "Action=SendMessage&MessageBody=a%3Cb&MessageAttribute.1.Name=n&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=x";
    let (_, text) = fixture.form("/000000000000/q", send).await;
    assert!(text.contains("<MD5OfMessageBody>"), "{text}");
    let batch =
        "Action=SendMessageBatch&SendMessageBatchRequestEntry.1.Id=e&SendMessageBatchRequestEntry.1.MessageBody=c";
    let (_, text) = fixture.form("/000000000000/q", batch).await;
    assert!(text.contains("<SendMessageBatchResultEntry><Id>e</Id>"), "{text}");
    let receive = "Action=ReceiveMessage&MaxNumberOfMessages=10&AttributeName.1=SenderId&MessageAttributeName.1=All";
    let (_, text) = fixture.form("/000000000000/q", receive).await;
    for part in [
        "<Attribute><Name>SenderId</Name><Value>000000000000</Value></Attribute>",
        "<Body>a&lt;b</Body>",
        "<MessageAttribute><Name>n</Name><Value><DataType>String</DataType><StringValue>x</StringValue></Value></MessageAttribute>",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let get = "Action=GetQueueAttributes&AttributeName.1=VisibilityTimeout";
    let (_, text) = fixture.form("/000000000000/q", get).await;
    assert!(text.contains("<Attribute><Name>VisibilityTimeout</Name><Value>7</Value></Attribute>"), "{text}");
    let (_, text) = fixture.form("/000000000000/q", "Action=ListQueueTags").await;
    assert!(text.contains("<Tag><Key>k</Key><Value>v</Value></Tag>"), "{text}");
    let (_, text) = fixture.form("/", "Action=ListQueues").await;
    assert!(text.contains(&format!("<QueueUrl>{URL}</QueueUrl>")), "{text}");
    let (status, text) = fixture.form("/000000000000/absent", get).await;
    assert_eq!(status, 400);
    assert_eq!(
        text,
        "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><Error><Type>Sender</Type>\
         <Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>The specified queue does not exist.</Message><Detail/></Error>\
         <RequestId>id</RequestId></ErrorResponse>"
    );
    for (form, code) in
        [("Action=Fly", "InvalidAction"), ("", "MissingAction"), ("Action=DeleteQueue", "MissingParameter")]
    {
        assert!(fixture.form("/", form).await.1.contains(&format!("<Code>{code}</Code>")), "{form}");
    }
}

#[tokio::test]
async fn other_services_send_by_arn() {
    let mut fixture = Fixture::with_queue().await;
    let world = Fixture::call().world;
    let sent = fixture.sqs.deliver(&world, ARN, Outgoing::new("a", "lambda")).await.unwrap();
    fixture.restart();
    let got = fixture.messages(json!({"QueueUrl": URL})).await;
    assert_eq!(got[0]["MessageId"], sent);
    for arn in ["", "arn:aws:sns:us-east-1:000000000000:q", &format!("{ARN}x"), "arn:aws:sqs:us-east-1:111111111111:q"]
    {
        let refused = fixture.sqs.deliver(&world, arn, Outgoing::new("a", "lambda")).await;
        assert_eq!(refused, Err(Error::QueueNotFound), "{arn}");
    }
}

#[tokio::test]
async fn a_sender_that_hangs_up_leaves_nothing_half_done() {
    let mut fixture = Fixture::with_queue().await;
    let world = Fixture::call().world;
    // Polled once, and never again.
    assert!(fixture.sqs.deliver(&world, ARN, Outgoing::new("a", "lambda")).now_or_never().is_none());
    fixture.until_waiting().await;
    assert_eq!(fixture.attribute("ApproximateNumberOfMessages").await, "1");
    fixture.restart();
    assert_eq!(fixture.bodies().await, ["a"]);
}

#[tokio::test]
async fn what_arrives_in_a_queue_that_was_deleted_is_not_kept() {
    let fixture = Fixture::with_queue().await;
    let world = Fixture::call().world;
    let id = fixture.sqs.directory().find(&world, "q").unwrap().definition().id_text();
    // On its way to the disk while the queue is deleted.
    let sending = fixture.sqs.deliver(&world, ARN, Outgoing::new("a", "lambda"));
    let (sent, _) = futures_util::join!(sending, fixture.ok("DeleteQueue", json!({"QueueUrl": URL})));
    sent.unwrap();
    fixture.until_waiting().await;
    assert_eq!(fixture.sqs.journal().read(&id).unwrap().messages, []);
}

#[tokio::test]
async fn what_is_no_action_is_refused() {
    let fixture = Fixture::new();
    let shape = "com.amazon.coral.service#UnknownOperationException";
    fixture.refused("Fly", json!({}), shape, "InvalidAction", "The action Fly is not valid for this endpoint.").await;
    let (error, document) = fixture.spawn("ListQueues", &json!([])).await.unwrap();
    assert_eq!(error.as_deref(), Some("SerializationException;Sender"));
    assert_eq!(document["__type"], "com.amazon.coral.service#SerializationException");
}

/// Names of members; none of them makes anybody wait.
const MEMBERS: [&str; 14] = [
    "QueueUrl",
    "QueueName",
    "Attributes",
    "AttributeNames",
    "Entries",
    "MessageAttributes",
    "MessageBody",
    "MaxNumberOfMessages",
    "MaxResults",
    "NextToken",
    "ReceiptHandle",
    "Tags",
    "TagKeys",
    "VisibilityTimeout",
];

/// Values for them, most of them wrong.
fn values() -> Vec<Value> {
    let entry = json!({"Id": "a", "MessageBody": "b", "ReceiptHandle": "AQ==", "VisibilityTimeout": -1});
    let redrive = json!({"RedrivePolicy": r#"{"deadLetterTargetArn":"arn:aws:sqs:::q","maxReceiveCount":"1"}"#});
    vec![
        Value::Null,
        json!(URL),
        json!(""),
        json!("q"),
        json!("\u{0}é"),
        json!("AQAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        json!(0),
        json!(-1),
        json!(1e300),
        json!(true),
        json!([]),
        json!(["All"]),
        json!([entry, {}]),
        json!([entry, entry]),
        json!({}),
        json!({"a": {"DataType": "Number", "StringValue": "x"}}),
        json!({"a": {"DataType": "Binary", "BinaryValue": "!"}}),
        redrive,
    ]
}

fn actions() -> Vec<&'static str> {
    crate::action::registry().inputs().map(|(name, _)| name).collect()
}

fn on_a_queue(test: impl AsyncFnOnce(Fixture)) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { test(Fixture::with_queue().await).await });
}

proptest! {
    #[test]
    fn any_document_is_answered(
        calls in prop::collection::vec((select(actions()), prop::collection::vec((select(&MEMBERS[..]), select(values())), 0..6)), 1..6),
    ) {
        on_a_queue(async |fixture| {
            for (action, members) in calls {
                let mut input = Map::from_iter([("QueueUrl".to_owned(), json!(URL))]);
                input.extend(members.into_iter().map(|(name, value)| (name.to_owned(), value)));
                let (error, document) = fixture.spawn(action, &Value::Object(input)).await.unwrap();
                assert!(error.is_none_or(|code| code.ends_with(";Sender")), "{document}");
            }
        });
    }

    #[test]
    fn any_form_is_answered(
        action in select(actions()),
        form in "(&(QueueUrl|QueueName|Attribute|Tag|TagKey|AttributeName|MessageAttribute|MessageBody|[A-Za-z]{1,3}RequestEntry|%)?(\\.[0-9]{0,3}){0,2}(\\.(Name|Value|Key|Id|DataType))?=?[a-z0-9%]{0,3}){0,8}",
    ) {
        on_a_queue(async |fixture| {
            let (status, text) = fixture.form("/000000000000/q", &format!("Action={action}{form}")).await;
            assert!(matches!(status, 200 | 400), "{text}");
        });
    }
}
