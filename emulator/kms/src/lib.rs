//! KMS as far as streams ask for it today: which keys exist.
//!
//! Every world has the keys that AWS manages for the services we have, behind their aliases; nobody can make further ones
//! yet, so any other name is not found, in KMS's words. Nothing is encrypted here yet.

mod key;
mod name;

use aws_wire::World;

pub use key::Key;

use crate::name::{KeyName, Named};

/// The aliases of the keys that AWS manages.
const AWS_MANAGED: [&str; 2] = ["alias/aws/kinesis", "alias/aws/lambda"];

/// The keys of all worlds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kms;

/// There is no such key; the text is KMS's.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotFound {
    /// No alias of that name.
    #[error("Alias {0} is not found.")]
    Alias(String),
    /// No key of that id.
    #[error("Key '{0}' does not exist")]
    Key(String),
    /// Nothing that could name a key.
    #[error("Invalid keyId {0}")]
    Name(String),
}

impl Kms {
    /// The key that `name` means in `world`: a key id, a key ARN, an alias or an alias ARN.
    pub fn find(&self, world: &World, name: &str) -> Result<Key, NotFound> {
        let parsed = KeyName::parse(name, world).ok_or_else(|| NotFound::Name(name.to_owned()))?;
        let arn = parsed.arn();
        let candidates = AWS_MANAGED.iter().map(|alias| Key::managed(&parsed.world, alias));
        // A key of another world would need a policy that shares it, and there are none.
        let mut candidates = candidates.filter(|_| parsed.world == *world);
        let (found, not_found) = match &parsed.named {
            Named::Alias(alias) => (candidates.find(|key| key.alias == alias), NotFound::Alias(arn)),
            Named::Id(id) => (candidates.find(|key| key.id == *id), NotFound::Key(arn)),
        };
        found.ok_or(not_found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> World {
        World::new("000000000000", "us-east-1")
    }

    #[test]
    fn a_managed_key_is_found_by_all_its_names() {
        let key = Kms.find(&world(), "alias/aws/kinesis").unwrap();
        for name in [key.id.clone(), key.arn(), "arn:aws:kms:us-east-1:000000000000:alias/aws/kinesis".to_owned()] {
            assert_eq!(Kms.find(&world(), &name), Ok(key.clone()), "{name}");
        }
        assert_ne!(Kms.find(&world(), "alias/aws/lambda").unwrap().id, key.id);
        let elsewhere = World::new("000000000000", "eu-west-1");
        assert_ne!(Kms.find(&elsewhere, "alias/aws/kinesis").unwrap().id, key.id);
    }

    #[test]
    fn what_is_not_there_is_said_in_the_words_of_kms() {
        let check =
            |name: &str, expected: &str| assert_eq!(Kms.find(&world(), name).unwrap_err().to_string(), expected);
        check("alias/mine", "Alias arn:aws:kms:us-east-1:000000000000:alias/mine is not found.");
        check(
            "11111111-2222-3333-4444-555555555555",
            "Key 'arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555' does not exist",
        );
        let foreign = "arn:aws:kms:eu-west-1:000000000000:alias/aws/kinesis";
        check(foreign, &format!("Alias {foreign} is not found."));
        check("", "Invalid keyId ");
        check("arn:aws:s3:::bucket", "Invalid keyId arn:aws:s3:::bucket");
    }
}
