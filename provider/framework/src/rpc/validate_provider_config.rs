//! ValidateProviderConfig: the provider block against its schema, then the author's checks.

use tfplugin::tfplugin6::validate_provider_config::{Request, Response};

use super::{Service, wire};
use crate::diagnostics::Diagnostics;
use crate::provider::Provider;
use crate::registry::model;
use crate::validate;

pub(super) async fn answer<P: Provider>(service: &Service<P>, request: Request) -> Response {
    let diagnostics = check(service, request).await.unwrap_or_else(|e| e);
    Response { diagnostics: wire::diagnostics(diagnostics) }
}

async fn check<P: Provider>(service: &Service<P>, request: Request) -> Result<Diagnostics, Diagnostics> {
    let schema = service.provider_schema()?;
    let config = wire::read(request.config, schema)?;
    let mut diagnostics = validate::configuration(&schema.block, &config);
    if !diagnostics.has_errors() {
        let config = model::<P>(&config)?;
        diagnostics.append(service.operations.run(async move { P::validate(&config) }).await?);
    }
    Ok(diagnostics)
}
