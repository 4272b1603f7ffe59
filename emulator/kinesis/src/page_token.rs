//! Tokens that page through a listing: opaque, good for 300 seconds.
//!
//! Invariant: a token opens only as the kind of listing it was made for.

use env::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::seal::Secret;

/// How long a token can be used.
const LIFETIME_MILLIS: u64 = 300_000;

/// Where a listing goes on.
pub(crate) trait Page: Serialize + DeserializeOwned {
    /// What is listed.
    const KIND: &'static str;
}

#[derive(Serialize, Deserialize)]
struct Sealed<P> {
    kind: String,
    issued: u64,
    page: P,
}

/// The token of `page`.
pub(crate) fn close<P: Page>(page: P, secret: &Secret, now: Timestamp) -> Result<String> {
    let sealed = Sealed { kind: P::KIND.to_owned(), issued: now.as_millis(), page };
    let content = serde_json::to_vec(&sealed).map_err(|error| {
        tracing::error!(%error, "a page token does not encode");
        Error::Internal
    })?;
    Ok(secret.close(content))
}

/// The page that a token stands for, if it is one of ours and still good at `now`.
pub(crate) fn open<P: Page>(token: &str, secret: &Secret, now: Timestamp) -> Result<P> {
    let content = secret.open(token).ok_or(Error::TokenInvalid)?;
    let sealed: Sealed<P> = serde_json::from_slice(&content).map_err(|_| Error::TokenInvalid)?;
    if sealed.kind != P::KIND {
        return Err(Error::TokenInvalid);
    }
    if now.as_millis().saturating_sub(sealed.issued) > LIFETIME_MILLIS {
        return Err(Error::TokenExpired);
    }
    Ok(sealed.page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Apples(u32);
    impl Page for Apples {
        const KIND: &'static str = "apples";
    }

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Pears(u32);
    impl Page for Pears {
        const KIND: &'static str = "pears";
    }

    #[test]
    fn opens_as_what_it_was_for_300_seconds() {
        let (secret, at) = (Secret::of(7), Timestamp::from_secs);
        let token = close(Apples(3), &secret, at(1000)).unwrap();
        assert_eq!(open::<Apples>(&token, &secret, at(1300)).unwrap(), Apples(3));
        assert!(matches!(open::<Apples>(&token, &secret, at(1301)), Err(Error::TokenExpired)));
        assert!(matches!(open::<Pears>(&token, &secret, at(1000)), Err(Error::TokenInvalid)));
        assert!(matches!(open::<Apples>("garbage", &secret, at(1000)), Err(Error::TokenInvalid)));
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_sealed_opens_or_does_not(content in "\\PC{0,80}", kind in "apples|pears", page in "[0-9a\"]{0,12}") {
            let sealed = format!("{{\"kind\":\"{kind}\",\"issued\":{page},\"page\":{page}}}");
            for token in [Secret::of(7).close(content.clone().into_bytes()), Secret::of(7).close(sealed.into_bytes()), content] {
                let _ = open::<Apples>(&token, &Secret::of(7), Timestamp::from_secs(1000));
            }
        }
    }
}
