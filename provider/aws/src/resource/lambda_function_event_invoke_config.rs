//! `aws_lambda_function_event_invoke_config`: how often events that nobody waits for are tried, and who is told.
//!
//! A function, version or alias has one such configuration or none, so making it and changing it are the same call. The
//! id holds the function and the qualifier as the user wrote them.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::get_function_event_invoke_config::GetFunctionEventInvokeConfigOutput;
use aws_sdk_lambda::types;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Applied, Attr, Blocks, Change, Context, Diagnostic, Diagnostics, Failure, Path, Plan, Resource};

use crate::arn::{must_be_arn, resource_of_arn};
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing};
use crate::region;
use crate::wait::{PERMISSION_WINDOW, retry_while};

/// How events that nobody waits for are treated.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LambdaFunctionEventInvokeConfig {
    /// Who is told what became of an event.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    destination_config: Blocks<DestinationConfig>,
    /// The function, by name or ARN.
    #[schemars(extend("tf" = required().force_new().length(1..)))]
    function_name: Attr<String>,
    /// The function, and the qualifier behind a colon.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// How old an event may get, in seconds.
    #[schemars(extend("tf" = optional().zero_is_unset().range(60..=21_600)))]
    maximum_event_age_in_seconds: Attr<i64>,
    /// How often an event is tried again after the function failed on it.
    #[schemars(extend("tf" = optional().default(2).range(0..=2)))]
    maximum_retry_attempts: Attr<i64>,
    /// The version or alias that this is for.
    #[schemars(extend("tf" = optional().force_new().zero_is_unset().length(1..)))]
    qualifier: Attr<String>,
    /// The region of the function; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
}

/// Who is told what became of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct DestinationConfig {
    /// Who is told of an event that is given up.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    on_failure: Blocks<Destination>,
    /// Who is told of an event that went well.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    on_success: Blocks<Destination>,
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Destination {
    /// The ARN of a queue, topic, function, bucket or event bus.
    #[schemars(extend("tf" = required().check(must_be_arn())))]
    destination: Attr<String>,
}

impl Resource for LambdaFunctionEventInvokeConfig {
    const TYPE: &'static str = "aws_lambda_function_event_invoke_config";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        super::refuse_configured_id(&config.id)
    }

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        region::plan(cx.client(), plan, |config| &mut config.region)?;
        if plan.is_create() {
            plan.planned.id = plan.planned.expected_id();
        }
        Ok(())
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let id = planned.expected_id();
        let doing = format!("creating Lambda Function Event Invoke Config ({})", id.text());
        planned.put(cx, &doing).await?;
        let known = Self { id, ..planned };
        cx.save(&known);
        known.settled(cx).await
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        let (function, qualifier) = parse_id(state.id.text())?;
        let region = region::of_state(cx.client(), &state.region);
        let found = find(&cx.client().lambda(&region)?, function, qualifier).await;
        let doing = format!("reading Lambda Function Event Invoke Config ({})", state.id.text());
        let Some(found) = found.while_doing(&doing)? else { return Ok(None) };
        Ok(Some(Self {
            destination_config: destinations(found.destination_config, state.destination_config),
            function_name: function.into(),
            maximum_event_age_in_seconds: found.maximum_event_age_in_seconds.map(i64::from).into(),
            maximum_retry_attempts: found.maximum_retry_attempts.map(i64::from).into(),
            qualifier: qualifier.map(str::to_owned).into(),
            region,
            id: state.id.clone(),
        }))
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        let planned = change.planned;
        let doing = format!("updating Lambda Function Event Invoke Config ({})", planned.id.text());
        planned.put(cx, &doing).await?;
        planned.settled(cx).await
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        let (function, qualifier) = parse_id(state.id.text())?;
        let call = cx.client().lambda(&state.region)?.delete_function_event_invoke_config().function_name(function);
        match call.set_qualifier(qualifier.map(str::to_owned)).send().await.map_err(ApiError::from) {
            Err(error) if error.is("ResourceNotFoundException") => Ok(()),
            deleted => {
                let doing = format!("deleting Lambda Function Event Invoke Config ({})", state.id.text());
                Ok(deleted.map(drop).while_doing(&doing)?)
            }
        }
    }

    async fn import(cx: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        let (id, region) = region::of_import_id(cx.client(), id);
        parse_id(id)?;
        Ok(Self { id: id.into(), region, ..Self::default() })
    }
}

