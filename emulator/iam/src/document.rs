//! Policy documents: is a text the JSON that a policy must be?
//!
//! Only the structure is judged, in the words that AWS has for it. The text itself is kept and shown as it was sent.

mod grammar;

use std::collections::HashSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::Error;

pub(crate) use grammar::{Effect, OneOrMany, Policy, Principal, Statement};

/// What RFC 3986 leaves as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The way documents travel in answers.
pub(crate) fn url_encoded(document: &str) -> String {
    utf8_percent_encode(document, RESERVED).to_string()
}

/// The length that quotas count: white space is free.
pub(crate) fn counted_length(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

/// Why a text is not a policy.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// An identity policy that does not parse.
    #[error("Syntax errors in policy.")]
    Syntax,
    /// A trust policy that is not JSON.
    #[error("This policy contains invalid Json")]
    Json,
    /// A trust policy lacks something.
    #[error("Missing required field {0}")]
    Missing(&'static str),
    /// A trust policy says something that it may not.
    #[error("Has prohibited field {0}")]
    Prohibited(&'static str),
    /// A policy without statements.
    #[error("Could not parse the policy: Statement is empty!")]
    NoStatements,
    /// A trust policy about other actions.
    #[error("AssumeRole policy may only specify STS AssumeRole actions.")]
    NotAssumeRole,
    /// An identity policy names a principal.
    #[error("Policy document should not specify a principal.")]
    Principal,
    /// A principal of a kind that there is not, or without a name.
    #[error("Invalid principal in policy: \"{kind}\":\"{name}\"")]
    InvalidPrincipal {
        /// `AWS`, `SERVICE` …
        kind: String,
        /// The name that is wrong.
        name: String,
    },
    /// A statement without actions.
    #[error("Policy statement must contain actions.")]
    NoActions,
    /// A statement without resources.
    #[error("Policy statement must contain resources.")]
    NoResources,
    /// An action without the service in front.
    #[error("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")]
    NoVendor,
    /// A resource that is no ARN.
    #[error("Resource {0} must be in ARN format or \"*\".")]
    NoArn(String),
    /// A statement id with other characters.
    #[error(
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
    )]
    SidCharacters,
    /// A statement id twice.
    #[error("Statement IDs (SID) in a single policy must be unique.")]
    SidTwice,
}

/// Refuses what is not a policy about what an identity may do; `member` is where it came in.
pub(crate) fn check_permissions(member: &'static str, document: &str) -> Result<(), Error> {
    check_printable(member, document)?;
    let policy: Policy = serde_json::from_str(document).map_err(|_| Fault::Syntax)?;
    let statements = policy.statements().ok_or(Fault::Syntax)?;
    for statement in statements {
        if statement.principal.is_some() || statement.not_principal.is_some() {
            return Err(Fault::Principal.into());
        }
        statement.effect.ok_or(Fault::Syntax)?;
        let actions = one_of(&statement.action, &statement.not_action).ok_or(Fault::NoActions)?;
        if actions.iter().any(|action| *action != "*" && !action.contains(':')) {
            return Err(Fault::NoVendor.into());
        }
        let resources = one_of(&statement.resource, &statement.not_resource).ok_or(Fault::NoResources)?;
        if let Some(odd) = resources.iter().find(|resource| **resource != "*" && !resource.starts_with("arn:")) {
            return Err(Fault::NoArn((*odd).to_owned()).into());
        }
    }
    check_sids(statements)
}

/// Refuses what is not a policy about who may assume a role; `member` is where it came in.
pub(crate) fn check_trust(member: &'static str, document: &str) -> Result<(), Error> {
    check_printable(member, document)?;
    if serde_json::from_str::<serde_json::Value>(document).is_err() {
        return Err(Fault::Json.into());
    }
    let policy: Policy = serde_json::from_str(document).map_err(|_| Fault::Syntax)?;
    let statements = policy.statements().ok_or(Fault::Missing("Statement"))?;
    if statements.is_empty() {
        return Err(Fault::NoStatements.into());
    }
    for statement in statements {
        statement.effect.ok_or(Fault::Missing("Effect"))?;
        if statement.resource.is_some() || statement.not_resource.is_some() {
            return Err(Fault::Prohibited("Resource").into());
        }
        let actions = one_of(&statement.action, &statement.not_action).ok_or(Fault::Missing("Action"))?;
        if actions.iter().any(|action| *action != "*" && !action.to_ascii_lowercase().starts_with("sts:")) {
            return Err(Fault::NotAssumeRole.into());
        }
        match (&statement.principal, &statement.not_principal) {
            (None, None) => return Err(Fault::Missing("Principal").into()),
            (Some(_), Some(_)) => return Err(Fault::Syntax.into()),
            (Some(principal), None) | (None, Some(principal)) => check_principal(principal)?,
        }
    }
    check_sids(statements)
}

fn check_printable(member: &'static str, document: &str) -> Result<(), Error> {
    let printable = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='ÿ');
    if document.chars().all(printable) { Ok(()) } else { Err(Error::UnprintableDocument { member }) }
}

/// What a statement says of actions or resources, which it may say in the positive or in the negative, but not in both
/// nor in neither.
fn one_of<'a>(positive: &'a Option<OneOrMany>, negative: &'a Option<OneOrMany>) -> Option<Vec<&'a str>> {
    match (positive, negative) {
        (Some(list), None) | (None, Some(list)) => Some(list.iter().collect()).filter(|list: &Vec<_>| !list.is_empty()),
        (Some(_), Some(_)) | (None, None) => None,
    }
}

fn check_principal(principal: &Principal) -> Result<(), Fault> {
    let Principal::Kinds(kinds) = principal else { return Ok(()) };
    if kinds.is_empty() {
        return Err(Fault::Missing("Principal"));
    }
    for (kind, names) in kinds {
        let known = matches!(kind.as_str(), "AWS" | "Service" | "Federated" | "CanonicalUser");
        let acceptable = |name: &&str| match kind.as_str() {
            // `lambda.amazonaws.com` and the like; a bare word is no service.
            "Service" => name.contains('.') && !name.contains(char::is_whitespace),
            "AWS" => *name == "*" || name.starts_with("arn:") || is_account(name) || is_unique_id(name),
            _ => !name.is_empty(),
        };
        let odd = names.iter().find(|name| !known || !acceptable(name));
        if let Some(name) = odd {
            return Err(Fault::InvalidPrincipal { kind: kind.to_ascii_uppercase(), name: name.to_owned() });
        }
    }
    Ok(())
}

fn is_account(name: &str) -> bool {
    name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// The id of a role or user, which AWS writes in place of its ARN when it is deleted.
fn is_unique_id(name: &str) -> bool {
    name.starts_with('A') && name.len() >= 16 && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn check_sids(statements: &[Statement]) -> Result<(), Error> {
    let mut seen = HashSet::new();
    for sid in statements.iter().filter_map(|statement| statement.sid.as_deref()) {
        if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Fault::SidCharacters.into());
        }
        if !sid.is_empty() && !seen.insert(sid) {
            return Err(Fault::SidTwice.into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
