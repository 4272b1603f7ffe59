//! How a Java function is started: by AWS's runtime interface client, which its package or a layer of it brings along.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use super::launch::Plan;

const CLIENT: &str = "aws-lambda-java-runtime-interface-client";
const MAIN: &str = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda";

/// The arguments of `java`, or what is missing.
pub(super) fn arguments(plan: &Plan, task: &Path, opt: Option<&Path>) -> Result<Vec<OsString>, String> {
    let libraries = [Some(task.join("lib")), opt.map(|opt| opt.join("java/lib"))];
    let libraries: Vec<_> = libraries.into_iter().flatten().collect();
    // A jar that holds all it needs unpacks into classes, the client's among them.
    let is_whole = task.join(MAIN.replace('.', "/")).with_extension("class").is_file();
    if !is_whole && !libraries.iter().any(|library| has_client(library)) {
        return Err(format!(
            "{} needs {CLIENT} (https://github.com/aws/aws-lambda-java-libs) in the package, its lib/, or java/lib/ of a layer",
            plan.configuration.runtime
        ));
    }
    let mut class_path = OsString::from(task);
    for library in libraries {
        class_path.push(":");
        class_path.push(library.join("*"));
    }
    // As much of the memory as AWS gives to the heap, about.
    let heap = format!("-Xmx{}m", plan.configuration.memory_mb * 4 / 5);
    Ok(vec![heap.into(), "-cp".into(), class_path, MAIN.into(), plan.configuration.handler.clone().into()])
}

fn has_client(library: &Path) -> bool {
    let Ok(files) = fs::read_dir(library) else { return false };
    files.flatten().any(|file| {
        let name = file.file_name();
        let name = name.to_string_lossy();
        name.starts_with(CLIENT) && name.ends_with(".jar")
    })
}
