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

/// The group that `name` or the ARN `resource` means, for a key. One of them must be there.
pub(crate) fn group_for_key(world: &World, name: Option<String>, resource: Option<String>) -> Result<String> {
    match (name, resource) {
        (Some(name), None) => Ok(name),
        (None, Some(resource)) => {
            let arn = Arn::parse(&resource).filter(|arn| arn.service == "logs" && arn.world() == *world);
            match arn.map(|arn| arn.resource) {
                Some("query-result:*") => Err(Error::Unsupported("results of queries (query-result)")),
                Some(_) => named(world, &resource).ok_or(Error::GroupNotFound),
                None => Err(Error::Invalid("The resourceIdentifier is not the ARN of a log group or of query results")),
            }
        }
        (None, None) => Err(Error::Invalid("Either logGroupName or resourceIdentifier must be provided")),
        (Some(_), Some(_)) => Err(Error::Invalid("Only one of logGroupName or resourceIdentifier can be provided")),
    }
}

/// Fails unless `key` is the ARN of a key that a group of `world` can have: one of its region. Whether it is there nobody asks.
pub(crate) fn check_key(world: &World, key: &str) -> Result<()> {
    let arn = Arn::parse(key).filter(|arn| arn.service == "kms" && arn.world().region == world.region);
    let id = arn.and_then(|arn| arn.resource.strip_prefix("key/")).unwrap_or_default();
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_id { Ok(()) } else { Err(Error::KeyNotFound) }
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
