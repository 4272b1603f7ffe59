//! UpgradeResourceState: stored state, of whatever version, brought to the schema of today.
//!
//! Called for every resource in every walk, mostly with state that needs nothing but to be read.

use std::sync::Arc;

use tfplugin::tfplugin6::DynamicValue;
use tfplugin::tfplugin6::upgrade_resource_state::{Request, Response};

use super::{Service, wire};
use crate::diagnostics::Diagnostics;
use crate::provider::Provider;
use crate::value::{Value, from_json};

pub(super) async fn answer<P: Provider>(service: &Service<P>, request: Request) -> Response {
    match upgrade(service, request).await {
        Ok(state) => Response { upgraded_state: Some(state), diagnostics: Vec::new() },
        Err(diagnostics) => Response { upgraded_state: None, diagnostics: wire::diagnostics(diagnostics) },
    }
}

async fn upgrade<P: Provider>(service: &Service<P>, request: Request) -> Result<DynamicValue, Diagnostics> {
    let resource = Arc::clone(service.resource(&request.type_name)?);
    let schema = resource.schema().map_err(wire::invalid_schema)?;
    let json = request.raw_state.map(|raw| raw.json).unwrap_or_default();
    if json.is_empty() {
        return Err(Diagnostics::error(
            "State is too old",
            "It was written by Terraform 0.11 or earlier; let Terraform 0.12 rewrite it first.",
        ));
    }
    let heard = |state: &Value| {
        if let Some(id) = state.get("id").as_str() {
            service.intents.heard_of(&request.type_name, id);
        }
    };
    if request.version == schema.version {
        let state = wire::stored(&json, schema)?;
        heard(&state);
        return wire::write(state, schema);
    }
    let state = from_json(&json).map_err(|e| Diagnostics::error("State cannot be read", format!("{e}.")))?;
    let upgrading = Arc::clone(&resource);
    let version = request.version;
    let state = service.operations.run(async move { upgrading.upgrade(version, state) }).await??;
    heard(&state);
    wire::write(schema.with_later_defaults(state), schema)
}
