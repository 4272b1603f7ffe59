//! Whom a role lets assume it, as far as the trust policy alone decides.
//!
//! Conditions are about the request that assumes the role, which is not at hand when somebody asks beforehand: a
//! conditional permission counts as given, a conditional refusal as not.

use crate::document::{Effect, Policy, Principal, Statement};

/// Whether a service can assume a role.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Assumable {
    /// The trust policy lets it.
    Yes,
    /// The trust policy does not let it.
    NotTrusted,
    /// There is no such role.
    NoSuchRole,
}

/// Whether the trust policy `document` lets the service `principal` assume the role.
pub(crate) fn trusts_service(document: &str, principal: &str) -> bool {
    // What is stored was checked; a document that no longer parses trusts nobody.
    let Ok(policy) = serde_json::from_str::<Policy>(document) else { return false };
    let about = |statement: &&Statement| is_about(statement, principal);
    let mut allowed = false;
    for statement in policy.statements().unwrap_or_default().iter().filter(about) {
        match statement.effect {
            Some(Effect::Allow) => allowed = true,
            Some(Effect::Deny) if statement.condition.is_none() => return false,
            Some(Effect::Deny) | None => {}
        }
    }
    allowed
}

fn is_about(statement: &Statement, principal: &str) -> bool {
    let names = |principals: &Principal| match principals {
        Principal::Anyone(_) => true,
        Principal::Kinds(kinds) => {
            kinds.get("Service").is_some_and(|services| services.iter().any(|service| service == principal))
        }
    };
    let principal = match (&statement.principal, &statement.not_principal) {
        (Some(named), _) => names(named),
        (None, Some(excepted)) => !names(excepted),
        (None, None) => false,
    };
    let action = match (&statement.action, &statement.not_action) {
        (Some(actions), _) => actions.iter().any(matches_assume_role),
        (None, Some(excepted)) => !excepted.iter().any(matches_assume_role),
        (None, None) => false,
    };
    principal && action
}

/// Whether a pattern of actions, with its `*` and `?`, covers `sts:AssumeRole`. Actions know no case.
fn matches_assume_role(pattern: &str) -> bool {
    fn matches(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', rest)), _) => (0..=text.len()).any(|skipped| matches(rest, &text[skipped..])),
            (Some((b'?', rest)), Some((_, text))) => matches(rest, text),
            (Some((wanted, rest)), Some((found, text))) if wanted.eq_ignore_ascii_case(found) => matches(rest, text),
            _ => false,
        }
    }
    // A run of asterisks is one; collapsing them keeps the search short.
    let mut pattern = pattern.as_bytes().to_vec();
    pattern.dedup_by(|a, b| *a == b'*' && *b == b'*');
    matches(&pattern, b"sts:AssumeRole")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(statements: &str, expected: bool) {
        let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        assert_eq!(trusts_service(&document, "lambda.amazonaws.com"), expected, "{document}");
    }

    #[test]
    fn services() {
        let allow =
            |principal: &str| format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}"#);
        check(&allow(r#"{"Service":"lambda.amazonaws.com"}"#), true);
        check(&allow(r#"{"Service":["ec2.amazonaws.com","lambda.amazonaws.com"]}"#), true);
        check(&allow(r#""*""#), true);
        check(&allow(r#"{"Service":"ec2.amazonaws.com"}"#), false);
        check(&allow(r#"{"AWS":"*"}"#), false);
    }

    #[test]
    fn a_refusal_wins_unless_it_is_conditional() {
        let statement = |effect: &str, more: &str| {
            format!(
                r#"{{"Effect":"{effect}","Principal":{{"Service":"lambda.amazonaws.com"}},"Action":"sts:*"{more}}}"#
            )
        };
        let condition = r#","Condition":{"StringEquals":{"aws:SourceAccount":"1"}}"#;
        check(&statement("Allow", condition), true);
        check(&format!("{},{}", statement("Allow", ""), statement("Deny", "")), false);
        check(&format!("{},{}", statement("Allow", ""), statement("Deny", condition)), true);
    }

    #[test]
    fn actions() {
        for (pattern, expected) in [
            ("sts:AssumeRole", true),
            ("STS:assumerole", true),
            ("sts:Assume*", true),
            ("sts:AssumeRol?", true),
            ("*", true),
            ("****************************x", false),
            ("sts:AssumeRoleWithSAML", false),
            ("sts:TagSession", false),
        ] {
            assert_eq!(matches_assume_role(pattern), expected, "{pattern}");
        }
    }
}
