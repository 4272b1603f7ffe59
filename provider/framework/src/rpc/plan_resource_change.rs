//! PlanResourceChange: the state to reach, and whether the object must be replaced to get there.

use std::sync::Arc;

use tfplugin::tfplugin6::plan_resource_change::{Request, Response};

use super::{Service, wire};
use crate::diagnostics::Diagnostics;
use crate::plan;
use crate::provider::Provider;

pub(super) async fn answer<P: Provider>(service: &Service<P>, request: Request) -> Response {
    make(service, request)
        .await
        .unwrap_or_else(|diagnostics| Response { diagnostics: wire::diagnostics(diagnostics), ..Response::default() })
}

async fn make<P: Provider>(service: &Service<P>, request: Request) -> Result<Response, Diagnostics> {
    let resource = Arc::clone(service.resource(&request.type_name)?);
    let schema = resource.schema().map_err(wire::invalid_schema)?;
    let proposed = wire::read(request.proposed_new_state, schema)?;
    if proposed.is_null() {
        // A destroy has nothing to decide.
        let planned_private = request.prior_private;
        return Ok(Response { planned_state: Some(wire::null()), planned_private, ..Response::default() });
    }
    let prior = wire::read(request.prior_state, schema)?;
    // An update changes no identity. What a create will be called is told when it is.
    let planned_identity = request.prior_identity.filter(|_| !prior.is_null());
    let config = wire::read(request.config, schema)?;
    let cx = service.context(request.prior_private)?;
    let put_down = cx.put_down();
    let draft = plan::draft(schema, (!prior.is_null()).then_some(prior), config, &|c| resource.same(c));
    let refined = service.operations.run(resource.plan(cx, draft.clone())).await??;
    let mut planned = plan::finish(schema, draft, refined).map_err(|e| {
        Diagnostics::error("Provider made an unusable plan", format!("This is a bug in the provider: {e}."))
    })?;
    planned.diagnostics.append(put_down.take_warnings());
    Ok(Response {
        planned_state: Some(wire::write(planned.state, schema)?),
        requires_replace: planned.replace.iter().map(wire::path).collect(),
        planned_private: put_down.private(),
        planned_identity,
        // The protocol has no computed blocks before 6.11, and a host refuses a plan with a block that is not configured. This
        // keeps it from doing so. Nothing else gets past: the plan was held against the host's own rules, in `plan::rules`.
        legacy_type_system: schema.block.has_computed_blocks(),
        diagnostics: wire::diagnostics(planned.diagnostics),
        ..Response::default()
    })
}
