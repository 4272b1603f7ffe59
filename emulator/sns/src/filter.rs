//! Which messages a subscription wants: a filter policy, compiled once and held against the attributes of a message or against
//! its body.
//!
//! All names of a policy must be satisfied, each by one of its conditions; a value that is a list satisfies a condition if one
//! of its elements does. <https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html>

use serde_json::{Map, Value};

/// As many conditions as a policy may come to: names multiply.
const MOST_COMBINATIONS: usize = 150;

/// A compiled policy.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Policy(Vec<Rule>);

#[derive(Clone, PartialEq, Debug)]
enum Rule {
    Field(String, Vec<Condition>),
    Nested(String, Policy),
    Any(Vec<Policy>),
}

#[derive(Clone, PartialEq, Debug)]
enum Condition {
    Exact(Value),
    Prefix(String),
    Suffix(String),
    IgnoringCase(String),
    AnythingBut(Vec<Self>),
    Numeric(Vec<(Comparison, f64)>),
    Exists(bool),
    Network(Network),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A range of addresses, of one family.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Network {
    address: std::net::IpAddr,
    prefix: u32,
}

/// What is wrong with a policy.
type Fault = String;

impl Policy {
    /// Compiles a policy for attributes, or for bodies, whose names can nest.
    pub(crate) fn parse(text: &str, nests: bool) -> Result<Self, Fault> {
        let document: Value = serde_json::from_str(text).map_err(|_| "failed to parse JSON.".to_owned())?;
        let Value::Object(map) = document else { return Err("Filter policy must be an object".to_owned()) };
        let policy = Self::compile(&map, nests)?;
        if policy.combinations() > MOST_COMBINATIONS {
            return Err(format!("Filter policy is too complex: more than {MOST_COMBINATIONS} combinations"));
        }
        Ok(policy)
    }

    fn compile(map: &Map<String, Value>, nests: bool) -> Result<Self, Fault> {
        let rules = map.iter().map(|(name, value)| match value {
            Value::Array(list) if name == "$or" => {
                let policies = list.iter().map(|value| match value {
                    Value::Object(map) => Self::compile(map, nests),
                    _ => Err("\"$or\" must be an array of objects".to_owned()),
                });
                Ok(Rule::Any(policies.collect::<Result<_, _>>()?))
            }
            Value::Array(list) if list.is_empty() => Err("Empty arrays are not allowed".to_owned()),
            Value::Array(list) => {
                Ok(Rule::Field(name.clone(), list.iter().map(Condition::parse).collect::<Result<_, _>>()?))
            }
            Value::Object(map) if nests => Ok(Rule::Nested(name.clone(), Self::compile(map, nests)?)),
            Value::Object(_) => {
                Err("Filter policy scope MessageAttributes does not support nested filter policy".to_owned())
            }
            _ => Err(format!("\"{name}\" must be an object or an array")),
        });
        Ok(Self(rules.collect::<Result<_, _>>()?))
    }

    fn combinations(&self) -> usize {
        let of = |rule: &Rule| match rule {
            Rule::Field(_, conditions) => conditions.len(),
            Rule::Nested(_, policy) => policy.combinations(),
            Rule::Any(policies) => policies.iter().map(Self::combinations).fold(0, usize::saturating_add),
        };
        self.0.iter().map(of).fold(1, usize::saturating_mul)
    }

    /// Whether what has these members is wanted.
    pub(crate) fn matches(&self, members: &Map<String, Value>) -> bool {
        self.0.iter().all(|rule| match rule {
            Rule::Field(name, conditions) => conditions.iter().any(|condition| condition.matches(members.get(name))),
            Rule::Nested(name, policy) => match members.get(name) {
                Some(Value::Object(inner)) => policy.matches(inner),
                Some(Value::Array(list)) => {
                    list.iter().any(|value| value.as_object().is_some_and(|inner| policy.matches(inner)))
                }
                // What is not there can still be what is asked for.
                _ => policy.matches(&Map::new()),
            },
            Rule::Any(policies) => policies.iter().any(|policy| policy.matches(members)),
        })
    }
}

impl Condition {
    fn parse(value: &Value) -> Result<Self, Fault> {
        let Value::Object(map) = value else {
            return if value.is_array() {
                Err("Match value must be String, number, true, false, or null".to_owned())
            } else {
                Ok(Self::Exact(value.clone()))
            };
        };
        let Some((operator, operand)) = map.iter().next().filter(|_| map.len() == 1) else {
            return Err("Only one key allowed in match expression".to_owned());
        };
        let text =
            || operand.as_str().map(str::to_owned).ok_or_else(|| format!("{operator} match pattern must be a string"));
        match operator.as_str() {
            "prefix" => Ok(Self::Prefix(text()?)),
            "suffix" => Ok(Self::Suffix(text()?)),
            "equals-ignore-case" => Ok(Self::IgnoringCase(text()?.to_lowercase())),
            "exists" => operand
                .as_bool()
                .map(Self::Exists)
                .ok_or_else(|| "exists match pattern must be either true or false.".to_owned()),
            "cidr" => {
                Network::parse(&text()?).map(Self::Network).ok_or_else(|| "Malformed CIDR, one '/' required".to_owned())
            }
            "numeric" => numeric(operand).map(Self::Numeric),
            "anything-but" => {
                let nested = match operand {
                    Value::Array(list) if list.is_empty() => return Err("Empty arrays are not allowed".to_owned()),
                    Value::Array(list) => list.iter().map(Self::parse).collect::<Result<Vec<_>, _>>()?,
                    one => vec![Self::parse(one)?],
                };
                let negates = |inner: &Self| {
                    matches!(inner, Self::Exact(_) | Self::Prefix(_) | Self::Suffix(_) | Self::IgnoringCase(_))
                };
                if nested.iter().all(negates) {
                    Ok(Self::AnythingBut(nested))
                } else {
                    Err("Value of anything-but must be an array or single string/number value.".to_owned())
                }
            }
            other => Err(format!("Unrecognized match type {other}")),
        }
    }

