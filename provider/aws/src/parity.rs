//! Holds our schemas against the facts about hashicorp/aws's, where those are at hand.
//!
//! They lie beside the checkout, not in it: `../shared/terraform/schema.json` seen from the repository's root. Every
//! difference is an error unless `EXPECTED` gives its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value as Json;
use tf_framework::schema::{Attribute, Block, Mode, NestedBlock, Nesting, derive};
use tf_framework::{Identity, Provider as _, value::Type};

use crate::provider::AwsProvider;

/// Differences that have a reason. A path may end in `*`.
const EXPECTED: &[(&str, &str)] = &[
    (
        "aws_lambda_event_source_mapping.batch_size",
        "left out, it is what the service has; the other provider calls that equal, which needs a computed value here",
    ),
    (
        "aws_lambda_function.logging_config.application_log_level",
        "left out, it is what the service has; the other provider calls that equal, which needs a computed value here",
    ),
    (
        "aws_lambda_function.logging_config.system_log_level",
        "left out, it is what the service has; the other provider calls that equal, which needs a computed value here",
    ),
];

/// Resources that the facts leave out. Their schemas follow the documentation and the source of hashicorp/aws.
const BEYOND_THE_FACTS: &[&str] = &["aws_sns_topic_subscription"];

/// A schema as sorted lines, one for each attribute and block.
type Lines = BTreeMap<String, String>;

fn ours(block: &Block, at: &str, lines: &mut Lines) {
    for (name, attribute) in &block.attributes {
        lines.insert(format!("{at}.{name}"), attribute_line(attribute));
    }
    for (name, nested) in &block.blocks {
        if name == "timeouts" {
            let names: Vec<_> = nested.block.attributes.keys().map(String::as_str).collect();
            lines.insert(format!("{at}.timeouts"), format!("timeouts for {}", names.join(", ")));
            continue;
        }
        lines.insert(format!("{at}.{name}"), block_line(nested));
        ours(&nested.block, &format!("{at}.{name}"), lines);
    }
}

fn attribute_line(attribute: &Attribute) -> String {
    // Terraform is told that an attribute with a default, or one that reads back as zero, is computed as well. The other
    // provider's protocol lets it do without.
    let mode = match attribute.mode {
        Mode::Required => "required",
        Mode::Optional => "optional",
        Mode::Computed => "computed",
        Mode::OptionalComputed => "optional computed",
    };
    line(&attribute.ty.to_json().to_string(), mode, attribute.sensitive, attribute.deprecated.is_some())
}

fn block_line(nested: &NestedBlock) -> String {
    let nesting = match nested.nesting {
        Nesting::List => "list",
        Nesting::Set => "set",
        Nesting::Single => "single",
    };
    let computed = if nested.computed_if_absent { " computed" } else { "" };
    let deprecated = if nested.deprecated.is_some() { " deprecated" } else { "" };
    format!("{nesting} block{computed}{deprecated} {}..{}", nested.min_items, nested.max_items)
}

fn line(ty: &str, mode: &str, sensitive: bool, deprecated: bool) -> String {
    let sensitive = if sensitive { " sensitive" } else { "" };
    let deprecated = if deprecated { " deprecated" } else { "" };
    format!("{ty} {mode}{sensitive}{deprecated}")
}

/// What is inside a computed block is computed with it: to Terraform that is one value.
fn theirs(json: &Json, at: &str, is_inside_computed: bool, lines: &mut Lines) {
    let flag = |json: &Json, name: &str| json[name] == true;
    for (name, attribute) in json["attributes"].as_object().into_iter().flatten() {
        let ty = Type::from_json(&attribute["type"]).unwrap().to_json().to_string();
        let mode = match (flag(attribute, "required"), flag(attribute, "optional"), flag(attribute, "computed")) {
            (true, ..) => "required",
            (_, true, true) => "optional computed",
            (_, true, false) => "optional",
            (_, false, _) => "computed",
        };
        let line = line(&ty, mode, flag(attribute, "sensitive"), flag(attribute, "deprecated"));
        lines.insert(format!("{at}.{name}"), line);
    }
    // The endpoints block is given by its names alone.
    for name in json["attribute_names"].as_array().into_iter().flatten() {
        lines.insert(format!("{at}.{}", name.as_str().unwrap()), line("\"string\"", "optional", false, false));
    }
    for (name, nested) in json["blocks"].as_object().into_iter().flatten() {
        let is_computed = is_inside_computed || flag(nested, "computed_if_absent");
        let computed = if is_computed { " computed" } else { "" };
        let deprecated = if flag(nested, "deprecated") { " deprecated" } else { "" };
        let count = |name: &str| nested[name].as_u64().unwrap_or(0);
        let nesting = nested["nesting"].as_str().unwrap();
        let line = format!("{nesting} block{computed}{deprecated} {}..{}", count("min_items"), count("max_items"));
        lines.insert(format!("{at}.{name}"), line);
        theirs(nested, &format!("{at}.{name}"), is_computed, lines);
    }
    if let Some(operations) = json["timeouts"].as_array() {
        let names: BTreeSet<_> = operations.iter().filter_map(Json::as_str).collect();
        let names = Vec::from_iter(names).join(", ");
        lines.insert(format!("{at}.timeouts"), format!("timeouts for {names}"));
    }
}

