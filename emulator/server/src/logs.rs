//! `millrace logs`: a function's log, once or as it grows.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::cli::LogsOptions;
use crate::client;
use crate::daemon::runtime;
use crate::place::encode;

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
    let endpoint = options.place.endpoint().await?;
    let (function, world) = (encode(&options.function), options.place.query());
    let (mut after, mut caught_up) = (0, false);
    loop {
        // With `wait`, the answer comes when there is more to show; nobody polls.
        let path = format!("/_millrace/logs/{function}?{world}&after={after}&wait={caught_up}");
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
