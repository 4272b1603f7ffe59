//! ReadResource: what has become of an object since its state was stored.

use tfplugin::tfplugin6::read_resource::{Request, Response};

use super::{Service, identity, wire};
use crate::diagnostics::Diagnostics;
use crate::plan;
use crate::provider::Provider;

pub(super) async fn answer<P: Provider>(service: &Service<P>, request: Request) -> Response {
    let (state, private) = (request.current_state.clone(), request.private.clone());
    let identity = request.current_identity.clone();
    read(service, request).await.unwrap_or_else(|diagnostics| Response {
        new_state: state,
        private,
        new_identity: identity,
        diagnostics: wire::diagnostics(diagnostics),
        ..Response::default()
    })
}

async fn read<P: Provider>(service: &Service<P>, request: Request) -> Result<Response, Diagnostics> {
    let resource = service.resource(&request.type_name)?;
    let schema = resource.schema().map_err(wire::invalid_schema)?;
    let cx = service.context(request.private)?;
    let put_down = cx.put_down();
    let stored = wire::read(request.current_state, schema)?;
    let found = service.operations.run(resource.read(cx, stored.clone())).await??;
    let (new_state, new_identity) = match found {
        None => (wire::null(), None),
        Some(found) => {
            let found = plan::keep_spelling(schema, &stored, &found, &|c| resource.same(c));
            let identity = identity::of_state(service, resource.identity(), &found).await;
            (wire::write(found, schema)?, identity.or(request.current_identity))
        }
    };
    Ok(Response {
        new_state: Some(new_state),
        new_identity,
        private: put_down.private(),
        diagnostics: wire::diagnostics(put_down.take_warnings()),
        ..Response::default()
    })
}
