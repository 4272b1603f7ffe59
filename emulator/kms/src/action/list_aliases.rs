//! ListAliases: the aliases of a region, or of one key.

use std::sync::Arc;

use aws_wire::{Action, Call, EpochSeconds, Structure};
use serde::{Deserialize, Serialize};

use crate::alias::Alias;
use crate::error::Result;
use crate::page::page;
use crate::service::Kms;
use crate::shape;

pub(super) struct ListAliases;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: Option<String>,
    limit: Option<usize>,
    marker: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    aliases: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    truncated: bool,
}

/// An alias in the list.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Entry {
    alias_name: String,
    alias_arn: String,
    target_key_id: String,
    creation_date: EpochSeconds,
    last_updated_date: EpochSeconds,
}

impl Entry {
    fn of(alias: &Arc<Alias>) -> Self {
        Self {
            alias_name: alias.name.clone(),
            alias_arn: alias.arn(),
            target_key_id: alias.target.clone(),
            creation_date: alias.created,
            last_updated_date: alias.updated,
        }
    }
}

impl Action<Kms> for ListAliases {
    const NAME: &'static str = "ListAliases";
    const INPUT: Structure = Structure::new(
        "ListAliasesRequest",
        &[shape::KEY_ID.member("KeyId"), shape::LIMIT.member("Limit"), shape::MARKER.member("Marker")],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
        let world = &call.world;
        service.directory().enter(world)?;
        let target = input.key_id.map(|key| service.find(world, &key)).transpose()?;
        let mut aliases = service.directory().aliases(world);
        aliases.retain(|alias| target.as_ref().is_none_or(|target| target.id == alias.target));
        let page = page(aliases, |alias| &alias.name, input.limit, input.marker.as_deref(), 50)?;
        Ok(Output {
            aliases: page.items.iter().map(Entry::of).collect(),
            truncated: page.next_marker.is_some(),
            next_marker: page.next_marker,
        })
    }
}
