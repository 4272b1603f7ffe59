//! What subscriptions of topics lead to: the queues of SQS, the functions of Lambda, and HTTP endpoints on this machine.

use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

use aws_wire::{Body, Call, Endpoint as _, World};
use bytes::Bytes;
use env::Random;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::{Request, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use lambda::Lambda;
use sns::{QueueMessage, TargetError, Targets};
use sqs::{Outgoing, Sqs};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::loopback_tls;

/// As long as AWS waits for an endpoint.
const PATIENCE: Duration = Duration::from_secs(15);

/// The targets of all worlds.
pub(super) struct SnsTargets {
    queues: Sqs,
    functions: OnceLock<(Lambda, Random)>,
}

impl SnsTargets {
    pub(super) const fn new(queues: Sqs) -> Self {
        Self { queues, functions: OnceLock::new() }
    }

    /// Gives it the functions, once there are any.
    pub(super) fn set_functions(&self, lambda: Lambda, random: Random) {
        // Whoever set them before had the same ones.
        let _ = self.functions.set((lambda, random));
    }
}

impl Targets for SnsTargets {
    fn send<'a>(
        &'a self,
        world: &'a World,
        queue_arn: &'a str,
        message: QueueMessage,
    ) -> BoxFuture<'a, Result<(), TargetError>> {
        let attributes = message.attributes.into_iter().map(|(name, value)| {
            let value = sqs::AttributeValue {
                data_type: value.data_type,
                string_value: value.string_value,
                binary_value: value.binary_value,
            };
            (name, value)
        });
        let outgoing = Outgoing {
            attributes: attributes.collect(),
            group: message.group,
            deduplication: message.deduplication,
            ..Outgoing::new(message.body, "sns.amazonaws.com")
        };
        async move {
            let sent = self.queues.deliver(world, queue_arn, outgoing).await;
            sent.map(drop).map_err(|error| TargetError(error.to_string()))
        }
        .boxed()
    }

    /// As any client invokes it, for an event.
    fn invoke<'a>(
        &'a self,
        world: &'a World,
        function_arn: &'a str,
        event: Bytes,
    ) -> BoxFuture<'a, Result<(), TargetError>> {
        async move {
            let (lambda, random) =
                self.functions.get().ok_or_else(|| TargetError("there are no functions yet".into()))?;
            let call = Call { world: world.clone(), access_key: None, invocation: None, request_id: random.uuid() };
            let request = Request::post(format!("/2015-03-31/functions/{function_arn}/invocations"))
                .header("x-amz-invocation-type", "Event")
                .body(event)
                .map_err(|error| TargetError(error.to_string()))?;
            let reply = lambda.serve(call, request).await;
            if reply.status().is_success() {
                return Ok(());
            }
            let (status, body) = (reply.status(), reply.into_body());
            let said = match &body {
                Body::Full(body) => String::from_utf8_lossy(body).into_owned(),
                Body::Stream(_) => String::new(),
            };
            Err(TargetError(format!("{status}: {said}")))
        }
        .boxed()
    }

    fn post<'a>(
        &'a self,
        url: &'a str,
        headers: &'a [(String, String)],
        body: &'a str,
    ) -> BoxFuture<'a, Result<u16, TargetError>> {
        async move {
            let posted = timeout(PATIENCE, post(url, headers, body)).await;
            let posted = posted.map_err(|_| TargetError("no answer".to_owned()))?;
            posted.map_err(|error| TargetError(format!("{error:#}")))
        }
        .boxed()
    }
}

async fn post(url: &str, headers: &[(String, String)], body: &str) -> anyhow::Result<u16> {
    let url: Uri = url.parse()?;
    let encrypted = url.scheme_str() == Some("https");
    let host = url.host().unwrap_or("localhost");
    let port = url.port_u16().unwrap_or(if encrypted { 443 } else { 80 });
    let path = url.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let mut request =
        Request::post(path).header(header::HOST, url.authority().map_or(host, http::uri::Authority::as_str));
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::copy_from_slice(body.as_bytes())))?;
    let stream = connect(host, port).await?;
    if encrypted {
        exchange(loopback_tls::connect(bare(host), stream).await?, request).await
    } else {
        exchange(stream, request).await
    }
}

/// Connects to an address of this machine. A name below `localhost` is this machine whatever a resolver says of it.
async fn connect(host: &str, port: u16) -> std::io::Result<TcpStream> {
    match bare(host).parse::<IpAddr>() {
        Ok(address) => TcpStream::connect((address, port)).await,
        Err(_) => TcpStream::connect(("localhost", port)).await,
    }
}

/// An address without the brackets that it has in a URL.
fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

async fn exchange<I>(stream: I, request: Request<Full<Bytes>>) -> anyhow::Result<u16>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await?;
    let status = answer.status().as_u16();
    // What it says is of no use; whether it came to its end is of none either.
    drop(answer.into_body().collect().await);
    connection.abort();
    Ok(status)
}
