//! ListRoleTags lists the tags of a role by key.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::page::{Page, PageEnd};
use crate::tag::Tag;
use crate::{Error, Iam, shapes};

pub(crate) struct ListRoleTags;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    #[serde(flatten)]
    page: Page,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    tags: Vec<Tag>,
    #[serde(flatten)]
    end: PageEnd,
}

impl Action<Iam> for ListRoleTags {
    const NAME: &'static str = "ListRoleTags";
    const INPUT: Structure =
        Structure::new("ListRoleTagsRequest", &[shapes::role_name(), shapes::marker(), shapes::max_items()]);
    type Input = Input;
    type Output = Output;

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<Output, Error> {
        let role = iam.directory().existing_role(call, &input.role_name)?;
        let (tags, end) = input.page.cut(role.tags.list(), |tag| &tag.key);
        Ok(Output { tags, end })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, all, first};

    #[test]
    fn page_by_page() {
        let fixture = Fixture::with_role();
        let role = ("RoleName", "r");
        assert_eq!(fixture.ok("ListRoleTags", &[role]), "<IsTruncated>false</IsTruncated><Tags></Tags>");
        for key in ["a", "b c", "ü"] {
            fixture.ok("TagRole", &[role, ("Tags.member.1.Key", key), ("Tags.member.1.Value", "v")]);
        }
        let page = fixture.ok("ListRoleTags", &[role, ("MaxItems", "2")]);
        assert_eq!(all(&page, "Key"), ["a", "b c"]);
        let marker = first(&page, "Marker").unwrap();
        assert_eq!(all(&fixture.ok("ListRoleTags", &[role, ("Marker", &marker)]), "Key"), ["ü"]);
    }
}
