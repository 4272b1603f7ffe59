//! ImportResourceState: an id becomes a first state. Terraform reads the object next.

use tfplugin::tfplugin6::import_resource_state::{ImportedResource, Request, Response};

use super::{Service, wire};
use crate::diagnostics::Diagnostics;
use crate::provider::Provider;

pub(super) async fn answer<P: Provider>(service: &Service<P>, request: Request) -> Response {
    import(service, request)
        .await
        .unwrap_or_else(|diagnostics| Response { diagnostics: wire::diagnostics(diagnostics), ..Response::default() })
}

async fn import<P: Provider>(service: &Service<P>, request: Request) -> Result<Response, Diagnostics> {
    let resource = service.resource(&request.type_name)?;
    let schema = resource.schema().map_err(wire::invalid_schema)?;
    let cx = service.context(Vec::new())?;
    let put_down = cx.put_down();
    let state = service.operations.run(resource.import(cx, request.id)).await??;
    let imported = ImportedResource {
        type_name: request.type_name.clone(),
        state: Some(wire::write(state.with_unknowns_as_null(), schema)?),
        private: put_down.private(),
        identity: None,
    };
    let diagnostics = wire::diagnostics(put_down.take_warnings());
    Ok(Response { imported_resources: vec![imported], diagnostics, ..Response::default() })
}
