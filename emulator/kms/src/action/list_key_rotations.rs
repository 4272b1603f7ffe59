//! ListKeyRotations: when a key was given new material, and why; with what it has had from the start if one asks for it.

use aws_wire::{Action, Call, EpochSeconds, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::key::{Key, Material, Occasion};
use crate::page::page;
use crate::service::Kms;
use crate::shape;

pub(super) struct ListKeyRotations;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    #[serde(default)]
    include_key_material: Included,
    limit: Option<usize>,
    marker: Option<String>,
}

/// Which materials are listed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Included {
    AllKeyMaterial,
    #[default]
    RotationsOnly,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    rotations: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    truncated: bool,
}

/// A material in the list.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Entry {
    #[serde(skip)]
    marker: String,
    key_id: String,
    key_material_id: String,
    key_material_state: &'static str,
    /// The first material came with the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation_date: Option<EpochSeconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation_type: Option<Occasion>,
}

fn entries(key: &Key, included: Included) -> impl Iterator<Item = Entry> {
    let current = key.current().map(|(version, _)| version);
    let shown = move |entry: &Entry| included == Included::AllKeyMaterial || entry.rotation_date.is_some();
    let entry = move |(version, material): (u32, &Material)| Entry {
        marker: format!("{version:08}"),
        key_id: key.arn(),
        key_material_id: material.id.clone(),
        key_material_state: if Some(version) == current { "CURRENT" } else { "NON_CURRENT" },
        rotation_date: material.rotated.map(|rotated| rotated.on),
        rotation_type: material.rotated.map(|rotated| rotated.occasion),
    };
    (0..).zip(key.materials()).map(entry).filter(shown)
}

impl Action<Kms> for ListKeyRotations {
    const NAME: &'static str = "ListKeyRotations";
    const INPUT: Structure = Structure::new(
        "ListKeyRotationsRequest",
        &[
            shape::KEY_ID.member("KeyId").required(),
            Shape::string().one_of(&["ALL_KEY_MATERIAL", "ROTATIONS_ONLY"]).member("IncludeKeyMaterial"),
            shape::LIMIT.member("Limit"),
            shape::MARKER.member("Marker"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
        let key = service.find(&call.world, &input.key_id)?;
        key.check_rotates()?;
        let entries = entries(&key, input.include_key_material);
        let page = page(entries, |entry| &entry.marker, input.limit, input.marker.as_deref(), 100)?;
        Ok(Output { rotations: page.items, truncated: page.next_marker.is_some(), next_marker: page.next_marker })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn what_came_with_the_key_is_no_rotation() {
        let fixture = Fixture::new();
        let (key, _) = fixture.key().await;
        let none = fixture.ok("ListKeyRotations", json!({"KeyId": key})).await;
        assert_eq!(none, json!({"Rotations": [], "Truncated": false}));
        fixture.ok("RotateKeyOnDemand", json!({"KeyId": key})).await;
        fixture.ok("RotateKeyOnDemand", json!({"KeyId": key})).await;

        let first = fixture.ok("ListKeyRotations", json!({"KeyId": key, "Limit": 1})).await;
        let rotation = &first["Rotations"][0];
        assert_eq!(
            (&rotation["RotationType"], &rotation["KeyMaterialState"]),
            (&json!("ON_DEMAND"), &json!("NON_CURRENT"))
        );
        assert!(
            rotation["RotationDate"].is_number() && rotation["KeyId"].as_str().is_some_and(|arn| arn.ends_with(&key))
        );
        let rest = json!({"KeyId": key, "Marker": first["NextMarker"]});
        let rest = fixture.ok("ListKeyRotations", rest).await;
        assert_eq!(rest["Rotations"].as_array().map(Vec::len), Some(1));
        let current =
            fixture.ok("DescribeKey", json!({"KeyId": key})).await["KeyMetadata"]["CurrentKeyMaterialId"].clone();
        assert_eq!((&rest["Rotations"][0]["KeyMaterialId"], &rest["Truncated"]), (&current, &json!(false)));

        let all = json!({"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
        let all = fixture.ok("ListKeyRotations", all).await;
        assert_eq!(all["Rotations"].as_array().map(Vec::len), Some(3));
        assert_eq!(all["Rotations"][0].get("RotationType"), None);
    }
}
