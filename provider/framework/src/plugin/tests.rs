//! The plugin process from the host's side: a real socket, real TLS, the side services and the end.

use std::path::Path;
use std::sync::{Arc, Mutex};

use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P521_SHA512};
use rustls::client::danger::{
    DangerousClientConfigBuilder, HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use rustls::crypto::{aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tfplugin::Message as _;
use tfplugin::plugin::Empty;
use tfplugin::plugin::grpc_controller_client::GrpcControllerClient;
use tfplugin::plugin::grpc_stdio_client::GrpcStdioClient;
use tfplugin::tfplugin6::get_metadata;
use tfplugin::tfplugin6::get_provider_schema::Request;
use tfplugin::tfplugin6::provider_client::ProviderClient;
use tokio::net::UnixStream;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint};

use super::serve::serve_on;
use super::side_services::End;
use super::socket::Socket;
use super::tls::Identity;
use crate::{Diagnostics, Host, Provider, Registry};

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Nothing {}

impl Provider for Nothing {
    const ADDRESS: &'static str = "registry.terraform.io/example/nothing";
    type Client = ();
    fn registry() -> Registry<()> {
        Registry::new()
    }
    async fn configure(_: Self, _: &Host) -> Result<(), Diagnostics> {
        Ok(())
    }
}

/// What a host brings: a certificate that is its own authority, as Terraform makes it.
struct HostIdentity {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl HostIdentity {
    fn new() -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyCertSign];
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Self { certificate, key }
    }

    fn connector(&self, server: &CertificateDer<'static>) -> TlsConnector {
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).unwrap();
        let config = client()
            .with_custom_certificate_verifier(Arc::new(Expected(server.clone())))
            .with_client_auth_cert(vec![self.certificate.clone()], key)
            .unwrap();
        TlsConnector::from(Arc::new(alpn(config)))
    }
}

fn client() -> DangerousClientConfigBuilder {
    ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
}

fn alpn(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}

fn serve_with(socket: Arc<Socket>, identity: &Arc<Identity>) {
    let identity = Arc::clone(identity);
    tokio::spawn(async move { serve_on::<Nothing>(socket, Some(&identity), End::new(), None, None).await });
}

/// What a test says of its parent when nothing that connects is to be it.
fn nobody() -> u32 {
    0
}

/// TLS 1.3 tells a client of its refusal only after the client's part is done, so the first call may be what fails.
async fn refused(connected: Result<Channel, tonic::transport::Error>) -> bool {
    match connected {
        Err(_) => true,
        Ok(channel) => ProviderClient::new(channel).get_provider_schema(Request {}).await.is_err(),
    }
}

/// The host takes the provider for who it is by the certificate in the handshake line.
#[derive(Debug)]
struct Expected(CertificateDer<'static>);

impl ServerCertVerifier for Expected {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        assert_eq!(*leaf, self.0);
        Ok(ServerCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, &algorithms)
    }
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, &algorithms)
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// Connects as a host does: once, and whoever comes back for more is out of luck.
async fn connect(socket: &Path, tls: Option<TlsConnector>) -> Result<Channel, tonic::transport::Error> {
    let stream = UnixStream::connect(socket).await.unwrap();
    let once = Arc::new(Mutex::new(Some(stream)));
    let connector = tower::service_fn(move |_: http::Uri| {
        let stream = once.lock().unwrap().take();
        let tls = tls.clone();
        async move {
            let stream = stream.ok_or_else(|| std::io::Error::other("connected already"))?;
            let connection: Box<dyn Wire> = match tls {
                None => Box::new(stream),
                Some(tls) => Box::new(tls.connect(ServerName::try_from("localhost").unwrap(), stream).await?),
            };
            Ok::<_, std::io::Error>(TokioIo::new(connection))
        }
    });
    Endpoint::from_static("http://localhost").connect_with_connector(connector).await
}

trait Wire: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin {}
impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin> Wire for T {}

fn socket() -> (tempfile::TempDir, Arc<Socket>) {
    let dir = tempfile::tempdir().unwrap();
    let socket = Socket::bind(Some(dir.path()), None).unwrap();
    (dir, Arc::new(socket))
}

#[tokio::test]
async fn a_host_without_tls_is_served_until_it_says_end() {
    let (_dir, socket) = socket();
    let path = socket.path().to_owned();
    let server = tokio::spawn(serve_on::<Nothing>(socket, None, End::new(), None, None));
    let channel = connect(&path, None).await.unwrap();

    let mut output = GrpcStdioClient::new(channel.clone()).stream_stdio(Empty {}).await.unwrap().into_inner();
    let schema = ProviderClient::new(channel.clone()).get_provider_schema(Request {}).await.unwrap().into_inner();
    assert!(schema.provider.is_some());

    GrpcControllerClient::new(channel).shutdown(Empty {}).await.unwrap();
    assert!(output.message().await.unwrap().is_none());
    server.await.unwrap().unwrap();
    assert!(!path.exists());
}

