//! The steps of an update, in the order in which the service must see them.

use tf_framework::{Attr, Change, Context, Diagnostics};

use super::code::{self, Code, set};
use super::remote::RemoteFunction;
use super::{LambdaFunction, TIMEOUT, blamed, request};
use crate::client::Aws;
use crate::error::WhileDoing as _;
use crate::tags::TagChange;
use crate::wait::retry_while;

/// Brings a function from its prior to its planned state.
///
/// Until the code is uploaded, a failure leaves the prior state, so that the next plan still shows the new code.
pub(super) async fn carry_out(cx: &Context<Aws>, change: &Change<LambdaFunction>) -> Result<(), Diagnostics> {
    let Change { prior, planned, .. } = change;
    let remote = RemoteFunction::of(cx, prior)?;
    let name = remote.name();
    let timeout = planned.timeouts.update(TIMEOUT);
    change_tags(cx, &remote, prior, planned).await?;

    if set(&prior.code_signing_config_arn) != set(&planned.code_signing_config_arn) {
        remote.set_code_signing(set(&planned.code_signing_config_arn).as_deref()).await?;
    }
    let configuration_changes = request::changes_configuration(prior, planned);
    if configuration_changes {
        let call = request::update_configuration(prior, planned);
        let window = planned.permission_window(timeout);
        let updated =
            retry_while(cx, window, request::passes, || async { Ok(call.clone().send_with(remote.client()).await?) });
        updated.await.map_err(|error| {
            Diagnostics::from(blamed(&error, &format!("updating Lambda Function ({name}) configuration")))
        })?;
        remote.until_updated(cx, timeout).await?;
    }
    let code_changes = code::is_changed(prior, planned);
    if code_changes {
        let code = Code::load(planned).await?;
        let call = code.for_update(planned).function_name(name);
        call.send_with(remote.client()).await.map_err(|error| {
            Diagnostics::from(blamed(&error.into(), &format!("updating Lambda Function ({name}) code")))
        })?;
        drop(code);
        remote.until_updated(cx, timeout).await?;
        cx.save(planned);
    }
    if change.changes(|function| &function.reserved_concurrent_executions) {
        remote.reserve_concurrency(planned.reserved_concurrent_executions.unwrap_or(-1)).await?;
    }
    let turns_on_publishing = change.changes(|function| &function.publish);
    if planned.publish == Attr::Known(true) && (code_changes || configuration_changes || turns_on_publishing) {
        remote.publish(cx, planned.publish_to.as_str(), timeout).await?;
    }
    Ok(())
}

async fn change_tags(
    cx: &Context<Aws>,
    remote: &RemoteFunction,
    prior: &LambdaFunction,
    planned: &LambdaFunction,
) -> Result<(), Diagnostics> {
    let old = prior.tags_all.clone().unwrap_or_default();
    let new = cx.client().tags().merged(&planned.tags);
    let Some(TagChange { removed, set }) = TagChange::between(&old, &new) else { return Ok(()) };
    let (lambda, arn) = (remote.client(), prior.arn.text());
    if !removed.is_empty() {
        let call = lambda.untag_resource().resource(arn).set_tag_keys(Some(removed));
        call.send().await.while_doing(&format!("untagging Lambda Function ({arn})"))?;
    }
    if !set.is_empty() {
        let call = lambda.tag_resource().resource(arn).set_tags(Some(set.into_iter().collect()));
        call.send().await.while_doing(&format!("tagging Lambda Function ({arn})"))?;
    }
    Ok(())
}
