//! ListResourceTags: the tags of a key, by name.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::page::page;
use crate::service::Kms;
use crate::shape;
use crate::tag::{self, Tag};

pub(super) struct ListResourceTags;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    limit: Option<usize>,
    marker: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    tags: Vec<Tag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    truncated: bool,
}

impl Action<Kms> for ListResourceTags {
    const NAME: &'static str = "ListResourceTags";
    const INPUT: Structure = Structure::new(
        "ListResourceTagsRequest",
        &[shape::KEY_ID.member("KeyId").required(), shape::LIMIT.member("Limit"), shape::MARKER.member("Marker")],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
        let key = service.find(&call.world, &input.key_id)?;
        let page = page(tag::all(&key.tags), Tag::key, input.limit, input.marker.as_deref(), 50)?;
        Ok(Output { truncated: page.next_marker.is_some(), tags: page.items, next_marker: page.next_marker })
    }
}
