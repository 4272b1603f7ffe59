//! ApplyResourceChange: create, update or delete.
//!
//! Whatever happens, the answer holds the best known state: an object that exists is never forgotten.

use std::sync::Arc;

use tfplugin::tfplugin6::apply_resource_change::{Request, Response};

use super::{Service, wire};
use crate::context::Context;
use crate::diagnostics::Diagnostics;
use crate::plan;
use crate::provider::Provider;
use crate::registry::AnyResource;
use crate::resource::{Change, Failure};
use crate::schema::Schema;
use crate::value::Value;

pub(super) async fn answer<P: Provider>(service: &Service<P>, request: Request) -> Response {
    // Should nothing at all be known of the outcome, then what was there before is still there.
    let (state, private) = (request.prior_state.clone(), request.planned_private.clone());
    apply(service, request).await.unwrap_or_else(|diagnostics| Response {
        new_state: state,
        private,
        diagnostics: wire::diagnostics(diagnostics),
        ..Response::default()
    })
}

async fn apply<P: Provider>(service: &Service<P>, request: Request) -> Result<Response, Diagnostics> {
    let resource = service.resource(&request.type_name)?;
    let schema = resource.schema().map_err(wire::invalid_schema)?;
    let prior = wire::read(request.prior_state, schema)?;
    let planned = wire::read(request.planned_state, schema)?;
    let config = wire::read(request.config, schema)?;
    let cx = service.context(request.planned_private)?;
    let put_down = cx.put_down();

    let change = Change { prior, planned, config };
    let planned = change.planned.clone();
    let (state, mut diagnostics) = match carry_out(service, resource, cx, change.clone()).await {
        Ok(state) => accept(schema, &change, state, &**resource),
        Err(failure) => {
            let state = failure.state.map(|state| *state).or_else(|| put_down.take_saved()).unwrap_or(change.prior);
            (state.with_unknowns_as_null(), failure.diagnostics)
        }
    };
    diagnostics.append(put_down.take_warnings());
    let new_state = wire::write(state, schema).or_else(|mistake| {
        // Made, but not told in the words of the schema: what was planned is the best that is known.
        diagnostics.append(mistake);
        wire::write(planned.with_unknowns_as_null(), schema)
    })?;
    Ok(Response {
        new_state: Some(new_state),
        private: put_down.private(),
        diagnostics: wire::diagnostics(diagnostics),
        ..Response::default()
    })
}

async fn carry_out<P: Provider>(
    service: &Service<P>,
    resource: &Arc<dyn AnyResource<P::Client>>,
    cx: Arc<Context<P::Client>>,
    change: Change<Value>,
) -> Result<Value, Failure<Value>> {
    let operations = &service.operations;
    if change.planned.is_null() {
        let () = operations.run(resource.delete(cx, change.prior)).await??;
        return Ok(Value::Null);
    }
    if !change.prior.is_null() {
        return operations.run(resource.update(cx, change)).await?;
    }
    let put_down = cx.put_down();
    let planned = change.planned.clone();
    operations.run(resource.create(cx, change.planned, change.config)).await.unwrap_or_else(|diagnostics| {
        // A crash in the middle of a create: the object may well exist, and the next read finds out.
        Err(Failure::leaving(put_down.take_saved().unwrap_or(planned), diagnostics))
    })
}

/// A successful outcome in the form that Terraform accepts.
fn accept<C>(
    schema: &Schema,
    change: &Change<Value>,
    state: Value,
    resource: &dyn AnyResource<C>,
) -> (Value, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    if !state.is_wholly_known() {
        diagnostics = Diagnostics::error(
            "Provider left values unknown",
            "This is a bug in the provider: after apply every value must be known. The object was stored without them.",
        );
    }
    let state = state.with_unknowns_as_null();
    let state = plan::keep_spelling(schema, &change.planned, &state, &|c| resource.same(c));
    (state, diagnostics)
}
