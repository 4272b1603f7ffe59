//! `millrace install`, and what a user's `terraform init` finds after it, without a network and without a CLI configuration.

use acceptance::Source;

use crate::stage::Stage;

#[test]
fn terraform_init_finds_the_installed_provider() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let mut workspace = stage.workspace("installed", Source::Mirror, emulator.endpoint());
    let configuration = stage.path().join("empty.rc");
    std::fs::write(&configuration, "").unwrap();
    workspace.set("TF_CLI_CONFIG_FILE", &configuration.to_string_lossy());
    let plugins = stage.path().join("installed/home/.terraform.d/plugins");
    let installed = stage.millrace(&["install", "--directory", &plugins.to_string_lossy()]);
    assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
    let said = String::from_utf8_lossy(&installed.stdout);
    assert!(said.contains("registry.terraform.io") && said.contains("registry.opentofu.org"), "{said}");

    let text = "terraform {\n  required_providers {\n    aws = { source = \"millrace/aws\" }\n  }\n}\n\
                data \"aws_caller_identity\" \"me\" {}\noutput \"account\" {\n  value = data.aws_caller_identity.me.account_id\n}\n";
    workspace.write("main.tf", text).unwrap();
    let init = workspace.must(&["init", "-no-color", "-input=false"]).unwrap();
    assert!(init.contains("millrace/aws v"), "{init}");
    workspace.apply().unwrap();
    assert_eq!(workspace.must(&["output", "-raw", "account"]).unwrap(), "000000000000");
}
