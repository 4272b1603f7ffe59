//! The API's actions, one file each, and the registry that makes them reachable.

mod add_layer_version_permission;
mod add_permission;
mod aliases;
mod create_alias;
mod create_event_source_mapping;
mod create_function;
mod delete_alias;
mod delete_event_source_mapping;
mod delete_function;
mod delete_function_concurrency;
mod delete_function_event_invoke_config;
mod delete_layer_version;
mod event_invoke;
mod get_account_settings;
mod get_alias;
mod get_event_source_mapping;
mod get_function;
mod get_function_code_signing_config;
mod get_function_concurrency;
mod get_function_configuration;
mod get_function_event_invoke_config;
mod get_layer_version;
mod get_layer_version_policy;
mod get_policy;
mod invocation;
mod invoke;
mod invoke_async;
mod invoke_with_response_stream;
mod layers;
mod list_aliases;
mod list_event_source_mappings;
mod list_function_event_invoke_configs;
mod list_functions;
mod list_layer_versions;
mod list_layers;
mod list_tags;
mod list_versions_by_function;
mod pages;
mod publish_layer_version;
mod publish_version;
mod put_function_concurrency;
mod put_function_event_invoke_config;
mod remove_layer_version_permission;
mod remove_permission;
mod shape;
mod source;
mod tag_resource;
mod tagged;
mod untag_resource;
mod update_alias;
mod update_event_source_mapping;
mod update_function_code;
mod update_function_configuration;
mod update_function_event_invoke_config;

use aws_wire::rest_json::Routes;

use crate::Lambda;
use crate::mapping::Feeding;

/// Every action, by method and path.
pub(crate) fn routes() -> Routes<Lambda> {
    let routes = Routes::new()
        .action::<create_function::CreateFunction>()
        .action::<get_function::GetFunction>()
        .action::<get_function_configuration::GetFunctionConfiguration>()
        .action::<update_function_code::UpdateFunctionCode>()
        .action::<update_function_configuration::UpdateFunctionConfiguration>()
        .raw::<delete_function::DeleteFunction>()
        .action::<list_functions::ListFunctions>()
        .raw::<invoke::Invoke>()
        .action::<publish_version::PublishVersion>()
        .action::<list_versions_by_function::ListVersionsByFunction>()
        .action::<get_function_code_signing_config::GetFunctionCodeSigningConfig>()
        .action::<put_function_concurrency::PutFunctionConcurrency>()
        .action::<get_function_concurrency::GetFunctionConcurrency>()
        .action::<delete_function_concurrency::DeleteFunctionConcurrency>()
        .action::<create_alias::CreateAlias>()
        .action::<get_alias::GetAlias>()
        .action::<list_aliases::ListAliases>()
        .action::<update_alias::UpdateAlias>()
        .action::<delete_alias::DeleteAlias>()
        .action::<add_permission::AddPermission>()
        .action::<get_policy::GetPolicy>()
        .action::<remove_permission::RemovePermission>()
        .action::<put_function_event_invoke_config::PutFunctionEventInvokeConfig>()
        .action::<update_function_event_invoke_config::UpdateFunctionEventInvokeConfig>()
        .action::<get_function_event_invoke_config::GetFunctionEventInvokeConfig>()
        .action::<list_function_event_invoke_configs::ListFunctionEventInvokeConfigs>()
        .action::<delete_function_event_invoke_config::DeleteFunctionEventInvokeConfig>()
        .action::<get_account_settings::GetAccountSettings>()
        .action::<invoke_async::InvokeAsync>()
        .action::<publish_layer_version::PublishLayerVersion>()
        .action::<get_layer_version::GetLayerVersion>()
        .action::<list_layer_versions::ListLayerVersions>()
        .action::<delete_layer_version::DeleteLayerVersion>()
        .action::<add_layer_version_permission::AddLayerVersionPermission>()
        .action::<get_layer_version_policy::GetLayerVersionPolicy>()
        .action::<remove_layer_version_permission::RemoveLayerVersionPermission>()
        .raw::<list_layers::ListLayers>()
        .raw::<invoke_with_response_stream::InvokeWithResponseStream>()
        .action::<tag_resource::TagResource>()
        .action::<untag_resource::UntagResource>()
        .action::<list_tags::ListTags>();
    mapping_routes(routes)
}

/// The actions on event source mappings, which ask of a service no more than that it can feed functions.
pub(crate) fn mapping_routes<S: Feeding>(routes: Routes<S>) -> Routes<S> {
    routes
        .action::<create_event_source_mapping::CreateEventSourceMapping>()
        .action::<get_event_source_mapping::GetEventSourceMapping>()
        .action::<list_event_source_mappings::ListEventSourceMappings>()
        .action::<update_event_source_mapping::UpdateEventSourceMapping>()
        .action::<delete_event_source_mapping::DeleteEventSourceMapping>()
}
