//! The provider functions, one module each.
//!
//! Their errors are worded as hashicorp/aws words them, and like there blame the call and not an argument.

mod arn_build;
mod arn_parse;
mod trim_iam_role_path;
mod user_agent;

use tf_framework::Registry;

use crate::client::Aws;

/// Adds every function.
pub(crate) fn register(registry: Registry<Aws>) -> Registry<Aws> {
    registry
        .function::<arn_build::ArnBuild>()
        .function::<arn_parse::ArnParse>()
        .function::<trim_iam_role_path::TrimIamRolePath>()
        .function::<user_agent::UserAgent>()
}
