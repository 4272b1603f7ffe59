//! Publish brings a message to everybody who subscribed to a topic and wants it. It has 256 KiB at most.

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::message::{ATTRIBUTES, Publication};
use crate::service::Sns;

pub(super) struct Publish;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    topic_arn: Option<String>,
    target_arn: Option<String>,
    phone_number: Option<String>,
    #[serde(flatten)]
    publication: Publication,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    message_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence_number: Option<String>,
}

impl Action<Sns> for Publish {
    const NAME: &'static str = "Publish";
    const INPUT: Structure = Structure::new(
        "PublishInput",
        &[
            Shape::string().member("TopicArn"),
            Shape::string().member("TargetArn"),
            Shape::string().member("PhoneNumber"),
            Shape::string().member("Message").required(),
            Shape::string().member("Subject"),
            Shape::string().member("MessageStructure"),
            ATTRIBUTES.member("MessageAttributes"),
            Shape::string().member("MessageDeduplicationId"),
            Shape::string().member("MessageGroupId"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(sns: &Sns, call: &Call, input: Input) -> Result<Output> {
        if input.phone_number.is_some() {
            return Err(Error::invalid("PhoneNumber Reason: millrace sends no text messages"));
        }
        let Some(arn) = input.topic_arn.or(input.target_arn) else {
            return Err(Error::invalid("TopicArn or TargetArn Reason: no value for required parameter"));
        };
        let topic = sns.directory().topic(&call.world, &arn)?;
        let published = sns.publish(&topic, &input.publication).await?;
        Ok(Output { message_id: published.message_id, sequence_number: published.sequence })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;

    use crate::fixture::{FUNCTION, Fixture, Got, QUEUE, TOPIC, URL, first};
    use crate::{Publication, QueueMessage};

    const ATTRIBUTE: [(&str, &str); 3] = [
        ("MessageAttributes.entry.1.Name", "kind"),
        ("MessageAttributes.entry.1.Value.DataType", "String"),
        ("MessageAttributes.entry.1.Value.StringValue", "x"),
    ];

    fn queued(got: &[Got]) -> &QueueMessage {
        let [Got::Queue(_, message)] = got else { panic!("{got:?}") };
        message
    }

    #[tokio::test]
    async fn a_queue_gets_an_envelope_or_the_message() {
        let fixture = Fixture::with_topic().await;
        let arn = fixture.subscribe("sqs", QUEUE, &[]).await;
        let published = fixture.publish(&[&[("Message", "m"), ("Subject", "s")][..], &ATTRIBUTE].concat()).await;
        let got = fixture.got().await;
        let envelope: Value = serde_json::from_str(&queued(&got).body).unwrap();
        assert_eq!(envelope["MessageId"].as_str().map(str::to_owned), first(&published, "MessageId"));
        assert_eq!((&envelope["Message"], &envelope["Subject"]), (&"m".into(), &"s".into()));
        assert_eq!(envelope["MessageAttributes"]["kind"]["Value"], "x");
        assert!(queued(&got).attributes.is_empty());
        let raw = [("SubscriptionArn", &*arn), ("AttributeName", "RawMessageDelivery"), ("AttributeValue", "true")];
        fixture.ok("SetSubscriptionAttributes", &raw).await;
        fixture.publish(&[&[("Message", "m")][..], &ATTRIBUTE].concat()).await;
        let got = fixture.got().await;
        assert_eq!((queued(&got).body.as_str(), queued(&got).attributes.len()), ("m", 1));
    }

    #[tokio::test]
    async fn a_function_gets_an_event() {
        let fixture = Fixture::with_topic().await;
        let arn = fixture.subscribe("lambda", FUNCTION, &[]).await;
        fixture.publish(&[("Message", "m")]).await;
        let got = fixture.got().await;
        let [Got::Function(function, event)] = &got[..] else { panic!("{got:?}") };
        assert_eq!(function, FUNCTION);
        assert_eq!(event["Records"][0]["EventSubscriptionArn"].as_str(), Some(&*arn));
        assert_eq!(event["Records"][0]["Sns"]["Message"], "m");
    }

    #[tokio::test]
    async fn a_filter_decides() {
        let fixture = Fixture::with_topic().await;
        let filter = |policy| [("Attributes.entry.1.key", "FilterPolicy"), ("Attributes.entry.1.value", policy)];
        fixture.subscribe("sqs", QUEUE, &filter(r#"{"kind":["x"]}"#)).await;
        fixture.publish(&[("Message", "no")]).await;
        assert_eq!(fixture.got().await, []);
        fixture.publish(&[&[("Message", "yes")][..], &ATTRIBUTE].concat()).await;
        assert_eq!(fixture.got().await.len(), 1);
        let by_body = [
            ("Attributes.entry.1.key", "FilterPolicy"),
            ("Attributes.entry.1.value", r#"{"a":{"b":["x"]}}"#),
            ("Attributes.entry.2.key", "FilterPolicyScope"),
            ("Attributes.entry.2.value", "MessageBody"),
        ];
        let other = format!("{QUEUE}2");
        fixture.subscribe("sqs", &other, &by_body).await;
        for (message, count) in [(r#"{"a":{"b":"x"}}"#, 1), (r#"{"a":"x"}"#, 0), ("text", 0)] {
            fixture.publish(&[("Message", message)]).await;
            assert_eq!(fixture.got().await.len(), count, "{message}");
        }
    }

    #[tokio::test]
    async fn dead_letters() {
        let fixture = Fixture::with_topic().await;
        let dead = format!("{QUEUE}-dead");
        let policy = format!(r#"{{"deadLetterTargetArn":"{dead}"}}"#);
        fixture
            .subscribe(
                "sqs",
                QUEUE,
                &[("Attributes.entry.1.key", "RedrivePolicy"), ("Attributes.entry.1.value", &policy)],
            )
            .await;
        fixture.fakes.absent.lock().unwrap().push(QUEUE.to_owned());
        fixture.publish(&[("Message", "m")]).await;
        let got = fixture.got().await;
        assert!(matches!(&got[..], [Got::Queue(queue, _)] if *queue == dead), "{got:?}");
    }

    /// With an endpoint over HTTP that agreed.
    async fn with_endpoint(further: &[(&str, &str)]) -> Fixture {
        let fixture = Fixture::with_topic().await;
        fixture.subscribe("http", URL, further).await;
        let got = fixture.got().await;
        let [Got::Post(_, _, body)] = &got[..] else { panic!("{got:?}") };
        let asked: Value = serde_json::from_str(body).unwrap();
        fixture.follow(asked["SubscribeURL"].as_str().unwrap()).await;
        fixture
    }

    #[tokio::test]
    async fn an_endpoint_gets_it_after_failures_and_a_restart() {
        let mut fixture = with_endpoint(&[]).await;
        fixture.fakes.statuses.lock().unwrap().extend([500, 503]);
        fixture.publish(&[("Message", "m")]).await;
        let got = fixture.got().await;
        let [Got::Post(_, headers, body)] = &got[..] else { panic!("{got:?}") };
        assert!(headers.contains(&("x-amz-sns-message-type".to_owned(), "Notification".to_owned())));
        assert!(headers.iter().any(|(name, value)| name == "x-amz-sns-subscription-arn" && value.starts_with(TOPIC)));
        assert!(body.contains("\"Type\" : \"Notification\""));
        // What waits here does so in the one before the restart, too: its clock is the same, so it tries as well.
        fixture.env.clock.advance(Duration::from_secs(20));
        assert_eq!(fixture.got().await.len(), 1);
        fixture.restart();
        assert_eq!(fixture.got().await, []);
        fixture.env.clock.advance(Duration::from_secs(20));
        assert!(!fixture.got().await.is_empty());
        fixture.env.clock.advance(Duration::from_secs(3600));
        assert_eq!(fixture.got().await, []);
        fixture.restart();
        assert_eq!(fixture.got().await, []);
    }

    #[tokio::test]
    async fn an_endpoint_that_never_takes_it_is_given_up() {
        let dead = format!("{QUEUE}-dead");
        let policy = format!(r#"{{"deadLetterTargetArn":"{dead}"}}"#);
        let redrive = [("Attributes.entry.1.key", "RedrivePolicy"), ("Attributes.entry.1.value", &*policy)];
        for (statuses, attempts) in [(vec![500; 4], 4), (vec![404], 1)] {
            let fixture = with_endpoint(&redrive).await;
            fixture.fakes.statuses.lock().unwrap().extend(statuses);
            fixture.publish(&[("Message", "m")]).await;
            let mut got = fixture.got().await;
            for _ in 0..5 {
                fixture.env.clock.advance(Duration::from_secs(20));
                got.extend(fixture.got().await);
            }
            assert_eq!(got.len(), attempts + 1, "{got:?}");
            assert!(matches!(&got[attempts], Got::Queue(queue, _) if *queue == dead));
        }
    }

    #[tokio::test]
    async fn a_fifo_topic_has_groups() {
        let fixture = Fixture::new();
        let fifo = [("Name", "t.fifo"), ("Attributes.entry.1.key", "FifoTopic"), ("Attributes.entry.1.value", "true")];
        fixture.ok("CreateTopic", &fifo).await;
        let arn = format!("{TOPIC}.fifo");
        let queue = format!("{QUEUE}.fifo");
        fixture.ok("Subscribe", &[("TopicArn", &arn), ("Protocol", "sqs"), ("Endpoint", &queue)]).await;
        let message = [("TopicArn", &*arn), ("Message", "m")];
        let words = "Invalid parameter: The MessageGroupId parameter is required for FIFO topics";
        fixture.refused("Publish", &message, "InvalidParameter", words).await;
        let grouped = [&message[..], &[("MessageGroupId", "g")]].concat();
        let words = "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly";
        fixture.refused("Publish", &grouped, "InvalidParameter", words).await;
        let full = [&grouped[..], &[("MessageDeduplicationId", "d")]].concat();
        let first_number = first(&fixture.ok("Publish", &full).await, "SequenceNumber").unwrap();
        let second_number = first(&fixture.ok("Publish", &full).await, "SequenceNumber").unwrap();
        assert!(first_number < second_number && first_number.len() == 20);
        let got = fixture.got().await;
        let Some(Got::Queue(_, message)) = got.first() else { panic!("{got:?}") };
        assert_eq!((message.group.as_deref(), message.deduplication.as_deref()), (Some("g"), Some("d")));
    }

    #[tokio::test]
    async fn what_cannot_be_published() {
        let fixture = Fixture::with_topic().await;
        let absent = format!("{TOPIC}x");
        fixture
            .refused("Publish", &[("TopicArn", &absent), ("Message", "m")], "NotFound", "Topic does not exist")
            .await;
        let invalid = "InvalidParameter";
        let words = "Invalid parameter: Empty message";
        fixture.refused("Publish", &[("TopicArn", TOPIC), ("Message", "")], invalid, words).await;
        let words = "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter";
        fixture.refused("Publish", &[("Message", "m")], invalid, words).await;
        let words = "Invalid parameter: PhoneNumber Reason: millrace sends no text messages";
        fixture.refused("Publish", &[("PhoneNumber", "1"), ("Message", "m")], invalid, words).await;
        let members = [("TopicArn", TOPIC), ("Message", "m"), ("MessageDeduplicationId", "d")];
        let words = "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type";
        fixture.refused("Publish", &members, invalid, words).await;
    }

    #[tokio::test]
    async fn other_services_publish_by_arn() {
        let fixture = Fixture::with_topic().await;
        fixture.subscribe("sqs", QUEUE, &[]).await;
        let world = aws_wire::World::new("000000000000", "us-east-1");
        let id = fixture.sns.deliver(&world, TOPIC, Publication::new("m")).await.unwrap();
        assert!(queued(&fixture.got().await).body.contains(&id));
        let other = aws_wire::World::new("111111111111", "us-east-1");
        assert_eq!(fixture.sns.deliver(&other, TOPIC, Publication::new("m")).await, Err(crate::Error::TopicNotFound));
    }
}
