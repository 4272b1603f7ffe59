//! UntagResource removes tags from a topic. It is no error if they are not there; tests are with TagResource.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use super::tag_resource::resource;
use super::{Nothing, RESOURCE_ARN};
use crate::error::Result;
use crate::service::Sns;
use crate::tag::TAG_KEY;
use crate::topic::Topic;

pub(super) struct UntagResource;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    resource_arn: String,
    tag_keys: Vec<String>,
}

impl Action<Sns> for UntagResource {
    const NAME: &'static str = "UntagResource";
    const INPUT: Structure =
        Structure::new("UntagResourceRequest", &[RESOURCE_ARN, Shape::list(&TAG_KEY).member("TagKeys").required()]);
    type Input = Input;
    type Output = Nothing;

    async fn run(sns: &Sns, call: &Call, input: Input) -> Result<Nothing> {
        let writing = sns.directory().write();
        let mut topic = Topic::clone(&*resource(sns, call, &input.resource_arn)?);
        topic.tags.retain(|key, _| !input.tag_keys.contains(key));
        writing.put_topic(topic)?;
        Ok(Nothing {})
    }
}