#[tokio::test]
async fn schemas_that_are_ready_are_the_answer() {
    let ahead = crate::schemas_ahead::<Nothing>().unwrap().leak();
    for schemas in [None, Some(&*ahead)] {
        let (_dir, socket) = socket();
        let path = socket.path().to_owned();
        tokio::spawn(serve_on::<Nothing>(socket, None, End::new(), None, schemas));
        let mut client = ProviderClient::new(connect(&path, None).await.unwrap());
        let answer = client.get_provider_schema(Request {}).await.unwrap().into_inner();
        assert_eq!(answer.encode_to_vec(), ahead);
        // Any other call goes past it.
        client.get_metadata(get_metadata::Request {}).await.unwrap();
    }
}

#[tokio::test]
async fn a_host_that_dies_takes_its_provider_along() {
    let (_dir, socket) = socket();
    let path = socket.path().to_owned();
    let end = End::new();
    let server = tokio::spawn(serve_on::<Nothing>(socket, None, end.clone(), Some(end), None));
    let channel = connect(&path, None).await.unwrap();
    ProviderClient::new(channel).get_provider_schema(Request {}).await.unwrap();
    // The channel is gone now, and with it the connection.
    server.await.unwrap().unwrap();
    assert!(!path.exists());
}

#[tokio::test]
async fn the_host_of_the_environment_is_let_in_by_mutual_tls() {
    let host = HostIdentity::new();
    let identity = Arc::new(Identity::new(host.certificate.clone(), nobody).unwrap());
    let (_dir, socket) = socket();
    let path = socket.path().to_owned();
    serve_with(socket, &identity);

    let channel = connect(&path, Some(host.connector(&identity.certificate))).await.unwrap();
    let schema = ProviderClient::new(channel).get_provider_schema(Request {}).await.unwrap().into_inner();
    assert!(schema.provider.is_some());
}

#[tokio::test]
async fn the_process_that_started_us_needs_no_certificate() {
    let host = HostIdentity::new();
    let identity = Arc::new(Identity::new(host.certificate.clone(), std::process::id).unwrap());
    let (_dir, socket) = socket();
    let path = socket.path().to_owned();
    serve_with(socket, &identity);

    // None is asked for, so whether it has one or whose makes no difference. Without TLS it gets nowhere, either.
    let bare = client().with_custom_certificate_verifier(Arc::new(Expected(identity.certificate.clone())));
    let channel = connect(&path, Some(TlsConnector::from(Arc::new(alpn(bare.with_no_client_auth()))))).await.unwrap();
    ProviderClient::new(channel).get_provider_schema(Request {}).await.unwrap();
    let stranger = HostIdentity::new();
    let channel = connect(&path, Some(stranger.connector(&identity.certificate))).await.unwrap();
    ProviderClient::new(channel).get_provider_schema(Request {}).await.unwrap();
    assert!(refused(connect(&path, None).await).await);
}

#[tokio::test]
async fn nobody_else_is_let_in() {
    let host = HostIdentity::new();
    let identity = Arc::new(Identity::new(host.certificate.clone(), nobody).unwrap());
    let (_dir, socket) = socket();
    let path = socket.path().to_owned();
    serve_with(socket, &identity);

    let stranger = HostIdentity::new();
    assert!(refused(connect(&path, Some(stranger.connector(&identity.certificate))).await).await);
    // The right certificate in the hands of somebody without its key.
    let thief = HostIdentity { certificate: host.certificate.clone(), key: stranger.key };
    let key = PrivateKeyDer::try_from(thief.key.serialize_der()).unwrap();
    let forged = client()
        .with_custom_certificate_verifier(Arc::new(Expected(identity.certificate.clone())))
        .with_client_cert_resolver(Arc::new(Mismatched(thief.certificate, key)));
    assert!(refused(connect(&path, Some(TlsConnector::from(Arc::new(forged)))).await).await);
    // No TLS at all.
    assert!(refused(connect(&path, None).await).await);
}

/// Shows a certificate and signs with a key that is not its own.
#[derive(Debug)]
struct Mismatched(CertificateDer<'static>, PrivateKeyDer<'static>);

impl rustls::client::ResolvesClientCert for Mismatched {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<rustls::sign::CertifiedKey>> {
        let key = aws_lc_rs::sign::any_supported_type(&self.1).unwrap();
        Some(Arc::new(rustls::sign::CertifiedKey::new(vec![self.0.clone()], key)))
    }
    fn has_certs(&self) -> bool {
        true
    }
}
