//! Where the services are: what the `endpoints` block and the environment say, for each service and for all.

use std::collections::BTreeMap;

use tf_framework::{Diagnostic, Diagnostics};

use crate::environment::Environment;
use crate::provider::AwsProvider;

/// A service that the provider calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    /// Zones.
    Ec2,
    /// Roles and policies.
    Iam,
    /// Streams.
    Kinesis,
    /// Keys.
    Kms,
    /// Functions.
    Lambda,
    /// Topics.
    Sns,
    /// Queues.
    Sqs,
    /// Who the caller is.
    Sts,
}

impl Service {
    /// Every one.
    pub(crate) const ALL: [Self; 8] =
        [Self::Ec2, Self::Iam, Self::Kinesis, Self::Kms, Self::Lambda, Self::Sns, Self::Sqs, Self::Sts];

    /// Its name in the `endpoints` block; in capitals, the end of its environment variable.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::Iam => "iam",
            Self::Kinesis => "kinesis",
            Self::Kms => "kms",
            Self::Lambda => "lambda",
            Self::Sns => "sns",
            Self::Sqs => "sqs",
            Self::Sts => "sts",
        }
    }
}

/// Where the services are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Endpoints {
    by_service: BTreeMap<Service, String>,
    overall: Option<String>,
}

impl Endpoints {
    /// The URL that was set for a service.
    pub(crate) fn url(&self, service: Service) -> Option<&str> {
        self.by_service.get(&service).or(self.overall.as_ref()).map(String::as_str)
    }

    /// Whether the user said where any service is.
    pub(crate) fn are_set(&self) -> bool {
        self.overall.is_some() || !self.by_service.is_empty()
    }

    pub(super) fn read(config: &AwsProvider, environment: &Environment) -> Result<Self, Diagnostics> {
        let mut by_service = BTreeMap::new();
        for service in Service::ALL {
            let in_block = config.endpoints.iter().find_map(|block| block.url(service.key()).as_str());
            let variable = format!("AWS_ENDPOINT_URL_{}", service.key().to_ascii_uppercase());
            let (url, setting) = match (in_block.filter(|url| !url.is_empty()), environment.first(&[&variable])) {
                (Some(url), _) => (url, "endpoints"),
                (None, Some(url)) => (url, variable.as_str()),
                (None, None) => continue,
            };
            by_service.insert(service, checked_url(url, setting)?);
        }
        let overall = environment.first(&["AWS_ENDPOINT_URL"]).map(|url| checked_url(url, "AWS_ENDPOINT_URL"));
        Ok(Self { by_service, overall: overall.transpose()? })
    }
}

fn checked_url(url: &str, setting: &str) -> Result<String, Diagnostics> {
    let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")).unwrap_or_default();
    if !host.is_empty() && !host.starts_with(['/', ':']) && !url.contains(char::is_whitespace) {
        return Ok(url.to_owned());
    }
    let path = if setting == "endpoints" { tf_framework::Path::from(setting) } else { tf_framework::Path::root() };
    Err(Diagnostic::error(
        format!("invalid endpoint {url:?} in {setting}"),
        "Write it as a URL, such as http://127.0.0.1:4566.",
    )
    .at(path)
    .into())
}

/// Whether a URL leads to this machine.
pub(crate) fn is_local(url: &str) -> bool {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest).split(['/', '?']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    };
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(environment: impl Into<Environment>) -> Result<Endpoints, Diagnostics> {
        Endpoints::read(&AwsProvider::default(), &environment.into())
    }

    #[test]
    fn a_service_has_its_own_endpoint_or_the_overall_one() {
        let environment = [("AWS_ENDPOINT_URL", "http://a:1"), ("AWS_ENDPOINT_URL_KINESIS", "http://b:2")];
        let endpoints = read(environment).unwrap();
        assert_eq!(endpoints.url(Service::Kinesis), Some("http://b:2"));
        assert_eq!(endpoints.url(Service::Lambda), Some("http://a:1"));
        assert!(!read([]).unwrap().are_set());
        let error = read([("AWS_ENDPOINT_URL", "127.0.0.1:4566")]).unwrap_err();
        assert!(error.iter().any(|d| d.summary.contains("AWS_ENDPOINT_URL")));
    }

    #[test]
    fn local_means_loopback() {
        for url in ["http://127.0.0.1:4566", "https://localhost", "http://[::1]:80/x", "http://s3.localhost:1/?q"] {
            assert!(is_local(url), "{url}");
        }
        for url in ["http://10.0.0.1:4566", "https://kinesis.us-east-1.amazonaws.com", "http://localhost.example.org"] {
            assert!(!is_local(url), "{url}");
        }
    }
}
