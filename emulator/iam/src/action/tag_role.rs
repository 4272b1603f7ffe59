//! TagRole adds tags to a role, or gives those it has another value.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::role::Role;
use crate::tag::Tag;
use crate::{Error, Iam, shapes};

pub(crate) struct TagRole;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    tags: Vec<Tag>,
}

impl Action<Iam> for TagRole {
    const NAME: &'static str = "TagRole";
    const INPUT: Structure = Structure::new("TagRoleRequest", &[shapes::role_name(), shapes::tags().required()]);
    type Input = Input;
    type Output = ();

    async fn run(iam: &Iam, call: &Call, input: Input) -> Result<(), Error> {
        let write = iam.write();
        let mut role = Role::clone(&*write.existing_role(call, &input.role_name)?);
        role.tags.set(input.tags)?;
        write.put_role(&call.world.account, role)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, all};

    #[test]
    fn adds_and_replaces() {
        let fixture = Fixture::with_role();
        let tag = |members: &[(&str, &str)]| fixture.ok("TagRole", &[&[("RoleName", "r")], members].concat());
        tag(&[
            ("Tags.member.1.Key", "a"),
            ("Tags.member.1.Value", "1"),
            ("Tags.member.2.Key", "b"),
            ("Tags.member.2.Value", ""),
        ]);
        tag(&[("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "2")]);
        let tags = fixture.ok("GetRole", &[("RoleName", "r")]);
        assert_eq!(
            (all(&tags, "Key"), all(&tags, "Value")),
            (vec!["a".into(), "b".into()], vec!["2".into(), "".into()])
        );
    }

    #[test]
    fn bad_tags() {
        let fixture = Fixture::with_role();
        fixture.refuses(
            "TagRole",
            &[("RoleName", "r"), ("Tags.member.1.Key", "a*"), ("Tags.member.1.Value", "1")],
            "ValidationError",
            r"1 validation error detected: Value 'a*' at 'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+",
        );
        fixture.refuses(
            "TagRole",
            &[
                ("RoleName", "r"),
                ("Tags.member.1.Key", "a"),
                ("Tags.member.1.Value", "1"),
                ("Tags.member.2.Key", "A"),
                ("Tags.member.2.Value", "2"),
            ],
            "InvalidInput",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        );
    }
}
