//! The emulator of this machine, for users who named no endpoint: found where it usually listens, started if it does not.
//!
//! Invariant: the user is told when something was started on their behalf, and how to stop it.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tf_framework::{Diagnostic, Diagnostics, Host};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::timeout;

use crate::environment::Environment;

/// Where it listens unless told otherwise, by the variable that `millrace up` reads too.
const DEFAULT_ADDRESS: &str = "127.0.0.1:4566";
const LISTEN: &str = "MILLRACE_LISTEN";
/// An answer from this machine takes a millisecond; a program that takes this long is no emulator.
const HEALTH_PATIENCE: Duration = Duration::from_secs(2);
/// The emulator's answer is far shorter.
const HEALTH_BYTES: u64 = 4096;
/// `millrace up` itself gives up after ten seconds.
const START_PATIENCE: Duration = Duration::from_secs(20);

/// Who listens at the usual place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listener {
    Emulator,
    Stranger,
    Nobody,
}

/// Where it listens, running or not.
pub(super) fn usual_url(environment: &Environment) -> String {
    format!("http://{}", usual_address(environment))
}

fn usual_address(environment: &Environment) -> &str {
    environment.first(&[LISTEN]).unwrap_or(DEFAULT_ADDRESS)
}

/// The running emulator's URL.
pub(super) async fn url(environment: &Environment, host: &Host) -> Result<String, Diagnostics> {
    let address = usual_address(environment);
    let url = usual_url(environment);
    match listener(address).await {
        Listener::Emulator => Ok(url),
        Listener::Nobody => match start(&executable(environment), &url, host).await {
            // Each provider block is a process of its own, and another one may have been quicker.
            Err(_) if listener(address).await == Listener::Emulator => Ok(url),
            started => started,
        },
        Listener::Stranger => Err(Diagnostics::error(
            format!("another program listens at {url}"),
            format!(
                "No endpoint is configured, so the provider looked for Millrace's emulator there and found something else. \
                 To use it nevertheless, set AWS_ENDPOINT_URL={url}. To run the emulator elsewhere, set \
                 {LISTEN}=127.0.0.1:PORT, or start it with `millrace up --listen 127.0.0.1:PORT` and set AWS_ENDPOINT_URL to \
                 what it prints."
            ),
        )),
    }
}

async fn listener(address: &str) -> Listener {
    let ask = async {
        let Ok(mut stream) = TcpStream::connect(address).await else { return Listener::Nobody };
        let request = format!("GET /_millrace/health HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        let answer = async {
            stream.write_all(request.as_bytes()).await?;
            let mut text = String::new();
            stream.take(HEALTH_BYTES).read_to_string(&mut text).await?;
            Ok::<_, std::io::Error>(text)
        };
        match answer.await {
            // Many servers answer 200 to anything.
            Ok(text) if text.starts_with("HTTP/1.1 200") && text.contains("\"pid\"") => Listener::Emulator,
            Ok(_) | Err(_) => Listener::Stranger,
        }
    };
    timeout(HEALTH_PATIENCE, ask).await.unwrap_or(Listener::Stranger)
}

/// The program as named by MILLRACE_BIN, else the one that was installed beside the provider, else the one on the PATH.
fn executable(environment: &Environment) -> PathBuf {
    if let Some(named) = environment.first(&["MILLRACE_BIN"]) {
        return named.into();
    }
    let name = format!("millrace{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe().and_then(std::fs::canonicalize).map(|own| own.with_file_name(&name));
    beside.ok().filter(|path| path.is_file()).unwrap_or_else(|| name.into())
}

async fn start(executable: &PathBuf, url: &str, host: &Host) -> Result<String, Diagnostics> {
    let failed = |why: String| {
        Diagnostics::error(
            format!("cannot start the Millrace emulator: {why}"),
            format!(
                "No endpoint is configured and nothing listens at {url}. Start the emulator yourself with `millrace \
                 up`, or set AWS_ENDPOINT_URL (or `endpoints` in the provider block) to where it runs. The provider looked \
                 for {}; MILLRACE_BIN names another.",
                executable.display()
            ),
        )
    };
    let mut command = Command::new(executable);
    command.arg("up").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let talk = async {
        // The first line only: the end of the stream would come when the daemon ends, should it share it.
        let mut line = String::new();
        if let Some(stdout) = stdout {
            BufReader::new(stdout).read_line(&mut line).await?;
        }
        Ok::<_, std::io::Error>((line, child.wait().await?))
    };
    let (line, status) = match timeout(START_PATIENCE, talk).await {
        Ok(talk) => talk.map_err(|error| failed(error.to_string()))?,
        Err(_) => return Err(failed(format!("`millrace up` said nothing for {} s", START_PATIENCE.as_secs()))),
    };
    if !status.success() {
        let mut complaint = String::new();
        if let Some(mut stderr) = stderr {
            // What can be read of it explains; the status counts.
            drop(timeout(HEALTH_PATIENCE, stderr.read_to_string(&mut complaint)).await);
        }
        return Err(failed(format!("`millrace up` ended with {status}: {}", complaint.trim())));
    }
    let announced = Announced::read(&line).ok_or_else(|| failed(format!("`millrace up` said {:?}", line.trim())))?;
    if announced.is_new {
        host.warn(Diagnostic::warning(
            "Started the Millrace emulator",
            format!(
                "No endpoint is configured and no emulator was running, so the provider started one at {}. It keeps \
                 running, with its data, after Terraform ends: `millrace status` shows it, `millrace down` stops it.",
                announced.url
            ),
        ));
    }
    Ok(announced.url.to_owned())
}

/// What `millrace up` prints: `millrace started at URL (process N)`, or `millrace runs at URL …`.
#[derive(Debug, PartialEq, Eq)]
struct Announced<'a> {
    is_new: bool,
    url: &'a str,
}

impl<'a> Announced<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let rest = line.trim().strip_prefix("millrace ")?;
        let (verb, rest) = rest.split_once(" at ")?;
        let url = rest.split_ascii_whitespace().next().filter(|url| url.starts_with("http://"))?;
        match verb {
            "started" => Some(Self { is_new: true, url }),
            "runs" => Some(Self { is_new: false, url }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_announcement_names_the_url() {
        let url = "http://127.0.0.1:4566";
        let started = "millrace started at http://127.0.0.1:4566 (process 12)\n";
        assert_eq!(Announced::read(started), Some(Announced { is_new: true, url }));
        assert_eq!(
            Announced::read("millrace runs at http://127.0.0.1:4566 (process 12)"),
            Some(Announced { is_new: false, url })
        );
        for other in ["", "millrace", "millrace started at port 4566", "listening on http://127.0.0.1:1"] {
            assert_eq!(Announced::read(other), None, "{other}");
        }
    }

    #[test]
    fn the_named_program_comes_first() {
        assert_eq!(executable(&[("MILLRACE_BIN", "/opt/m")].into()), PathBuf::from("/opt/m"));
        assert!(executable(&Environment::default()).ends_with("millrace"));
    }
}
