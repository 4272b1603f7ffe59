//! TagResource: adds tags to a function or a mapping; a key that is there gets the new value.

use std::collections::BTreeMap;

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::Deserialize;

use super::shape;
use super::tagged::Tagged;
use crate::{Error, Lambda};

pub(crate) struct TagResource;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    resource: String,
    tags: BTreeMap<String, String>,
}

impl Action<Lambda> for TagResource {
    const NAME: &'static str = "TagResource";
    const INPUT: Structure = Structure::new(
        "TagResourceRequest",
        &[shape::TAGGABLE.member("Resource").required(), shape::TAGS.member("Tags").required()],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<(), Error> {
        let resource = Tagged::parse(call, &input.resource)?;
        resource.change_tags(service, call, move |tags| tags.extend(input.tags)).await
    }
}

impl Rest for TagResource {
    const HTTP: Http = Http::post("/2017-03-31/tags/{Resource}").status(204);
}