impl LambdaFunctionEventInvokeConfig {
    /// The id, as far as the arguments that make it up are known.
    fn expected_id(&self) -> Attr<String> {
        let Some(function) = self.function_name.as_str() else { return Attr::Unknown };
        match &self.qualifier {
            Attr::Unknown => Attr::Unknown,
            Attr::Known(qualifier) if !qualifier.is_empty() => format!("{function}:{qualifier}").into(),
            Attr::Known(_) | Attr::Null => function.into(),
        }
    }

    async fn put(&self, cx: &Context<Aws>, doing: &str) -> Result<(), Diagnostics> {
        let (function, qualifier) = (self.function_name.text(), self.qualifier.as_str());
        let lambda = cx.client().lambda(&self.region)?;
        let call = lambda.put_function_event_invoke_config().function_name(function);
        let call = call
            .set_qualifier(qualifier.filter(|text| !text.is_empty()).map(str::to_owned))
            .set_maximum_retry_attempts(int(&self.maximum_retry_attempts))
            .set_maximum_event_age_in_seconds(int(&self.maximum_event_age_in_seconds).filter(|&age| age != 0))
            .set_destination_config(self.destination_config.first().map(DestinationConfig::to_service));
        let put = retry_while(cx, PERMISSION_WINDOW, passes, || async { Ok(call.clone().send().await?) }).await;
        put.map(drop).map_err(|error| self.refused(&error, doing).into())
    }

    /// The state after a write.
    async fn settled(self, cx: &Context<Aws>) -> Applied<Self> {
        let id = self.id.text().to_owned();
        let Some(found) = Self::read(cx, self).await? else {
            return Err(Diagnostics::error(
                format!("reading Lambda Function Event Invoke Config ({id}): couldn't find resource"),
                "Something else removed the configuration meanwhile. Apply again to create it anew.",
            )
            .into());
        };
        Ok(found)
    }

    /// The diagnostic for a refused configuration, at the attribute the service complains about.
    fn refused(&self, error: &ApiError, doing: &str) -> Diagnostic {
        const MEMBERS: &[(&str, &str)] = &[
            ("functionName", "function_name"),
            ("qualifier", "qualifier"),
            ("maximumRetryAttempts", "maximum_retry_attempts"),
            ("maximumEventAgeInSeconds", "maximum_event_age_in_seconds"),
        ];
        let diagnostic = error.diagnostic_at(doing, MEMBERS);
        let is_about_destinations = error.message().to_ascii_lowercase().contains("destination");
        match (error.code(), self.destination_config.first()) {
            ("ResourceNotFoundException", _) => diagnostic.at("function_name"),
            ("InvalidParameterValueException", Some(block)) if is_about_destinations => {
                diagnostic.at(block.blamed(error.message()))
            }
            _ => diagnostic,
        }
    }
}

/// Whether a destination may become valid by itself: it, or the function's right to use it, is not known everywhere yet.
fn passes(error: &ApiError) -> bool {
    error.says("InvalidParameterValueException", &["destination ARN", "does not have permissions"])
}

fn int(attr: &Attr<i64>) -> Option<i32> {
    attr.known().and_then(|&number| i32::try_from(number).ok())
}

async fn find(
    lambda: &Client,
    function: &str,
    qualifier: Option<&str>,
) -> Result<Option<GetFunctionEventInvokeConfigOutput>, ApiError> {
    let call = lambda.get_function_event_invoke_config().function_name(function);
    match call.set_qualifier(qualifier.map(str::to_owned)).send().await.map_err(ApiError::from) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is("ResourceNotFoundException") => Ok(None),
        Err(error) => Err(error),
    }
}

/// The function and the qualifier in an id: `f`, `f:live`, or an ARN with or without a qualifier.
fn parse_id(id: &str) -> Result<(&str, Option<&str>), Diagnostics> {
    let wrong = |summary: String| Diagnostics::error(summary, "Write the ID as NAME, NAME:QUALIFIER or an ARN.");
    let resource = resource_of_arn(id);
    let named = resource.map_or(id, |resource| resource.strip_prefix("function:").unwrap_or(resource));
    match named.split(':').collect::<Vec<_>>().as_slice() {
        [name] if !name.is_empty() => Ok((id, None)),
        [name, qualifier] if !name.is_empty() && !qualifier.is_empty() => {
            Ok(id.rsplit_once(':').map_or((id, None), |(function, qualifier)| (function, Some(qualifier))))
        }
        _ if resource.is_some() => {
            Err(wrong(format!("unexpected format of function resource ({id}), expected name:qualifier")))
        }
        _ => Err(wrong(format!("unexpected format of ID ({id}), expected name or name:qualifier"))),
    }
}

