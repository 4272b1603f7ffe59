//! The four ways to name a key, parsed once.

use aws_wire::{Arn, World};

/// What a text names, and in which world.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct KeyName {
    pub(crate) world: World,
    pub(crate) named: Named,
}

/// A key by its id or by an alias.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Named {
    /// `alias/…`.
    Alias(String),
    /// The id.
    Id(String),
}

impl KeyName {
    /// Reads a key id, a key ARN, an alias or an alias ARN. Without an ARN, `world` is meant.
    pub(crate) fn parse(text: &str, world: &World) -> Option<Self> {
        let (world, resource) = match Arn::parse(text) {
            Some(arn) if arn.service == "kms" => (arn.world(), arn.resource),
            Some(_) => return None,
            None => (world.clone(), text),
        };
        let is_word = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/'))
        };
        let named = match resource.strip_prefix("alias/") {
            Some(rest) if is_word(rest) => Named::Alias(resource.to_owned()),
            Some(_) => return None,
            None => Named::Id(resource.strip_prefix("key/").unwrap_or(resource).to_owned()).checked(is_word)?,
        };
        Some(Self { world, named })
    }

    /// The ARN of what is named.
    pub(crate) fn arn(&self) -> String {
        match &self.named {
            Named::Alias(alias) => self.world.arn("kms", alias),
            Named::Id(id) => self.world.arn("kms", format_args!("key/{id}")),
        }
    }
}

impl Named {
    fn checked(self, is_valid: impl Fn(&str) -> bool) -> Option<Self> {
        let (Self::Alias(text) | Self::Id(text)) = &self;
        is_valid(text).then_some(self)
    }
}
