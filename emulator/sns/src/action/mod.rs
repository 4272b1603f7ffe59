//! The actions, and the registry that names them. An action is a file and a line here.

use std::collections::BTreeMap;

use aws_wire::{Actions, Member, Shape};
use serde::Serialize;

use crate::service::Sns;

mod confirm_subscription;
mod create_topic;
mod delete_topic;
mod get_subscription_attributes;
mod get_topic_attributes;
mod list_subscriptions;
mod list_subscriptions_by_topic;
mod list_tags_for_resource;
mod list_topics;
mod publish;
mod publish_batch;
mod set_subscription_attributes;
mod set_topic_attributes;
mod subscribe;
mod tag_resource;
mod unsubscribe;
mod untag_resource;

/// All that SNS does here.
pub(crate) fn registry() -> Actions<Sns> {
    Actions::new()
        .action::<confirm_subscription::ConfirmSubscription>()
        .action::<create_topic::CreateTopic>()
        .action::<delete_topic::DeleteTopic>()
        .action::<get_subscription_attributes::GetSubscriptionAttributes>()
        .action::<get_topic_attributes::GetTopicAttributes>()
        .action::<list_subscriptions::ListSubscriptions>()
        .action::<list_subscriptions_by_topic::ListSubscriptionsByTopic>()
        .action::<list_tags_for_resource::ListTagsForResource>()
        .action::<list_topics::ListTopics>()
        .action::<publish::Publish>()
        .action::<publish_batch::PublishBatch>()
        .action::<set_subscription_attributes::SetSubscriptionAttributes>()
        .action::<set_topic_attributes::SetTopicAttributes>()
        .action::<subscribe::Subscribe>()
        .action::<tag_resource::TagResource>()
        .action::<unsubscribe::Unsubscribe>()
        .action::<untag_resource::UntagResource>()
}

const TOPIC_ARN: Member = Shape::string().member("TopicArn").required();
const SUBSCRIPTION_ARN: Member = Shape::string().member("SubscriptionArn").required();
const RESOURCE_ARN: Member = Shape::string().length(1, 1011).member("ResourceArn").required();
const ATTRIBUTES: Member = Shape::map(&Shape::string(), &Shape::string()).member("Attributes");
const NEXT_TOKEN: Member = Shape::string().member("NextToken");

/// An answer that says nothing, in an element that clients look for.
#[derive(Serialize)]
struct Nothing {}

/// A map as this protocol writes it.
#[derive(Serialize)]
struct Entries {
    entry: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    key: String,
    value: String,
}

impl<K: Into<String>> From<BTreeMap<K, String>> for Entries {
    fn from(map: BTreeMap<K, String>) -> Self {
        Self { entry: map.into_iter().map(|(key, value)| Entry { key: key.into(), value }).collect() }
    }
}

/// An answer that is a map of attributes.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AttributesOutput {
    attributes: Entries,
}
