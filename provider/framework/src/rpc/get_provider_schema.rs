//! GetProviderSchema: every schema at once. The first call of a process derives them; a provider that has them ready
//! ([`Provider::SCHEMAS`]) is not asked.

use tfplugin::Message as _;
use tfplugin::tfplugin6::get_provider_schema::{Request, Response};

use super::{CAPABILITIES, Service, get_functions, schema, wire};
use crate::provider::Provider;
use crate::registry::Registry;
use crate::schema::{Schema, SchemaError, derive};

pub(super) async fn answer<P: Provider>(service: &Service<P>, _: Request) -> Response {
    let derived = service.provider.schema().map_err(|e| e.within("provider"));
    derived.and_then(|provider| response(provider, &service.registry)).unwrap_or_else(|error| Response {
        server_capabilities: Some(CAPABILITIES),
        diagnostics: wire::diagnostics(wire::invalid_schema(&error)),
        ..Response::default()
    })
}

/// The answer of the provider `P` in bytes, for its [`Provider::SCHEMAS`]. Equal schemas are equal bytes.
pub fn schemas_ahead<P: Provider>() -> Result<Vec<u8>, SchemaError> {
    let provider = derive::<P>(0).map_err(|e| e.within("provider"))?;
    Ok(response(&provider, &P::registry())?.encode_to_vec())
}

fn response<C: Send + Sync + 'static>(provider: &Schema, registry: &Registry<C>) -> Result<Response, SchemaError> {
    let schemas = registry.schemas()?;
    let message = |(name, schema): (&str, _)| (name.to_owned(), schema::message(schema));
    Ok(Response {
        provider: Some(schema::message(provider)),
        resource_schemas: schemas.resources.into_iter().map(message).collect(),
        data_source_schemas: schemas.data_sources.into_iter().map(message).collect(),
        diagnostics: Vec::new(),
        provider_meta: None,
        server_capabilities: Some(CAPABILITIES),
        functions: get_functions::messages(registry)?,
    })
}
