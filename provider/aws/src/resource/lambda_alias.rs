//! `aws_lambda_alias`: a name for a version of a function, or for two of them with a weight for the second.
//!
//! Everything but the names changes in place. The service is slow to forget a weight, so an update that takes it back
//! waits until it is gone.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::get_alias::GetAliasOutput;
use aws_sdk_lambda::types::AliasRoutingConfiguration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{
    Applied, Attr, Blocks, Change, Comparison, Context, Diagnostics, Failure, Identity, Path, Plan, Resource, Timeouts,
};

use super::lambda::{Named, invoke_arn, is_same_function};
use crate::arn::region_of_arn;
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing};
use crate::wait::{Seen, Wait};
use crate::{identity, region};

const UPDATE_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// The rule for `function_name`: a name or its ARN.
const SAME_FUNCTION: &str = "function-name";

/// A name for a version of a function.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LambdaAlias {
    /// The alias's ARN.
    #[schemars(extend("tf" = computed()))]
    arn: Attr<String>,
    /// What the alias is for.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    description: Attr<String>,
    /// The function, by name or ARN.
    #[schemars(extend("tf" = required().force_new().same_when(SAME_FUNCTION)))]
    function_name: Attr<String>,
    /// The version that the alias stands for.
    #[schemars(extend("tf" = required()))]
    function_version: Attr<String>,
    /// The alias's ARN.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The ARN by which API Gateway invokes the alias.
    #[schemars(extend("tf" = computed()))]
    invoke_arn: Attr<String>,
    /// The alias's name.
    #[schemars(extend("tf" = required().force_new()))]
    name: Attr<String>,
    /// The region of the function; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// Which part of the events goes to another version.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    routing_config: Blocks<RoutingConfig>,
    #[schemars(extend("tf" = timeouts(&["update"])))]
    timeouts: Timeouts,
}

/// Which part of the events goes to another version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
struct RoutingConfig {
    /// The other version, and its part of the events: a number from 0 to 1.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    additional_version_weights: Attr<BTreeMap<String, f64>>,
}

impl Resource for LambdaAlias {
    const TYPE: &'static str = "aws_lambda_alias";
    const IDENTITY: Option<Identity> = Some(identity::regional(&["function_name", "name"]));
    const IMPORT_ID: &'static str = "{function_name}/{name}";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        super::refuse_configured_id(&config.id)
    }

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        region::plan(cx.client(), plan, |alias| &mut alias.region)
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let name = planned.name.text();
        let call = cx.client().lambda(&planned.region)?.create_alias();
        let call = call.function_name(planned.function_name.text()).name(name);
        let call = call.function_version(planned.function_version.text()).description(planned.description.text());
        let created = call.routing_config(planned.routing()).send().await.map_err(ApiError::from);
        let created = created.map_err(|error| planned.refused(&error, &format!("creating Lambda Alias ({name})")))?;
        let known = Self { id: created.alias_arn.clone().into(), arn: created.alias_arn.into(), ..planned };
        cx.save(&known);
        known.settled(cx).await
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        let region = region::of_state(cx.client(), &state.region);
        let (function, name) = (state.function_name.text(), state.name.text());
        let found = find(&cx.client().lambda(&region)?, function, name).await;
        let found = found.while_doing(&format!("reading Lambda Alias ({})", state.shown_id()))?;
        Ok(found.map(|found| state.observed(found, region)))
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        let planned = change.planned;
        let call = cx.client().lambda(&planned.region)?.update_alias();
        let call = call.function_name(planned.function_name.text()).name(planned.name.text());
        let call = call.function_version(planned.function_version.text()).description(planned.description.text());
        let updated = call.routing_config(planned.routing()).send().await.map_err(ApiError::from);
        let doing = format!("updating Lambda Alias ({})", planned.id.text());
        updated.map_err(|error| planned.refused(&error, &doing))?;
        planned.until_weights_are_gone(cx).await?;
        planned.settled(cx).await
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        let call = cx.client().lambda(&state.region)?.delete_alias();
        let deleted = call.function_name(state.function_name.text()).name(state.name.text()).send().await;
        match deleted.map_err(ApiError::from) {
            Err(error) if error.is("ResourceNotFoundException") => Ok(()),
            deleted => Ok(deleted.map(drop).while_doing(&format!("deleting Lambda Alias ({})", state.id.text()))?),
        }
    }

    async fn import(cx: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        let (text, region) = region::of_import_id(cx.client(), id);
        let parts = match Named::parse(text) {
            Some(Named { name, qualifier: Some(alias) }) if text.starts_with("arn:") => Some((name, alias)),
            _ => text.rsplit_once('/').filter(|(function, alias)| !function.is_empty() && !alias.is_empty()),
        };
        let Some((function, alias)) = parts else {
            let summary = format!("unexpected format of ID ({text:?}), expected FUNCTION_NAME/ALIAS");
            return Err(Diagnostics::error(summary, "Write the ID as FUNCTION_NAME/ALIAS, or give the alias's ARN."));
        };
        // An ARN says where the alias is, unless the user says otherwise.
        let in_arn = region_of_arn(text).filter(|_| text == id);
        let region = in_arn.map_or(region, Attr::from);
        Ok(Self { function_name: function.into(), name: alias.into(), region, ..Self::default() })
    }

    fn same(comparison: &Comparison<'_>) -> bool {
        let texts = (comparison.prior.as_str(), comparison.config.as_str());
        let (SAME_FUNCTION, (Some(stored), Some(configured))) = (comparison.rule, texts) else { return false };
        is_same_function(stored, configured)
    }
}

