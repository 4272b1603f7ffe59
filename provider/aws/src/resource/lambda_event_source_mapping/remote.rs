//! The mapping as the service has it: one function per question asked or change made.
//!
//! Speaks to the service and waits; decides nothing. Every error names the mapping and what was being done.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::get_event_source_mapping::GetEventSourceMappingOutput as Found;
use aws_sdk_lambda::operation::update_event_source_mapping::builders::UpdateEventSourceMappingInputBuilder as Update;
use tf_framework::{Change, Context, Diagnostic, Diagnostics};

use super::observed::observed;
use super::{LambdaEventSourceMapping, request};
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing};
use crate::region;
use crate::tags::{TagChange, Tags};
use crate::wait::{Seen, Wait, retry_while};

/// How long a mapping may be busy with something else before it can be deleted.
const BUSY_WINDOW: Duration = Duration::from_secs(5 * 60);

/// A mapping in the service.
pub(super) struct RemoteMapping<'a> {
    cx: &'a Context<Aws>,
    lambda: Client,
    uuid: String,
}

impl<'a> RemoteMapping<'a> {
    pub(super) fn new(cx: &'a Context<Aws>, mapping: &LambdaEventSourceMapping) -> Result<Self, Diagnostics> {
        let lambda = cx.client().lambda(&mapping.region)?;
        Ok(Self { cx, lambda, uuid: mapping.id.text().to_owned() })
    }

    /// Asks for the mapping, and answers its UUID.
    pub(super) async fn create(
        &mut self,
        planned: &LambdaEventSourceMapping,
        window: Duration,
    ) -> Result<String, Diagnostics> {
        let request = request::create(planned, self.cx.client().tags().merged(&planned.tags));
        let call = || async { Ok(request.clone().send_with(&self.lambda).await?) };
        let source = planned.event_source_arn.as_str().unwrap_or("Self-Managed Apache Kafka");
        let created = retry_while(self.cx, window, lacks_permission, call)
            .await
            .map_err(|error| blame(&error, &format!("creating Lambda Event Source Mapping ({source})")))?;
        self.uuid = created.uuid.unwrap_or_default();
        Ok(self.uuid.clone())
    }

    /// Asks for a change.
    pub(super) async fn update(&self, request: Update, window: Duration) -> Result<(), Diagnostics> {
        let request = request.uuid(&self.uuid);
        let call = || async { Ok(request.clone().send_with(&self.lambda).await?) };
        let updated = retry_while(self.cx, window, lacks_permission, call).await;
        updated.map(drop).map_err(|error| blame(&error, &self.doing("updating")).into())
    }

    /// Waits until the mapping is on or off.
    pub(super) async fn wait_until_settled(
        &self,
        operation: &str,
        pending: &[&str],
        timeout: Duration,
    ) -> Result<(), Diagnostics> {
        let doing = format!("waiting for Lambda Event Source Mapping ({}) {operation}", self.uuid);
        let wait = Wait { doing: &doing, pending, target: &["Enabled", "Disabled"], timeout };
        let Err(failed) = wait.until(self.cx, || self.look()).await else { return Ok(()) };
        // Why it went another way, only the mapping itself can say.
        let found = self.get().await.ok().flatten();
        let reason = found.and_then(|found| found.state_transition_reason).filter(|reason| !reason.is_empty());
        let Some(reason) = reason else { return Err(failed) };
        let explained = |diagnostic: Diagnostic| {
            let summary = format!("{}: {reason}", diagnostic.summary);
            Diagnostic { summary, ..diagnostic }
        };
        Err(failed.into_iter().map(explained).collect())
    }

    /// The mapping as state; `None` when it is gone.
    pub(super) async fn read(
        &self,
        stored: LambdaEventSourceMapping,
    ) -> Result<Option<LambdaEventSourceMapping>, Diagnostics> {
        let Some(found) = self.get().await.while_doing(&self.doing("reading"))? else { return Ok(None) };
        let tags = match &found.event_source_mapping_arn {
            Some(arn) => {
                let listed = self.lambda.list_tags().resource(arn).send().await;
                listed.while_doing(&self.doing("listing tags for"))?.tags.unwrap_or_default()
            }
            // A service that does not tag mappings.
            None => Default::default(),
        };
        let tags = self.cx.client().tags().read(tags, &stored.tags, &stored.tags_all);
        let region = region::of_state(self.cx.client(), &stored.region);
        Ok(Some(observed(found, tags, LambdaEventSourceMapping { region, ..stored })))
    }

