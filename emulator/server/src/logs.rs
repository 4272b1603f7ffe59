//! `millrace logs`: a function's log, once or as it grows.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::cli::{LogsOptions, ServeOptions};
use crate::client;
use crate::config::Config;
use crate::daemon::{Server, runtime};

/// What the admin API answers: text, and where the next text begins.
#[derive(Deserialize)]
struct Tail {
    text: String,
    next: u64,
}

pub(crate) fn run(options: &LogsOptions) -> Result<()> {
    runtime()?.block_on(show(options))
}

async fn show(options: &LogsOptions) -> Result<()> {
    let endpoint = match &options.endpoint {
        Some(endpoint) => endpoint.clone(),
        None => {
            let options = ServeOptions { data: options.data.clone(), ..ServeOptions::default() };
            let config = Config::resolve(&options)?;
            let directory = config.data.directory().context("an ephemeral emulator is found by --endpoint only")?;
            let server = Server::find(directory).await;
            let hint = || format!("no emulator runs on {}: name one with --endpoint or --data", directory.display());
            server.with_context(hint)?.endpoint
        }
    };
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (function, region, account) = (encode(&options.function), encode(&options.region), encode(&options.account_id));
    let (mut after, mut caught_up) = (0, false);
    loop {
        // With `wait`, the answer comes when there is more to show; nobody polls.
        let path =
            format!("/_millrace/logs/{function}?region={region}&account={account}&after={after}&wait={caught_up}");
        let tail: Tail = serde_json::from_slice(&client::get(&endpoint, &path).await?)?;
        let mut out = std::io::stdout().lock();
        out.write_all(tail.text.as_bytes()).and_then(|()| out.flush()).context("cannot write the log")?;
        caught_up = tail.next == after;
        if caught_up && !options.follow {
            return Ok(());
        }
        after = tail.next;
    }
}