fn expected(path: &str) -> Option<&'static str> {
    let names = |pattern: &str| match pattern.strip_suffix('*') {
        Some(prefix) => path.starts_with(prefix),
        None => path == pattern,
    };
    EXPECTED.iter().map(|(pattern, _)| *pattern).find(|pattern| names(pattern))
}

/// What differs without a reason, and which reasons were needed.
#[derive(Default)]
struct Comparison {
    differences: Vec<String>,
    reasons: BTreeSet<&'static str>,
}

fn compare(name: &str, block: &Block, json: &Json, result: &mut Comparison) {
    let (mut own, mut other) = (Lines::new(), Lines::new());
    ours(block, name, &mut own);
    theirs(json, name, false, &mut other);
    let paths: BTreeSet<_> = own.keys().chain(other.keys()).collect();
    for path in paths {
        let (own, other) = (own.get(path), other.get(path));
        if own == other {
            continue;
        }
        if let Some(pattern) = expected(path) {
            result.reasons.insert(pattern);
            continue;
        }
        let text = |line: Option<&String>| line.cloned().unwrap_or_else(|| "nothing".to_owned());
        result.differences.push(format!("{path}: ours is {}, theirs {}", text(own), text(other)));
    }
}

/// What an identity consists of, where that of the other provider is another.
fn identity_difference(name: &str, ours: Option<Identity>, json: &Json) -> Option<String> {
    let text = |mut attributes: Vec<String>| {
        attributes.sort();
        attributes.join(", ")
    };
    let own = ours.map_or_else(Vec::new, |identity| {
        let required = identity.required.iter().map(|name| format!("{name} required"));
        required.chain(identity.optional.iter().map(|name| format!("{name} optional"))).collect()
    });
    let attributes = json["identity"]["attributes"].as_object().into_iter().flatten();
    let other = attributes.map(|(name, mode)| format!("{name} {}", mode.as_str().unwrap())).collect();
    let (own, other) = (text(own), text(other));
    (own != other).then(|| format!("{name}: the identity is {own}, theirs {other}"))
}

#[test]
fn schemas_are_those_of_the_aws_provider() {
    let facts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/terraform/schema.json");
    let Ok(facts) = std::fs::read(&facts) else {
        eprintln!("not compared: there is no {}", facts.display());
        return;
    };
    let facts: Json = serde_json::from_slice(&facts).unwrap();
    let registry = AwsProvider::registry();
    let schemas_of_all = registry.schemas().unwrap();
    let mut result = Comparison::default();
    compare("provider", &derive::<AwsProvider>(0).unwrap().block, &facts["provider"], &mut result);
    for (kind, schemas) in [("resources", &schemas_of_all.resources), ("data_sources", &schemas_of_all.data_sources)] {
        for (&name, schema) in schemas {
            let json = &facts[kind][name];
            if BEYOND_THE_FACTS.contains(&name) {
                assert!(json.is_null(), "{name} is among the facts now");
                continue;
            }
            assert!(json.is_object(), "{name} is not among the facts");
            compare(name, &schema.block, json, &mut result);
            if kind == "resources" {
                result.differences.extend(identity_difference(name, schemas_of_all.imports[name].identity, json));
            }
            if kind == "resources" && json["schema_version"].as_i64() != Some(schema.version) {
                let version = &json["schema_version"];
                result.differences.push(format!("{name}: schema version {}, theirs {version}", schema.version));
            }
        }
    }
    let needless: Vec<_> = EXPECTED.iter().filter(|(pattern, _)| !result.reasons.contains(pattern)).collect();
    assert!(needless.is_empty(), "nothing differs any more: {needless:?}");
    assert!(result.differences.is_empty(), "{}", result.differences.join("\n"));
}
