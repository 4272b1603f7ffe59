//! ApplyResourceChange: create, update or delete.
//!
//! Whatever happens, the answer holds the best known state: an object that exists is never forgotten.

use std::sync::Arc;

use tfplugin::tfplugin6::apply_resource_change::{Request, Response};

use super::{Service, identity, wire};
use crate::context::Context;
use crate::diagnostics::Diagnostics;
use crate::intent::{Intent, Subject};
use crate::plan;
use crate::provider::Provider;
use crate::registry::AnyResource;
use crate::resource::{Applied, Change, Failure};
use crate::schema::Schema;
use crate::value::Value;

pub(super) async fn answer<P: Provider>(service: &Service<P>, request: Request) -> Response {
    // Should nothing at all be known of the outcome, then what was there before is still there.
    let (state, private) = (request.prior_state.clone(), request.planned_private.clone());
    let identity = request.planned_identity.clone();
    apply(service, request).await.unwrap_or_else(|diagnostics| Response {
        new_state: state,
        private,
        new_identity: identity,
        diagnostics: wire::diagnostics(diagnostics),
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
    let (state, mut diagnostics) = match carry_out(service, &request.type_name, resource, cx, change.clone()).await {
        Ok(state) => accept(schema, &change, state, &**resource),
        Err(failure) => {
            let state = failure.state.map(|state| *state).or_else(|| put_down.take_saved()).unwrap_or(change.prior);
            (state.with_unknowns_as_null(), failure.diagnostics)
        }
    };
    diagnostics.append(put_down.take_warnings());
    let new_identity = match state.is_null() {
        true => None,
        false => identity::of_state(service, resource.identity(), &state).await.or(request.planned_identity),
    };
    let new_state = wire::write(state, schema).or_else(|mistake| {
        // Made, but not told in the words of the schema: what was planned is the best that is known.
        diagnostics.append(mistake);
        wire::write(planned.with_unknowns_as_null(), schema)
    })?;
    Ok(Response {
        new_state: Some(new_state),
        private: put_down.private(),
        new_identity,
        diagnostics: wire::diagnostics(diagnostics),
    })
}

async fn carry_out<P: Provider>(
    service: &Service<P>,
    type_name: &str,
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
    let schema = resource.schema().map_err(wire::invalid_schema)?;
    let subject = Subject::of(type_name, schema, &change.planned);
    let intent = service.intents.begin(subject.clone());
    let created = create(service, resource, &cx, &change, &intent).await;
    let left = created.as_ref().map_or_else(|failure| failure.state.as_deref(), Some);
    let (true, Some(left)) = (intent.differs(), left) else { return created };
    // It may have been made to an earlier plan, which is as good as tainted.
    let left = left.clone().with_unknowns_as_null();
    operations.run(resource.delete(Arc::clone(&cx), left.clone())).await?.map_err(|failure| match failure.state {
        Some(_) => failure,
        None => Failure::leaving(left, failure.diagnostics),
    })?;
    intent.remove();
    let intent = service.intents.begin(subject);
    create(service, resource, &cx, &change, &intent).await
}

/// Creates once. The note of it stays until Terraform has heard of what was made.
async fn create<P: Provider>(
    service: &Service<P>,
    resource: &Arc<dyn AnyResource<P::Client>>,
    cx: &Arc<Context<P::Client>>,
    change: &Change<Value>,
    intent: &Arc<Intent>,
) -> Applied<Value> {
    let work = resource.create(Arc::clone(cx), change.planned.clone(), change.config.clone());
    let scoped = Arc::clone(intent);
    let saved = cx.put_down();
    let created = service.operations.run(async move { scoped.scope(work).await }).await;
    let created = created.unwrap_or_else(|diagnostics| {
        // A crash in the middle of a create: the object may well exist, and the next read finds out.
        Err(Failure::leaving(saved.take_saved().unwrap_or_else(|| change.planned.clone()), diagnostics))
    });
    let created = created.map_err(|failure| match saved.take_saved() {
        Some(saved) if failure.state.is_none() => Failure::leaving(saved, failure.diagnostics),
        _ => failure,
    });
    match created.as_ref().map_or_else(|failure| failure.state.as_deref(), Some) {
        Some(made) => service.intents.made(Arc::clone(intent), made.get("id").as_str()),
        None => service.intents.failed(intent),
    }
    created
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
