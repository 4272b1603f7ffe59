//! TLS on the emulator's port: a certificate of its own, made at the first start, and the handshake.
//!
//! Nobody trusts the certificate unless he is told to (`AWS_CA_BUNDLE`), so it lies where it can be pointed at from the
//! start. It may be replaced by one that the user prefers. What a handshake takes is loaded for the first of them.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType,
    date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The protocols that are offered, the best first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Where the certificate of the emulator on `data` is.
pub(crate) fn certificate(data: &Path) -> PathBuf {
    data.join("tls/cert.pem")
}

fn key(data: &Path) -> PathBuf {
    data.join("tls/key.pem")
}

/// The certificate of a data directory, and what shakes hands with it.
pub(crate) struct Tls {
    data: PathBuf,
    acceptor: OnceCell<TlsAcceptor>,
}

impl Tls {
    /// Makes a certificate if `data` has none.
    pub(crate) fn prepare(data: &Path) -> Result<Self> {
        if !certificate(data).exists() || !key(data).exists() {
            make(data).context("cannot make a certificate")?;
        }
        Ok(Self { data: data.to_owned(), acceptor: OnceCell::new() })
    }

    /// Shakes hands.
    pub(crate) async fn accept(&self, stream: TcpStream) -> Result<TlsStream<TcpStream>> {
        let load = async || {
            let data = self.data.clone();
            let loaded = tokio::task::spawn_blocking(move || load(&data)).await?;
            // Else every client says only that the connection was closed.
            loaded.inspect_err(|error| tracing::error!("no TLS: {error:#}"))
        };
        let acceptor = self.acceptor.get_or_try_init(load).await?;
        Ok(acceptor.accept(stream).await?)
    }
}

fn make(data: &Path) -> Result<()> {
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name.push(DnType::CommonName, "millrace on this machine");
    parameters.subject_alt_names = vec![
        SanType::DnsName("localhost".try_into()?),
        SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)),
    ];
    // It protects nothing that leaves this machine, and a certificate that ends is one more thing that stops working.
    (parameters.not_before, parameters.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2120, 1, 1));
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certified = parameters.self_signed(&pair)?;
    fs::create_dir_all(data.join("tls"))?;
    // The key first: a certificate is not to be trusted before there is something to use it.
    write(&key(data), &pair.serialize_pem(), 0o600)?;
    write(&certificate(data), &certified.pem(), 0o644)?;
    Ok(())
}

/// Writes a file that is either whole or not there.
fn write(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = File::options().write(true).create(true).truncate(true).mode(mode).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(new, path)
}

fn load(data: &Path) -> Result<TlsAcceptor> {
    let (certificate, key) = (certificate(data), key(data));
    let unreadable = |path: &Path| format!("cannot read {}", path.display());
    let chain = CertificateDer::pem_file_iter(&certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| unreadable(&certificate))?;
    let key = PrivateKeyDer::from_pem_file(&key).with_context(|| unreadable(&key))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .with_context(|| format!("{} and its key are of no use", certificate.display()))?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(TlsAcceptor::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_certificate_is_made_once_and_its_key_is_ours_alone() {
        let data = tempfile::tempdir().unwrap();
        Tls::prepare(data.path()).unwrap();
        let made = fs::read(certificate(data.path())).unwrap();
        assert_eq!(fs::metadata(key(data.path())).unwrap().permissions().mode() & 0o777, 0o600);
        Tls::prepare(data.path()).unwrap();
        assert_eq!(fs::read(certificate(data.path())).unwrap(), made);
        load(data.path()).unwrap();
        fs::remove_file(certificate(data.path())).unwrap();
        Tls::prepare(data.path()).unwrap();
        assert_ne!(fs::read(certificate(data.path())).unwrap(), made);
        load(data.path()).unwrap();
    }

    #[test]
    fn what_is_no_certificate_is_named() {
        let data = tempfile::tempdir().unwrap();
        Tls::prepare(data.path()).unwrap();
        fs::write(key(data.path()), "x").unwrap();
        let error = format!("{:#}", load(data.path()).err().unwrap());
        assert!(error.contains("key.pem"), "{error}");
    }
}
