//! GetProviderSchema: every schema at once. The first call of a process builds them.

use tfplugin::tfplugin6::get_provider_schema::{Request, Response};

use super::{CAPABILITIES, Service, get_functions, schema, wire};
use crate::diagnostics::Diagnostics;
use crate::provider::Provider;

pub(super) async fn answer<P: Provider>(service: &Service<P>, _: Request) -> Response {
    schemas(service).unwrap_or_else(|diagnostics| Response {
        server_capabilities: Some(CAPABILITIES),
        diagnostics: wire::diagnostics(diagnostics),
        ..Response::default()
    })
}

fn schemas<P: Provider>(service: &Service<P>) -> Result<Response, Diagnostics> {
    let schemas = service.registry.schemas().map_err(|e| wire::invalid_schema(&e))?;
    let message = |(name, schema): (&str, _)| (name.to_owned(), schema::message(schema));
    Ok(Response {
        provider: Some(schema::message(service.provider_schema()?)),
        resource_schemas: schemas.resources.into_iter().map(message).collect(),
        data_source_schemas: schemas.data_sources.into_iter().map(message).collect(),
        diagnostics: Vec::new(),
        provider_meta: None,
        server_capabilities: Some(CAPABILITIES),
        functions: get_functions::messages(service)?,
    })
}
