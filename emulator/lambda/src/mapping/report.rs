//! `LastProcessingResult`: one sentence about how the last batch went.

use crate::destination::DeliveryError;
use crate::invoke::Outcome;
use crate::keys::KeyError;
use crate::name::FunctionArn;

/// Before the first batch.
pub(crate) const NOTHING_YET: &str = "No records processed";
const OK: &str = "OK";
const CALL_FAILED: &str = "PROBLEM: Function call failed";

/// The sentence about an invocation of `function` that ended with `outcome`.
pub(super) fn of_invocation(outcome: &Outcome, function: &FunctionArn, request_id: &str) -> String {
    match outcome {
        Outcome::Success { .. } => OK.to_owned(),
        Outcome::FunctionError { .. } => CALL_FAILED.to_owned(),
        Outcome::Throttled { .. } => service_side("Rate Exceeded.", 429, "TooManyRequestsException", request_id),
        Outcome::NotFound => {
            service_side(&format!("Function not found: {function}"), 404, "ResourceNotFoundException", request_id)
        }
        Outcome::ServiceError { code, message } => {
            let status = aws_wire::AwsError::new(*code, message.as_str()).rest_status().as_u16();
            service_side(message, status, code, request_id)
        }
    }
}

/// The sentence about a source that could not be read.
pub(super) fn of_source(problem: &str) -> String {
    format!("PROBLEM: {problem}")
}

/// The sentence about records that the failure destination has not taken.
pub(super) fn of_destination(error: &DeliveryError) -> String {
    format!("PROBLEM: The failure destination did not take the records: {error}")
}

/// The sentence about filters that cannot be read.
pub(super) fn of_key(error: &KeyError) -> String {
    format!("PROBLEM: The filter criteria cannot be decrypted: {error}")
}

/// Whether `new` says the same as `old` but for the request id, which differs every time.
pub(super) fn is_repetition(old: &str, new: &str) -> bool {
    old.split("Request ID: ").next() == new.split("Request ID: ").next()
}

fn service_side(message: &str, status: u16, code: &str, request_id: &str) -> String {
    format!(
        "PROBLEM: {message} (Service: AWSLambda; Status Code: {status}; Error Code: {code}; Request ID: {request_id})"
    )
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::invoke::{FunctionErrorKind, ThrottleReason};

    #[test]
    fn says_what_lambda_says() {
        let function = "arn:aws:lambda:us-east-1:000000000000:function:f".parse().unwrap();
        let check = |outcome: Outcome, text: &str| assert_eq!(of_invocation(&outcome, &function, "id-1"), text);
        let version = || "$LATEST".to_owned();
        check(Outcome::Success { payload: Bytes::new(), executed_version: version() }, "OK");
        let kind = FunctionErrorKind::Unhandled;
        check(
            Outcome::FunctionError { kind, payload: Bytes::new(), executed_version: version() },
            "PROBLEM: Function call failed",
        );
        check(
            Outcome::NotFound,
            "PROBLEM: Function not found: arn:aws:lambda:us-east-1:000000000000:function:f (Service: AWSLambda; Status \
             Code: 404; Error Code: ResourceNotFoundException; Request ID: id-1)",
        );
        check(
            Outcome::Throttled { reason: ThrottleReason::ConcurrentInvocationLimitExceeded },
            "PROBLEM: Rate Exceeded. (Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException; Request \
             ID: id-1)",
        );
    }

    #[test]
    fn another_request_id_is_no_news() {
        assert!(is_repetition("PROBLEM: x (Request ID: 1)", "PROBLEM: x (Request ID: 2)"));
        assert!(is_repetition("OK", "OK"));
        assert!(!is_repetition("PROBLEM: x (Request ID: 1)", "PROBLEM: y (Request ID: 1)"));
        assert!(!is_repetition("OK", "No records processed"));
    }
}
