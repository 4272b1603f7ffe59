//! GetResourceIdentitySchemas: what names the objects of each type. Hosts before Terraform 1.12 do not ask.

use tfplugin::tfplugin6::get_resource_identity_schemas::{Request, Response};
use tfplugin::tfplugin6::{ResourceIdentitySchema, resource_identity_schema::IdentityAttribute};

use super::Service;
use crate::identity::Identity;
use crate::provider::Provider;
use crate::value::Type;

pub(super) async fn answer<P: Provider>(service: &Service<P>, _: Request) -> Response {
    let named = service.registry.resources.iter().filter_map(|(&name, resource)| Some((name, resource.identity()?)));
    Response {
        identity_schemas: named.map(|(name, identity)| (name.to_owned(), schema(&identity))).collect(),
        diagnostics: Vec::new(),
    }
}

fn schema(identity: &Identity) -> ResourceIdentitySchema {
    let attribute = |name: &str| IdentityAttribute {
        name: name.to_owned(),
        r#type: Type::String.to_json().to_string().into_bytes(),
        required_for_import: identity.required.contains(&name),
        optional_for_import: identity.optional.contains(&name),
        description: String::new(),
    };
    ResourceIdentitySchema { version: 0, identity_attributes: identity.names().map(attribute).collect() }
}