impl DestinationConfig {
    /// Where the destination is that a message speaks of: the one whose ARN it names, else the first.
    fn blamed(&self, message: &str) -> Path {
        let blocks = [("on_failure", self.on_failure.first()), ("on_success", self.on_success.first())];
        let set = || blocks.into_iter().filter_map(|(kind, block)| Some((kind, block?)));
        let named = set().find(|(_, block)| message.contains(block.destination.text()));
        let at = Path::from("destination_config");
        match named.or_else(|| set().next()) {
            Some((kind, _)) => at.index(0).name(kind).index(0).name("destination"),
            None => at,
        }
    }

    fn to_service(&self) -> types::DestinationConfig {
        let failure = |block: &Destination| types::OnFailure::builder().destination(block.destination.text()).build();
        let success = |block: &Destination| types::OnSuccess::builder().destination(block.destination.text()).build();
        types::DestinationConfig::builder()
            .set_on_failure(self.on_failure.first().map(failure))
            .set_on_success(self.on_success.first().map(success))
            .build()
    }
}

/// The destinations that the service has. It answers with empty ones where there are none; a block of the user's that
/// names none stays.
fn destinations(
    found: Option<types::DestinationConfig>,
    stored: Blocks<DestinationConfig>,
) -> Blocks<DestinationConfig> {
    let block = |arn: Option<String>| -> Blocks<Destination> {
        arn.filter(|arn| !arn.is_empty()).map(|arn| Destination { destination: arn.into() }).into()
    };
    let (on_failure, on_success) = found.map_or((None, None), |found| {
        (found.on_failure.and_then(|to| to.destination), found.on_success.and_then(|to| to.destination))
    });
    let found = DestinationConfig { on_failure: block(on_failure), on_success: block(on_success) };
    if found != DestinationConfig::default() {
        return Blocks::one(found);
    }
    if stored.iter().all(|block| *block == found) { stored } else { Blocks::none() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_function_and_perhaps_a_qualifier() {
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
        let qualified = format!("{arn}:live");
        for (id, function, qualifier) in
            [("f", "f", None), ("f:live", "f", Some("live")), (arn, arn, None), (&qualified, arn, Some("live"))]
        {
            assert_eq!(parse_id(id), Ok((function, qualifier)));
        }
        for id in ["", "f:", ":live", "f:a:b", "arn:aws:lambda:us-east-1:000000000000:function:f:a:b"] {
            assert!(parse_id(id).is_err(), "{id}");
        }
    }

    #[test]
    fn a_message_blames_the_destination_that_it_names() {
        let to = |arn: &str| Blocks::one(Destination { destination: arn.into() });
        let both = DestinationConfig { on_failure: to("arn:aws:s3:::b"), on_success: to("arn:aws:sqs:r:1:q") };
        let path = |kind: &str| Path::from("destination_config").index(0).name(kind).index(0).name("destination");
        assert_eq!(both.blamed("The destination ARN arn:aws:sqs:r:1:q is invalid."), path("on_success"));
        assert_eq!(both.blamed("No destinations today."), path("on_failure"));
        let one = DestinationConfig { on_failure: Blocks::none(), ..both };
        assert_eq!(one.blamed("No destinations today."), path("on_success"));
    }

    #[test]
    fn empty_destinations_are_none() {
        let found = |failure: Option<&str>| {
            let on_failure = types::OnFailure::builder().set_destination(failure.map(str::to_owned)).build();
            let on_success = types::OnSuccess::builder().build();
            Some(types::DestinationConfig::builder().on_failure(on_failure).on_success(on_success).build())
        };
        let queue = || {
            let on_failure = Blocks::one(Destination { destination: "arn:q".into() });
            Blocks::one(DestinationConfig { on_failure, on_success: Blocks::none() })
        };
        let empty = || Blocks::one(DestinationConfig::default());
        assert_eq!(destinations(found(Some("arn:q")), Blocks::none()), queue());
        assert_eq!(destinations(found(None), Blocks::none()), Blocks::none());
        assert_eq!(destinations(found(None), queue()), Blocks::none());
        assert_eq!(destinations(found(None), empty()), empty());
        assert_eq!(destinations(None, queue()), Blocks::none());
    }
}
