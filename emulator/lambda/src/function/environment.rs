//! The rules for an owner's environment variables.

use std::collections::BTreeMap;

use crate::Error;

/// What Lambda sets itself and lets nobody else set.
const RESERVED: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

/// All names and values together, as the JSON that AWS measures.
const MAX_BYTES: usize = 4096;

/// Whether an owner may set these.
pub(super) fn check(variables: &BTreeMap<String, String>) -> Result<(), Error> {
    let reserved: Vec<&str> = variables.keys().map(String::as_str).filter(|name| RESERVED.contains(name)).collect();
    if !reserved.is_empty() {
        return Err(Error::ReservedEnvironment(reserved.join(", ")));
    }
    let measured = serde_json::to_string(variables).expect("a map of texts encodes");
    if measured.len() > MAX_BYTES {
        return Err(Error::EnvironmentTooLarge(measured));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_and_bulk_are_refused() {
        let one = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
        assert_eq!(check(&one("PATH", "/bin")), Ok(()));
        assert_eq!(check(&one("AWS_REGION", "x")), Err(Error::ReservedEnvironment("AWS_REGION".to_owned())));
        assert_eq!(check(&one("A", &"x".repeat(4096 - 8))), Ok(()));
        assert!(matches!(check(&one("A", &"x".repeat(4096))), Err(Error::EnvironmentTooLarge(_))));
    }
}
