//! GetCallerIdentity tells whose credentials signed the request. Nobody is ever refused an answer.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::service::caller_arn;
use crate::{Error, Sts};

pub(crate) struct GetCallerIdentity;

#[derive(Deserialize)]
pub(crate) struct Input {}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    arn: String,
    user_id: String,
    account: String,
}

impl Action<Sts> for GetCallerIdentity {
    const NAME: &'static str = "GetCallerIdentity";
    const INPUT: Structure = Structure::new("GetCallerIdentityRequest", &[]);
    type Input = Input;
    type Output = Output;

    async fn run(_: &Sts, call: &Call, _: Input) -> Result<Output, Error> {
        let account = call.world.account.clone();
        Ok(Output { arn: caller_arn(call), user_id: account.clone(), account })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::send;

    #[test]
    fn the_account_itself() {
        assert_eq!(
            send("Action=GetCallerIdentity&Version=2011-06-15"),
            (
                200,
                "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
                 <Account>000000000000</Account><Arn>arn:aws:iam::000000000000:root</Arn><UserId>000000000000</UserId>\
                 </GetCallerIdentityResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata>\
                 </GetCallerIdentityResponse>"
                    .to_owned()
            )
        );
    }
}
