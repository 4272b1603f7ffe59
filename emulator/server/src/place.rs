//! Which emulator a command of ours talks to, and in which world: the options that such commands share.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::cli::ServeOptions;
use crate::config::Config;
use crate::daemon::Server;

/// Where a function is.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    /// Where the emulator listens [default: where the one in the background listens].
    #[arg(long, env = "AWS_ENDPOINT_URL", value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// The function's region.
    #[arg(long, env = "MILLRACE_REGION", default_value = "us-east-1")]
    pub(crate) region: String,
    /// The function's account.
    #[arg(long, env = "MILLRACE_ACCOUNT_ID", default_value = "000000000000")]
    pub(crate) account_id: String,
    /// The data directory of the emulator in the background [default: as for `millrace up`].
    #[arg(long, env = "MILLRACE_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

impl Place {
    /// The emulator's endpoint.
    pub(crate) async fn endpoint(&self) -> Result<String> {
        if let Some(endpoint) = &self.endpoint {
            return Ok(endpoint.clone());
        }
        let options = ServeOptions { data: self.data.clone(), ..ServeOptions::default() };
        let config = Config::resolve(&options)?;
        let directory = config.data.directory().context("an ephemeral emulator is found by --endpoint only")?;
        let server = Server::find(directory).await;
        let hint = || format!("no emulator runs on {}: name one with --endpoint or --data", directory.display());
        Ok(server.with_context(hint)?.endpoint)
    }

    /// The world as a query of the admin API.
    pub(crate) fn query(&self) -> String {
        format!("region={}&account={}", encode(&self.region), encode(&self.account_id))
    }
}

/// `text` as a part of a path or query.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
