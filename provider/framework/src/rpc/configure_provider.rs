//! ConfigureProvider: the provider block becomes the client that every operation gets.

use tfplugin::tfplugin6::DynamicValue;
use tfplugin::tfplugin6::configure_provider::{Request, Response};

use super::{Service, wire};
use crate::diagnostics::Diagnostics;
use crate::provider::{Host, Provider};
use crate::registry::model;

pub(super) async fn answer<P: Provider>(service: &Service<P>, request: Request) -> Response {
    let host = Host::new(request.terraform_version);
    let mut diagnostics = configure(service, request.config, host.clone()).await.err().unwrap_or_default();
    diagnostics.append(host.take_warnings());
    Response { diagnostics: wire::diagnostics(diagnostics) }
}

async fn configure<P: Provider>(
    service: &Service<P>,
    config: Option<DynamicValue>,
    host: Host,
) -> Result<(), Diagnostics> {
    let schema = service.provider_schema()?;
    let config = schema.with_defaults(wire::read(config, schema)?);
    let config = model::<P>(&config)?;
    let client = service.operations.run(async move { P::configure(config, &host).await }).await??;
    service.configure(client);
    Ok(())
}
