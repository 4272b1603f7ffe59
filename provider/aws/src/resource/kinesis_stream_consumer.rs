//! `aws_kinesis_stream_consumer`: an enhanced fan-out consumer, registered with a stream.
//!
//! Only its tags can change; anything else is another consumer. Invariant: from the moment the service registered it,
//! its ARN is in the state.

use std::time::Duration;

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::types::ConsumerDescription;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Applied, Attr, Change, Context, Diagnostics, Failure, Identity, Plan, Resource};

use crate::arn::must_be_arn;
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing};
use crate::resource::refuse_configured_id;
use crate::tags::{TagChange, Tags, TagsRead};
use crate::wait::{Seen, Wait};
use crate::{identity, region, rfc3339};

/// The resource has no `timeouts` block.
const TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// A consumer with its own throughput from every shard of a stream (enhanced fan-out).
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KinesisStreamConsumer {
    /// The ARN of the consumer.
    #[schemars(extend("tf" = optional_computed()))]
    pub(crate) id: Attr<String>,
    /// The ARN of the consumer.
    #[schemars(extend("tf" = computed()))]
    pub(crate) arn: Attr<String>,
    /// When the consumer was registered, as an RFC 3339 timestamp.
    #[schemars(extend("tf" = computed()))]
    pub(crate) creation_timestamp: Attr<String>,
    /// The name, unique among the consumers of the stream.
    #[schemars(extend("tf" = required().force_new()))]
    pub(crate) name: Attr<String>,
    /// The region of the consumer; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    pub(crate) region: Attr<String>,
    /// The ARN of the stream to read.
    #[schemars(extend("tf" = required().force_new().check(must_be_arn())))]
    pub(crate) stream_arn: Attr<String>,
    /// Tags of the consumer.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) tags: Attr<Tags>,
    /// Tags of the consumer, those of the provider's `default_tags` included.
    #[schemars(extend("tf" = optional_computed()))]
    pub(crate) tags_all: Attr<Tags>,
}

impl Resource for KinesisStreamConsumer {
    const TYPE: &'static str = "aws_kinesis_stream_consumer";
    const IDENTITY: Option<Identity> = Some(identity::arn(&["arn"]));
    const IMPORT_ID: &'static str = "{arn}";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        refuse_configured_id(&config.id)
    }

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        region::plan(cx.client(), plan, |consumer| &mut consumer.region)?;
        cx.client().tags().plan(plan, |consumer| (&mut consumer.tags, &mut consumer.tags_all));
        Ok(())
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let (kinesis, name) = (client(cx, &planned)?, planned.name.text());
        let tags = cx.client().tags().merged(&planned.tags);
        let registered = kinesis
            .register_stream_consumer()
            .consumer_name(name)
            .stream_arn(planned.stream_arn.text())
            .set_tags((!tags.is_empty()).then(|| tags.into_iter().collect()))
            .send()
            .await
            .map_err(|error| {
                let error = ApiError::from(error);
                let diagnostic = error.diagnostic_at(&format!("creating Kinesis Stream Consumer ({name})"), MEMBERS);
                Diagnostics::from(match error.code() {
                    "ResourceInUseException" => diagnostic.at("name"),
                    "ResourceNotFoundException" => diagnostic.at("stream_arn"),
                    _ => diagnostic,
                })
            })?;
        let arn = registered.consumer.map(|consumer| consumer.consumer_arn).unwrap_or_default();
        let known = Self { id: arn.clone().into(), arn: arn.clone().into(), ..planned };
        cx.save(&known);

        let doing = format!("waiting for Kinesis Stream Consumer ({arn}) create");
        let wait = Wait { doing: &doing, pending: &["CREATING"], target: &["ACTIVE"], timeout: TIMEOUT };
        wait.until(cx, || known.look(&kinesis)).await?;
        let (tags, tags_all) = (known.tags.clone(), known.tags_all.clone());
        let found = Self::read(cx, known).await?.ok_or_else(|| vanished(&arn))?;
        Ok(found.with_planned_tags(tags, tags_all))
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        let (kinesis, arn) = (client(cx, &state)?, state.id.text());
        let found = state.describe(&kinesis).await.while_doing(&format!("reading Kinesis Stream Consumer ({arn})"))?;
        let Some(found) = found else { return Ok(None) };
        let tags = kinesis.list_tags_for_resource().resource_arn(arn).send().await;
        let tags = tags.while_doing(&format!("listing tags for Kinesis Stream Consumer ({arn})"))?.tags;
        let tags = tags.into_iter().flatten().map(|tag| (tag.key, tag.value.unwrap_or_default()));
        let tags = cx.client().tags().read(tags, &state.tags, &state.tags_all);
        Ok(Some(observed(found, tags, region::of_state(cx.client(), &state.region))))
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        let Change { prior, planned, .. } = change;
        prior.change_tags(cx, &planned).await?;
        let stored = Self { tags: planned.tags.clone(), ..prior };
        let arn = stored.id.text().to_owned();
        let found = Self::read(cx, stored).await?.ok_or_else(|| vanished(&arn))?;
        Ok(found.with_planned_tags(planned.tags, planned.tags_all))
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        let (kinesis, arn) = (client(cx, &state)?, state.id.text());
        let asked = kinesis.deregister_stream_consumer().consumer_arn(arn).send().await;
        match asked.map_err(ApiError::from) {
            Err(error) if error.is("ResourceNotFoundException") => return Ok(()),
            asked => asked.while_doing(&format!("deleting Kinesis Stream Consumer ({arn})"))?,
        };
        let doing = format!("waiting for Kinesis Stream Consumer ({arn}) delete");
        let wait = Wait { doing: &doing, pending: &["DELETING"], target: &[], timeout: TIMEOUT };
        wait.until(cx, || state.look(&kinesis)).await?;
        Ok(())
    }

    async fn import(_: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        let example = "Give the consumer's ARN, like arn:aws:kinesis:REGION:ACCOUNT:stream/STREAM/consumer/NAME:SECONDS; \
                       `aws kinesis list-stream-consumers` shows it.";
        let (arn, region) = region::of_import_arn(id, "a consumer", example)?;
        let tags = Tags::new().into();
        Ok(Self { id: arn.into(), arn: arn.into(), region: region.into(), tags, ..Self::default() })
    }
}

