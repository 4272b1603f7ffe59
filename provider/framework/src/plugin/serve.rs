//! The life of a provider process: handshake, serving, end.

use std::io::Write;
use std::mem::ManuallyDrop;
use std::os::unix::process::parent_id;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tfplugin::plugin::grpc_broker_server::GrpcBrokerServer;
use tfplugin::plugin::grpc_controller_server::GrpcControllerServer;
use tfplugin::plugin::grpc_stdio_server::GrpcStdioServer;
use tfplugin::tfplugin6::provider_server::ProviderServer;
use tokio::signal::unix::{SignalKind, signal};

use super::ahead::Ahead;
use super::handshake::{Host, PROTOCOL};
use super::side_services::End;
use super::socket::Socket;
use super::tls::{Identity, TlsError};
use super::{log, panic};
use crate::intent::Intents;
use crate::operations::Operations;
use crate::provider::Provider;
use crate::rpc::Service;

/// The largest message taken: a plan of a resource with a large inline payload is far below.
const MAX_MESSAGE: usize = 256 << 20;
/// How long the host may keep its connection after it asked us to end while something was under way.
const CONNECTIONS_GRACE: Duration = Duration::from_millis(500);
/// How often all tasks get their turn otherwise.
const TURNS: usize = 4;
/// How long running operations may take to end after that; the host kills us after two seconds.
const OPERATIONS_GRACE: Duration = Duration::from_millis(1200);

/// Runs the provider `P` as Terraform's plugin: the whole `main` of a provider binary.
///
/// With `--debug` the provider waits for a debugger's user instead, and prints what to put into the environment of
/// Terraform. With `--reattach` it does so for a program: it prints the value alone, and ends when its standard input does.
pub fn serve<P: Provider>() -> ExitCode {
    panic::report_to_host();
    let variable = |name: &str| std::env::var(name).ok();
    let caller = Caller::of(std::env::args());
    let host = if caller == Caller::Host { Host::from_environment(variable) } else { Ok(Host::default()) };
    let host = match host {
        Ok(host) => host,
        Err(refusal) => {
            eprintln!("{refusal}");
            return ExitCode::FAILURE;
        }
    };
    log::send_to_host(variable);
    // One thread is enough: the work is waiting for a service, and starting more costs time three times per plan.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    // Never dropped: the host waits for the process to end, and what only frees memory would hold it up.
    let runtime = runtime.map(ManuallyDrop::new);
    let served = runtime.map_err(Error::from).and_then(|runtime| runtime.block_on(run::<P>(&host, caller)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("provider failed: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Who started the process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Caller {
    /// Terraform, which waits for the handshake.
    Host,
    /// Somebody with a debugger.
    Person,
    /// A program that starts Terraform.
    Program,
}

impl Caller {
    fn of(arguments: impl IntoIterator<Item = String>) -> Self {
        let known = |argument: String| match argument.as_str() {
            "--debug" | "-debug" => Some(Self::Person),
            "--reattach" => Some(Self::Program),
            _ => None,
        };
        arguments.into_iter().find_map(known).unwrap_or(Self::Host)
    }
}

/// Why the process cannot serve.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Transport(#[from] tonic::transport::Error),
}

async fn run<P: Provider>(host: &Host, caller: Caller) -> Result<(), Error> {
    let socket = Arc::new(Socket::bind(host.socket_dir.as_deref(), host.socket_group.as_deref())?);
    let host_certificate = host.client_certificate.clone();
    let identity = host_certificate.map(|host| Identity::new(host, parent_id)).transpose()?;
    let end = End::new();
    // Terraform waits for the first line, so that everything which can be done after it is.
    match caller {
        Caller::Host => {
            let certificate = identity.as_ref().map(|identity| &identity.certificate);
            announce(&host.answer(socket.path(), certificate))?;
        }
        Caller::Person => announce(&format!(
            "Provider started. To use it, set this in the environment of terraform:\n\n\tTF_REATTACH_PROVIDERS='{}'\n",
            reattach::<P>(&socket)
        ))?,
        Caller::Program => {
            announce(&reattach::<P>(&socket).to_string())?;
            end_with_stdin(end.clone());
        }
    }
    let mut terminate = signal(SignalKind::terminate())?;
    // Ctrl-C reaches the whole process group. Terraform decides what it means and tells us; to die of it half-way
    // through an apply would lose what was made.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let watched = end.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => watched.declare(),
                _ = interrupt.recv() => if caller == Caller::Person { watched.declare() },
            }
        }
    });
    let hung_up = (caller == Caller::Host).then(|| end.clone());
    // Whoever works on a provider sees what its code says, and not what was made of it once.
    let schemas = P::SCHEMAS.filter(|_| cfg!(not(debug_assertions)));
    serve_on::<P>(socket, identity.as_ref(), end, hung_up, schemas).await
}

/// Serves until the end is declared, then lets what is under way finish.
///
/// A host connects once and keeps its connection. With `hung_up`, losing it is the end, too: a host that was killed
/// cannot say so, and must not leave its providers behind.
pub(super) async fn serve_on<P: Provider>(
    socket: Arc<Socket>,
    identity: Option<&Identity>,
    end: End,
    hung_up: Option<End>,
    schemas: Option<&'static [u8]>,
) -> Result<(), Error> {
    let tls = identity.map(Identity::configs).transpose()?.map(Arc::new);
    let operations = Operations::new();
    let place = std::env::current_dir().unwrap_or_default();
    let intents = Arc::new(Intents::below(P::intents(), &place));
    let service = Service::<P>::new(operations.clone(), Arc::clone(&intents));
    service.prepare();
    let service =
        ProviderServer::new(service).max_decoding_message_size(MAX_MESSAGE).max_encoding_message_size(MAX_MESSAGE);
    let server = tonic::transport::Server::builder()
        .add_service(Ahead { schemas, service })
        .add_service(GrpcControllerServer::new(end.clone()))
        .add_service(GrpcStdioServer::new(end.clone()))
        .add_service(GrpcBrokerServer::new(end.clone()))
        .serve_with_incoming_shutdown(Arc::clone(&socket).connections(tls, hung_up), end.clone().declared());
    let cap = async {
        end.clone().declared().await;
        if operations.are_under_way() {
            return tokio::time::sleep(CONNECTIONS_GRACE).await;
        }
        // The answer to whoever asked goes out in the turns of other tasks. Terraform does without one, as providers in Go
        // cut the connection instead; what it waits for is the end of the process.
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
    };
    let served = tokio::select! {
        served = server => served,
        () = cap => Ok(()),
    };
    operations.finished(OPERATIONS_GRACE).await;
    if end.is_asked_for() {
        intents.delivered();
    }
    // The accept loop holds the socket, too; removing the file must not wait for it.
    drop(std::fs::remove_file(socket.path()));
    Ok(served?)
}

/// The first line of stdout, and the last that the host reads.
fn announce(line: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

/// Declares the end when nobody can write to our standard input any more: whoever started us is gone.
fn end_with_stdin(end: End) {
    // A thread of its own: a read of standard input cannot be called off, and must not hold up the end of the runtime.
    std::thread::spawn(move || {
        drop(std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink()));
        end.declare();
    });
}

fn reattach<P: Provider>(socket: &Socket) -> serde_json::Value {
    serde_json::json!({
        P::ADDRESS: {
            "Protocol": "grpc",
            "ProtocolVersion": PROTOCOL,
            "Pid": std::process::id(),
            "Test": true,
            "Addr": { "Network": "unix", "String": socket.path() },
        }
    })
}
