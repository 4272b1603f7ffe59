//! `millrace invoke`: runs a function and shows what it returns.

use std::io::{Read as _, Write as _};

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt as _;

use crate::cli::InvokeOptions;
use crate::client;
use crate::daemon::runtime;
use crate::place::encode;

pub(crate) fn run(options: &InvokeOptions) -> Result<()> {
    let payload = payload(&options.payload)?;
    runtime()?.block_on(invoke(options, payload))
}

/// What is given, what a file holds, or what comes in.
fn payload(given: &str) -> Result<Bytes> {
    match given.strip_prefix('@') {
        None if given == "-" => {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).context("cannot read standard input")?;
            Ok(bytes.into())
        }
        None => Ok(given.to_owned().into()),
        Some(path) => Ok(std::fs::read(path).with_context(|| format!("cannot read {path}"))?.into()),
    }
}

async fn invoke(options: &InvokeOptions, payload: Bytes) -> Result<()> {
    let endpoint = options.place.endpoint().await?;
    let path = format!("/2015-03-31/functions/{}/invocations", encode(&options.function));
    let (account, region) = (&options.place.account_id, &options.place.region);
    // The emulator takes the world from the scope of a signature.
    let scope = format!("AWS4-HMAC-SHA256 Credential={account}/20260101/{region}/lambda/aws4_request, Signature=0");
    let mut request = Request::post(path).header("authorization", scope);
    if options.log {
        request = request.header("x-amz-log-type", "Tail");
    }
    let answer = client::send(&endpoint, request.body(payload)?).await?;
    let (head, body) = answer.response.into_parts();
    let body = body.collect().await?.to_bytes();
    if let Some(tail) = head.headers.get("x-amz-log-result") {
        let tail = STANDARD.decode(tail).context("the log is not base64")?;
        std::io::stderr().write_all(&tail).context("cannot write the log")?;
    }
    if !head.status.is_success() {
        bail!("{}: {}", head.status, String::from_utf8_lossy(&body));
    }
    let mut out = std::io::stdout().lock();
    out.write_all(&body).and_then(|()| out.write_all(b"\n")).context("cannot write the answer")?;
    match head.headers.get("x-amz-function-error") {
        Some(_) => bail!("the function failed"),
        None => Ok(()),
    }
}
