//! TLS on the one port: which protocol is agreed on, who is trusted, and that a client that does not go on holds up nobody.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use acceptance::{Emulator, request};
use anyhow::Result;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::stage::Stage;

/// A client that trusts the emulator's certificate and nothing else, after the handshake.
fn connect(
    emulator: &Emulator,
    name: &'static str,
    protocols: &[&str],
) -> Result<StreamOwned<ClientConnection, TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(emulator.data().join("tls/cert.pem"))?)?;
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let connection = ClientConnection::new(Arc::new(config), ServerName::try_from(name)?)?;
    let mut stream = StreamOwned::new(connection, TcpStream::connect(emulator.address())?);
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    Ok(stream)
}

/// The status of a request for the health of the emulator.
fn status(emulator: &Emulator, headers: &str) -> String {
    let mut stream = connect(emulator, "localhost", &[]).unwrap();
    let request = format!("GET /_millrace/health HTTP/1.1\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // The end may come without a farewell.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).split(' ').nth(1).unwrap_or_default().to_owned()
}

#[test]
fn the_better_protocol_is_agreed_on() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    for (name, offered, agreed) in [
        ("localhost", &["h2", "http/1.1"][..], Some("h2")),
        ("localhost", &["http/1.1", "h2"], Some("h2")),
        ("127.0.0.1", &["http/1.1"], Some("http/1.1")),
        ("::1", &[], None),
    ] {
        let stream = connect(&emulator, name, offered).unwrap();
        assert_eq!(stream.conn.alpn_protocol(), agreed.map(str::as_bytes), "{name} {offered:?}");
    }
    connect(&emulator, "localhost", &["spdy/3"]).unwrap_err();
    connect(&emulator, "elsewhere.example", &[]).unwrap_err();
}

#[test]
fn the_gate_stands_before_encrypted_requests_too() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    assert_eq!(status(&emulator, "host: localhost\r\n"), "200");
    assert_eq!(status(&emulator, "host: localhost\r\norigin: https://localhost\r\n"), "200");
    assert_eq!(status(&emulator, "host: localhost\r\norigin: https://evil.example\r\n"), "403");
    assert_eq!(status(&emulator, "host: evil.example\r\n"), "403");
}

#[test]
fn the_certificate_stays_and_its_key_is_private() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let certificate = emulator.data().join("tls/cert.pem");
    let made = std::fs::read(&certificate).unwrap();
    let key = std::fs::metadata(emulator.data().join("tls/key.pem")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
    let emulator = emulator.kill_and_restart().unwrap();
    assert_eq!(std::fs::read(&certificate).unwrap(), made);
    assert_eq!(status(&emulator, "host: localhost\r\n"), "200");
    let said = stage.millrace(&["status", "--data", &emulator.data().to_string_lossy()]);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains(&*certificate.to_string_lossy()), "{said}");
}

#[test]
fn a_handshake_that_goes_nowhere_holds_up_nobody() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let begun: Vec<TcpStream> = (0..50_u8)
        .map(|number| {
            let mut stream = TcpStream::connect(emulator.address()).unwrap();
            // Half of them say nothing at all, half a first byte.
            stream.write_all(&[0x16][..usize::from(number % 2)]).unwrap();
            stream
        })
        .collect();
    let health = request(emulator.address(), "GET", "/_millrace/health", &[], "").unwrap();
    assert_eq!(health.status, 200);
    assert_eq!(status(&emulator, "host: localhost\r\n"), "200");
    // Nor does an orderly end wait for it.
    emulator.stop().unwrap();
    drop(begun);
}

#[test]
fn what_only_looks_like_tls_ends_that_connection() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    for garbage in [&b"\x16"[..], b"\x16\x03\x01\xff\xff", b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", &[0x16; 70_000]]
    {
        let mut stream = TcpStream::connect(emulator.address()).unwrap();
        // The server may hang up before all of it is sent.
        let _ = stream.write_all(garbage);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    }
    assert_eq!(status(&emulator, "host: localhost\r\n"), "200");
}
