//! GetSessionToken gives temporary credentials of the caller's account, for 15 minutes to 36 hours; 12 hours unless told.

use aws_wire::{Action, Call, Pattern, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::credentials::Credentials;
use crate::{Error, Sts};

const DEFAULT_SECS: u32 = 43_200;

pub(crate) struct GetSessionToken;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    duration_seconds: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    credentials: Credentials,
}

impl Action<Sts> for GetSessionToken {
    const NAME: &'static str = "GetSessionToken";
    const INPUT: Structure = Structure::new(
        "GetSessionTokenRequest",
        &[
            Shape::integer().range(900, 129_600).member("DurationSeconds"),
            Shape::string().length(9, 256).pattern(DEVICE).member("SerialNumber"),
            Shape::string().length(6, 6).pattern(DIGITS).member("TokenCode"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(sts: &Sts, call: &Call, input: Input) -> Result<Output, Error> {
        let secs = input.duration_seconds.unwrap_or(DEFAULT_SECS);
        Ok(Output { credentials: Credentials::issue(sts.env(), &call.world.account, secs) })
    }
}

/// The serial number of a device that makes codes.
pub(super) const DEVICE: Pattern = Pattern {
    text: r"[\w+=/:,.@-]*",
    matches: |text| text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=/:,.@-".contains(c)),
};
/// Such a code.
pub(super) const DIGITS: Pattern = Pattern { text: r"[\d]*", matches: |text| text.chars().all(|c| c.is_ascii_digit()) };

#[cfg(test)]
mod tests {
    use crate::access_key::account_of;
    use crate::fixture::{first, refuses, send};

    #[test]
    fn credentials_of_the_caller() {
        let (status, answer) = send("Action=GetSessionToken");
        assert_eq!(status, 200);
        assert_eq!(first(&answer, "Expiration").as_deref(), Some("2026-11-24T04:47:00Z"));
        let key = first(&answer, "AccessKeyId").unwrap();
        assert_eq!(account_of(&key).as_deref(), Some("000000000000"));
        let (_, answer) = send("Action=GetSessionToken&DurationSeconds=900");
        assert_eq!(first(&answer, "Expiration").as_deref(), Some("2026-11-23T17:02:00Z"));
    }

    #[test]
    fn not_too_short() {
        refuses(
            "Action=GetSessionToken&DurationSeconds=899",
            400,
            "ValidationError",
            "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have \
             value greater than or equal to 900",
        );
    }
}
