//! A queue as the service has it: making it, looking at it, changing and deleting it.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use tf_framework::{Context, Diagnostics};

use super::{REUSE_PERIOD, SqsQueue};
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing as _};
use crate::tags::{TagChange, Tags};
use crate::wait::{Seen, Wait, retry_while};
use crate::{policy, region};

/// Attributes by the service's names.
type Attributes = BTreeMap<&'static str, String>;

/// A queue by its URL, in its region.
pub(super) struct RemoteQueue {
    client: Client,
    url: String,
}

/// Everything a refresh asks for.
pub(super) struct Found {
    pub(super) attributes: HashMap<String, String>,
    pub(super) tags: HashMap<String, String>,
}

/// Makes a queue; its URL.
pub(super) async fn create(cx: &Context<Aws>, planned: &SqsQueue, timeout: Duration) -> Result<String, Diagnostics> {
    let name = planned.name_to_be();
    let tags = cx.client().tags().merged(&planned.tags);
    let call = cx
        .client()
        .sqs(&planned.region)?
        .create_queue()
        .queue_name(&name)
        .set_attributes(Some(to_service(&planned.wanted())))
        .set_tags((!tags.is_empty()).then(|| tags.into_iter().collect()));
    // The name of a queue that was deleted is free a minute later.
    let passes = |error: &ApiError| is(error, "QueueDeletedRecently");
    let created = retry_while(cx, timeout / 2, passes, || async { Ok(call.clone().send().await?) }).await;
    let created = created.map_err(|error| refused(&error, &format!("creating SQS Queue ({name})")))?;
    created.queue_url.ok_or_else(|| {
        Diagnostics::error(
            format!("creating SQS Queue ({name}): empty result"),
            "The service did not say what it made. Look for a queue of that name.",
        )
    })
}

impl RemoteQueue {
    pub(super) fn of(cx: &Context<Aws>, queue: &SqsQueue) -> Result<Self, Diagnostics> {
        let client = cx.client().sqs(&region::of_state(cx.client(), &queue.region))?;
        Ok(Self { client, url: queue.id.text().to_owned() })
    }

    /// The queue with its tags; `None` when it is gone.
    pub(super) async fn read(&self) -> Result<Option<Found>, Diagnostics> {
        let Some(attributes) = self.attributes().await.while_doing(&self.doing("reading", ""))? else {
            return Ok(None);
        };
        match self.client.list_queue_tags().queue_url(&self.url).send().await.map_err(ApiError::from) {
            // Deleted meanwhile.
            Err(error) if is_gone(&error) => Ok(None),
            answer => {
                let tags = answer.while_doing(&self.doing("listing tags for", ""))?.tags;
                Ok(Some(Found { attributes, tags: tags.unwrap_or_default() }))
            }
        }
    }

    async fn attributes(&self) -> Result<Option<HashMap<String, String>>, ApiError> {
        let call = self.client.get_queue_attributes().queue_url(&self.url).attribute_names(QueueAttributeName::All);
        match call.send().await.map_err(ApiError::from) {
            Err(error) if is_gone(&error) => Ok(None),
            Err(error) => Err(error),
            Ok(answer) => {
                let all = answer.attributes.unwrap_or_default();
                Ok(Some(all.into_iter().map(|(name, value)| (name.as_str().to_owned(), value)).collect()))
            }
        }
    }

    /// Changes attributes.
    pub(super) async fn set(&self, attributes: &Attributes) -> Result<(), Diagnostics> {
        let call = self.client.set_queue_attributes().queue_url(&self.url);
        let answer = call.set_attributes(Some(to_service(attributes))).send().await.map_err(ApiError::from);
        answer.map(drop).map_err(|error| refused(&error, &self.doing("updating", " attributes")))
    }

    /// Waits until the service shows what it was asked for; a change takes AWS up to a minute.
    pub(super) async fn until_it_has(
        &self,
        cx: &Context<Aws>,
        wanted: &Attributes,
        what: &str,
        timeout: Duration,
    ) -> Result<(), Diagnostics> {
        let doing = self.doing("waiting for", &format!(" attributes {what}"));
        let wait = Wait { doing: &doing, pending: &["notequal"], target: &["equal"], timeout };
        let look = || async {
            let found = self.attributes().await?;
            let state = |found| if has(&found, wanted) { "equal" } else { "notequal" };
            Ok(found.map_or(Seen::Gone, |found| Seen::In(state(found).to_owned(), ())))
        };
        wait.until(cx, look).await.map(drop)
    }

