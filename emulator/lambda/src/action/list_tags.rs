//! ListTags: the tags of a function or a mapping.

use std::collections::BTreeMap;

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::{Deserialize, Serialize};

use super::shape;
use super::tagged::Tagged;
use crate::{Error, Lambda};

pub(crate) struct ListTags;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    resource: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    tags: BTreeMap<String, String>,
}

impl Action<Lambda> for ListTags {
    const NAME: &'static str = "ListTags";
    const INPUT: Structure = Structure::new("ListTagsRequest", &[shape::TAGGABLE.member("Resource").required()]);
    type Input = Input;
    type Output = Output;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Output, Error> {
        Ok(Output { tags: Tagged::parse(call, &input.resource)?.tags(service, call)? })
    }
}

impl Rest for ListTags {
    const HTTP: Http = Http::get("/2017-03-31/tags/{Resource}");
}
