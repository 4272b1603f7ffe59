//! Where the services are: what the `endpoints` block and the environment say, for each service and for all.

use std::collections::BTreeMap;

use tf_framework::{Attr, Diagnostic, Diagnostics};

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
    /// Log groups.
    Logs,
    /// Buckets.
    S3,
    /// Topics.
    Sns,
    /// Queues.
    Sqs,
    /// Who the caller is.
    Sts,
}

impl Service {
    /// Every one.
    pub(crate) const ALL: [Self; 10] = [
        Self::Ec2,
        Self::Iam,
        Self::Kinesis,
        Self::Kms,
        Self::Lambda,
        Self::Logs,
        Self::S3,
        Self::Sns,
        Self::Sqs,
        Self::Sts,
    ];

    /// Its name in the `endpoints` block.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::Iam => "iam",
            Self::Kinesis => "kinesis",
            Self::Kms => "kms",
            Self::Lambda => "lambda",
            Self::Logs => "logs",
            Self::S3 => "s3",
            Self::Sns => "sns",
            Self::Sqs => "sqs",
            Self::Sts => "sts",
        }
    }

    /// What else it is called in that block.
    const fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Logs => &["cloudwatchlog", "cloudwatchlogs"],
            Self::S3 => &["s3api"],
            Self::Ec2 | Self::Iam | Self::Kinesis | Self::Kms | Self::Lambda | Self::Sns | Self::Sqs | Self::Sts => &[],
        }
    }

    /// Every name that it has in that block.
    pub(crate) fn keys(self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.key()).chain(self.aliases().iter().copied())
    }

    /// Its environment variable, which all AWS clients read.
    fn variable(self) -> String {
        let name = match self {
            Self::Logs => "cloudwatch_logs",
            Self::Ec2
            | Self::Iam
            | Self::Kinesis
            | Self::Kms
            | Self::Lambda
            | Self::S3
            | Self::Sns
            | Self::Sqs
            | Self::Sts => self.key(),
        };
        format!("AWS_ENDPOINT_URL_{}", name.to_ascii_uppercase())
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
            let in_block = config.endpoints.iter().flat_map(|block| service.keys().map(|key| block.url(key)));
            let in_block = in_block.filter_map(Attr::as_str).find(|url| !url.is_empty());
            let variable = service.variable();
            let (url, setting) = match (in_block, environment.first(&[&variable])) {
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
        let logs = read([("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://c:3")]).unwrap();
        assert_eq!((logs.url(Service::Logs), logs.url(Service::S3)), (Some("http://c:3"), None));
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
