//! `millrace serve`: from settings to a server that is ready, and from a signal to an orderly end.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use env::Env;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::app::App;
use crate::config::{Config, Data};
use crate::daemon::Server;
use crate::listener;
use crate::services::Services;
use crate::tls::Tls;

/// How long answers under way may take once we stop.
const DRAIN: Duration = Duration::from_secs(3);

/// Serves until it is told to stop.
pub(crate) fn run(mut config: Config) -> Result<()> {
    let filter = std::mem::take(&mut config.log);
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")?;
    let outcome = runtime.block_on(serve(config));
    // Nothing that still runs owns anything that is not already durable.
    runtime.shutdown_background();
    outcome
}

async fn serve(config: Config) -> Result<()> {
    let directory = DataDirectory::prepare(&config.data)?;
    let socket = TcpListener::bind(config.listen).await.with_context(|| {
        format!("cannot listen on {} (is another emulator running? `--listen` takes another address)", config.listen)
    })?;
    let address = socket.local_addr()?;
    let endpoint = format!("http://{address}");
    if !address.ip().is_loopback() {
        tracing::warn!(
            %address,
            "this address can be reached from other machines and nobody has to sign in: whoever reaches it can create a \
             function, which is running code as you"
        );
    }
    let env = Env::system();
    let services = Services::open(&config, &env, directory.path(), &endpoint).await?;
    let tls = Arc::new(Tls::prepare(directory.path())?);
    let app = Arc::new(App::new(&config, env, services.clone()));

    let (stopper, stop) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // Before anything is answered, so that nothing is taken up twice. Connections wait in the socket's backlog.
    services.start()?;
    let server = tokio::spawn(listener::serve(socket, Some(tls), app, stop, DRAIN));

    println!("listening on {endpoint}");
    std::io::stdout().flush().context("cannot say that we listen")?;
    let announcement = Server { pid: std::process::id(), endpoint, version: env!("CARGO_PKG_VERSION").to_owned() };
    announcement.announce(directory.path())?;
    tracing::info!(%address, data = %directory.path().display(), "serving");

    let reason = tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    };
    tracing::info!(reason, "stopping");
    Server::withdraw(directory.path());
    stopper.send_replace(true);
    services.stop().await;
    server.await.context("the listener failed")?;
    services.sync().await.context("the last sync failed")?;
    tracing::info!("stopped");
    Ok(())
}

/// The directory that everything is kept in.
enum DataDirectory {
    Kept(PathBuf),
    /// Removed when dropped.
    Ephemeral(PathBuf),
}

impl DataDirectory {
    fn prepare(data: &Data) -> Result<Self> {
        use std::os::unix::fs::DirBuilderExt as _;

        let (path, directory) = match data {
            Data::Directory(path) => (path.clone(), None),
            Data::Ephemeral => {
                let name = format!("millrace-{}-{}", std::process::id(), Env::system().random.hex::<4>());
                let path = std::env::temp_dir().join(name);
                (path.clone(), Some(Self::Ephemeral(path)))
            }
        };
        // Records and functions are nobody else's business.
        let mut builder = std::fs::DirBuilder::new();
        builder
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .with_context(|| format!("cannot create {}", path.display()))?;
        Ok(directory.unwrap_or(Self::Kept(path)))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) | Self::Ephemeral(path) => path,
        }
    }
}

impl Drop for DataDirectory {
    fn drop(&mut self) {
        if let Self::Ephemeral(path) = self
            && let Err(error) = std::fs::remove_dir_all(&path)
        {
            tracing::warn!(path = %path.display(), %error, "cannot remove the ephemeral data directory");
        }
    }
}
