//! Names of functions: the bare name, the qualifier, and the ARN of both.
//!
//! Callers write a function in four ways (`name`, `name:qualifier`, `account:function:name`, a whole ARN); everything
//! behind this file knows one. Invariant: a [`FunctionName`] and a [`Qualifier`] satisfy AWS's patterns.

use std::fmt;
use std::str::FromStr;

use aws_wire::World;
use serde::{Deserialize, Serialize};

/// 1 to 64 characters of `[a-zA-Z0-9-_]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FunctionName(String);

/// Which version is meant: `$LATEST`, a number, or an alias.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Qualifier {
    /// The unpublished version.
    Latest,
    /// A published version.
    Version(u64),
    /// A name that points at a version.
    Alias(String),
}

/// A function as a caller names it: what it said about the account and region, the name, and the qualifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionReference {
    /// The account in the ARN or partial ARN.
    pub account: Option<String>,
    /// The region in the ARN.
    pub region: Option<String>,
    /// The bare name.
    pub name: FunctionName,
    /// The qualifier behind the name.
    pub qualifier: Option<Qualifier>,
}

/// `arn:{partition}:lambda:{region}:{account}:function:{name}[:{qualifier}]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FunctionArn {
    /// The region of the function's world.
    pub region: String,
    /// The account of the function's world.
    pub account: String,
    /// The bare name.
    pub name: FunctionName,
    /// As the caller gave it; none means `$LATEST` without saying so.
    pub qualifier: Option<Qualifier>,
}

/// The text is no name of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a function")]
pub struct InvalidName;

const LATEST: &str = "$LATEST";

impl FunctionName {
    /// The longest name by itself; ARNs may be longer.
    pub const MAX_LENGTH: usize = 64;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FunctionArn {
    /// The ARN of `name` in `world`.
    pub fn new(world: &World, name: FunctionName, qualifier: Option<Qualifier>) -> Self {
        Self { region: world.region.clone(), account: world.account.clone(), name, qualifier }
    }

    /// The world that the function lives in.
    pub fn world(&self) -> World {
        World::new(self.account.as_str(), self.region.as_str())
    }

    /// The same function without its qualifier, or with another.
    pub fn with_qualifier(&self, qualifier: Option<Qualifier>) -> Self {
        Self { qualifier, ..self.clone() }
    }
}

impl Qualifier {
    /// The number of a version, 0 for everything else: the order of versions in lists.
    pub(crate) fn number(&self) -> u64 {
        match self {
            Self::Version(number) => *number,
            Self::Latest | Self::Alias(_) => 0,
        }
    }
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

impl FromStr for FunctionName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let fits = (1..=Self::MAX_LENGTH).contains(&text.len()) && text.chars().all(is_name_character);
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidName) }
    }
}

impl FromStr for Qualifier {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if text == LATEST {
            return Ok(Self::Latest);
        }
        if !(1..=128).contains(&text.len()) || !text.chars().all(is_name_character) {
            return Err(InvalidName);
        }
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse().map(Self::Version).map_err(|_| InvalidName);
        }
        Ok(Self::Alias(text.to_owned()))
    }
}

impl FromStr for FunctionReference {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let parts: Vec<&str> = text.split(':').collect();
        let (region, account, rest) = match parts.as_slice() {
            ["arn", partition, "lambda", region, account, "function", rest @ ..] if partition.starts_with("aws") => {
                (Some(*region), Some(*account), rest)
            }
            [account, "function", rest @ ..] => (None, Some(*account), rest),
            ["function", rest @ ..] if !rest.is_empty() => (None, None, rest),
            rest => (None, None, rest),
        };
        if account.is_some_and(|id| id.len() != 12 || !id.bytes().all(|b| b.is_ascii_digit())) {
            return Err(InvalidName);
        }
        let (name, qualifier) = match rest {
            [name] => (name.parse()?, None),
            [name, qualifier] => (name.parse()?, Some(qualifier.parse()?)),
            _ => return Err(InvalidName),
        };
        Ok(Self { account: account.map(str::to_owned), region: region.map(str::to_owned), name, qualifier })
    }
}

impl FromStr for FunctionArn {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        match text.parse()? {
            FunctionReference { account: Some(account), region: Some(region), name, qualifier } => {
                Ok(Self { region, account, name, qualifier })
            }
            _ => Err(InvalidName),
        }
    }
}

impl fmt::Display for FunctionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Qualifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str(LATEST),
            Self::Version(number) => write!(f, "{number}"),
            Self::Alias(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for FunctionArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.world().arn("lambda", format_args!("function:{}", self.name)))?;
        self.qualifier.as_ref().map_or(Ok(()), |qualifier| write!(f, ":{qualifier}"))
    }
}

/// Lets serde carry a type as its text.
macro_rules! as_text {
    ($type:ty) => {
        impl TryFrom<String> for $type {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, InvalidName> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.to_string()
            }
        }
    };
}

as_text!(FunctionName);
as_text!(Qualifier);
as_text!(FunctionArn);

/// The number of an account.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// `us-east-1`, `us-gov-west-1`, `eusc-de-east-1` and the like.
pub(crate) fn is_region(text: &str) -> bool {
    let is_lower = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase());
    let is_kind = |text: &str| text == "gov" || (text.starts_with("iso") && text.len() <= 4 && is_lower(text));
    let is_digit = |text: &str| text.len() == 1 && text.bytes().all(|b| b.is_ascii_digit());
    let (country, place, number) = match text.strip_prefix("eusc-").unwrap_or(text).split('-').collect::<Vec<_>>()[..] {
        [country, place, number] => (country, place, number),
        [country, kind, place, number] if is_kind(kind) => (country, place, number),
        _ => return false,
    };
    country.len() == 2 && is_lower(country) && is_lower(place) && is_digit(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_named_in_four_ways() {
        let check = |text: &str, account: Option<&str>, region: Option<&str>, qualifier: Option<Qualifier>| {
            let got: FunctionReference = text.parse().unwrap();
            let name = "my-fn_1".parse().unwrap();
            let (account, region) = (account.map(str::to_owned), region.map(str::to_owned));
            assert_eq!(got, FunctionReference { account, region, name, qualifier });
        };
        let (id, region) = (Some("123456789012"), Some("eu-west-1"));
        check("my-fn_1", None, None, None);
        check("my-fn_1:$LATEST", None, None, Some(Qualifier::Latest));
        check("my-fn_1:7", None, None, Some(Qualifier::Version(7)));
        check("123456789012:function:my-fn_1", id, None, None);
        check("function:my-fn_1", None, None, None);
        check("arn:aws:lambda:eu-west-1:123456789012:function:my-fn_1", id, region, None);
        check(
            "arn:aws:lambda:eu-west-1:123456789012:function:my-fn_1:live",
            id,
            region,
            Some(Qualifier::Alias("live".into())),
        );
    }

    #[test]
    fn what_is_no_function_is_refused() {
        let long = "x".repeat(65);
        for text in ["", "a b", "a:b:c:d", "12:function:f", "arn:aws:kinesis:r:123456789012:function:f", "f:", &long] {
            assert_eq!(text.parse::<FunctionReference>(), Err(InvalidName), "{text}");
        }
    }

    #[test]
    fn an_arn_keeps_its_qualifier() {
        for text in [
            "arn:aws:lambda:us-east-1:000000000000:function:f",
            "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST",
            "arn:aws:lambda:us-east-1:000000000000:function:f:12",
        ] {
            assert_eq!(text.parse::<FunctionArn>().unwrap().to_string(), text);
        }
        assert!("f".parse::<FunctionArn>().is_err());
    }
}
