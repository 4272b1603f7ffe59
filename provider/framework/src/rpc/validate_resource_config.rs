//! ValidateResourceConfig: a resource block against its schema, then the author's checks.

use std::sync::Arc;

use tfplugin::tfplugin6::validate_resource_config::{Request, Response};

use super::{Service, wire};
use crate::diagnostics::Diagnostics;
use crate::provider::Provider;
use crate::validate;

pub(super) async fn answer<P: Provider>(service: &Service<P>, request: Request) -> Response {
    let diagnostics = check(service, request).await.unwrap_or_else(|e| e);
    Response { diagnostics: wire::diagnostics(diagnostics) }
}

async fn check<P: Provider>(service: &Service<P>, request: Request) -> Result<Diagnostics, Diagnostics> {
    let resource = service.resource(&request.type_name)?;
    let schema = resource.schema().map_err(wire::invalid_schema)?;
    let config = wire::read(request.config, schema)?;
    let mut diagnostics = validate::configuration(&schema.block, &config);
    if !request.client_capabilities.is_some_and(|host| host.write_only_attributes_allowed) {
        diagnostics.append(validate::no_write_only(&schema.block, &config));
    }
    if !diagnostics.has_errors() {
        let resource = Arc::clone(resource);
        diagnostics.append(service.operations.run(async move { resource.validate(&config) }).await?);
    }
    Ok(diagnostics)
}
