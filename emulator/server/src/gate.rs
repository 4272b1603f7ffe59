//! Who may knock at all: the emulator can start programs, so a web page that the user happens to visit must not reach it.
//!
//! Two things betray such a request. A page of another site sends its `Origin` (or says `cross-site`), which we refuse
//! unless the user allowed it. A page that lies about its address (DNS rebinding) shows a `Host` that is neither an IP
//! address nor a name of this machine.

use std::net::IpAddr;

use http::request::Parts;
use http::{HeaderName, header};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Which hosts and origins are welcome beyond those of this machine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate {
    hosts: Vec<String>,
    origins: Vec<String>,
}

/// Why a request is turned away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refusal {
    /// It is meant for another host.
    Host,
    /// A page of another site made it.
    Origin,
}

impl Refusal {
    /// What the caller is told.
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::Host => {
                "millrace answers only requests for this machine's loopback names and for IP addresses; \
                 start it with --allow-host NAME to add one"
            }
            Self::Origin => {
                "millrace answers no requests of web pages from other origins; \
                 start it with --allow-origin ORIGIN to allow one"
            }
        }
    }
}

impl Gate {
    pub(crate) fn new(hosts: &[String], origins: &[String]) -> Self {
        let lower = |list: &[String]| list.iter().map(|text| text.trim_end_matches('/').to_ascii_lowercase()).collect();
        Self { hosts: lower(hosts), origins: lower(origins) }
    }

    /// Lets a request in or says why not.
    pub(crate) fn check(&self, request: &Parts) -> Result<(), Refusal> {
        let header = |name: HeaderName| request.headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        // HTTP/2 has the authority in the URI.
        let host = request.uri.authority().map(http::uri::Authority::as_str).or_else(|| header(header::HOST));
        let host = host.unwrap_or_default().to_ascii_lowercase();
        if !self.is_ours(&host) {
            return Err(Refusal::Host);
        }
        match (header(header::ORIGIN), header(FETCH_SITE)) {
            (Some(origin), _) if self.welcomes(&origin.to_ascii_lowercase(), &host) => Ok(()),
            (Some(_), _) => Err(Refusal::Origin),
            // A page can make the browser GET an image without an origin, and some AWS APIs take a GET for a change.
            (None, Some("cross-site" | "same-site")) => Err(Refusal::Origin),
            (None, _) => Ok(()),
        }
    }

    fn is_ours(&self, host: &str) -> bool {
        let name = without_port(host);
        let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        name == "localhost"
            || name.ends_with(".localhost")
            || address.parse::<IpAddr>().is_ok()
            || self.hosts.iter().any(|allowed| allowed == name)
    }

    fn welcomes(&self, origin: &str, host: &str) -> bool {
        let same = ["http://", "https://"].iter().any(|scheme| origin.strip_prefix(scheme) == Some(host));
        same || self.origins.iter().any(|allowed| allowed == origin)
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate() -> Gate {
        Gate::new(&["Build.Example".to_owned()], &["https://console.example/".to_owned()])
    }

    #[track_caller]
    fn check(method: &str, headers: &[(&str, &str)], expected: Result<(), Refusal>) {
        let mut request = http::Request::builder().method(method).uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        assert_eq!(gate().check(&request.body(()).unwrap().into_parts().0), expected, "{headers:?}");
    }

    #[test]
    fn hosts() {
        for host in [
            "localhost:4566",
            "127.0.0.1:4566",
            "127.0.0.1",
            "[::1]:4566",
            "[::1]",
            "192.168.1.7:4566",
            "LOCALHOST",
            "000000000000.data-kinesis.localhost:4566",
            "build.example:80",
        ] {
            check("POST", &[("host", host)], Ok(()));
        }
        for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "evil.example:4566"] {
            check("POST", &[("host", host)], Err(Refusal::Host));
        }
        check("POST", &[], Err(Refusal::Host));
    }

    #[test]
    fn origins() {
        let host = ("host", "localhost:4566");
        for origin in ["https://evil.example", "null", "http://localhost:3000", "http://localhost", "file://"] {
            check("POST", &[host, ("origin", origin)], Err(Refusal::Origin));
        }
        check("POST", &[host, ("origin", "http://localhost:4566")], Ok(()));
        check("POST", &[host, ("origin", "https://Console.example")], Ok(()));
        check("POST", &[host, ("sec-fetch-site", "cross-site")], Err(Refusal::Origin));
        check("GET", &[host, ("sec-fetch-site", "cross-site")], Err(Refusal::Origin));
        check("GET", &[host, ("sec-fetch-site", "none")], Ok(()));
        check("POST", &[host], Ok(()));
    }
}
