//! A group as the service has it: making it, looking at it, and the calls that change one thing.

use std::time::Duration;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::LogGroup;
use tf_framework::{Attr, Context, Diagnostics};

use super::CloudwatchLogGroup;
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing as _};
use crate::region;
use crate::tags::{TagChange, Tags};
use crate::wait::retry_while;

/// How long a deletion is repeated while another operation has its hands on the group.
const DELETE_WINDOW: Duration = Duration::from_secs(60);

/// Makes a group of this name.
pub(super) async fn create(cx: &Context<Aws>, name: &str, planned: &CloudwatchLogGroup) -> Result<(), Diagnostics> {
    let text = |value: &Attr<String>| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let tags = cx.client().tags().merged(&planned.tags);
    let call = cx
        .client()
        .logs(&planned.region)?
        .create_log_group()
        .log_group_name(name)
        .set_deletion_protection_enabled(planned.deletion_protection_enabled.known().copied().filter(|on| *on))
        .set_kms_key_id(text(&planned.kms_key_id))
        .set_log_group_class(text(&planned.log_group_class).map(|class| class.as_str().into()))
        .set_tags((!tags.is_empty()).then(|| tags.into_iter().collect()));
    let created = call.send().await.map_err(ApiError::from);
    created.map(drop).map_err(|error| refused(&error, &format!("creating CloudWatch Logs Log Group ({name})")))
}

/// A group by name, in its region.
pub(super) struct RemoteGroup {
    client: Client,
    name: String,
}

impl RemoteGroup {
    pub(super) fn of(cx: &Context<Aws>, group: &CloudwatchLogGroup) -> Result<Self, Diagnostics> {
        let client = cx.client().logs(&region::of_state(cx.client(), &group.region))?;
        Ok(Self { client, name: group.id.text().to_owned() })
    }

    /// The group and its tags; `None` when it is gone.
    pub(super) async fn read(&self) -> Result<Option<(LogGroup, Tags)>, Diagnostics> {
        let Some(group) = self.find().await.while_doing(&self.doing("reading", ""))? else { return Ok(None) };
        let arn = group.arn.as_deref().unwrap_or_default().trim_end_matches(":*");
        let tags = self.client.list_tags_for_resource().resource_arn(arn).send().await.map_err(ApiError::from);
        match tags {
            Err(error) if error.is("ResourceNotFoundException") => Ok(None),
            tags => {
                let tags = tags.while_doing(&self.doing("listing tags for", ""))?.tags;
                Ok(Some((group, tags.into_iter().flatten().collect())))
            }
        }
    }

    /// There is no call for one group: those whose names begin so are listed, the shortest first.
    async fn find(&self) -> Result<Option<LogGroup>, ApiError> {
        let mut pages = self.client.describe_log_groups().log_group_name_prefix(&self.name).into_paginator().send();
        while let Some(page) = pages.next().await {
            let groups = page?.log_groups.into_iter().flatten();
            let found = groups.into_iter().find(|group| group.log_group_name.as_deref() == Some(&self.name));
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Keeps events for so many days; for ever if there are none.
    pub(super) async fn set_retention(&self, days: i64) -> Result<(), Diagnostics> {
        let (verb, answer) = match i32::try_from(days) {
            Ok(days @ 1..) => {
                let call = self.client.put_retention_policy().log_group_name(&self.name).retention_in_days(days);
                ("setting", call.send().await.map(drop).map_err(ApiError::from))
            }
            Ok(_) | Err(_) => {
                let call = self.client.delete_retention_policy().log_group_name(&self.name);
                ("deleting", call.send().await.map(drop).map_err(ApiError::from))
            }
        };
        let doing = self.doing(verb, " retention policy");
        answer.map_err(|error| error.diagnostic(&doing).at("retention_in_days").into())
    }

    /// Keeps the group from being deleted, or not any more.
    pub(super) async fn set_protection(&self, is_protected: bool) -> Result<(), Diagnostics> {
        let call = self.client.put_log_group_deletion_protection().log_group_identifier(&self.name);
        let answer = call.deletion_protection_enabled(is_protected).send().await.map_err(ApiError::from);
        let doing = self.doing("updating", " deletion protection");
        answer.map(drop).map_err(|error| error.diagnostic(&doing).at("deletion_protection_enabled").into())
    }

    /// Encrypts what comes from now on with a key; with none if it is empty.
    pub(super) async fn set_key(&self, key: &str) -> Result<(), Diagnostics> {
        let (verb, answer) = if key.is_empty() {
            let call = self.client.disassociate_kms_key().log_group_name(&self.name);
            ("disassociating", call.send().await.map(drop).map_err(ApiError::from))
        } else {
            let call = self.client.associate_kms_key().log_group_name(&self.name).kms_key_id(key);
            ("associating", call.send().await.map(drop).map_err(ApiError::from))
        };
        let doing = self.doing(verb, " KMS key");
        answer.map_err(|error| error.diagnostic(&doing).at("kms_key_id").into())
    }

    /// Brings the group from one set of tags to another.
    pub(super) async fn change_tags(&self, arn: &str, old: &Tags, new: &Tags) -> Result<(), Diagnostics> {
        let Some(TagChange { removed, set }) = TagChange::between(old, new) else { return Ok(()) };
        if !removed.is_empty() {
            let call = self.client.untag_resource().resource_arn(arn).set_tag_keys(Some(removed));
            call.send().await.while_doing(&self.doing("untagging", ""))?;
        }
        if !set.is_empty() {
            let call = self.client.tag_resource().resource_arn(arn).set_tags(Some(set.into_iter().collect()));
            call.send().await.while_doing(&self.doing("tagging", ""))?;
        }
        Ok(())
    }

    /// Deletes the group with all that is in it. One that is not there needs nothing.
    pub(super) async fn delete(&self, cx: &Context<Aws>) -> Result<(), Diagnostics> {
        let call = self.client.delete_log_group().log_group_name(&self.name);
        let passes = |error: &ApiError| error.says("OperationAbortedException", &["try again"]);
        let deleted = retry_while(cx, DELETE_WINDOW, passes, || async { Ok(call.clone().send().await?) }).await;
        match deleted {
            Err(error) if error.is("ResourceNotFoundException") => Ok(()),
            deleted => deleted.map(drop).while_doing(&self.doing("deleting", "")),
        }
    }

    fn doing(&self, verb: &str, part: &str) -> String {
        format!("{verb} CloudWatch Logs Log Group ({}){part}", self.name)
    }
}

fn refused(error: &ApiError, doing: &str) -> Diagnostics {
    const MEMBERS: &[(&str, &str)] =
        &[("logGroupName", "name"), ("kmsKeyId", "kms_key_id"), ("logGroupClass", "log_group_class"), ("tags", "tags")];
    let diagnostic = error.diagnostic_at(doing, MEMBERS);
    if error.is("ResourceAlreadyExistsException") { diagnostic.at("name") } else { diagnostic }.into()
}
