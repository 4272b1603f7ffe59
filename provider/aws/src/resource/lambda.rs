//! What the Lambda resources share: the ways to write a function, and what API Gateway calls one.

use tf_framework::Attr;

use crate::arn::Partition;

/// A function's name, with whatever an ARN or a part of one says around it.
pub(super) const FUNCTION_PATTERN: &str = r"^(arn:[\w-]+:lambda:)?([a-z]{2}-([a-z]+-){1,2}\d:)?(\d{12}:)?(function:)?[0-9A-Za-z_-]+(:(\$LATEST|[0-9A-Za-z_-]+))?$";

/// The parts of a function that users and the service write: `f`, `f:live`, `123456789012:function:f`, a whole ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named<'a> {
    /// The bare name.
    pub(super) name: &'a str,
    /// A version or an alias.
    pub(super) qualifier: Option<&'a str>,
}

impl<'a> Named<'a> {
    /// Takes a text apart; `None` when it names no function.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let is_account = |part: &str| part.len() == 12 && part.bytes().all(|b| b.is_ascii_digit());
        let parts: Vec<&str> = text.split(':').collect();
        let rest = match parts.as_slice() {
            ["arn", _, "lambda", _, _, "function", rest @ ..] | ["function", rest @ ..] if !rest.is_empty() => rest,
            [account, "function", rest @ ..] if is_account(account) => rest,
            rest => rest,
        };
        match rest {
            [name] if !name.is_empty() => Some(Self { name, qualifier: None }),
            [name, qualifier] if !name.is_empty() && !qualifier.is_empty() => {
                Some(Self { name, qualifier: Some(qualifier) })
            }
            _ => None,
        }
    }

    /// The bare name in a text that may be more than that.
    pub(super) fn name_in(text: &'a str) -> Option<&'a str> {
        Self::parse(text).map(|named| named.name)
    }
}

/// Whether of two ways to write a function one is the bare name inside the other.
pub(super) fn is_same_function(stored: &str, configured: &str) -> bool {
    Named::name_in(stored) == Some(configured) || Named::name_in(configured) == Some(stored)
}

/// The ARN under which API Gateway finds a function: its own words for the same thing.
pub(crate) fn invoke_arn(region: &Attr<String>, function_arn: &str) -> String {
    gateway_arn(region, function_arn, "2015-03-31", "invocations")
}

/// Likewise, for an answer that is streamed.
pub(crate) fn streaming_invoke_arn(region: &Attr<String>, function_arn: &str) -> String {
    gateway_arn(region, function_arn, "2021-11-15", "response-streaming-invocations")
}

fn gateway_arn(region: &Attr<String>, function_arn: &str, api: &str, call: &str) -> String {
    let region = region.text();
    let partition = Partition::of_region(region).id;
    format!("arn:{partition}:apigateway:{region}:lambda:path/{api}/functions/{function_arn}/{call}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_written_in_many_ways() {
        let arn = "arn:aws:lambda:us-east-1:123456789012:function:f";
        let qualified = format!("{arn}:live");
        for (text, qualifier) in [
            ("f", None),
            ("f:$LATEST", Some("$LATEST")),
            ("function:f", None),
            ("123456789012:function:f", None),
            (arn, None),
            (qualified.as_str(), Some("live")),
        ] {
            assert_eq!(Named::parse(text), Some(Named { name: "f", qualifier }), "{text}");
        }
        for text in ["", "f:", ":live", "a:b:c", "arn:aws:lambda:us-east-1:123456789012:function:f:a:b"] {
            assert_eq!(Named::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_is_the_same_as_its_arn() {
        let arn = "arn:aws:lambda:us-east-1:123456789012:function:f";
        assert!(is_same_function(arn, "f"));
        assert!(is_same_function("f", arn));
        assert!(!is_same_function(arn, "g"));
        assert!(!is_same_function(arn, "arn:aws:lambda:eu-west-1:123456789012:function:f"));
    }

    #[test]
    fn api_gateway_has_its_own_name_for_a_function() {
        assert_eq!(
            invoke_arn(&"cn-north-1".into(), "arn:aws-cn:lambda:cn-north-1:1:function:f"),
            "arn:aws-cn:apigateway:cn-north-1:lambda:path/2015-03-31/functions/arn:aws-cn:lambda:cn-north-1:1:function:f/invocations"
        );
    }
}
