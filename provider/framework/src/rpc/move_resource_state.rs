//! MoveResourceState: a `moved` block hands over the state of another resource type.

use std::sync::Arc;

use tfplugin::tfplugin6::move_resource_state::{Request, Response};

use super::{Service, wire};
use crate::diagnostics::Diagnostics;
use crate::provider::Provider;
use crate::resource::MoveSource;
use crate::value::from_json;

pub(super) async fn answer<P: Provider>(service: &Service<P>, request: Request) -> Response {
    take_over(service, request)
        .await
        .unwrap_or_else(|diagnostics| Response { diagnostics: wire::diagnostics(diagnostics), ..Response::default() })
}

async fn take_over<P: Provider>(service: &Service<P>, request: Request) -> Result<Response, Diagnostics> {
    let resource = Arc::clone(service.resource(&request.target_type_name)?);
    let schema = resource.schema().map_err(wire::invalid_schema)?;
    let json = request.source_state.map(|raw| raw.json).unwrap_or_default();
    let state = from_json(&json).map_err(|e| Diagnostics::error("State cannot be read", format!("{e}.")))?;
    let refusal = Diagnostics::error(
        "Unable to move resource state",
        format!("{} cannot take over the state of {}.", request.target_type_name, request.source_type_name),
    );
    let (target, newest) = (Arc::clone(&resource), schema.version);
    let moved = service
        .operations
        .run(async move {
            let (version, is_same_type) =
                (request.source_schema_version, request.source_type_name == request.target_type_name);
            let moved = target.move_from(&MoveSource {
                provider_address: &request.source_provider_address,
                type_name: &request.source_type_name,
                version,
                state: &state,
            });
            match moved {
                // The same type of another provider: hashicorp's and ours have the same schemas.
                None if is_same_type && version == newest => Some(Ok(state)),
                None if is_same_type && version < newest => Some(target.upgrade(version, state)),
                moved => moved,
            }
        })
        .await?;
    Ok(Response {
        target_state: Some(wire::write(schema.with_later_defaults(moved.ok_or(refusal)??), schema)?),
        target_private: request.source_private,
        ..Response::default()
    })
}