    /// Brings the tags from the old set to the new one.
    pub(super) async fn change_tags(&self, change: &Change<LambdaEventSourceMapping>) -> Result<(), Diagnostics> {
        let old: Tags = change.prior.tags_all.clone().unwrap_or_default();
        let new = self.cx.client().tags().merged(&change.planned.tags);
        let Some(TagChange { removed, set }) = TagChange::between(&old, &new) else { return Ok(()) };
        let arn = change.prior.arn.text();
        if !removed.is_empty() {
            let call = self.lambda.untag_resource().resource(arn).set_tag_keys(Some(removed));
            call.send().await.while_doing(&self.doing("untagging"))?;
        }
        if !set.is_empty() {
            let call = self.lambda.tag_resource().resource(arn).set_tags(Some(set.into_iter().collect()));
            call.send().await.while_doing(&self.doing("tagging"))?;
        }
        Ok(())
    }

    /// Removes the mapping and waits until it is gone.
    pub(super) async fn delete(&self, timeout: Duration) -> Result<(), Diagnostics> {
        let call = || async { Ok(self.lambda.delete_event_source_mapping().uuid(&self.uuid).send().await?) };
        let is_busy = |error: &ApiError| error.is("ResourceInUseException");
        match retry_while(self.cx, BUSY_WINDOW, is_busy, call).await {
            Err(error) if error.is("ResourceNotFoundException") => return Ok(()),
            asked => asked.while_doing(&self.doing("deleting"))?,
        };
        let doing = format!("waiting for Lambda Event Source Mapping ({}) delete", self.uuid);
        let wait = Wait { doing: &doing, pending: &["Deleting"], target: &[], timeout };
        wait.until(self.cx, || self.look()).await?;
        Ok(())
    }

    async fn get(&self) -> Result<Option<Found>, ApiError> {
        match self.lambda.get_event_source_mapping().uuid(&self.uuid).send().await.map_err(ApiError::from) {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn look(&self) -> Result<Seen<()>, ApiError> {
        let found = self.get().await?;
        Ok(found.map_or(Seen::Gone, |found| Seen::In(found.state.unwrap_or_default(), ())))
    }

    /// For a mapping that must be there and is not.
    pub(super) fn vanished(&self) -> Diagnostics {
        Diagnostics::error(
            format!("{}: couldn't find resource", self.doing("reading")),
            "Somebody else removed the mapping meanwhile. Apply again to create it anew.",
        )
    }

    fn doing(&self, verb: &str) -> String {
        format!("{verb} Lambda Event Source Mapping ({})", self.uuid)
    }
}

/// The refusals that pass once everyone has heard of a new role and its policies.
fn lacks_permission(error: &ApiError) -> bool {
    const FRAGMENTS: &[&str] =
        &["cannot be assumed by Lambda", "execution role does not have permissions", "ensure the role can perform"];
    error.says("InvalidParameterValueException", FRAGMENTS)
}

/// The diagnostic for a refused create or update, at the attribute to blame if there is one.
fn blame(error: &ApiError, doing: &str) -> Diagnostic {
    let diagnostic = error.diagnostic_at(doing, MEMBERS);
    match error.code() {
        "ResourceConflictException" => diagnostic.at("event_source_arn"),
        _ if error.message().starts_with("Function ") => diagnostic.at("function_name"),
        _ => diagnostic,
    }
}

/// The service's names for members of the requests in our words.
const MEMBERS: &[(&str, &str)] = &[
    ("functionName", "function_name"),
    ("eventSourceArn", "event_source_arn"),
    ("batchSize", "batch_size"),
    ("maximumBatchingWindowInSeconds", "maximum_batching_window_in_seconds"),
    ("maximumRecordAgeInSeconds", "maximum_record_age_in_seconds"),
    ("maximumRetryAttempts", "maximum_retry_attempts"),
    ("parallelizationFactor", "parallelization_factor"),
    ("tumblingWindowInSeconds", "tumbling_window_in_seconds"),
    ("startingPosition", "starting_position"),
    ("startingPositionTimestamp", "starting_position_timestamp"),
    ("kMSKeyArn", "kms_key_arn"),
    ("filterCriteria", "filter_criteria"),
    ("tags", "tags"),
];
