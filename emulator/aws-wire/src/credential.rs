//! Who signed a request and for what: the credential scope of Signature Version 4, from the header or the query.
//!
//! The scope is read, not verified; it decides region, account and service of a request.

use http::request::Parts;
use percent_encoding::percent_decode_str;

/// `AKID/20260101/us-east-1/kinesis/aws4_request`, split.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credential {
    /// The access key.
    pub access_key: String,
    /// The region signed for.
    pub region: String,
    /// The service signed for.
    pub service: String,
}

impl Credential {
    /// The credential that a request carries, if it is signed at all.
    pub fn of(request: &Parts) -> Option<Self> {
        let header = request.headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match header {
            Some(header) => Self::from_header(header),
            None => Self::from_query(request.uri.query()?),
        }
    }

    fn from_header(header: &str) -> Option<Self> {
        let (_, rest) = header.strip_prefix("AWS4-")?.split_once("Credential=")?;
        Self::from_scope(rest.split([',', ' ']).next()?)
    }

    fn from_query(query: &str) -> Option<Self> {
        let scope = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?;
        Self::from_scope(&percent_decode_str(scope).decode_utf8().ok()?)
    }

    /// An access key may contain slashes, so the scope is read from its end.
    fn from_scope(scope: &str) -> Option<Self> {
        let mut parts = scope.rsplitn(5, '/');
        let (_terminator, service, region, _date) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let access_key = parts.next()?;
        Some(Self { access_key: access_key.to_owned(), region: region.to_owned(), service: service.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uri: &str, authorization: Option<&str>, expected: Option<(&str, &str, &str)>) {
        let mut request = http::Request::builder().uri(uri);
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let found = Credential::of(&request.body(()).unwrap().into_parts().0);
        let expected = expected.map(|(access_key, region, service)| Credential {
            access_key: access_key.into(),
            region: region.into(),
            service: service.into(),
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn reads_header_and_query() {
        let header =
            "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/kinesis/aws4_request, SignedHeaders=host, Signature=0";
        check("/", Some(header), Some(("test", "eu-west-1", "kinesis")));
        check(
            "/?X-Amz-Credential=A%2FB%2F20260101%2Fus-east-1%2Fsts%2Faws4_request",
            None,
            Some(("A/B", "us-east-1", "sts")),
        );
        check("/", Some("Bearer x"), None);
        check("/", Some("AWS4-HMAC-SHA256 Credential=short/scope"), None);
        check("/?a=b", None, None);
    }

    proptest::proptest! {
        #[test]
        fn any_header_and_query_are_read(header in "(AWS4-|Credential=|[/,= a-z%]){0,9}", query in "(X-Amz-Credential=|[/%a-f0-9=&]){0,9}") {
            let request = http::Request::builder().uri(format!("/?{query}")).header("authorization", header);
            let parts = request.body(()).unwrap().into_parts().0;
            let _ = Credential::of(&parts);
        }
    }
}
