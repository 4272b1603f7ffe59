//! The one action of EC2's that the provider calls. AWS's own client for EC2 is larger than all that we use together, so this
//! one is made of the parts that those clients are made of: signing, retries and the connector are theirs.
//!
//! EC2 speaks a dialect of the query protocol: a flat form goes in, XML without a wrapper comes out.

use std::collections::BTreeMap;

use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_sdk_kinesis::config::retry::RetryPartition;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};
use aws_types::SdkConfig;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::retry::RefusedConnection;
use crate::error::ApiError;

const VERSION: &str = "2016-11-15";
const DESCRIBE_ZONES: &str = "DescribeAvailabilityZones";
/// What may stand in a form as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The client of a region. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Ec2 {
    describe_zones: Operation<String, Vec<Zone>, ErrorMetadata>,
}

/// Which zones to tell of.
#[derive(Clone, Debug, Default)]
pub(crate) struct ZoneQuery {
    /// Also those that the account has not opted in to.
    pub(crate) all: bool,
    /// Names of filters, and the values that they let through. A name may come twice: both must let a zone through.
    pub(crate) filters: Vec<(String, Vec<String>)>,
}

/// An Availability Zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Zone {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) group: String,
}

impl Ec2 {
    /// A client with what all clients share.
    pub(super) fn new(config: &SdkConfig, retries: RetryPartition) -> Self {
        Self { describe_zones: operation(config, retries) }
    }

    /// The zones of the region.
    pub(crate) async fn describe_availability_zones(&self, query: &ZoneQuery) -> Result<Vec<Zone>, ApiError> {
        let answer = self.describe_zones.invoke(query.form()).await;
        answer.map_err(|error| ApiError::new(format!("EC2: {DESCRIBE_ZONES}"), &error))
    }
}

fn operation(config: &SdkConfig, retries: RetryPartition) -> Operation<String, Vec<Zone>, ErrorMetadata> {
    let mut layer = Layer::new("EC2");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig::default());
    layer.store_put(SigningName::from_static("ec2"));
    if let Some(region) = config.region() {
        layer.store_put(SigningRegion::from(region.clone()));
    }
    layer.store_put(retries);
    let mut components = RuntimeComponentsBuilder::new("EC2");
    components
        .push_auth_scheme(SigV4AuthScheme::new())
        .set_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID])))
        .set_http_client(config.http_client());
    if let Some(credentials) = config.credentials_provider() {
        components.set_identity_resolver(SCHEME_ID, credentials);
    }
    let plugin = StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components);
    let mut builder = Operation::builder()
        .service_name("EC2")
        .operation_name(DESCRIBE_ZONES)
        .endpoint_url(config.endpoint_url().unwrap_or_default())
        .standard_retry(&config.retry_config().cloned().unwrap_or_else(aws_smithy_types::retry::RetryConfig::standard))
        .retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .retry_classifier(AwsErrorCodeClassifier::<ErrorMetadata>::new())
        .retry_classifier(RefusedConnection)
        .runtime_plugin(plugin);
    if let Some(version) = config.behavior_version() {
        builder = builder.behavior_version(version);
    }
    builder.serializer(request).deserializer(answer).build()
}

impl ZoneQuery {
    fn form(&self) -> String {
        let mut pairs = vec![("Action".to_owned(), DESCRIBE_ZONES), ("Version".to_owned(), VERSION)];
        if self.all {
            pairs.push(("AllAvailabilityZones".to_owned(), "true"));
        }
        for (number, (name, values)) in (1..).zip(&self.filters) {
            pairs.push((format!("Filter.{number}.Name"), name));
            let value = |(at, value)| (format!("Filter.{number}.Value.{at}"), value);
            pairs.extend((1..).zip(values.iter().map(String::as_str)).map(value));
        }
        let pairs = pairs.iter().map(|(key, value)| format!("{key}={}", utf8_percent_encode(value, RESERVED)));
        pairs.collect::<Vec<_>>().join("&")
    }
}

fn request(form: String) -> Result<HttpRequest, BoxError> {
    let length = form.len().to_string();
    let mut request = HttpRequest::new(SdkBody::from(form));
    request.set_method("POST")?;
    request.headers_mut().insert("content-type", "application/x-www-form-urlencoded");
    request.headers_mut().insert("content-length", length);
    Ok(request)
}

