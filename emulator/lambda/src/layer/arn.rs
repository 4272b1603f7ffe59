//! `arn:{partition}:lambda:{region}:{account}:layer:{name}[:{version}]`.

use std::fmt;

use aws_wire::{Arn, World};
use serde::{Deserialize, Serialize};

/// The ARN of a layer, or of a version of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct LayerArn {
    pub(crate) world: World,
    pub(crate) name: String,
    pub(crate) version: Option<u64>,
}

impl LayerArn {
    /// What `text` names.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let arn = Arn::parse(text).filter(|arn| arn.service == "lambda")?;
        let (name, version) = match arn.resource.strip_prefix("layer:")?.split_once(':') {
            None => (arn.resource.strip_prefix("layer:")?, None),
            Some((name, version)) => (name, Some(version.parse().ok()?)),
        };
        is_name(name).then(|| Self { world: arn.world(), name: name.to_owned(), version })
    }

    /// The layer that a name or an ARN without a version means to somebody in `world`.
    pub(crate) fn of(world: &World, text: &str) -> Option<Self> {
        match is_name(text) {
            true => Some(Self { world: world.clone(), name: text.to_owned(), version: None }),
            false => Self::parse(text).filter(|arn| arn.version.is_none()),
        }
    }

    /// Its version `number`.
    pub(crate) fn with_version(&self, number: u64) -> Self {
        Self { version: Some(number), ..self.clone() }
    }
}

pub(super) fn is_name(text: &str) -> bool {
    (1..=140).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

impl fmt::Display for LayerArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.world.arn("lambda", format_args!("layer:{}", self.name)))?;
        self.version.map_or(Ok(()), |version| write!(f, ":{version}"))
    }
}

impl TryFrom<String> for LayerArn {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not the ARN of a layer")
    }
}

impl From<LayerArn> for String {
    fn from(arn: LayerArn) -> Self {
        arn.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_read_as_it_is_written() {
        for text in
            ["arn:aws:lambda:us-east-1:000000000000:layer:l", "arn:aws:lambda:us-east-1:000000000000:layer:l:12"]
        {
            assert_eq!(LayerArn::parse(text).unwrap().to_string(), text);
        }
        for text in ["l", "arn:aws:lambda:r:1:layer:l:x", "arn:aws:lambda:r:1:layer:a/b", "arn:aws:s3:::layer:l"] {
            assert_eq!(LayerArn::parse(text), None, "{text}");
        }
        let world = World::new("000000000000", "us-east-1");
        assert_eq!(LayerArn::of(&world, "l").unwrap().to_string(), "arn:aws:lambda:us-east-1:000000000000:layer:l");
        assert_eq!(LayerArn::of(&world, "arn:aws:lambda:us-east-1:000000000000:layer:l:1"), None);
    }
}
