//! Holds the pages about resources, data sources, functions and the provider block against the schemas that they are made of,
//! and writes them: `GOLDEN=write cargo test -p terraform-provider-aws docs`, or `cargo xtask codegen`.
//!
//! A page consists of the doc comments and flags of a type, its example below `examples/`, and what `docs/fidelity.md` says
//! of it. Nothing else has to be written for a new type but the example.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tf_framework::docs::{self, About};
use tf_framework::schema::derive;
use tf_framework::{Provider as _, Schemas};

use crate::provider::AwsProvider;

const NOTE: &str = "<!-- Written by `cargo xtask codegen` out of the code; change the doc comments there. -->\n\n";
/// Decided by the provider, though the schema lets anybody set them.
const READ_ONLY: &[&str] = &["id", "tags_all"];
/// Where `docs/fidelity.md` speaks of a service, by how its types begin. The longest that fits is taken.
const SECTIONS: &[(&str, &str)] = &[
    ("aws_cloudwatch_log", "CloudWatch Logs"),
    ("aws_iam", "IAM"),
    ("aws_kinesis", "Where nobody knows"),
    ("aws_kms", "Encryption"),
    ("aws_lambda", "Functions"),
    ("aws_lambda_event_source_mapping", "Event source mappings"),
    ("aws_s3", "S3"),
    ("aws_sns", "Topics"),
    ("aws_sqs", "Queues"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every page, by its path below `docs/`.
fn pages() -> BTreeMap<String, String> {
    let registry = AwsProvider::registry();
    let schemas = registry.schemas().unwrap();
    let fidelity = std::fs::read_to_string(root().join("docs/fidelity.md")).unwrap();
    let mut pages = BTreeMap::from([("index.md".to_owned(), index(&schemas))]);
    for (&name, schema) in &schemas.resources {
        let example = example("resources", name);
        let differences = differences(&fidelity, name);
        let has_region = schema.block.attributes.contains_key("region");
        let import = &schemas.imports[name];
        let about = About {
            import: if has_region && !import.id.contains("arn") && import.id != "{region}" {
                "An object of another region than the provider's has `@REGION` behind it."
            } else {
                ""
            },
            ..about(&example, &differences)
        };
        pages.insert(format!("resources/{name}.md"), docs::resource(name, schema, import, &about));
    }
    for (&name, schema) in &schemas.data_sources {
        let (example, differences) = (example("data-sources", name), differences(&fidelity, name));
        let page = docs::data_source(name, schema, &about(&example, &differences));
        pages.insert(format!("data-sources/{name}.md"), page);
    }
    for (&name, signature) in &schemas.functions {
        let example = example("functions", name);
        let page = docs::function("aws", name, signature, &about(&example, &[]));
        pages.insert(format!("functions/{name}.md"), page);
    }
    pages.into_iter().map(|(path, page)| (path, format!("{NOTE}{page}"))).collect()
}

fn about<'a>(example: &'a str, differences: &'a [String]) -> About<'a> {
    About { example, read_only: READ_ONLY, import: "", differences: ("Differs from AWS", differences) }
}

/// The page of the provider block, with links to all others.
fn index(schemas: &Schemas<'_>) -> String {
    let example = example("provider", "");
    let schema = derive::<AwsProvider>(0).unwrap();
    let mut page = docs::provider("The provider `aws`", &schema, &about(&example, &[]));
    let links = |title: &str, folder: &str, names: Vec<&&str>| {
        let links = names.iter().map(|name| format!("- [`{name}`]({folder}/{name}.md)\n"));
        format!("\n## {title}\n\n{}", links.collect::<String>())
    };
    page += &links("Resources", "resources", schemas.resources.keys().collect());
    page += &links("Data sources", "data-sources", schemas.data_sources.keys().collect());
    page + &links("Functions", "functions", schemas.functions.keys().collect())
}

fn example(folder: &str, name: &str) -> String {
    let path = root().join("examples").join(folder).join(name).join("main.tf");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("there is no example at {}: {error}", path.display()))
}

/// What `docs/fidelity.md` says of a type by its name, and where it speaks of its service.
fn differences(fidelity: &str, name: &str) -> Vec<String> {
    let quoted = format!("`{name}`");
    let mut found: Vec<String> = items(fidelity).into_iter().filter(|item| item.contains(&quoted)).collect();
    let section = SECTIONS.iter().filter(|(prefix, _)| name.starts_with(prefix)).max_by_key(|(prefix, _)| prefix.len());
    if let Some((_, section)) = section {
        let anchor = section.to_lowercase().replace(' ', "-");
        found.push(format!("How the emulator differs: [{section}](../fidelity.md#{anchor})."));
    }
    found
}

/// The list items of a Markdown text, each on one line.
fn items(text: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if let Some(item) = line.strip_prefix("- ") {
            items.push(item.to_owned());
            inside = true;
        } else if let (true, Some(more), Some(item)) = (inside, line.strip_prefix("  "), items.last_mut()) {
            item.push(' ');
            item.push_str(more.trim());
        } else {
            inside = false;
        }
    }
    items
}

/// The Markdown files in the folders of pages.
fn files() -> BTreeSet<String> {
    let folders = ["resources", "data-sources", "functions"];
    let in_folder = |folder: &&str| {
        let entries = std::fs::read_dir(root().join("docs").join(folder)).into_iter().flatten();
        let folder = (*folder).to_owned();
        entries
            .map(move |entry| format!("{folder}/{}", entry.unwrap().file_name().to_string_lossy()))
            .collect::<Vec<_>>()
    };
    folders.iter().flat_map(in_folder).collect()
}

#[test]
fn pages_are_what_the_code_says() {
    let pages = pages();
    let surplus: Vec<_> = files().into_iter().filter(|file| !pages.contains_key(file)).collect();
    if std::env::var("GOLDEN").is_ok_and(|golden| golden == "write") {
        for (path, page) in &pages {
            let path = root().join("docs").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, page).unwrap();
        }
        surplus.iter().for_each(|file| std::fs::remove_file(root().join("docs").join(file)).unwrap());
        return;
    }
    let is_stale = |(path, page): &(&String, &String)| {
        std::fs::read_to_string(root().join("docs").join(path)).ok().as_ref() != Some(page)
    };
    let stale: Vec<_> = pages.iter().filter(is_stale).map(|(path, _)| path.clone()).chain(surplus).collect();
    assert!(stale.is_empty(), "run `cargo xtask codegen`; these pages are stale: {stale:?}");
}

#[test]
fn what_a_page_links_to_is_there() {
    let fidelity = std::fs::read_to_string(root().join("docs/fidelity.md")).unwrap();
    for (_, section) in SECTIONS {
        assert!(fidelity.lines().any(|line| line == format!("## {section}")), "{section}");
    }
}

#[test]
fn list_items_come_with_all_their_lines() {
    let text = "- one\n  and more\n- two\n\ntext\n  indented\n";
    assert_eq!(items(text), ["one and more", "two"]);
    let said = differences("- of `aws_kms_key` and `aws_kms_alias`\n- of others\n", "aws_kms_alias");
    assert_eq!(said.len(), 2);
    assert!(said[1].contains("fidelity.md#encryption"), "{said:?}");
}
