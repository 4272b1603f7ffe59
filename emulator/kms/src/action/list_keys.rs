//! ListKeys: the keys of a region, those that AWS manages among them.

use std::sync::Arc;

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::key::Key;
use crate::page::page;
use crate::service::Kms;
use crate::shape;

pub(super) struct ListKeys;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    limit: Option<usize>,
    marker: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    keys: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    truncated: bool,
}

/// A key in the list.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Entry {
    key_id: String,
    key_arn: String,
}

impl Action<Kms> for ListKeys {
    const NAME: &'static str = "ListKeys";
    const INPUT: Structure =
        Structure::new("ListKeysRequest", &[shape::LIMIT.member("Limit"), shape::MARKER.member("Marker")]);
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
        service.directory().enter(&call.world)?;
        let keys = service.directory().keys(&call.world);
        let page = page(keys, |key| &key.id, input.limit, input.marker.as_deref(), 100)?;
        let entry = |key: &Arc<Key>| Entry { key_id: key.id.clone(), key_arn: key.arn() };
        Ok(Output {
            keys: page.items.iter().map(entry).collect(),
            truncated: page.next_marker.is_some(),
            next_marker: page.next_marker,
        })
    }
}
