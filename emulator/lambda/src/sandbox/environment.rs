//! The environment of a function's process: Lambda's variables, then the owner's, and nothing of ours.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::function::{Family, Runtime};
use crate::name::FunctionArn;

/// What the variables are made of.
pub(super) struct Facts<'a> {
    /// Qualified with the version that runs.
    pub(super) function: &'a FunctionArn,
    pub(super) version: &'a str,
    pub(super) runtime: Runtime,
    pub(super) handler: &'a str,
    pub(super) memory_mb: u32,
    pub(super) log_group: &'a str,
    pub(super) log_stream: &'a str,
    pub(super) task_root: &'a Path,
    /// The folder of the layers.
    pub(super) opt: Option<&'a Path>,
    pub(super) runtime_dir: &'a Path,
    /// The sandbox's own directory for temporary files; also its home, so that no settings of the user leak in.
    pub(super) scratch: &'a Path,
    pub(super) runtime_api: &'a str,
    pub(super) endpoint_url: &'a str,
    /// Of the emulator: interpreters find their tools there.
    pub(super) path: OsString,
    pub(super) owner: Option<&'a BTreeMap<String, String>>,
}

/// Where a runtime looks for what layers bring.
fn layer_paths(opt: &Path, path: &OsString, runtime: Runtime) -> Vec<(OsString, OsString)> {
    let list = |below: &[String]| {
        let paths: Vec<OsString> = below.iter().map(|below| opt.join(below).into()).collect();
        paths.join(OsStr::new(":"))
    };
    let version = match runtime.family() {
        Family::Python(version) | Family::Node(version) | Family::Java(version) | Family::Ruby(version) => version,
        Family::Provided | Family::Unsupported => "",
    };
    let python = ["python".to_owned(), format!("python/lib/python{version}/site-packages")];
    let node = [format!("nodejs/node{version}/node_modules"), "nodejs/node_modules".to_owned()];
    let mut programs = list(&["bin".to_owned()]);
    programs.push(":");
    programs.push(path);
    vec![
        ("PATH".into(), programs),
        ("LD_LIBRARY_PATH".into(), list(&["lib".to_owned()])),
        ("PYTHONPATH".into(), list(&python)),
        ("NODE_PATH".into(), list(&node)),
        ("RUBYLIB".into(), list(&["ruby/lib".to_owned()])),
        // Where AWS has all of it, for code that looks there itself.
        ("MILLRACE_OPT".into(), opt.into()),
    ]
}

/// The whole environment.
pub(super) fn of(facts: &Facts<'_>) -> BTreeMap<OsString, OsString> {
    let memory = facts.memory_mb.to_string();
    let execution_env = format!("AWS_Lambda_{}", facts.runtime);
    let region = facts.function.region.as_str();
    let mut all: BTreeMap<OsString, OsString> = BTreeMap::new();
    // The owner may override these.
    all.insert("PATH".into(), facts.path.clone());
    if let Some(opt) = facts.opt {
        all.extend(layer_paths(opt, &facts.path, facts.runtime));
    }
    for (name, value) in [
        ("LANG", "en_US.UTF-8"),
        ("TZ", ":UTC"),
        ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
        ("AWS_XRAY_DAEMON_ADDRESS", "169.254.79.129:2000"),
        ("AWS_ENDPOINT_URL", facts.endpoint_url),
    ] {
        all.insert(name.into(), value.into());
    }
    for (name, path) in [("HOME", facts.scratch), ("TMPDIR", facts.scratch)] {
        all.insert(name.into(), path.into());
    }
    all.extend(facts.owner.into_iter().flatten().map(|(name, value)| (name.into(), value.into())));
    // These it may not.
    for (name, value) in [
        ("_HANDLER", facts.handler),
        ("AWS_REGION", region),
        ("AWS_DEFAULT_REGION", region),
        ("AWS_LAMBDA_FUNCTION_NAME", facts.function.name.as_str()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
        ("AWS_LAMBDA_FUNCTION_VERSION", facts.version),
        ("AWS_LAMBDA_LOG_GROUP_NAME", facts.log_group),
        ("AWS_LAMBDA_LOG_STREAM_NAME", facts.log_stream),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_RUNTIME_API", facts.runtime_api),
        // An access key of twelve digits is an account to the emulator: the function's own clients land in its account.
        ("AWS_ACCESS_KEY_ID", &facts.function.account),
        ("AWS_SECRET_ACCESS_KEY", "millrace"),
        ("AWS_SESSION_TOKEN", "millrace"),
    ] {
        all.insert(name.into(), value.into());
    }
    if facts.runtime.family() != Family::Provided {
        all.insert("AWS_EXECUTION_ENV".into(), execution_env.into());
    }
    all.insert("LAMBDA_TASK_ROOT".into(), facts.task_root.into());
    all.insert("LAMBDA_RUNTIME_DIR".into(), facts.runtime_dir.into());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_overrides_some_and_adds_others() {
        let owner = BTreeMap::from([("TZ".to_owned(), "Europe/Oslo".to_owned()), ("MINE".to_owned(), "1".to_owned())]);
        let function = "arn:aws:lambda:eu-west-1:123456789012:function:f:7".parse().unwrap();
        let facts = Facts {
            function: &function,
            version: "7",
            runtime: "python3.12".parse().unwrap(),
            handler: "app.handler",
            memory_mb: 256,
            log_group: "/aws/lambda/f",
            log_stream: "2026/11/23/[7]00",
            task_root: Path::new("/code"),
            opt: None,
            runtime_dir: Path::new("/runtime"),
            scratch: Path::new("/scratch"),
            runtime_api: "127.0.0.1:9001",
            endpoint_url: "http://127.0.0.1:4566",
            path: "/usr/bin".into(),
            owner: Some(&owner),
        };
        let all = of(&facts);
        let check = |name: &str, value: &str| assert_eq!(all[&OsString::from(name)], OsString::from(value), "{name}");
        check("TZ", "Europe/Oslo");
        check("MINE", "1");
        check("AWS_REGION", "eu-west-1");
        check("AWS_ACCESS_KEY_ID", "123456789012");
        check("AWS_LAMBDA_FUNCTION_VERSION", "7");
        check("AWS_EXECUTION_ENV", "AWS_Lambda_python3.12");
        check("AWS_ENDPOINT_URL", "http://127.0.0.1:4566");
        check("LAMBDA_TASK_ROOT", "/code");
        let provided = of(&Facts { runtime: "provided.al2023".parse().unwrap(), ..facts });
        assert!(!provided.contains_key(&OsString::from("AWS_EXECUTION_ENV")));
    }
}
