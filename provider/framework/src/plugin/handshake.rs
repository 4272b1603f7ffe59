//! The handshake: what the host says in the environment, and the one line that answers it.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

const COOKIE_NAME: &str = "TF_PLUGIN_MAGIC_COOKIE";
const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// The only version of go-plugin's own protocol.
const CORE_PROTOCOL: u32 = 1;
/// The plugin protocol that this crate speaks.
pub(super) const PROTOCOL: u32 = 6;

/// What the host asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Host {
    /// Present: the host shows this certificate and wants to see ours.
    pub(super) client_certificate: Option<CertificateDer<'static>>,
    pub(super) socket_dir: Option<PathBuf>,
    pub(super) socket_group: Option<String>,
    /// Set at all: the host wants to know whether we share one connection between services.
    pub(super) asks_multiplex: bool,
}

/// Why there is no serving this host.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error(
        "This binary is a Terraform provider. Terraform starts it; it does nothing useful on its own.\n\
         To run it under a debugger, start it with --debug."
    )]
    NotStartedByHost,
    #[error("the host offers plugin protocol versions {offered}, and this provider speaks {PROTOCOL} only")]
    NoCommonProtocol { offered: String },
    #[error("the host's certificate in PLUGIN_CLIENT_CERT is not readable: {0}")]
    BadCertificate(String),
}

impl Host {
    /// Reads the host's wishes from its environment.
    pub(super) fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Refusal> {
        if variable(COOKIE_NAME).as_deref() != Some(COOKIE) {
            return Err(Refusal::NotStartedByHost);
        }
        let offered = variable("PLUGIN_PROTOCOL_VERSIONS").unwrap_or_default();
        if !offered.split(',').any(|version| version.trim().parse() == Ok(PROTOCOL)) {
            return Err(Refusal::NoCommonProtocol { offered });
        }
        let client_certificate = variable("PLUGIN_CLIENT_CERT")
            .filter(|pem| !pem.is_empty())
            .map(|pem| CertificateDer::from_pem_slice(pem.as_bytes()))
            .transpose()
            .map_err(|e| Refusal::BadCertificate(e.to_string()))?;
        Ok(Self {
            client_certificate,
            socket_dir: variable("PLUGIN_UNIX_SOCKET_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from),
            socket_group: variable("PLUGIN_UNIX_SOCKET_GROUP").filter(|group| !group.is_empty()),
            asks_multiplex: variable("PLUGIN_MULTIPLEX_GRPC").is_some_and(|wish| !wish.is_empty()),
        })
    }

    /// The line that tells the host where to connect and whom to expect.
    pub(super) fn answer(&self, socket: &Path, certificate: Option<&CertificateDer<'_>>) -> String {
        let certificate = certificate.map(|der| STANDARD_NO_PAD.encode(der)).unwrap_or_default();
        let multiplex = if self.asks_multiplex { "|false" } else { "" };
        format!("{CORE_PROTOCOL}|{PROTOCOL}|unix|{}|grpc|{certificate}{multiplex}", socket.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(extra: &[(&str, &str)]) -> Result<Host, Refusal> {
        let base = [(COOKIE_NAME, COOKIE), ("PLUGIN_PROTOCOL_VERSIONS", "6,5")];
        Host::from_environment(|name| {
            extra.iter().chain(&base).find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_host_that_is_none_is_refused() {
        assert_eq!(read(&[(COOKIE_NAME, "")]), Err(Refusal::NotStartedByHost));
        let offered = "4,5".to_owned();
        assert_eq!(read(&[("PLUGIN_PROTOCOL_VERSIONS", "4,5")]), Err(Refusal::NoCommonProtocol { offered }));
        assert!(matches!(read(&[("PLUGIN_CLIENT_CERT", "no certificate")]), Err(Refusal::BadCertificate(_))));
    }

    #[test]
    fn the_answer_has_six_fields_or_seven() {
        let plain = read(&[]).unwrap();
        assert_eq!(plain.answer(Path::new("/tmp/s"), None), "1|6|unix|/tmp/s|grpc|");
        let der = CertificateDer::from(vec![1_u8]);
        assert_eq!(plain.answer(Path::new("/tmp/s"), Some(&der)), "1|6|unix|/tmp/s|grpc|AQ");
        let multiplexing = read(&[("PLUGIN_MULTIPLEX_GRPC", "true")]).unwrap();
        assert_eq!(multiplexing.answer(Path::new("/tmp/s"), None), "1|6|unix|/tmp/s|grpc||false");
    }
}
