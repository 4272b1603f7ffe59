//! UntagResource: takes tags off a function or a mapping; keys that are not there are no error.

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::Deserialize;

use super::shape;
use super::tagged::Tagged;
use crate::{Error, Lambda};

pub(crate) struct UntagResource;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    resource: String,
    tag_keys: Vec<String>,
}

impl Action<Lambda> for UntagResource {
    const NAME: &'static str = "UntagResource";
    const INPUT: Structure = Structure::new(
        "UntagResourceRequest",
        &[shape::TAGGABLE.member("Resource").required(), shape::TAG_KEYS.member("TagKeys").required()],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<(), Error> {
        let resource = Tagged::parse(call, &input.resource)?;
        resource.change_tags(service, call, move |tags| tags.retain(|key, _| !input.tag_keys.contains(key))).await
    }
}

impl Rest for UntagResource {
    const HTTP: Http = Http::delete("/2017-03-31/tags/{Resource}").status(204).query(&[("tagKeys", "TagKeys")]);
}