    /// Brings the queue from one set of tags to another.
    pub(super) async fn change_tags(&self, old: &Tags, new: &Tags) -> Result<(), Diagnostics> {
        let Some(TagChange { removed, set }) = TagChange::between(old, new) else { return Ok(()) };
        if !removed.is_empty() {
            let call = self.client.untag_queue().queue_url(&self.url).set_tag_keys(Some(removed));
            call.send().await.while_doing(&self.doing("untagging", ""))?;
        }
        if !set.is_empty() {
            let call = self.client.tag_queue().queue_url(&self.url).set_tags(Some(set.into_iter().collect()));
            call.send().await.while_doing(&self.doing("tagging", ""))?;
        }
        Ok(())
    }

    /// Deletes the queue and waits until it is gone.
    pub(super) async fn delete(&self, cx: &Context<Aws>, timeout: Duration) -> Result<(), Diagnostics> {
        match self.client.delete_queue().queue_url(&self.url).send().await.map_err(ApiError::from) {
            Err(error) if is_gone(&error) => return Ok(()),
            answer => answer.map(drop).while_doing(&self.doing("deleting", ""))?,
        }
        let doing = self.doing("waiting for", " delete");
        let wait = Wait { doing: &doing, pending: &["exists"], target: &[], timeout };
        let look = || async {
            let found = self.attributes().await?;
            Ok(found.map_or(Seen::Gone, |_| Seen::In("exists".to_owned(), ())))
        };
        wait.until(cx, look).await.map(drop)
    }

    fn doing(&self, verb: &str, part: &str) -> String {
        format!("{verb} SQS Queue ({}){part}", self.url)
    }
}

/// Whether the service shows all that it was asked for.
pub(super) fn has(found: &HashMap<String, String>, wanted: &Attributes) -> bool {
    wanted.iter().all(|(&name, wanted)| match (name, found.get(name)) {
        // What was never set is not shown, and the period is shown where there is a key.
        ("KmsDataKeyReusePeriodSeconds", None) => {
            *wanted == REUSE_PERIOD.to_string() || !found.contains_key("KmsMasterKeyId")
        }
        (_, None) => wanted.is_empty(),
        ("Policy", Some(found)) => policy::are_equivalent(found, wanted),
        ("RedriveAllowPolicy" | "RedrivePolicy", Some(found)) => policy::are_equal(found, wanted),
        (_, Some(found)) => found == wanted,
    })
}

/// The service has an older code for each of its errors, which begins with its name.
fn is(error: &ApiError, code: &str) -> bool {
    error.code().strip_prefix("AWS.SimpleQueueService.").unwrap_or(error.code()) == code
}

fn is_gone(error: &ApiError) -> bool {
    is(error, "NonExistentQueue") || is(error, "QueueDoesNotExist")
}

fn to_service(attributes: &Attributes) -> HashMap<QueueAttributeName, String> {
    attributes.iter().map(|(&name, value)| (name.into(), value.clone())).collect()
}

/// The service names the attribute that it refuses: `Invalid value for the parameter DelaySeconds.`
fn refused(error: &ApiError, doing: &str) -> Diagnostics {
    const NAMES: &[(&str, &str)] = &[
        ("parameter RedrivePolicy", "redrive_policy"),
        ("parameter RedriveAllowPolicy", "redrive_allow_policy"),
        ("parameter Policy", "policy"),
        ("parameter KmsMasterKeyId", "kms_master_key_id"),
        ("parameter DeduplicationScope", "deduplication_scope"),
        ("Attribute DeduplicationScope", "deduplication_scope"),
        ("parameter FifoThroughputLimit", "fifo_throughput_limit"),
        ("Attribute FifoThroughputLimit", "fifo_throughput_limit"),
        ("A queue already exists", "name"),
    ];
    let diagnostic = error.diagnostic(doing);
    match NAMES.iter().find(|(words, _)| error.message().contains(words)) {
        Some(&(_, attribute)) => diagnostic.at(attribute),
        None => diagnostic,
    }
    .into()
}
