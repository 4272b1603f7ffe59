//! DeleteEventSourceMapping: stops a mapping and forgets its positions. It is Deleting until invocations under way have
//! ended, then gone.

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::Deserialize;

use crate::mapping::mappings::Feeding;
use crate::mapping::shape;
use crate::mapping::view::View;

pub(super) struct DeleteEventSourceMapping;

#[derive(Deserialize)]
pub(super) struct Input {
    #[serde(rename = "UUID")]
    uuid: String,
}

impl Rest for DeleteEventSourceMapping {
    const HTTP: Http = Http::delete("/2015-03-31/event-source-mappings/{UUID}").status(202);
}

impl<S: Feeding> Action<S> for DeleteEventSourceMapping {
    const NAME: &'static str = "DeleteEventSourceMapping";
    const INPUT: Structure =
        Structure::new("DeleteEventSourceMappingRequest", &[shape::UUID.member("UUID").required()]);
    type Input = Input;
    type Output = View;

    async fn run(service: &S, call: &Call, input: Input) -> Result<View, S::Error> {
        let mappings = service.mappings();
        let (now, settles_at) = (mappings.now(), mappings.settles_at());
        let delete = move |mapping: &mut crate::mapping::definition::Mapping| {
            mapping.state = mapping.state.deleted()?;
            mapping.settles_at = settles_at;
            mapping.last_modified = now;
            Ok(())
        };
        let mapping = mappings.change(&call.world, &input.uuid, delete).await?;
        tracing::info!(mapping = mapping.uuid, "event source mapping is being deleted");
        Ok(View::of(&mapping, &**mappings.keys()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::mapping::front::{Front, MAPPINGS};

    #[tokio::test]
    async fn a_mapping_goes_through_deleting_to_nothing() {
        let front = Front::new();
        let uuid = front.create_simple().await;
        let path = format!("{MAPPINGS}/{uuid}");
        let in_use = (
            400,
            "ResourceInUseException".to_owned(),
            "Cannot delete the event source mapping because it is in use.".to_owned(),
        );
        assert_eq!(front.error("DELETE", &path, json!({})).await, in_use, "while it is Creating");
        front.settled(&uuid, "Enabled").await;
        let (status, answer) = front.send("DELETE", &path, json!({})).await;
        assert_eq!((status, answer["State"].as_str()), (202, Some("Deleting")));
        assert_eq!(front.send("GET", &path, json!({})).await.1["State"], "Deleting");
        assert_eq!(front.error("DELETE", &path, json!({})).await, in_use, "while it is Deleting");
        front.gone(&uuid).await;
        assert_eq!(front.send("DELETE", &path, json!({})).await.0, 404);
    }
}
