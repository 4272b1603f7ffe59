//! TLS with one known peer.
//!
//! The host's certificate comes through the environment and is its own root and leaf, which no stock verifier accepts.
//! So it is pinned: the certificate shown must be that one, byte for byte, and its key must have signed the handshake.
//!
//! Of the process that started us no certificate is asked, as the kernel says that it is at the other end: to sign and to
//! verify with the host's key, which is on the curve P-521, takes longer than all the rest of a connection.

use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::NoClientAuth;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};
use tokio::net::unix::UCred;

/// A key of this process, and who is talked to with it.
pub(super) struct Identity {
    /// What the host is to expect.
    pub(super) certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
    host: CertificateDer<'static>,
    parent: Parent,
}

/// Our end of connections, by who is at the other.
pub(super) struct Configs {
    parent: Parent,
    for_parent: Arc<ServerConfig>,
    for_others: Arc<ServerConfig>,
}

/// The process that started us, by its number.
pub(super) type Parent = fn() -> u32;

/// Making a certificate or a configuration failed; the process cannot serve.
#[derive(Debug, thiserror::Error)]
pub(super) enum TlsError {
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("cannot set up TLS: {0}")]
    Setup(#[from] rustls::Error),
}

impl Identity {
    /// A fresh identity that talks to the `parent` and to the owner of the certificate `host`, and to nobody else.
    pub(super) fn new(host: CertificateDer<'static>, parent: Parent) -> Result<Self, TlsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        // The host checks this name, whatever the address.
        let certificate = CertificateParams::new(vec!["localhost".to_owned()])?.self_signed(&key)?.der().clone();
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(|e| rustls::Error::General(e.to_owned()))?;
        Ok(Self { certificate, key, host, parent })
    }

    /// Our end of the connections: apart from the identity, as the host waits for that one only.
    pub(super) fn configs(&self) -> Result<Configs, TlsError> {
        let crypto = Arc::new(aws_lc_rs::default_provider());
        let certified = CertifiedKey::from_der(vec![self.certificate.clone()], self.key.clone_key(), &crypto)?;
        let certified = Arc::new(SingleCertAndKey::from(certified));
        let config = |verifier: Arc<dyn ClientCertVerifier>| {
            let mut config = ServerConfig::builder_with_provider(Arc::clone(&crypto))
                .with_protocol_versions(&[&rustls::version::TLS13])?
                .with_client_cert_verifier(verifier)
                .with_cert_resolver(Arc::clone(&certified) as _);
            // Newer hosts refuse a connection without it.
            config.alpn_protocols = vec![b"h2".to_vec()];
            // The host connects once; a ticket to resume with is work for nothing.
            config.send_tls13_tickets = 0;
            Ok::<_, TlsError>(Arc::new(config))
        };
        let pinned = PinnedPeer { certificate: self.host.clone(), crypto: Arc::clone(&crypto) };
        let (for_parent, for_others) = (config(Arc::new(NoClientAuth))?, config(Arc::new(pinned))?);
        Ok(Configs { parent: self.parent, for_parent, for_others })
    }
}

impl Configs {
    /// Our end of a connection with the process that has these credentials.
    pub(super) fn of(&self, credentials: Option<UCred>) -> Arc<ServerConfig> {
        Arc::clone(if self.is_parent(credentials) { &self.for_parent } else { &self.for_others })
    }

    /// Whether the kernel names our parent. It has no number for a process outside our PID namespace, and neither would
    /// a parent there have one: that one shows its certificate.
    fn is_parent(&self, credentials: Option<UCred>) -> bool {
        let number = credentials.and_then(|credentials| u32::try_from(credentials.pid()?).ok());
        number.is_some_and(|number| number != 0 && number == (self.parent)())
    }
}

#[derive(Debug)]
struct PinnedPeer {
    certificate: CertificateDer<'static>,
    crypto: Arc<CryptoProvider>,
}

impl ClientCertVerifier for PinnedPeer {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        if *leaf == self.certificate {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(CertificateError::UnknownIssuer.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.crypto.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.crypto.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.crypto.signature_verification_algorithms.supported_schemes()
    }
}
