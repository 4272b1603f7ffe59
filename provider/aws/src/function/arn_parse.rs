//! `arn_parse`: the parts of an ARN.

use schemars::JsonSchema;
use serde::Deserialize;
use tf_framework::{Function, FunctionError};

use crate::arn::Arn;

/// Takes an ARN apart. The result is an object with `partition`, `service`, `region`, `account_id` and `resource`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ArnParse {
    /// The ARN.
    arn: String,
}

impl Function for ArnParse {
    const NAME: &'static str = "arn_parse";
    type Output = Arn;

    fn call(self) -> Result<Arn, FunctionError> {
        Arn::parse(&self.arn).map_err(FunctionError::new)
    }
}
