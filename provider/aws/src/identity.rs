//! What names an AWS object for good: its own attributes, the account and, if it is not global, the region. An ARN says all
//! of that.

use tf_framework::{Diagnostic, Diagnostics, Identity, Value};

use crate::arn::account_of_arn;
use crate::client::Aws;

const ACCOUNT: &str = "account_id";
const REGION: &str = "region";

/// An object of a region, named by these attributes within its account.
pub(crate) const fn regional(attributes: &'static [&'static str]) -> Identity {
    Identity::new(attributes).or_own(&[ACCOUNT, REGION])
}

/// An object that is the same in all regions, named by these attributes within its account.
pub(crate) const fn global(attributes: &'static [&'static str]) -> Identity {
    Identity::new(attributes).or_own(&[ACCOUNT])
}

/// A statement in the policy of a function or of one of its versions and aliases.
pub(crate) const STATEMENT: Identity =
    Identity::new(&["function_name", "statement_id"]).or_own(&["qualifier", ACCOUNT, REGION]);

/// An object that the ARN in this attribute names.
pub(crate) const fn arn(attribute: &'static [&'static str; 1]) -> Identity {
    Identity::new(attribute)
}

/// What a state does not say of its object. The ARN in it knows the account without a call.
pub(crate) async fn part(aws: &Aws, name: &str, state: &Value) -> Option<String> {
    match name {
        ACCOUNT => match state.get("arn").as_str().and_then(account_of_arn) {
            Some(account) => Some(account.to_owned()),
            None => aws.account().await.map(str::to_owned),
        },
        REGION => aws.region().as_str().map(str::to_owned),
        _ => None,
    }
}

/// The import id with the region of the identity, which must be of the provider's own account.
pub(crate) async fn import_id(aws: &Aws, id: String, identity: &Value) -> Result<String, Diagnostics> {
    if let (Some(given), Some(own)) = (identity.get(ACCOUNT).as_str(), aws.account().await)
        && given != own
    {
        let summary = format!(
            "identity attribute {ACCOUNT:?}: Provider configured with Account ID {own:?} cannot be used to import \
             resources from account {given:?}"
        );
        return Err(Diagnostic::error(summary, "Use a provider block with credentials of that account.").into());
    }
    Ok(match identity.get(REGION).as_str() {
        // What there is one of in a region has no other name.
        Some(region) if id != region => format!("{id}@{region}"),
        Some(_) | None => id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(entries: &[(&str, &str)]) -> Value {
        Value::Map(entries.iter().map(|&(name, text)| (name.to_owned(), text.into())).collect())
    }

    #[tokio::test]
    async fn an_arn_in_the_state_tells_the_account() {
        let aws = Aws::for_tests();
        let state = value(&[("arn", "arn:aws:kinesis:eu-west-1:111122223333:stream/s")]);
        assert_eq!(part(&aws, ACCOUNT, &state).await.as_deref(), Some("111122223333"));
        // Nobody can be asked here.
        assert_eq!(part(&aws, ACCOUNT, &Value::Null).await, None);
        assert_eq!(part(&aws, REGION, &Value::Null).await.as_deref(), Some("us-east-1"));
        assert_eq!(part(&aws, "qualifier", &Value::Null).await, None);
    }

    #[tokio::test]
    async fn an_import_id_ends_in_the_region_of_the_identity() {
        let aws = Aws::for_tests();
        for (id, identity, expected) in [
            ("s", value(&[("name", "s"), (REGION, "eu-west-1")]), "s@eu-west-1"),
            ("r", value(&[("name", "r"), (ACCOUNT, "111122223333")]), "r"),
            ("eu-west-1", value(&[(REGION, "eu-west-1")]), "eu-west-1"),
        ] {
            assert_eq!(import_id(&aws, id.to_owned(), &identity).await.unwrap(), expected);
        }
    }
}
