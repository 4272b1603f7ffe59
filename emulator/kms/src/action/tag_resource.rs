//! TagResource: adds tags to a key or gives them other values.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Kms;
use crate::shape;
use crate::tag::{self, Tag};

pub(super) struct TagResource;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    tags: Vec<Tag>,
}

impl Action<Kms> for TagResource {
    const NAME: &'static str = "TagResource";
    const INPUT: Structure = Structure::new(
        "TagResourceRequest",
        &[shape::KEY_ID.member("KeyId").required(), shape::TAGS.member("Tags").required()],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<()> {
        service
            .change(call, Self::NAME, &input.key_id, |key, _| {
                key.check_not_pending()?;
                tag::add(&mut key.tags, input.tags)
            })
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn tags_are_added_replaced_and_removed() {
        let fixture = Fixture::new();
        let (key, _) = fixture.key().await;
        let tag = |key: &str, value: &str| json!({"TagKey": key, "TagValue": value});
        fixture.ok("TagResource", json!({"KeyId": key, "Tags": [tag("a", "1"), tag("b", "2")]})).await;
        fixture.ok("TagResource", json!({"KeyId": key, "Tags": [tag("a", "3")]})).await;
        let listed = fixture.ok("ListResourceTags", json!({"KeyId": key})).await;
        assert_eq!(listed, json!({"Tags": [tag("a", "3"), tag("b", "2")], "Truncated": false}));
        let page = fixture.ok("ListResourceTags", json!({"KeyId": key, "Limit": 1})).await;
        assert_eq!((&page["Truncated"], &page["NextMarker"]), (&json!(true), &json!("a")));
        fixture.ok("UntagResource", json!({"KeyId": key, "TagKeys": ["a", "z"]})).await;
        let listed = fixture.ok("ListResourceTags", json!({"KeyId": key})).await;
        assert_eq!(listed["Tags"], json!([tag("b", "2")]));
        let reserved = json!({"KeyId": key, "Tags": [tag("aws:x", "")]});
        fixture.refused("TagResource", reserved, "TagException: Tag keys beginning with aws: are reserved").await;
        let many: Vec<_> = (0..50).map(|n| tag(&n.to_string(), "")).collect();
        let limit = "LimitExceededException: A key has at most 50 tags";
        fixture.refused("TagResource", json!({"KeyId": key, "Tags": many}), limit).await;
    }
}
