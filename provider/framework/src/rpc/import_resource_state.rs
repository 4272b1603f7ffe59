//! ImportResourceState: an id, or an identity, becomes a first state. Terraform reads the object next.

use tfplugin::tfplugin6::import_resource_state::{ImportedResource, Request, Response};
use tfplugin::tfplugin6::{DynamicValue, ResourceIdentityData};

use super::{Service, identity, wire};
use crate::diagnostics::Diagnostics;
use crate::identity::import_id;
use crate::provider::Provider;
use crate::registry::AnyResource;
use crate::value::Value;

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
    let id = match &request.identity {
        Some(ResourceIdentityData { identity_data: Some(DynamicValue { msgpack, .. }) }) if !msgpack.is_empty() => {
            id_of(service, &**resource, &request).await?
        }
        _ => request.id,
    };
    let state = service.operations.run(resource.import(cx, id)).await??.with_unknowns_as_null();
    // Half a state may name its object already; if not, the read that follows does.
    let identity = match request.identity {
        Some(given) => Some(given),
        None => identity::of_state(service, resource.identity(), &state).await,
    };
    let imported = ImportedResource {
        type_name: request.type_name.clone(),
        state: Some(wire::write(state, schema)?),
        private: put_down.private(),
        identity,
    };
    let diagnostics = wire::diagnostics(put_down.take_warnings());
    Ok(Response { imported_resources: vec![imported], diagnostics, ..Response::default() })
}

/// The id that the identity in the request stands for.
async fn id_of<P: Provider>(
    service: &Service<P>,
    resource: &dyn AnyResource<P::Client>,
    request: &Request,
) -> Result<String, Diagnostics> {
    let refuse = |detail: String| Diagnostics::error("Resource cannot be imported by this identity", detail);
    let type_name = &request.type_name;
    let identity = resource.identity().ok_or_else(|| refuse(format!("{type_name} has no identity.")))?;
    let mut given = identity::read(request.identity.clone(), identity)?;
    let client = service.client().ok_or_else(|| refuse("The provider is not configured.".to_owned()))?;
    for &name in identity.optional.iter().filter(|name| given.get(name).is_null()).collect::<Vec<_>>() {
        let (own, entries) = (P::identity_part(&client, name, &Value::Null).await, given.as_map_mut());
        if let (Some(own), Some(entries)) = (own, entries) {
            entries.insert(name.to_owned(), own.into());
        }
    }
    let id = import_id(resource.import_id(), &given)
        .map_err(|missing| refuse(format!("identity attribute {missing:?} is required")))?;
    P::import_id(&client, id, &given).await
}
