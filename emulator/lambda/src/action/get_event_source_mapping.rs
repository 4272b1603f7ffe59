//! GetEventSourceMapping: one mapping by its id.

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::Deserialize;

use crate::mapping::mappings::Feeding;
use crate::mapping::shape;
use crate::mapping::view::View;

pub(super) struct GetEventSourceMapping;

#[derive(Deserialize)]
pub(super) struct Input {
    #[serde(rename = "UUID")]
    uuid: String,
}

impl Rest for GetEventSourceMapping {
    const HTTP: Http = Http::get("/2015-03-31/event-source-mappings/{UUID}");
}

impl<S: Feeding> Action<S> for GetEventSourceMapping {
    const NAME: &'static str = "GetEventSourceMapping";
    const INPUT: Structure = Structure::new("GetEventSourceMappingRequest", &[shape::UUID.member("UUID").required()]);
    type Input = Input;
    type Output = View;

    async fn run(service: &S, call: &Call, input: Input) -> Result<View, S::Error> {
        let mappings = service.mappings();
        Ok(View::of(&*mappings.get(&call.world, &input.uuid)?, &**mappings.keys()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::mapping::front::{Front, MAPPINGS, NOBODY};

    #[tokio::test]
    async fn an_unknown_id_is_not_found() {
        let front = Front::new();
        let answer = front.error("GET", &format!("{MAPPINGS}/{NOBODY}"), json!({})).await;
        let message = "The resource you requested does not exist.".to_owned();
        assert_eq!(answer, (404, "ResourceNotFoundException".to_owned(), message));
    }

    #[tokio::test]
    async fn a_mapping_is_seen_in_its_own_world_only() {
        let front = Front::new();
        let uuid = front.create_simple().await;
        let path = format!("{MAPPINGS}/{uuid}");
        assert_eq!(front.send("GET", &path, json!({})).await.0, 200);
        assert_eq!(front.send_from("000000000001", "GET", &path, json!({})).await.0, 404);
    }
}
