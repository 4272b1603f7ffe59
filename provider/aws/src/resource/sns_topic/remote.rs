//! A topic as the service has it: making it, looking at it, changing and deleting it.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_sns::Client;
use aws_sdk_sns::types::Tag;
use tf_framework::{Context, Diagnostics};

use super::SnsTopic;
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing as _};
use crate::region;
use crate::resource::service_attributes::ServiceAttributes as _;
use crate::tags::{TagChange, Tags};
use crate::wait::{PERMISSION_WINDOW, retry_while};

/// Attributes by the service's names.
type Attributes = BTreeMap<&'static str, String>;

/// What a topic is from its first moment on; the rest is set afterwards.
const FROM_THE_FIRST: [&str; 2] = ["FifoTopic", "FifoThroughputScope"];

/// A topic by its ARN, in its region.
pub(super) struct RemoteTopic {
    client: Client,
    arn: String,
}

/// Everything a refresh asks for.
pub(super) struct Found {
    pub(super) attributes: HashMap<String, String>,
    pub(super) tags: Vec<(String, String)>,
}

/// Makes a topic; its ARN, and what is left to set.
pub(super) async fn create(cx: &Context<Aws>, planned: &SnsTopic) -> Result<(String, Attributes), Diagnostics> {
    let name = planned.name_to_be();
    let (first, remaining): (Attributes, Attributes) =
        planned.to_create().into_iter().partition(|(name, _)| FROM_THE_FIRST.contains(name));
    let first = first.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let tags = to_service(cx.client().tags().merged(&planned.tags));
    let call = cx.client().sns(&planned.region)?.create_topic().name(&name).set_attributes(Some(first));
    let created = call.set_tags((!tags.is_empty()).then_some(tags)).send().await.map_err(ApiError::from);
    let created = created.map_err(|error| {
        let diagnostic = error.diagnostic(&format!("creating SNS Topic ({name})"));
        Diagnostics::from(if error.message().contains("Topic Name") { diagnostic.at("name") } else { diagnostic })
    })?;
    let arn = created.topic_arn.ok_or_else(|| {
        Diagnostics::error(
            format!("creating SNS Topic ({name}): empty result"),
            "The service did not say what it made. Look for a topic of that name.",
        )
    })?;
    Ok((arn, remaining))
}

impl RemoteTopic {
    pub(super) fn of(cx: &Context<Aws>, topic: &SnsTopic) -> Result<Self, Diagnostics> {
        let client = cx.client().sns(&region::of_state(cx.client(), &topic.region))?;
        Ok(Self { client, arn: topic.id.text().to_owned() })
    }

    /// The topic with its tags; `None` when it is gone.
    pub(super) async fn read(&self) -> Result<Option<Found>, Diagnostics> {
        let answer = self.client.get_topic_attributes().topic_arn(&self.arn).send().await;
        let attributes = match answer.map_err(ApiError::from) {
            Err(error) if error.is("NotFound") => return Ok(None),
            answer => answer.while_doing(&self.doing("reading"))?.attributes.unwrap_or_default(),
        };
        let answer = self.client.list_tags_for_resource().resource_arn(&self.arn).send().await;
        match answer.map_err(ApiError::from) {
            // Deleted meanwhile.
            Err(error) if error.is("ResourceNotFound") => Ok(None),
            answer => {
                let tags = answer.while_doing(&self.doing("listing tags for"))?.tags;
                let tags = tags.into_iter().flatten().map(|tag| (tag.key, tag.value)).collect();
                Ok(Some(Found { attributes, tags }))
            }
        }
    }

    /// Sets attributes, one call for each.
    pub(super) async fn set(&self, cx: &Context<Aws>, attributes: &Attributes) -> Result<(), Diagnostics> {
        // A policy cannot be taken away; a topic without one has the service's.
        for (name, value) in attributes.iter().filter(|(name, value)| **name != "Policy" || !value.is_empty()) {
            // Empty text is refused here; this says that no message is kept.
            let value = if *name == "ArchivePolicy" && value.is_empty() { "{}" } else { value.as_str() };
            let call = self.client.set_topic_attributes().topic_arn(&self.arn);
            let call = call.attribute_name(*name).attribute_value(value);
            let set = retry_while(cx, PERMISSION_WINDOW, passes, || async { Ok(call.clone().send().await?) }).await;
            set.map_err(|error| {
                let doing = format!("setting SNS Topic ({}) attribute ({name})", self.arn);
                Diagnostics::from(error.diagnostic(&doing).at(&*attribute_of(name)))
            })?;
        }
        Ok(())
    }

    /// Brings the topic from one set of tags to another.
    pub(super) async fn change_tags(&self, old: &Tags, new: &Tags) -> Result<(), Diagnostics> {
        let Some(TagChange { removed, set }) = TagChange::between(old, new) else { return Ok(()) };
        if !removed.is_empty() {
            let call = self.client.untag_resource().resource_arn(&self.arn).set_tag_keys(Some(removed));
            call.send().await.while_doing(&self.doing("untagging"))?;
        }
        if !set.is_empty() {
            let call = self.client.tag_resource().resource_arn(&self.arn).set_tags(Some(to_service(set)));
            call.send().await.while_doing(&self.doing("tagging"))?;
        }
        Ok(())
    }

    /// Deletes the topic, and with it its subscriptions.
    pub(super) async fn delete(&self) -> Result<(), Diagnostics> {
        match self.client.delete_topic().topic_arn(&self.arn).send().await.map_err(ApiError::from) {
            Err(error) if error.is("NotFound") => Ok(()),
            answer => answer.map(drop).while_doing(&self.doing("deleting")),
        }
    }

    fn doing(&self, verb: &str) -> String {
        format!("{verb} SNS Topic ({})", self.arn)
    }
}

/// A role that a policy names, or tags that a permission hangs on, may not be known everywhere yet. Any other complaint about
/// a value stays, so it is passed on at once.
fn passes(error: &ApiError) -> bool {
    error.says("InvalidParameter", &["PrincipalNotFound"])
        || error.says("AuthorizationError", &["no identity-based policy allows", "is not authorized to perform"])
}

/// Our name for an attribute, from the service's.
pub(super) fn attribute_of(name: &str) -> String {
    let rest = name.strip_prefix("HTTP").map(|rest| format!("Http{rest}"));
    let rest = rest.or_else(|| name.strip_prefix("SQS").map(|rest| format!("Sqs{rest}")));
    let mut snake = String::new();
    for c in rest.as_deref().unwrap_or(name).chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

fn to_service(tags: Tags) -> Vec<Tag> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build().expect("key and value are set");
    tags.into_iter().map(tag).collect()
}
