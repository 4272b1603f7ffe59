//! The HTTP client that all AWS clients share.
//!
//! TLS, its root certificates and proxies cost time at the first call, so they are set up only when an endpoint needs
//! them; the usual endpoint is plain HTTP on this machine.

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tf_framework::{Diagnostic, Diagnostics};

use super::line::InLine;
use crate::settings::{Settings, is_local};

pub(super) fn client<'a>(
    settings: &Settings,
    urls: impl Iterator<Item = &'a String>,
) -> Result<SharedHttpClient, Diagnostics> {
    let (mut any_tls, mut any_remote) = (false, false);
    for url in urls {
        any_tls |= url.starts_with("https:");
        any_remote |= !is_local(url);
    }
    let tls = if any_tls { Some(tls(settings)?) } else { None };
    let proxy = if any_remote { proxy(settings)? } else { ProxyConfig::disabled() };
    let client = Builder::new().build_with_connector_fn(move |timeouts, components| {
        let mut connector = Connector::builder().proxy_config(proxy.clone());
        connector.set_connector_settings(timeouts.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        match &tls {
            Some(tls) => connector.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(tls.clone()).build(),
            None => connector.build_http(),
        }
    });
    Ok(SharedHttpClient::new(InLine::behind(client)))
}

fn tls(settings: &Settings) -> Result<TlsContext, Diagnostics> {
    let refuse = |file: &str, error: &dyn std::fmt::Display| {
        Diagnostic::error(
            format!("cannot use the certificates in {file}: {error}"),
            "Name a file of root certificates in PEM with custom_ca_bundle or AWS_CA_BUNDLE, or none.",
        )
        .at("custom_ca_bundle")
    };
    let Some(file) = &settings.ca_bundle else { return Ok(TlsContext::default()) };
    let pem = std::fs::read(file).map_err(|error| refuse(file, &error))?;
    let trusted = TrustStore::default().with_pem_certificate(pem);
    TlsContext::builder().with_trust_store(trusted).build().map_err(|error| refuse(file, &error).into())
}

/// The connector takes one proxy for all. A URL for secure endpoints wins: what is remote is nearly always secure.
fn proxy(settings: &Settings) -> Result<ProxyConfig, Diagnostics> {
    let proxies = &settings.proxies;
    let (config, setting, url) = match (&proxies.https, &proxies.http) {
        (Some(url), _) => (ProxyConfig::https(url.as_str()), "https_proxy", url),
        (None, Some(url)) => (ProxyConfig::http(url.as_str()), "http_proxy", url),
        (None, None) => return Ok(ProxyConfig::disabled()),
    };
    let config = config.map_err(|error| {
        Diagnostic::error(format!("invalid {setting} {url:?}: {error}"), "Write the proxy as a URL.").at(setting)
    })?;
    Ok(match &proxies.except {
        Some(hosts) => config.no_proxy(hosts),
        None => config,
    })
}
