//! UpgradeResourceIdentity: a stored identity, brought to the attributes of today. There is one version so far.

use tfplugin::tfplugin6::ResourceIdentityData;
use tfplugin::tfplugin6::upgrade_resource_identity::{Request, Response};

use super::{Service, identity, wire};
use crate::diagnostics::Diagnostics;
use crate::provider::Provider;
use crate::value::from_json;

pub(super) async fn answer<P: Provider>(service: &Service<P>, request: Request) -> Response {
    match upgrade(service, &request) {
        Ok(identity) => Response { upgraded_identity: Some(identity), diagnostics: Vec::new() },
        Err(diagnostics) => Response { upgraded_identity: None, diagnostics: wire::diagnostics(diagnostics) },
    }
}

fn upgrade<P: Provider>(service: &Service<P>, request: &Request) -> Result<ResourceIdentityData, Diagnostics> {
    let identity = service.resource(&request.type_name)?.identity().ok_or_else(|| {
        Diagnostics::error("Resource has no identity", format!("{} has none in this provider.", request.type_name))
    })?;
    let stored =
        from_json(&request.raw_identity).map_err(|e| Diagnostics::error("Identity cannot be read", format!("{e}.")))?;
    identity::message(identity, stored)
}
