//! The functions that are measured: the same few lines in each language.

use std::path::{Path, PathBuf};
use std::process::Command;

use acceptance::Function;
use anyhow::{Context as _, Result};
use serde_json::json;

/// Takes the time first, then says how many records there are and which is the first.
const PYTHON: &str = "import base64, os, socket, time
SOCKET = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
HOST, PORT = os.environ['BEACON'].split(':')
def handle(event, context):
    now = time.time_ns()
    records = event.get('Records', [])
    number = base64.b64decode(records[0]['kinesis']['data']).split(b' ')[0].decode() if records else ''
    SOCKET.sendto(b'%d %d %s' % (now, len(records), number.encode()), (HOST, int(PORT)))
    return len(records)
";

/// The clock of `Date` has milliseconds only; the performance clock, once it is held against the other, has more.
const NODE: &str = "const dgram = require('node:dgram');
const socket = dgram.createSocket('udp4');
socket.unref();
const [host, port] = process.env.BEACON.split(':');
exports.handle = (event) => new Promise((resolve) => {
  const now = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e3)) * 1000n;
  const records = event.Records ?? [];
  const data = records.length ? Buffer.from(records[0].kinesis.data, 'base64').toString() : '';
  socket.send(`${now} ${records.length} ${data.split(' ')[0]}`, Number(port), host, () => resolve(records.length));
});
";

/// One language.
pub(super) struct Subject {
    pub(super) name: &'static str,
    pub(super) function: Function<'static>,
    files: Vec<(&'static str, Vec<u8>)>,
    /// What starts the same thing without any function in it.
    bare: (PathBuf, &'static [&'static str]),
}

/// Those that this machine can run.
pub(super) fn all(function: &Path) -> Result<Vec<Subject>> {
    let of = |name, runtime, handler| {
        // Enough memory that what a function takes is never why it waits.
        Function { name, runtime, handler, settings: json!({"MemorySize": 1024, "Timeout": 30}) }
    };
    let program = std::fs::read(function).with_context(|| format!("cannot read {}", function.display()))?;
    Ok(vec![
        Subject {
            name: "Python",
            function: of("python", "python3.12", "f.handle"),
            files: vec![("f.py", PYTHON.into())],
            bare: ("python3".into(), &["-c", "import json, http.client, logging, decimal"]),
        },
        Subject {
            name: "Node.js",
            function: of("node", "nodejs22.x", "f.handle"),
            files: vec![("f.js", NODE.into())],
            bare: ("node".into(), &["-e", "require('node:http')"]),
        },
        Subject {
            name: "Rust",
            function: of("rust", "provided.al2023", "arrivals"),
            files: vec![("bootstrap", program)],
            bare: ("/bin/true".into(), &[]),
        },
    ])
}

impl Subject {
    /// Creates it; it sends its datagrams to `beacon`.
    pub(super) fn create(&self, address: &str, beacon: &str) -> Result<()> {
        let mut function = self.function.clone();
        function.settings["Environment"] = json!({"Variables": {"BEACON": beacon}});
        function.create(address, &self.files)
    }

    /// Runs what its function cannot be quicker than: the interpreter and the modules that any handler needs.
    pub(super) fn run_bare(&self) -> Result<()> {
        let status = Command::new(&self.bare.0).args(self.bare.1).status();
        status.with_context(|| format!("cannot run {}", self.bare.0.display()))?;
        Ok(())
    }
}
