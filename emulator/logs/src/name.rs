//! Ways to name a group: its name, its ARN, its ARN with the `:*` that older answers have.

use aws_wire::{Arn, World};

use crate::error::{Error, Result};

/// The group that `name` or `identifier` means in `world`. One of them must be there.
pub(crate) fn group(world: &World, name: Option<String>, identifier: Option<String>) -> Result<String> {
    match (name, identifier) {
        (Some(name), None) => Ok(name),
        (None, Some(identifier)) => named(world, &identifier).ok_or(Error::GroupNotFound),
        (None, None) => Err(Error::Invalid("At least one of logGroupName or logGroupIdentifier must be provided")),
        (Some(_), Some(_)) => Err(Error::Invalid("Only one of logGroupName or logGroupIdentifier can be provided")),
    }
}

/// The name of the group that a name or an ARN means; `None` if it is an ARN of something else or of another world.
pub(crate) fn named(world: &World, identifier: &str) -> Option<String> {
    if !identifier.starts_with("arn:") {
        return Some(identifier.to_owned());
    }
    let arn = Arn::parse(identifier).filter(|arn| arn.service == "logs" && arn.world() == *world)?;
    let name = arn.resource.strip_prefix("log-group:")?;
    Some(name.strip_suffix(":*").unwrap_or(name).to_owned())
}

/// The ARN of a group.
pub(crate) fn arn(world: &World, group: &str) -> String {
    world.arn("logs", format_args!("log-group:{group}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_arns() {
        let world = World::new("000000000000", "eu-west-1");
        let of = |identifier: &str| named(&world, identifier);
        assert_eq!(of("/a/b").as_deref(), Some("/a/b"));
        assert_eq!(of(&arn(&world, "/a/b")).as_deref(), Some("/a/b"));
        assert_eq!(of("arn:aws:logs:eu-west-1:000000000000:log-group:g:*").as_deref(), Some("g"));
        assert_eq!(of("arn:aws:logs:eu-west-2:000000000000:log-group:g"), None);
        assert_eq!(of("arn:aws:s3:eu-west-1:000000000000:log-group:g"), None);
        assert_eq!(of("arn:aws:logs:eu-west-1:000000000000:destination:g"), None);
    }
}
