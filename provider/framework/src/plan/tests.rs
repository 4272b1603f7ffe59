//! Plans as tables: what was, what is configured, what is planned.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::*;
use crate::schema::{derive, flags::*};
use crate::value::from_json;
use crate::{Attr, Blocks};

#[derive(Serialize, Deserialize, JsonSchema)]
struct Thing {
    #[schemars(extend("tf" = computed()))]
    id: Attr<String>,
    #[schemars(extend("tf" = required().force_new()))]
    name: Attr<String>,
    #[schemars(extend("tf" = optional().default(24)))]
    hours: Attr<i64>,
    #[schemars(extend("tf" = optional_computed().same_when("case")))]
    mode: Attr<String>,
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    delay: Attr<i64>,
    #[schemars(extend("tf" = computed().volatile()))]
    modified: Attr<String>,
    #[schemars(extend("tf" = optional().write_only()))]
    secret: Attr<String>,
    #[schemars(extend("tf" = list_block()))]
    rule: Blocks<Rule>,
    #[schemars(extend("tf" = set_block()))]
    grant: Blocks<Rule>,
    #[schemars(extend("tf" = computed_block()))]
    logging: Blocks<Logging>,
    #[schemars(extend("tf" = computed_set_block()))]
    hook: Blocks<Hook>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Rule {
    #[schemars(extend("tf" = required()))]
    target: Attr<String>,
    #[schemars(extend("tf" = computed()))]
    rule_id: Attr<String>,
    #[schemars(extend("tf" = optional().force_new()))]
    kind: Attr<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Hook {
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    group: Attr<String>,
    #[schemars(extend("tf" = required()))]
    target: Attr<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Logging {
    #[schemars(extend("tf" = required()))]
    format: Attr<String>,
    #[schemars(extend("tf" = optional_computed()))]
    group: Attr<String>,
}

/// Null and absent are the same; the text "(unknown)" stands for an unknown value.
fn value(schema: &Schema, json: &Json) -> Value {
    fn unknowns(value: Value) -> Value {
        match value {
            Value::String(text) if text == "(unknown)" => Value::Unknown,
            Value::List(items) => Value::List(items.into_iter().map(unknowns).collect()),
            Value::Map(entries) => Value::Map(entries.into_iter().map(|(k, v)| (k, unknowns(v))).collect()),
            other => other,
        }
    }
    schema.conform(unknowns(from_json(json.to_string().as_bytes()).unwrap())).unwrap()
}

/// Plans without a word from the resource; answers the plan and the paths that force replacement.
fn plan(prior: Json, config: Json) -> (Schema, Value, Vec<String>) {
    let schema = derive::<Thing>(0).unwrap();
    let prior = (!prior.is_null()).then(|| value(&schema, &prior));
    let draft = draft(&schema, prior, value(&schema, &config), &|_| false);
    let nothing =
        Refined { before: Value::Null, after: Value::Null, replace: Vec::new(), diagnostics: Diagnostics::new() };
    let planned = finish(&schema, draft, nothing).unwrap();
    assert_eq!(planned.diagnostics, Diagnostics::new());
    (schema, planned.state, planned.replace.iter().map(ToString::to_string).collect())
}

fn check(prior: Json, config: Json, expected: Json, replace: &[&str]) {
    let (schema, planned, paths) = plan(prior, config);
    assert_eq!(planned, value(&schema, &expected));
    assert_eq!(paths, replace);
}

fn stored() -> Json {
    json!({"id": "i-1", "name": "a", "hours": 24, "mode": "ON", "modified": "monday", "logging": []})
}

fn with(mut base: Json, changes: Json) -> Json {
    for (key, value) in changes.as_object().unwrap() {
        base[key] = value.clone();
    }
    base
}

#[test]
fn a_create_leaves_computed_values_unknown() {
    check(
        Json::Null,
        json!({"name": "a", "rule": [{"target": "t"}]}),
        json!({
            "id": "(unknown)", "name": "a", "hours": 24, "mode": "(unknown)", "modified": "(unknown)",
            "rule": [{"target": "t", "rule_id": "(unknown)"}], "logging": "(unknown)", "hook": "(unknown)",
        }),
        &[],
    );
}

#[test]
fn nothing_changes_when_nothing_was_changed() {
    check(stored(), json!({"name": "a"}), stored(), &[]);
}

#[test]
fn a_stored_zero_is_as_good_as_nothing_and_anything_else_is_unset() {
    let zero = with(stored(), json!({"delay": 0}));
    check(zero.clone(), json!({"name": "a"}), zero, &[]);
    check(
        with(stored(), json!({"delay": 5})),
        json!({"name": "a"}),
        with(stored(), json!({"modified": "(unknown)"})),
        &[],
    );
}

#[test]
fn a_found_zero_takes_the_spelling_of_the_stored_one() {
    let schema = derive::<Thing>(0).unwrap();
    let (unset, zero, five) = (stored(), with(stored(), json!({"delay": 0})), with(stored(), json!({"delay": 5})));
    for (kept, found, expected) in
        [(&unset, &zero, &unset), (&zero, &unset, &zero), (&five, &zero, &zero), (&unset, &five, &five)]
    {
        let result = keep_spelling(&schema, &value(&schema, kept), &value(&schema, found), &|_| false);
        assert_eq!(result, value(&schema, expected));
    }
}

#[test]
fn another_spelling_keeps_the_stored_form() {
    check(stored(), json!({"name": "a", "mode": "on"}), stored(), &[]);
}

#[test]
fn an_update_keeps_what_it_knows_and_unsettles_the_volatile() {
    check(
        stored(),
        json!({"name": "a", "hours": 48}),
        with(stored(), json!({"hours": 48, "modified": "(unknown)"})),
        &[],
    );
}

#[test]
fn a_forced_change_names_its_path() {
    check(stored(), json!({"name": "b"}), with(stored(), json!({"name": "b", "modified": "(unknown)"})), &["name"]);
    check(
        stored(),
        json!({"name": "(unknown)"}),
        with(stored(), json!({"name": "(unknown)", "modified": "(unknown)"})),
        &["name"],
    );
}

#[test]
fn write_only_values_are_planned_as_null() {
    check(stored(), json!({"name": "a", "secret": "s"}), stored(), &[]);
}

#[test]
fn list_blocks_are_matched_by_position() {
    let prior = with(stored(), json!({"rule": [{"target": "t", "rule_id": "r1"}]}));
    check(
        prior,
        json!({"name": "a", "rule": [{"target": "u"}, {"target": "v", "kind": "k"}]}),
        with(
            stored(),
            json!({
                "modified": "(unknown)",
                "rule": [{"target": "u", "rule_id": "r1"}, {"target": "v", "kind": "k", "rule_id": "(unknown)"}],
            }),
        ),
        &["rule[1].kind"],
    );
}

#[test]
fn set_blocks_are_matched_by_what_is_configured() {
    let prior = with(stored(), json!({"grant": [{"target": "t", "rule_id": "r1"}, {"target": "u", "rule_id": "r2"}]}));
    check(prior.clone(), json!({"name": "a", "grant": [{"target": "u"}, {"target": "t"}]}), prior.clone(), &[]);
    check(
        prior,
        json!({"name": "a", "grant": [{"target": "u"}, {"target": "w"}]}),
        with(
            stored(),
            json!({
                "modified": "(unknown)",
                "grant": [{"target": "u", "rule_id": "r2"}, {"target": "w", "rule_id": "(unknown)"}],
            }),
        ),
        &["grant"],
    );
}

#[test]
fn an_unknown_number_of_blocks_stays_unknown() {
    check(
        stored(),
        json!({"name": "a", "rule": "(unknown)"}),
        with(stored(), json!({"rule": "(unknown)", "modified": "(unknown)"})),
        &[],
    );
}

#[test]
fn a_computed_block_is_kept_when_left_out_or_agreeing() {
    let prior = with(stored(), json!({"logging": [{"format": "json", "group": "g"}]}));
    check(prior.clone(), json!({"name": "a"}), prior.clone(), &[]);
    check(prior.clone(), json!({"name": "a", "logging": [{"format": "json"}]}), prior.clone(), &[]);
    check(
        prior,
        json!({"name": "a", "logging": [{"format": "text"}]}),
        with(stored(), json!({"modified": "(unknown)", "logging": [{"format": "text"}]})),
        &[],
    );
}

#[test]
fn a_computed_set_block_agrees_in_any_order() {
    let hook = |group: &str, target: &str| json!({"group": group, "target": target});
    let prior = with(stored(), json!({"hook": [hook("", "b"), hook("a", "a")]}));
    check(prior.clone(), json!({"name": "a", "hook": [hook("a", "a"), {"target": "b"}]}), prior.clone(), &[]);
    let other = json!({"hook": [{"target": "b"}, {"target": "c"}]});
    let planned = with(with(stored(), json!({"modified": "(unknown)"})), other.clone());
    check(prior, with(json!({"name": "a"}), other), planned, &[]);
}

#[test]
fn a_resource_may_change_what_it_owns_and_nothing_else() {
    let schema = derive::<Thing>(0).unwrap();
    let refine = |before: Json, after: Json| {
        let config = value(&schema, &json!({"name": "a", "rule": [{"target": "(unknown)"}]}));
        let draft = draft(&schema, Some(value(&schema, &stored())), config, &|_| false);
        let refined = Refined {
            before: value(&schema, &before),
            after: value(&schema, &after),
            replace: vec!["mode".into()],
            diagnostics: Diagnostics::new(),
        };
        finish(&schema, draft, refined).unwrap()
    };
    let planned = refine(json!({"mode": "ON"}), json!({"mode": "OFF"}));
    assert_eq!(planned.state.get("mode"), &Value::from("OFF"));
    assert_eq!(planned.state.get("rule").elements()[0].get("target"), &Value::Unknown);
    assert_eq!(planned.replace, [Path::from("mode")]);
    assert_eq!(planned.diagnostics, Diagnostics::new());

    let planned = refine(json!({"name": "a"}), json!({"name": "b"}));
    assert_eq!(planned.diagnostics.iter().map(|d| d.path.to_string()).collect::<Vec<_>>(), ["name"]);
}
