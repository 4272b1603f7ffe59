//! A plain HTTP request to an emulator on this machine, for our own commands.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// An emulator that does not answer by then is not there.
const PATIENCE: Duration = Duration::from_secs(2);

/// GETs `path` of the emulator at `endpoint` and returns the body of its 200.
pub(crate) async fn get(endpoint: &str, path: &str) -> Result<Bytes> {
    let (status, body) = exchange(endpoint, path).await?;
    if status != StatusCode::OK {
        bail!("{endpoint}{path} answered {status}: {}", String::from_utf8_lossy(&body));
    }
    Ok(body)
}

async fn exchange(endpoint: &str, path: &str) -> Result<(StatusCode, Bytes)> {
    let authority = endpoint.strip_prefix("http://").context("an endpoint begins with http://")?.trim_end_matches('/');
    let connect = tokio::time::timeout(PATIENCE, TcpStream::connect(authority));
    let stream = connect.await.context("no answer")?.with_context(|| format!("nothing listens at {endpoint}"))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = Request::get(path).header(header::HOST, authority).body(Empty::<Bytes>::new())?;
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    let body = answer.into_body().collect().await?.to_bytes();
    connection.abort();
    Ok((status, body))
}
