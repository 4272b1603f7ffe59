//! GetMetadata: what there is, by name, without building a schema.

use tfplugin::tfplugin6::get_metadata::{DataSourceMetadata, FunctionMetadata, Request, ResourceMetadata, Response};

use super::{CAPABILITIES, Service};
use crate::provider::Provider;

pub(super) async fn answer<P: Provider>(service: &Service<P>, _: Request) -> Response {
    let resource = |&type_name: &&str| ResourceMetadata { type_name: type_name.to_owned() };
    let data_source = |&type_name: &&str| DataSourceMetadata { type_name: type_name.to_owned() };
    let function = |&name: &&str| FunctionMetadata { name: name.to_owned() };
    Response {
        server_capabilities: Some(CAPABILITIES),
        diagnostics: Vec::new(),
        data_sources: service.registry.data_sources.keys().map(data_source).collect(),
        resources: service.registry.resources.keys().map(resource).collect(),
        functions: service.registry.functions.keys().map(function).collect(),
    }
}
