//! VerifyMac: whether a code is that of a message. One that is not is an error.

use aws_lc_rs::hmac;
use aws_wire::{Action, Blob, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::action::generate_mac::authenticator;
use crate::error::{Error, Result};
use crate::service::Kms;
use crate::shape;

pub(super) struct VerifyMac;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    message: Blob,
    key_id: String,
    mac_algorithm: String,
    mac: Blob,
    dry_run: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    key_id: String,
    mac_valid: bool,
    mac_algorithm: String,
}

impl Action<Kms> for VerifyMac {
    const NAME: &'static str = "VerifyMac";
    const INPUT: Structure = Structure::new(
        "VerifyMacRequest",
        &[
            shape::MESSAGE.member("Message").required(),
            shape::KEY_ID.member("KeyId").required(),
            shape::MAC_ALGORITHM.member("MacAlgorithm").required(),
            shape::CIPHERTEXT.member("Mac").required(),
            shape::GRANT_TOKENS.member("GrantTokens"),
            Shape::boolean().member("DryRun"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
        let key = service.find(&call.world, &input.key_id)?;
        let authenticator = authenticator(&key, Self::NAME, &input.mac_algorithm)?;
        hmac::verify(&authenticator, &input.message.0, &input.mac.0).map_err(|_| Error::MacInvalid)?;
        if input.dry_run == Some(true) {
            return Err(Error::DryRun);
        }
        Ok(Output { key_id: key.arn(), mac_valid: true, mac_algorithm: input.mac_algorithm })
    }
}
