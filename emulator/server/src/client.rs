//! A plain HTTP request to an emulator on this machine, for our own commands.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// An emulator that does not answer by then is not there.
const PATIENCE: Duration = Duration::from_secs(2);

/// GETs `path` of the emulator at `endpoint` and returns the body of its 200.
pub(crate) async fn get(endpoint: &str, path: &str) -> Result<Bytes> {
    let answer = send(endpoint, Request::get(path).body(Bytes::new())?).await?;
    let status = answer.response.status();
    let body = answer.response.into_body().collect().await?.to_bytes();
    if status != StatusCode::OK {
        bail!("{endpoint}{path} answered {status}: {}", String::from_utf8_lossy(&body));
    }
    Ok(body)
}

/// An answer whose body may still be coming. The connection is closed when this is dropped.
pub(crate) struct Answer {
    pub(crate) response: Response<Incoming>,
    _connection: JoinSet<Result<(), hyper::Error>>,
}

/// Sends a request to the emulator at `endpoint` and waits for the head of its answer.
pub(crate) async fn send(endpoint: &str, mut request: Request<Bytes>) -> Result<Answer> {
    let authority = endpoint.strip_prefix("http://").context("an endpoint begins with http://")?.trim_end_matches('/');
    let connect = tokio::time::timeout(PATIENCE, TcpStream::connect(authority));
    let stream = connect.await.context("no answer")?.with_context(|| format!("nothing listens at {endpoint}"))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let mut connections = JoinSet::new();
    connections.spawn(connection);
    request.headers_mut().insert(header::HOST, HeaderValue::from_str(authority)?);
    let response = sender.send_request(request.map(Full::new)).await?;
    Ok(Answer { response, _connection: connections })
}