impl LambdaAlias {
    /// What messages call the alias: an imported one has no id before it is read.
    fn shown_id(&self) -> &str {
        self.id.as_str().unwrap_or_else(|| self.name.text())
    }

    /// The weights to send; none of them takes back what there were.
    fn routing(&self) -> AliasRoutingConfiguration {
        let weights = self.routing_config.first().and_then(|block| block.additional_version_weights.known());
        let weights = weights.cloned().unwrap_or_default().into_iter().collect();
        AliasRoutingConfiguration::builder().set_additional_version_weights(Some(weights)).build()
    }

    /// The state after looking.
    fn observed(self, found: GetAliasOutput, region: Attr<String>) -> Self {
        let arn = found.alias_arn.unwrap_or_default();
        Self {
            description: found.description.filter(|text| !text.is_empty()).into(),
            function_version: found.function_version.into(),
            id: arn.as_str().into(),
            invoke_arn: invoke_arn(&region, &arn).into(),
            name: found.name.into(),
            region,
            routing_config: weights(found.routing_config).map_or_else(
                || empty_as_stored(self.routing_config),
                |weights| Blocks::one(RoutingConfig { additional_version_weights: weights.into() }),
            ),
            arn: arn.into(),
            function_name: self.function_name,
            timeouts: self.timeouts,
        }
    }

    /// Waits until the service has forgotten the weights that an update took back.
    async fn until_weights_are_gone(&self, cx: &Context<Aws>) -> Result<(), Diagnostics> {
        let is_weighted = self.routing().additional_version_weights().is_some_and(|weights| !weights.is_empty());
        if is_weighted {
            return Ok(());
        }
        let lambda = cx.client().lambda(&self.region)?;
        let doing = format!("waiting for Lambda Alias ({}) routing weights to clear", self.id.text());
        let timeout = self.timeouts.update(UPDATE_TIMEOUT);
        let wait = Wait { doing: &doing, pending: &["pending"], target: &["stable"], timeout };
        let look = || async {
            // An alias that is gone has no weights either.
            let found = find(&lambda, self.function_name.text(), self.name.text()).await?;
            let is_pending = found.is_some_and(|found| weights(found.routing_config).is_some());
            Ok(Seen::In(if is_pending { "pending" } else { "stable" }.to_owned(), ()))
        };
        wait.until(cx, look).await.map(drop)
    }

    /// The state after a write: as planned, and the rest as found.
    async fn settled(self, cx: &Context<Aws>) -> Applied<Self> {
        let id = self.id.text().to_owned();
        let Some(found) = Self::read(cx, self).await? else {
            return Err(Diagnostics::error(
                format!("reading Lambda Alias ({id}): couldn't find resource"),
                "Something else removed the alias meanwhile. Apply again to create it anew.",
            )
            .into());
        };
        Ok(found)
    }