impl KinesisStreamConsumer {
    async fn describe(&self, kinesis: &Client) -> Result<Option<ConsumerDescription>, ApiError> {
        let call = kinesis.describe_stream_consumer().consumer_arn(self.id.text());
        match call.send().await.map_err(ApiError::from) {
            Ok(answer) => Ok(answer.consumer_description),
            Err(error) if error.is("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn look(&self, kinesis: &Client) -> Result<Seen<()>, ApiError> {
        let found = self.describe(kinesis).await?;
        Ok(found.map_or(Seen::Gone, |found| Seen::In(found.consumer_status.as_str().to_owned(), ())))
    }

    async fn change_tags(&self, cx: &Context<Aws>, planned: &Self) -> Result<(), Diagnostics> {
        let old = self.tags_all.clone().unwrap_or_default();
        let new = cx.client().tags().merged(&planned.tags);
        let Some(TagChange { removed, set }) = TagChange::between(&old, &new) else { return Ok(()) };
        let (kinesis, arn) = (client(cx, self)?, self.id.text());
        if !removed.is_empty() {
            let call = kinesis.untag_resource().resource_arn(arn).set_tag_keys(Some(removed));
            call.send().await.while_doing(&format!("untagging Kinesis Stream Consumer ({arn})"))?;
        }
        if !set.is_empty() {
            let call = kinesis.tag_resource().resource_arn(arn).set_tags(Some(set.into_iter().collect()));
            call.send().await.while_doing(&format!("tagging Kinesis Stream Consumer ({arn})"))?;
        }
        Ok(())
    }

    /// After an apply Terraform wants to see the tags that were planned; drift is for the next read.
    fn with_planned_tags(self, tags: Attr<Tags>, tags_all: Attr<Tags>) -> Self {
        Self { tags, tags_all: if tags_all.is_unknown() { self.tags_all } else { tags_all }, ..self }
    }
}

/// The names of RegisterStreamConsumer's members in our words.
const MEMBERS: &[(&str, &str)] = &[("consumerName", "name"), ("streamARN", "stream_arn"), ("tags", "tags")];

fn client(cx: &Context<Aws>, consumer: &KinesisStreamConsumer) -> Result<Client, Diagnostics> {
    cx.client().kinesis(&consumer.region)
}

/// What the service says, as state.
fn observed(found: ConsumerDescription, tags: TagsRead, region: Attr<String>) -> KinesisStreamConsumer {
    KinesisStreamConsumer {
        id: found.consumer_arn.clone().into(),
        arn: found.consumer_arn.into(),
        creation_timestamp: rfc3339::of(&found.consumer_creation_timestamp).into(),
        name: found.consumer_name.into(),
        region,
        stream_arn: found.stream_arn.into(),
        tags: tags.tags,
        tags_all: tags.tags_all,
    }
}

fn vanished(arn: &str) -> Diagnostics {
    Diagnostics::error(
        format!("reading Kinesis Stream Consumer ({arn}): couldn't find resource"),
        "Somebody else removed the consumer meanwhile. Apply again to register it anew.",
    )
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;

    use super::*;

    #[test]
    fn a_description_becomes_state() {
        let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/demo/consumer/efo:1700000000";
        let found = ConsumerDescription::builder()
            .consumer_name("efo")
            .consumer_arn(arn)
            .consumer_status("ACTIVE".into())
            .consumer_creation_timestamp(DateTime::from_millis(1_700_000_000_500))
            .stream_arn("arn:aws:kinesis:us-east-1:000000000000:stream/demo")
            .build()
            .unwrap();
        let tags = TagsRead { tags: Attr::Null, tags_all: Tags::new().into() };
        let consumer = observed(found, tags, "us-east-1".into());
        assert_eq!((consumer.id.text(), consumer.arn.text()), (arn, arn));
        assert_eq!(consumer.creation_timestamp.text(), "2023-11-14T22:13:20Z");
        assert_eq!(consumer.stream_arn.text(), "arn:aws:kinesis:us-east-1:000000000000:stream/demo");
    }

    #[test]
    fn after_an_apply_the_planned_tags_stand() {
        let tag = |key: &str| Attr::Known(Tags::from([(key.to_owned(), "1".to_owned())]));
        let found = KinesisStreamConsumer { tags_all: tag("found"), ..KinesisStreamConsumer::default() };
        let applied = found.clone().with_planned_tags(tag("own"), Attr::Unknown);
        assert_eq!((applied.tags, applied.tags_all), (tag("own"), tag("found")));
        assert_eq!(found.with_planned_tags(Attr::Null, tag("all")).tags_all, tag("all"));
    }
}