    fn matches(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Exists(wanted), value) => value.is_some() == *wanted,
            (_, None) => false,
            (condition, Some(Value::Array(list))) => list.iter().any(|value| condition.is_met_by(value)),
            (condition, Some(value)) => condition.is_met_by(value),
        }
    }

    fn is_met_by(&self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Self::Exact(Value::Number(wanted)) => value.as_f64().is_some_and(|number| Some(number) == wanted.as_f64()),
            Self::Exact(wanted) => value == wanted,
            Self::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix)),
            Self::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix)),
            Self::IgnoringCase(wanted) => text.is_some_and(|text| text.to_lowercase() == *wanted),
            Self::AnythingBut(others) => !others.iter().any(|other| other.is_met_by(value)),
            Self::Numeric(bounds) => value
                .as_f64()
                .is_some_and(|number| bounds.iter().all(|(comparison, bound)| comparison.holds(number, *bound))),
            Self::Exists(wanted) => *wanted,
            Self::Network(network) => text.is_some_and(|text| network.contains(text)),
        }
    }
}

/// `["=", 1]`, or one bound, or a lower and an upper one.
fn numeric(operand: &Value) -> Result<Vec<(Comparison, f64)>, Fault> {
    let refuse = || "Value of numeric must be an array of one or two comparisons.".to_owned();
    let list = operand.as_array().filter(|list| matches!(list.len(), 2 | 4)).ok_or_else(refuse)?;
    let pairs = list.chunks_exact(2).map(|pair| {
        let comparison = match pair[0].as_str() {
            Some("=") => Comparison::Equal,
            Some("<") => Comparison::Less,
            Some("<=") => Comparison::LessOrEqual,
            Some(">") => Comparison::Greater,
            Some(">=") => Comparison::GreaterOrEqual,
            _ => return Err("Unrecognized numeric range operator".to_owned()),
        };
        let bound = pair[1].as_f64().ok_or_else(|| format!("Value of {} must be numeric", pair[0]))?;
        Ok((comparison, bound))
    });
    let bounds = pairs.collect::<Result<Vec<_>, Fault>>()?;
    let is_range = |bounds: &[(Comparison, f64)]| {
        matches!(
            bounds,
            [(Comparison::Greater | Comparison::GreaterOrEqual, low), (Comparison::Less | Comparison::LessOrEqual, high)] if low < high
        )
    };
    if bounds.len() == 1 || is_range(&bounds) { Ok(bounds) } else { Err("Bottom must be less than top".to_owned()) }
}

impl Comparison {
    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            #[expect(clippy::float_cmp, reason = "a number equals what was written for it, or does not")]
            Self::Equal => number == bound,
            Self::Less => number < bound,
            Self::LessOrEqual => number <= bound,
            Self::Greater => number > bound,
            Self::GreaterOrEqual => number >= bound,
        }
    }
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let address: std::net::IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.parse().ok().filter(|prefix| *prefix <= most)?;
        Some(Self { address, prefix })
    }

    fn contains(self, text: &str) -> bool {
        use std::net::IpAddr;
        // Bits beyond the prefix do not count; a shift by all of them leaves nothing.
        let differing = match (self.address, text.parse()) {
            (IpAddr::V4(own), Ok(IpAddr::V4(other))) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(32 - self.prefix).unwrap_or(0) != 0
            }
            (IpAddr::V6(own), Ok(IpAddr::V6(other))) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(128 - self.prefix).unwrap_or(0) != 0
            }
            _ => true,
        };
        !differing
    }
}

#[cfg(test)]
mod tests;
