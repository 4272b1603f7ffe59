//! A set of temporary credentials, as the API shows it.

use std::time::Duration;

use aws_wire::IsoSeconds;
use env::Env;
use serde::Serialize;

use crate::access_key;

/// Credentials that are valid until they expire.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: IsoSeconds,
}

impl Credentials {
    /// New credentials of `account`, valid for `secs` from now.
    pub(crate) fn issue(env: &Env, account: &str, secs: u32) -> Self {
        Self {
            access_key_id: access_key::issue(env, account),
            secret_access_key: env.random.hex::<20>(),
            session_token: env.random.hex::<128>(),
            expiration: IsoSeconds::of(env.clock.now() + Duration::from_secs(secs.into())),
        }
    }
}
