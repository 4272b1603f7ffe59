//! `trim_iam_role_path`: a role's ARN as services want it that know no paths.

use schemars::JsonSchema;
use serde::Deserialize;
use tf_framework::{Function, FunctionError};

use crate::arn::Arn;

/// Removes the path from the ARN of an IAM role. Some services take the ARN of a role only without it.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct TrimIamRolePath {
    /// The ARN of the role.
    arn: String,
}

impl Function for TrimIamRolePath {
    const NAME: &'static str = "trim_iam_role_path";
    type Output = String;

    fn call(self) -> Result<String, FunctionError> {
        let arn = Arn::parse(&self.arn).map_err(FunctionError::new)?;
        if arn.service != "iam" {
            return Err(FunctionError::new("service must be \"iam\""));
        }
        if !arn.region.is_empty() {
            return Err(FunctionError::new("region must be empty"));
        }
        let Some(path) = arn.resource.strip_prefix("role/") else {
            return Err(FunctionError::new("resource must begin with \"role/\""));
        };
        let name = path.rsplit('/').next().unwrap_or(path);
        let resource = format!("role/{name}");
        Ok(Arn { resource, ..arn }.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trim(arn: &str) -> Result<String, String> {
        TrimIamRolePath { arn: arn.to_owned() }.call().map_err(|error| error.text)
    }

    #[test]
    fn the_name_alone_is_left() {
        for arn in ["arn:aws:iam::444455556666:role/example", "arn:aws:iam::444455556666:role/with/some/path/example"] {
            assert_eq!(trim(arn).unwrap(), "arn:aws:iam::444455556666:role/example");
        }
        assert_eq!(trim("arn:aws-cn:iam::1:role/a//").unwrap(), "arn:aws-cn:iam::1:role/");
    }

    #[test]
    fn what_is_no_role_is_refused() {
        for (arn, words) in [
            ("foo", "arn: invalid prefix"),
            ("arn:aws:iam::role/example", "arn: not enough sections"),
            ("arn:aws:s3:::bucket/foo", "service must be \"iam\""),
            ("arn:aws:iam:us-east-1:444455556666:role/example", "region must be empty"),
            ("arn:aws:iam::444455556666:policy/example", "resource must begin with \"role/\""),
        ] {
            assert_eq!(trim(arn).unwrap_err(), words, "{arn}");
        }
    }
}
