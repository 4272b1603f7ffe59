//! The API's actions, one file each, and the registry that makes them reachable.

mod create_event_source_mapping;
mod delete_event_source_mapping;
mod get_event_source_mapping;
mod list_event_source_mappings;
mod update_event_source_mapping;

use aws_wire::rest_json::Routes;

use crate::mapping::mappings::Feeding;

/// Adds the actions on event source mappings.
pub(crate) fn mapping_routes<S: Feeding>(routes: Routes<S>) -> Routes<S> {
    routes
        .action::<create_event_source_mapping::CreateEventSourceMapping>()
        .action::<delete_event_source_mapping::DeleteEventSourceMapping>()
        .action::<get_event_source_mapping::GetEventSourceMapping>()
        .action::<list_event_source_mappings::ListEventSourceMappings>()
        .action::<update_event_source_mapping::UpdateEventSourceMapping>()
}
