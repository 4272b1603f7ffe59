//! The emulator in the background, by hand and by Terraform.

use acceptance::Source;

use crate::stage::Stage;

#[test]
fn up_status_down() {
    let stage = Stage::new();
    let says = |arguments: &[&str]| {
        let output = stage.millrace(&[arguments, &["--data", "d"]].concat());
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
        )
    };
    let (up, said) = says(&["up", "--listen", "127.0.0.1:0"]);
    assert!(up && said.starts_with("millrace started at http://127.0.0.1:"), "{said}");
    let endpoint = said.split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned();
    let (again, said) = says(&["up"]);
    assert!(again && said.starts_with(&format!("millrace runs at {endpoint}")), "{said}");
    let (runs, said) = says(&["status"]);
    assert!(runs && said.contains(&endpoint), "{said}");
    let (down, said) = says(&["down"]);
    assert!(down && said.contains("millrace stopped"), "{said}");
    let (runs, said) = says(&["status"]);
    assert!(!runs && said.contains("no millrace runs on"), "{said}");
}

/// With no endpoint and nothing listening, the provider starts the emulator, says so once, and leaves it running.
#[test]
fn terraform_starts_it() {
    let stage = Stage::new();
    let mut workspace = stage.workspace("auto", Source::Override, "");
    // Not the port that an emulator of the machine's user may have.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    workspace.unset("AWS_ENDPOINT_URL");
    workspace.set("MILLRACE_LISTEN", &format!("127.0.0.1:{port}"));
    workspace.set("MILLRACE_DATA", &stage.path().join("d").to_string_lossy());
    workspace
        .write("main.tf", "resource \"aws_kinesis_stream\" \"s\" {\n  name        = \"s\"\n  shard_count = 1\n}\n")
        .unwrap();
    let said = workspace.apply().unwrap();
    assert!(said.contains("millrace down"), "the warning says how to stop it:\n{said}");
    let again = workspace.apply().unwrap();
    assert!(!again.contains("millrace down"), "it is said once:\n{again}");
    workspace.must_be_settled().unwrap();
    let down = stage.millrace(&["down", "--data", "d"]);
    assert!(String::from_utf8_lossy(&down.stdout).contains("millrace stopped"));
}
