//! Functions for tests and benchmarks: packed out of files, created, and waited for.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::http::request;

const FUNCTIONS: &str = "/2015-03-31/functions";
const JSON: (&str, &str) = ("content-type", "application/json");

/// A function to create.
#[derive(Clone, Debug)]
pub struct Function<'a> {
    /// Its name.
    pub name: &'a str,
    /// Such as `python3.12`.
    pub runtime: &'a str,
    /// What of the package is called.
    pub handler: &'a str,
    /// Environment, timeout and whatever else differs from AWS's defaults.
    pub settings: Value,
}

impl Function<'_> {
    /// Creates it out of files, each a name and a content, and waits until it can be called.
    pub fn create<C: AsRef<[u8]>>(&self, address: &str, files: &[(&str, C)]) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let package = folder.path().join("package.zip");
        zip(&package, files)?;
        let mut input = json!({
            "FunctionName": self.name, "Runtime": self.runtime, "Handler": self.handler,
            "Role": "arn:aws:iam::000000000000:role/r", "Code": {"ZipFile": base64(&std::fs::read(package)?)},
        });
        if let (Some(input), Some(settings)) = (input.as_object_mut(), self.settings.as_object()) {
            input.extend(settings.clone());
        }
        let created = request(address, "POST", FUNCTIONS, &[JSON], &input.to_string())?;
        ensure!(created.status == 201, "CreateFunction answered {}: {}", created.status, created.body);
        self.settle(address)
    }

    /// Gives it other environment variables, so that its next call meets a new process.
    pub fn set_environment(&self, address: &str, variables: &Value) -> Result<()> {
        let path = format!("{FUNCTIONS}/{}/configuration", self.name);
        let input = json!({"Environment": {"Variables": variables}});
        let updated = request(address, "PUT", &path, &[JSON], &input.to_string())?;
        ensure!(updated.status == 200, "UpdateFunctionConfiguration answered {}: {}", updated.status, updated.body);
        self.settle(address)
    }

    /// Calls it. An error of the function is an error.
    pub fn invoke(&self, address: &str, event: &Value) -> Result<Value> {
        let path = format!("{FUNCTIONS}/{}/invocations", self.name);
        let answer = request(address, "POST", &path, &[JSON], &event.to_string())?;
        let failed = answer.status != 200 || answer.head.contains("x-amz-function-error");
        ensure!(!failed, "Invoke answered {}: {}", answer.status, answer.body);
        answer.json()
    }

    fn settle(&self, address: &str) -> Result<()> {
        let (path, begun) = (format!("{FUNCTIONS}/{}/configuration", self.name), Instant::now());
        loop {
            let now = request(address, "GET", &path, &[], "")?.json()?;
            if now["State"] == "Active" && now["LastUpdateStatus"] == "Successful" {
                return Ok(());
            }
            ensure!(begun.elapsed() < Duration::from_secs(60), "{} does not come to be Active: {now}", self.name);
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Makes a zip of files with the given names and contents, all of them executable.
pub fn zip<C: AsRef<[u8]>>(to: &Path, files: &[(&str, C)]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut command = Command::new("python3");
    command.args(["-m", "zipfile", "-c"]).arg(to);
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::write(&path, content)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
        command.arg(path);
    }
    let output = command.output().context("cannot run python3")?;
    ensure!(output.status.success(), "{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// Bytes as JSON carries them.
pub fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |bits: u32| char::from(ALPHABET[(bits & 63) as usize]);
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        out.extend((0..=chunk.len()).map(|at| digit(bits >> (18 - 6 * at))));
        out.extend(std::iter::repeat_n('=', 3 - chunk.len()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads() {
        let check = |text: &str, encoded: &str| assert_eq!(base64(text.as_bytes()), encoded);
        check("", "");
        check("f", "Zg==");
        check("fo", "Zm8=");
        check("foo", "Zm9v");
        check("foobar\u{fb}\u{ff}", "Zm9vYmFyw7vDvw==");
    }
}
