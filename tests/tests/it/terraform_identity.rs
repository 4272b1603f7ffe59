//! Resource identity, with a Terraform that knows it: 1.12 and newer. The one that is installed may be older, so these tests
//! bring their own.

use std::os::unix::fs::PermissionsExt as _;

use acceptance::{Emulator, Source, Terraform, Workspace, zip};
use serde_json::{Value, json};

use crate::stage::{Stage, clients, root};

/// A folder in which the newest Terraform works, with the example of a resource in it.
fn workspace(stage: &Stage, emulator: &Emulator, name: &str) -> Workspace {
    let program = stage.path().join("newest-terraform");
    if !program.exists() {
        let python = clients().unwrap().with_file_name("clients-terraform").join("bin/python");
        let script = root().join("tests/clients/newest_terraform.py");
        let text = format!("#!/bin/sh\nexec {:?} {:?} \"$@\"\n", python, script.canonicalize().unwrap());
        std::fs::write(&program, text).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let directory = stage.path().join(name);
    let provider = &stage.binaries.provider;
    let workspace =
        Workspace::new(Terraform::at(program), &directory, provider, Source::Override, emulator.endpoint()).unwrap();
    workspace.copy(&root().join("examples/resources").join(name)).unwrap();
    if let Ok(code) = std::fs::read_to_string(workspace.path().join("handler.py")) {
        zip(&workspace.path().join("function.zip"), &[("handler.py", &code)]).unwrap();
    }
    workspace
}

/// The identity of `TYPE.example` in the state.
fn identity(workspace: &Workspace, name: &str) -> Value {
    let state: Value = serde_json::from_str(&workspace.must(&["show", "-json"]).unwrap()).unwrap();
    let resources = state["values"]["root_module"]["resources"].as_array().unwrap();
    let address = format!("{name}.example");
    resources.iter().find(|resource| resource["address"] == address).unwrap()["identity"].clone()
}

/// An import block for `TYPE.example` with these attributes of an identity.
fn import_block(name: &str, attributes: &Value) -> String {
    let attributes = attributes.as_object().unwrap().iter().map(|(name, value)| format!("    {name} = {value}\n"));
    format!("import {{\n  to = {name}.example\n  identity = {{\n{}  }}\n}}\n", attributes.collect::<String>())
}

/// Forgets `TYPE.example` and takes it back by an identity, after which there is nothing to do.
#[track_caller]
fn import(workspace: &Workspace, name: &str, attributes: &Value) {
    workspace.must(&["state", "rm", &format!("{name}.example")]).unwrap();
    workspace.write("import.tf", import_block(name, attributes)).unwrap();
    let said = workspace.apply().unwrap();
    assert!(said.contains("1 imported, 0 added, 0 changed, 0 destroyed"), "{name}: {said}");
    std::fs::remove_file(workspace.path().join("import.tf")).unwrap();
    workspace.must_be_settled().unwrap();
}

#[test]
fn every_resource_is_imported_by_what_names_it() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let mut names: Vec<_> = std::fs::read_dir(root().join("examples/resources"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| {
            let page = std::fs::read_to_string(root().join(format!("docs/resources/{name}.md"))).unwrap();
            page.contains("by its identity")
        })
        .collect();
    names.sort();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        let workspace = workspace(&stage, &emulator, &name);
        workspace.apply().unwrap();
        workspace.must_be_settled().unwrap();

        let whole = identity(&workspace, &name);
        import(&workspace, &name, &whole);
        assert_eq!(identity(&workspace, &name), whole, "{name}");
        // Without what is the provider's own.
        let mut attributes = whole.as_object().unwrap().clone();
        attributes.retain(|attribute, _| attribute != "account_id" && attribute != "region");
        if !attributes.is_empty() {
            import(&workspace, &name, &attributes.into());
            assert_eq!(identity(&workspace, &name), whole, "{name}");
        }
        workspace.destroy().unwrap();
    }
}

#[test]
fn an_identity_says_account_and_region() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let name = "aws_kinesis_stream";
    let workspace = workspace(&stage, &emulator, name);
    let text = std::fs::read_to_string(workspace.path().join("main.tf")).unwrap();
    let elsewhere = text.replace("\"example\"\n", "\"example\"\n  region = \"eu-west-1\"\n");
    workspace.write("main.tf", elsewhere).unwrap();
    workspace.apply().unwrap();
    let mut whole = json!({"name": "example", "account_id": "000000000000", "region": "eu-west-1"});
    assert_eq!(identity(&workspace, name), whole);
    import(&workspace, name, &whole);
    assert_eq!(workspace.attributes("aws_kinesis_stream.example").unwrap()["region"], "eu-west-1");

    whole["account_id"] = "111122223333".into();
    workspace.must(&["state", "rm", "aws_kinesis_stream.example"]).unwrap();
    workspace.write("import.tf", import_block(name, &whole)).unwrap();
    let said = workspace.must_fail(&["plan", "-no-color", "-input=false"]).unwrap();
    let words = "identity attribute \"account_id\": Provider configured with Account ID \"000000000000\" cannot be used to \
                 import resources from account \"111122223333\"";
    assert!(said.contains(words), "{said}");
}

#[test]
fn a_state_from_before_identities_learns_them_without_a_change() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let name = "aws_iam_role_policy";
    let workspace = workspace(&stage, &emulator, name);
    workspace.apply().unwrap();
    let whole = identity(&workspace, name);
    assert_eq!(whole, json!({"name": "example", "role": "example", "account_id": "000000000000"}));

    let file = workspace.path().join("terraform.tfstate");
    let mut state: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    for resource in state["resources"].as_array_mut().unwrap() {
        let instance = resource["instances"][0].as_object_mut().unwrap();
        instance.retain(|key, _| !key.starts_with("identity"));
    }
    std::fs::write(&file, state.to_string()).unwrap();
    assert_eq!(identity(&workspace, name), Value::Null);
    workspace.must_be_settled().unwrap();
    let unrefreshed = workspace.must(&["plan", "-refresh=false", "-no-color", "-input=false"]).unwrap();
    assert!(unrefreshed.contains("No changes."), "{unrefreshed}");
    workspace.apply().unwrap();
    // An update without a refresh names the object as well.
    let text = std::fs::read_to_string(workspace.path().join("main.tf")).unwrap();
    workspace.write("main.tf", text.replace("kinesis:PutRecord", "kinesis:PutRecords")).unwrap();
    workspace.must(&["apply", "-auto-approve", "-refresh=false", "-no-color", "-input=false"]).unwrap();
    assert_eq!(identity(&workspace, name), whole);
}