    /// The diagnostic for a refused alias, at the attribute the service complains about.
    fn refused(&self, error: &ApiError, doing: &str) -> Diagnostics {
        const MEMBERS: &[(&str, &str)] = &[
            ("name", "name"),
            ("description", "description"),
            ("functionName", "function_name"),
            ("functionVersion", "function_version"),
        ];
        let diagnostic = error.diagnostic_at(doing, MEMBERS);
        let names_version = error.message().ends_with(&format!(":{}", self.function_version.text()));
        match error.code() {
            "ResourceConflictException" => diagnostic.at("name"),
            "ResourceNotFoundException" if names_version => diagnostic.at("function_version"),
            "ResourceNotFoundException" => diagnostic.at("function_name"),
            "InvalidParameterValueException" if !self.routing_config.is_empty() => {
                diagnostic.at(Path::from("routing_config").index(0).name("additional_version_weights"))
            }
            _ => diagnostic,
        }
        .into()
    }
}

async fn find(lambda: &Client, function: &str, name: &str) -> Result<Option<GetAliasOutput>, ApiError> {
    match lambda.get_alias().function_name(function).name(name).send().await.map_err(ApiError::from) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is("ResourceNotFoundException") => Ok(None),
        Err(error) => Err(error),
    }
}

/// The weights in an answer; `None` where all events go to one version.
fn weights(found: Option<AliasRoutingConfiguration>) -> Option<BTreeMap<String, f64>> {
    let weights = found?.additional_version_weights?;
    (!weights.is_empty()).then(|| weights.into_iter().collect())
}

/// A block without weights is one that the service has no word for.
fn empty_as_stored(stored: Blocks<RoutingConfig>) -> Blocks<RoutingConfig> {
    let says_nothing = |block: &RoutingConfig| block.additional_version_weights.known().is_none_or(BTreeMap::is_empty);
    if stored.iter().all(says_nothing) { stored } else { Blocks::none() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routed(weights: &[(&str, f64)]) -> GetAliasOutput {
        let routing = weights.iter().fold(AliasRoutingConfiguration::builder(), |routing, (version, weight)| {
            routing.additional_version_weights(*version, *weight)
        });
        GetAliasOutput::builder()
            .alias_arn("arn:aws:lambda:us-east-1:000000000000:function:f:live")
            .name("live")
            .function_version("1")
            .routing_config(routing.build())
            .build()
    }

    #[test]
    fn weights_come_and_go_and_an_empty_block_stays() {
        let block = |weights: Attr<BTreeMap<_, _>>| Blocks::one(RoutingConfig { additional_version_weights: weights });
        let half = || block(BTreeMap::from([("2".to_owned(), 0.5)]).into());
        let observed = |stored: Blocks<RoutingConfig>, found: GetAliasOutput| {
            let alias = LambdaAlias { routing_config: stored, ..LambdaAlias::default() };
            alias.observed(found, "us-east-1".into()).routing_config
        };
        assert_eq!(observed(Blocks::none(), routed(&[("2", 0.5)])), half());
        assert_eq!(observed(half(), routed(&[])), Blocks::none());
        assert_eq!(observed(Blocks::none(), routed(&[])), Blocks::none());
        assert_eq!(observed(block(Attr::Null), routed(&[])), block(Attr::Null));
    }

    #[test]
    fn the_service_names_the_rest() {
        let alias = LambdaAlias { function_name: "f".into(), ..LambdaAlias::default() };
        let alias = alias.observed(routed(&[]), "us-east-1".into());
        assert_eq!((alias.function_name.text(), alias.function_version.text(), alias.name.text()), ("f", "1", "live"));
        assert_eq!(alias.id, alias.arn);
        assert!(
            alias
                .invoke_arn
                .text()
                .ends_with("/functions/arn:aws:lambda:us-east-1:000000000000:function:f:live/invocations")
        );
    }
}
