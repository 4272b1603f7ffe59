//! Structs and the schemas, or the complaints, that they make.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::flags::*;
use super::*;
use crate::{Attr, Blocks, Timeouts};

/// A thing.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Thing {
    /// What it is called.
    ///
    /// In lower case.
    #[schemars(extend("tf" = required().force_new()))]
    name: Attr<String>,
    #[schemars(extend("tf" = optional().default(1.5)))]
    ratio: Attr<f64>,
    #[schemars(extend("tf" = optional()))]
    flags: Attr<BTreeMap<String, bool>>,
    #[schemars(extend("tf" = computed()))]
    points: Attr<Vec<Point>>,
    #[schemars(extend("tf" = optional().items(..=3)))]
    colours: Attr<BTreeSet<Colour>>,
    #[schemars(extend("tf" = optional_computed()))]
    colour: Attr<Colour>,
    #[schemars(extend("tf" = computed()))]
    shade: Attr<Colour>,
    #[schemars(extend("tf" = set_block().min_items(1)))]
    part: Blocks<Part>,
    #[schemars(extend("tf" = single_block().deprecated("use part")))]
    old_part: Option<Part>,
    #[schemars(extend("tf" = timeouts(&["create", "delete"])))]
    timeouts: Timeouts,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Point {
    x: Attr<i64>,
    y: i32,
}

#[derive(Serialize, Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
enum Colour {
    Red,
    #[serde(rename = "GREEN")]
    Green,
}

/// A piece of it.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Part {
    #[schemars(extend("tf" = required().sensitive()))]
    serial: Attr<String>,
}

#[test]
fn rust_types_become_terraform_types() {
    let schema = derive::<Thing>(3).unwrap();
    assert_eq!(schema.version, 3);
    assert_eq!(schema.block.description, "A thing.");
    assert_eq!(
        schema.ty.to_json(),
        serde_json::json!(["object", {
            "name": "string", "ratio": "number", "flags": ["map", "bool"],
            "points": ["list", ["object", {"x": "number", "y": "number"}]],
            "colours": ["set", "string"], "colour": "string", "shade": "string",
            "part": ["set", ["object", {"serial": "string"}]],
            "old_part": ["object", {"serial": "string"}],
            "timeouts": ["object", {"create": "string", "delete": "string"}],
        }])
    );
}

#[test]
fn flags_and_comments_arrive() {
    let block = derive::<Thing>(0).unwrap().block;
    let name = &block.attributes["name"];
    assert_eq!((name.mode, name.force_new), (Mode::Required, true));
    assert_eq!(name.description, "What it is called.\n\nIn lower case.");
    let ratio = &block.attributes["ratio"];
    assert!(ratio.is_computed());
    assert_eq!(ratio.default, crate::value::Number::parse("1.5").map(Value::Number));
    assert_eq!(block.attributes["colour"].checks, [Check::one_of(&["Red", "GREEN"])]);
    let part = &block.blocks["part"];
    assert_eq!((part.nesting, part.min_items, part.max_items), (Nesting::Set, 1, 0));
    assert!(part.block.attributes["serial"].sensitive);
    let old = &block.blocks["old_part"];
    assert_eq!((old.nesting, old.deprecated.as_deref()), (Nesting::Single, Some("use part")));
    assert_eq!(block.blocks["timeouts"].block.attributes["create"].checks, [Check::Duration]);
}

/// Derives a struct of one field with these flags and gives the complaint.
macro_rules! complaint {
    ($flags:expr, $field:ident: $ty:ty) => {{
        #[derive(Serialize, Deserialize, JsonSchema)]
        struct Faulty {
            #[schemars(extend("tf" = $flags))]
            $field: $ty,
        }
        derive::<Faulty>(0).unwrap_err().to_string()
    }};
}

#[test]
fn contradictions_are_refused() {
    assert_eq!(complaint!(required().default(1), a: Attr<i64>), "a: only an optional attribute has a default");
    assert_eq!(complaint!(optional().default("x"), a: Attr<i64>), "a: default: expected a number");
    assert_eq!(complaint!(computed().write_only(), a: Attr<i64>), "a: a write-only attribute is never computed");
    assert_eq!(complaint!(optional().volatile(), a: Attr<i64>), "a: only a computed attribute is volatile");
    assert_eq!(complaint!(computed().length(1..), a: Attr<String>), "a: only a configured value is checked");
    assert_eq!(complaint!(optional().each(Check::Json), a: Attr<String>), "a: only a collection has elements to check");
    assert_eq!(complaint!(optional().conflicts_with(&["b"]), a: Attr<i64>), "a: related to b, which does not exist");
    assert!(complaint!(optional().pattern("("), a: Attr<String>).starts_with("a: "));
    assert_eq!(
        complaint!(list_block().min_items(2).max_items(1), a: Blocks<Part>),
        "a: more blocks are required than allowed"
    );
}

#[test]
fn what_terraform_has_no_word_for_is_refused() {
    assert_eq!(complaint!(optional(), count: Attr<i64>), "count: Terraform's own argument has this name");
    assert!(complaint!(optional(), a: Attr<()>).starts_with("a: no Terraform type"));

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Unflagged {
        part: Blocks<Part>,
    }
    assert_eq!(derive::<Unflagged>(0).unwrap_err().to_string(), "part: no flags");

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Secrets {
        #[schemars(extend("tf" = optional().write_only()))]
        secret: Attr<String>,
    }
    assert_eq!(
        complaint!(set_block(), a: Blocks<Secrets>),
        "a: elements of sets and computed blocks cannot be write-only"
    );
}

/// A type with names for fields.
#[derive(Serialize, Deserialize)]
struct Names(BTreeMap<String, Attr<String>>);

impl JsonSchema for Names {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Names".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let field = serde_json::json!({"type": "string", "description": "A letter.", "tf": optional()});
        schemars::json_schema!({"type": "object", "alike": {"names": "a b", "field": field}})
    }
}

#[test]
fn fields_that_are_alike_are_described_once() {
    let schema = derive::<Names>(0).unwrap();
    assert_eq!(schema.block.attributes.keys().collect::<Vec<_>>(), ["a", "b"]);
    for attribute in schema.block.attributes.values() {
        assert_eq!((attribute.mode, attribute.description.as_str()), (Mode::Optional, "A letter."));
    }
}