fn answer(response: &HttpResponse) -> Result<Vec<Zone>, OrchestratorError<ErrorMetadata>> {
    let text = String::from_utf8_lossy(response.body().bytes().unwrap_or_default());
    if response.status().is_success() {
        return zones(&text).map_err(OrchestratorError::other);
    }
    // An answer that is no document is somebody else's, and its status says all.
    let error = refusal(&text)
        .map_or_else(ErrorMetadata::builder, |(code, message)| ErrorMetadata::builder().code(code).message(message));
    Err(OrchestratorError::operation(error.build()))
}

fn zones(text: &str) -> Result<Vec<Zone>, XmlDecodeError> {
    let mut document = Document::new(text);
    let mut root = document.root_element()?;
    let mut zones = Vec::new();
    while let Some(mut list) = root.next_tag() {
        if list.start_el().local() != "availabilityZoneInfo" {
            continue;
        }
        while let Some(mut item) = list.next_tag() {
            let mut members = members(&mut item, &["zoneName", "zoneId", "groupName"])?;
            let mut take = |name: &str| members.remove(name).unwrap_or_default();
            zones.push(Zone { name: take("zoneName"), id: take("zoneId"), group: take("groupName") });
        }
    }
    Ok(zones)
}

/// The code and the message of the first error in a document.
fn refusal(text: &str) -> Option<(String, String)> {
    let mut document = Document::new(text);
    let mut root = document.root_element().ok()?;
    while let Some(mut errors) = root.next_tag() {
        if errors.start_el().local() == "Errors" {
            let mut error = errors.next_tag()?;
            let mut members = members(&mut error, &["Code", "Message"]).ok()?;
            return Some((members.remove("Code")?, members.remove("Message").unwrap_or_default()));
        }
    }
    None
}

/// The texts of those members of an element that have these names.
fn members(
    element: &mut ScopedDecoder<'_, '_>,
    names: &[&'static str],
) -> Result<BTreeMap<&'static str, String>, XmlDecodeError> {
    let mut found = BTreeMap::new();
    while let Some(mut member) = element.next_tag() {
        let name = names.iter().copied().find(|name| *name == member.start_el().local());
        if let Some(name) = name {
            found.insert(name, try_data(&mut member)?.into_owned());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_a_flat_form() {
        let query = ZoneQuery {
            all: true,
            filters: vec![
                ("state".to_owned(), vec!["available".to_owned()]),
                ("group-long-name".to_owned(), vec!["US West (Oregon) 1".to_owned(), "a&b=c".to_owned()]),
            ],
        };
        assert_eq!(
            query.form(),
            "Action=DescribeAvailabilityZones&Version=2016-11-15&AllAvailabilityZones=true&Filter.1.Name=state&\
             Filter.1.Value.1=available&Filter.2.Name=group-long-name&Filter.2.Value.1=US%20West%20%28Oregon%29%201&\
             Filter.2.Value.2=a%26b%3Dc"
        );
        assert_eq!(ZoneQuery::default().form(), "Action=DescribeAvailabilityZones&Version=2016-11-15");
    }

    #[test]
    fn zones_are_read_out_of_their_list() {
        let text = r#"<?xml version="1.0" encoding="UTF-8"?>
            <DescribeAvailabilityZonesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
              <requestId>r</requestId>
              <availabilityZoneInfo>
                <item><zoneName>us-east-1a</zoneName><messageSet><item><message>zoneId</message></item></messageSet>
                  <zoneId>use1-az1</zoneId><groupName>us-east-1-zg-1</groupName></item>
                <item><zoneName>a &amp; b</zoneName></item>
              </availabilityZoneInfo>
            </DescribeAvailabilityZonesResponse>"#;
        let zone = |name: &str, id: &str, group: &str| Zone { name: name.into(), id: id.into(), group: group.into() };
        let expected = [zone("us-east-1a", "use1-az1", "us-east-1-zg-1"), zone("a & b", "", "")];
        assert_eq!(zones(text).unwrap(), expected);
        assert_eq!(zones("<DescribeAvailabilityZonesResponse/>").unwrap(), []);
        assert!(zones("nothing").is_err());
    }

    #[test]
    fn an_error_is_the_first_of_its_list() {
        let text = "<Response><RequestID>r</RequestID><Errors><Error><Code>InvalidParameterValue</Code><Message>The filter \
                    'x' is invalid</Message></Error></Errors></Response>";
        let expected = ("InvalidParameterValue".to_owned(), "The filter 'x' is invalid".to_owned());
        assert_eq!(refusal(text), Some(expected));
        for text in ["", "<html/>", "<Response><Errors/></Response>", "no document"] {
            assert_eq!(refusal(text), None, "{text}");
        }
    }
}
