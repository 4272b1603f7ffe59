//! ReadDataSource: what a data block asks for.

use tfplugin::tfplugin6::read_data_source::{Request, Response};

use super::{Service, wire};
use crate::diagnostics::Diagnostics;
use crate::provider::Provider;

pub(super) async fn answer<P: Provider>(service: &Service<P>, request: Request) -> Response {
    read(service, request)
        .await
        .unwrap_or_else(|diagnostics| Response { diagnostics: wire::diagnostics(diagnostics), ..Response::default() })
}

async fn read<P: Provider>(service: &Service<P>, request: Request) -> Result<Response, Diagnostics> {
    let source = service.data_source(&request.type_name)?;
    let schema = source.schema().map_err(wire::invalid_schema)?;
    let cx = service.context(Vec::new())?;
    let put_down = cx.put_down();
    let config = schema.with_defaults(wire::read(request.config, schema)?);
    let state = service.operations.run(source.read(cx, config)).await??;
    let diagnostics = wire::diagnostics(put_down.take_warnings());
    Ok(Response { state: Some(wire::write(state, schema)?), diagnostics, ..Response::default() })
}
