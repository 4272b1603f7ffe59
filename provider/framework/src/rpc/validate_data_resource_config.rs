//! ValidateDataResourceConfig: a data block against its schema, then the author's checks.

use std::sync::Arc;

use tfplugin::tfplugin6::validate_data_resource_config::{Request, Response};

use super::{Service, wire};
use crate::diagnostics::Diagnostics;
use crate::provider::Provider;
use crate::validate;

pub(super) async fn answer<P: Provider>(service: &Service<P>, request: Request) -> Response {
    let diagnostics = check(service, request).await.unwrap_or_else(|e| e);
    Response { diagnostics: wire::diagnostics(diagnostics) }
}

async fn check<P: Provider>(service: &Service<P>, request: Request) -> Result<Diagnostics, Diagnostics> {
    let source = service.data_source(&request.type_name)?;
    let schema = source.schema().map_err(wire::invalid_schema)?;
    let config = wire::read(request.config, schema)?;
    let mut diagnostics = validate::configuration(&schema.block, &config);
    if !diagnostics.has_errors() {
        let source = Arc::clone(source);
        diagnostics.append(service.operations.run(async move { source.validate(&config) }).await?);
    }
    Ok(diagnostics)
}
