//! `millrace attach`: lets a handler that its author starts, under a debugger perhaps, serve a function's events.
//!
//! The emulator keeps the attachment for as long as the connection is open, so it ends with this command, however that ends.

use std::collections::BTreeMap;
use std::io::Write as _;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;

use crate::cli::AttachOptions;
use crate::client;
use crate::daemon::runtime;
use crate::place::encode;

pub(crate) fn run(options: &AttachOptions) -> Result<()> {
    runtime()?.block_on(attach(options))
}

async fn attach(options: &AttachOptions) -> Result<()> {
    let endpoint = options.place.endpoint().await?;
    let path = format!("/_millrace/lambda/attach/{}?{}", encode(&options.function), options.place.query());
    let mut answer = client::send(&endpoint, Request::post(path).body(Bytes::new())?).await?;
    let status = answer.response.status();
    let body = answer.response.body_mut();
    if status != StatusCode::OK {
        let body = body.collect().await?.to_bytes();
        bail!("{status}: {}", String::from_utf8_lossy(&body));
    }
    // The first piece says what there is to know, and no second one comes.
    let first = body.frame().await.context("the emulator hung up")??;
    let first = first.into_data().ok().context("the emulator said nothing")?;
    let mut environment: BTreeMap<String, String> = serde_json::from_slice(&first)?;
    let here = std::env::current_dir().context("there is no current directory")?;
    environment.insert("LAMBDA_TASK_ROOT".to_owned(), here.to_string_lossy().into_owned());
    let Some((program, arguments)) = options.command.split_first() else {
        show(&environment)?;
        // It ends with the emulator; before that, the author ends it.
        while body.frame().await.is_some() {}
        bail!("the emulator hung up");
    };
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).envs(&environment).kill_on_drop(true);
    let mut child = command.spawn().with_context(|| format!("cannot start {program}"))?;
    let status = tokio::select! {
        status = child.wait() => status?,
        () = async { while body.frame().await.is_some() {} } => bail!("the emulator hung up"),
    };
    if status.success() { Ok(()) } else { bail!("{program} ended with {status}") }
}

/// The environment in the form that a shell reads.
fn show(environment: &BTreeMap<String, String>) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for (name, value) in environment {
        writeln!(out, "export {name}='{}'", value.replace('\'', r"'\''")).context("cannot write")?;
    }
    out.flush().context("cannot write")
}
