//! The examples of resources, data sources and functions, as they stand in the documentation: applied, planned empty,
//! imported as their page says, and destroyed.

use std::path::{Path, PathBuf};

use acceptance::{Source, Workspace, copy, zip};

use crate::stage::{Stage, root};

/// The folders of examples of one kind, with the names of what they are examples of.
fn examples(kind: &str) -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(root().join("examples").join(kind)).unwrap();
    let example = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry.unwrap();
        (entry.file_name().into_string().unwrap(), entry.path())
    };
    let mut examples: Vec<_> = entries.map(example).collect();
    examples.sort();
    examples
}

/// Puts an example in a folder, with the code of its function as the zip that it speaks of.
pub(crate) fn put(folder: &Path, example: &Path) {
    copy(example, folder).unwrap();
    if let Ok(code) = std::fs::read_to_string(example.join("handler.py")) {
        zip(&folder.join("function.zip"), &[("handler.py", &code)]).unwrap();
    }
}

/// The import id of `TYPE.example`: the form that its page gives, with the attributes of the state put in.
fn import_id(workspace: &Workspace, name: &str) -> String {
    let page = std::fs::read_to_string(root().join(format!("docs/resources/{name}.md"))).unwrap();
    let form = page.lines().find_map(|line| line.strip_prefix("By `")?.split('`').next());
    let attributes = workspace.attributes(&format!("{name}.example")).unwrap();
    // No example has what its form says in brackets.
    let form = match form.unwrap().split_once('[') {
        Some((before, rest)) => format!("{before}{}", rest.split_once(']').unwrap().1),
        None => form.unwrap().to_owned(),
    };
    let id = form.split('{').map(|piece| match piece.split_once('}') {
        Some((attribute, rest)) => format!("{}{rest}", attributes[attribute].as_str().unwrap()),
        None => piece.to_owned(),
    });
    id.collect()
}

#[test]
fn every_resource_is_applied_imported_and_destroyed() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    for (name, example) in examples("resources") {
        let workspace = stage.workspace(&name, Source::Override, emulator.endpoint());
        put(workspace.path(), &example);
        workspace.apply().unwrap();
        workspace.must_be_settled().unwrap();

        let (address, id) = (format!("{name}.example"), import_id(&workspace, &name));
        workspace.must(&["state", "rm", &address]).unwrap();
        workspace.must(&["import", "-no-color", "-input=false", &address, &id]).unwrap();
        assert_eq!(workspace.plan().unwrap(), [], "{address} imported by {id}");
        workspace.destroy().unwrap();
    }
}

#[test]
fn every_data_source_and_function_is_evaluated() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    for (name, example) in [examples("data-sources"), examples("functions")].concat() {
        let workspace = stage.workspace(&name, Source::Override, emulator.endpoint());
        put(workspace.path(), &example);
        workspace.apply().unwrap();
        workspace.must_be_settled().unwrap();
        workspace.destroy().unwrap();
    }
}

#[test]
fn a_configuration_is_generated_in_the_form_in_which_one_writes_it() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    for (name, block) in [("aws_kinesis_stream", "stream_mode_details"), ("aws_lambda_function", "ephemeral_storage")] {
        let workspace = stage.workspace(name, Source::Override, emulator.endpoint());
        put(workspace.path(), &root().join("examples/resources").join(name));
        workspace.apply().unwrap();
        let (address, id) = (format!("{name}.example"), import_id(&workspace, name));
        workspace.must(&["state", "rm", &address]).unwrap();
        // The resource itself goes; what it refers to stays.
        let text = std::fs::read_to_string(workspace.path().join("main.tf")).unwrap();
        let (rest, _) = text.split_once(&format!("resource \"{name}\"")).unwrap();
        workspace.write("main.tf", format!("{rest}\nimport {{\n  to = {address}\n  id = \"{id}\"\n}}\n")).unwrap();
        // Where a function's code comes from is nothing that a service knows: that plan ends with an error, as it does with
        // hashicorp/aws, and somebody has to fill it in.
        workspace.run(&["plan", "-no-color", "-input=false", "-generate-config-out=generated.tf"]).unwrap();
        let generated = std::fs::read_to_string(workspace.path().join("generated.tf")).unwrap();
        assert!(generated.contains(&format!("  {block} {{\n")), "{generated}");
        let line = |line: &str| match line.trim_start().starts_with("filename ") {
            true => "  filename = \"function.zip\"\n".to_owned(),
            false => format!("{line}\n"),
        };
        workspace.write("generated.tf", generated.lines().map(line).collect::<String>()).unwrap();
        let said = workspace.apply().unwrap();
        assert!(said.contains("1 imported, 0 added, 0 changed, 0 destroyed"), "{said}");
        workspace.destroy().unwrap();
    }
}

#[test]
fn the_provider_block_is_accepted() {
    let stage = Stage::new();
    let workspace = stage.workspace("provider", Source::Override, "http://127.0.0.1:1");
    put(workspace.path(), &root().join("examples/provider"));
    workspace.must(&["validate", "-no-color"]).unwrap();
}

#[test]
fn every_page_has_its_example() {
    for kind in ["resources", "data-sources", "functions"] {
        let entries = std::fs::read_dir(root().join("docs").join(kind)).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.unwrap().file_name().into_string().unwrap().trim_end_matches(".md").to_owned()
        };
        let mut pages: Vec<_> = entries.map(name).collect();
        pages.sort();
        let examples: Vec<_> = examples(kind).into_iter().map(|(name, _)| name).collect();
        assert_eq!(pages, examples);
    }
}
