//! The RPCs, called as the host calls them.

mod probe;

use std::path::Path;

use serde_json::{Value as Json, json};
use tfplugin::tfplugin6::provider_server::Provider as _;

use self::probe::{Echo, Probe, Test};
use super::*;
use crate::identity::Identity;
use crate::schema::derive;
use crate::value::{Type, Value, encode, from_json};

/// A host with one provider, and the resource's schema as it would know it from GetProviderSchema.
struct TestHost {
    service: Arc<Service<Test>>,
    schema: Schema,
}

/// An answer, read back: state, private bytes and the summaries of diagnostics.
#[derive(Debug, PartialEq)]
struct Answer {
    state: Value,
    private: String,
    summaries: Vec<String>,
}

impl TestHost {
    fn unconfigured() -> Self {
        Self::with(Intents::default())
    }

    fn with(intents: Intents) -> Self {
        let service = Arc::new(Service::new(Operations::new(), Arc::new(intents)));
        Self { service, schema: derive::<Probe>(2).unwrap() }
    }

    async fn new() -> Self {
        Self::unconfigured().configured().await
    }

    async fn configured(self) -> Self {
        let host = self;
        let config = Some(proto::DynamicValue { msgpack: vec![0x80], json: Vec::new() });
        let request = proto::configure_provider::Request { config, ..Default::default() };
        let answer = host.service.configure_provider(Request::new(request)).await.unwrap().into_inner();
        assert_eq!(answer.diagnostics, []);
        host
    }

    /// Absent attributes are null; "(unknown)" is unknown.
    fn value(&self, json: &Json) -> Value {
        fn unknowns(value: Value) -> Value {
            match value {
                Value::String(text) if text == "(unknown)" => Value::Unknown,
                Value::Map(entries) => Value::Map(entries.into_iter().map(|(k, v)| (k, unknowns(v))).collect()),
                other => other,
            }
        }
        self.schema.conform(unknowns(from_json(json.to_string().as_bytes()).unwrap())).unwrap()
    }

    fn wire(&self, json: &Json) -> Option<proto::DynamicValue> {
        let msgpack = encode(&self.value(json), &self.schema.ty).unwrap();
        Some(proto::DynamicValue { msgpack, json: Vec::new() })
    }

    fn answer(&self, state: Option<proto::DynamicValue>, private: &[u8], said: &[proto::Diagnostic]) -> Answer {
        Answer {
            state: wire::read(state, &self.schema).unwrap(),
            private: String::from_utf8_lossy(private).into_owned(),
            summaries: said.iter().map(|d| d.summary.clone()).collect(),
        }
    }

    fn expect(&self, state: &Json, private: &str, summaries: &[&str]) -> Answer {
        let summaries = summaries.iter().map(|&s| s.to_owned()).collect();
        Answer { state: self.value(state), private: private.to_owned(), summaries }
    }

    async fn apply(&self, prior: Json, planned: Json, config: Json) -> Answer {
        let request = proto::apply_resource_change::Request {
            type_name: "test_probe".to_owned(),
            prior_state: self.wire(&prior),
            planned_state: self.wire(&planned),
            config: self.wire(&config),
            planned_private: b"old".to_vec(),
            ..Default::default()
        };
        let answer = self.service.apply_resource_change(Request::new(request)).await.unwrap().into_inner();
        self.answer(answer.new_state, &answer.private, &answer.diagnostics)
    }

    async fn create(&self, deed: &str) -> Answer {
        let planned = json!({"id": "(unknown)", "deed": deed, "size": 7, "word": "abc"});
        self.apply(Json::Null, planned, json!({"deed": deed, "word": "abc", "secret": "hush"})).await
    }

    async fn update(&self, deed: &str) -> Answer {
        let planned = json!({"id": "i-1", "deed": deed, "size": 9});
        self.apply(json!({"id": "i-1", "deed": "none", "size": 7}), planned, json!({"deed": deed, "size": 9})).await
    }

    async fn plan(&self, prior: Json, config: Json) -> (Answer, Vec<proto::AttributePath>) {
        let request = proto::plan_resource_change::Request {
            type_name: "test_probe".to_owned(),
            prior_state: self.wire(&prior),
            proposed_new_state: self.wire(&config),
            config: self.wire(&config),
            prior_private: b"old".to_vec(),
            ..Default::default()
        };
        let answer = self.service.plan_resource_change(Request::new(request)).await.unwrap().into_inner();
        (self.answer(answer.planned_state, &answer.planned_private, &answer.diagnostics), answer.requires_replace)
    }

    async fn read(&self, state: Json) -> Answer {
        let request = proto::read_resource::Request {
            type_name: "test_probe".to_owned(),
            current_state: self.wire(&state),
            private: b"old".to_vec(),
            ..Default::default()
        };
        let answer = self.service.read_resource(Request::new(request)).await.unwrap().into_inner();
        self.answer(answer.new_state, &answer.private, &answer.diagnostics)
    }
}

fn made(deed: &str) -> Json {
    json!({"id": "i-1", "deed": deed, "size": 7, "word": "abc"})
}

#[tokio::test]
async fn a_create_is_stored_with_its_private_bytes_and_without_secrets() {
    let host = TestHost::new().await;
    assert_eq!(host.create("tell").await, host.expect(&made("tell"), "mine", &[]));
}

#[tokio::test]
async fn a_failed_create_leaves_what_exists() {
    let host = TestHost::new().await;
    assert_eq!(host.create("fail").await, host.expect(&Json::Null, "old", &["It broke"]));
    assert_eq!(host.create("fail late").await, host.expect(&made("fail late"), "old", &["It broke"]));
}

#[tokio::test]
async fn a_crash_is_a_diagnostic_and_the_object_is_not_forgotten() {
    let host = TestHost::new().await;
    let planned = json!({"deed": "panic", "size": 7, "word": "abc"});
    assert_eq!(host.create("panic").await, host.expect(&planned, "old", &["Provider crashed"]));
    assert_eq!(host.create("panic late").await, host.expect(&made("panic late"), "old", &["Provider crashed"]));
    let prior = json!({"id": "i-1", "deed": "none", "size": 7});
    assert_eq!(host.update("panic").await, host.expect(&prior, "old", &["Provider crashed"]));
}

#[tokio::test]
async fn an_unknown_left_by_apply_is_the_providers_bug_and_stored_as_null() {
    let host = TestHost::new().await;
    let state = json!({"deed": "leave unknown", "size": 7, "word": "abc"});
    assert_eq!(host.create("leave unknown").await, host.expect(&state, "old", &["Provider left values unknown"]));
}

#[tokio::test]
async fn updates_end_where_they_end() {
    let host = TestHost::new().await;
    let state = |deed: &str, size: u64| json!({"id": "i-1", "deed": deed, "size": size});
    assert_eq!(host.update("fine").await, host.expect(&state("fine", 9), "old", &[]));
    assert_eq!(host.update("fail").await, host.expect(&state("none", 7), "old", &["It broke"]));
    assert_eq!(host.update("fail half-way").await, host.expect(&state("none", 8), "old", &["It broke"]));
}

#[tokio::test]
async fn a_delete_answers_nothing_or_what_is_still_there() {
    let host = TestHost::new().await;
    assert_eq!(host.apply(made("go"), Json::Null, Json::Null).await, host.expect(&Json::Null, "old", &[]));
    assert_eq!(
        host.apply(made("stay"), Json::Null, Json::Null).await,
        host.expect(&made("stay"), "old", &["It broke"])
    );
}

#[tokio::test]
async fn nothing_is_applied_by_a_provider_without_configuration() {
    let host = TestHost::unconfigured();
    let refused = host.expect(&made("go"), "old", &["Provider is not configured"]);
    assert_eq!(host.apply(made("go"), Json::Null, Json::Null).await, refused);
}

#[tokio::test]
async fn a_stop_reaches_running_operations_and_spares_later_ones() {
    let host = TestHost::new().await;
    let service = Arc::clone(&host.service);
    let stop = async {
        service.stop_provider(Request::new(proto::stop_provider::Request {})).await.unwrap();
    };
    let (answer, ()) = tokio::join!(host.create("wait"), stop);
    assert_eq!(answer, host.expect(&made("wait"), "old", &["It broke"]));
    // A process that is attached to serves the next command, too.
    service.configure(());
    assert!(!service.context(Vec::new()).unwrap().is_stopping());
}

#[tokio::test]
async fn a_plan_fills_in_names_replacements_and_keeps_private_bytes() {
    let host = TestHost::new().await;
    let (answer, replace) = host.plan(Json::Null, json!({"deed": "x", "secret": "hush", "part": [{}]})).await;
    let planned = json!({"id": "(unknown)", "deed": "x", "size": 7, "part": [{}], "wrapper": "(unknown)"});
    let mut planned = host.expect(&planned, "old", &[]);
    let Some(Value::List(parts)) = planned.state.as_map_mut().unwrap().get_mut("part") else { panic!("no parts") };
    parts[0].as_map_mut().unwrap().insert("name".to_owned(), Value::Unknown);
    assert_eq!((answer, replace), (planned, vec![]));

    let prior = json!({"id": "i-1", "deed": "x", "size": 7, "place": "here", "word": "abc"});
    let (answer, replace) = host.plan(prior, json!({"deed": "x", "place": "there", "word": "cba"})).await;
    let planned = json!({"id": "i-1", "deed": "x", "size": 7, "place": "there", "word": "abc"});
    assert_eq!(answer, host.expect(&planned, "old", &[]));
    assert_eq!(replace, [wire::path(&"place".into())]);

    let (answer, replace) = host.plan(made("x"), Json::Null).await;
    assert_eq!((answer, replace), (host.expect(&Json::Null, "old", &[]), vec![]));
}

#[tokio::test]
async fn reads_keep_the_users_spelling_and_tell_what_is_gone() {
    let host = TestHost::new().await;
    assert_eq!(host.read(made("answer reversed")).await, host.expect(&made("answer reversed"), "old", &[]));
    assert_eq!(host.create("answer reversed").await, host.expect(&made("answer reversed"), "old", &[]));
    assert_eq!(host.read(made("vanish")).await, host.expect(&Json::Null, "old", &["Gone"]));
}

#[tokio::test]
async fn a_create_that_was_not_answered_is_sent_again_as_itself() {
    let directory = tempfile::tempdir().unwrap();
    let create = async |place: &str, size: u64| {
        let intents = Intents::below(Some(directory.path().to_owned()), Path::new("/place"));
        let host = TestHost::with(intents).configured().await;
        let config = json!({"deed": "lose", "place": place, "size": size});
        let answer = host.apply(Json::Null, config.clone(), config).await;
        (answer.state, answer.private, answer.summaries)
    };
    let (state, token, summaries) = create("a", 1).await;
    assert_eq!((state, summaries), (Value::Null, vec!["It broke".to_owned()]));
    let (state, again, summaries) = create("a", 1).await;
    assert_eq!((state.get("id").as_str(), &again, summaries.len()), (Some("i-1"), &token, 0));

    // What was made to another plan goes, and a new one is asked for under a token of its own.
    let (_, token, _) = create("b", 2).await;
    let (state, other, summaries) = create("b", 3).await;
    assert_ne!(other, token);
    assert_eq!((state, summaries), (Value::Null, vec!["It broke".to_owned()]));
    assert_eq!(create("b", 3).await.1, other);
}

#[tokio::test]
async fn an_import_starts_from_the_id() {
    let host = TestHost::new().await;
    let request = proto::import_resource_state::Request {
        type_name: "test_probe".to_owned(),
        id: "i-9".to_owned(),
        ..Default::default()
    };
    let answer = host.service.import_resource_state(Request::new(request)).await.unwrap().into_inner();
    let [imported] = <[_; 1]>::try_from(answer.imported_resources).unwrap();
    let imported = host.answer(imported.state, &imported.private, &answer.diagnostics);
    assert_eq!(imported, host.expect(&json!({"id": "i-9", "deed": "i-9"}), "imported", &[]));
}

const IDENTITY: Identity = Identity::new(&["id"]).or_own(&["shop"]);

fn identity(json: &Json) -> proto::ResourceIdentityData {
    identity::message(IDENTITY, from_json(json.to_string().as_bytes()).unwrap()).unwrap()
}

#[tokio::test]
async fn an_object_is_named_once_it_exists() {
    let host = TestHost::new().await;
    let (none, named) = (None, Some(identity(&json!({"id": "i-1", "shop": "ours"}))));
    let apply = async |deed: &str, planned_identity| {
        let request = proto::apply_resource_change::Request {
            type_name: "test_probe".to_owned(),
            prior_state: host.wire(&Json::Null),
            planned_state: host.wire(&json!({"id": "(unknown)", "deed": deed, "size": 7})),
            config: host.wire(&json!({"deed": deed, "secret": "hush"})),
            planned_identity,
            ..Default::default()
        };
        host.service.apply_resource_change(Request::new(request)).await.unwrap().into_inner().new_identity
    };
    assert_eq!(apply("tell", None).await, named);
    assert_eq!(apply("fail late", None).await, named);
    assert_eq!(apply("fail", None).await, none);
    assert_eq!(apply("leave unknown", None).await, none);

    let read = async |state: Json| {
        let current_state = host.wire(&state);
        let current_identity = named.clone();
        let type_name = "test_probe".to_owned();
        let request =
            proto::read_resource::Request { type_name, current_state, current_identity, ..Default::default() };
        host.service.read_resource(Request::new(request)).await.unwrap().into_inner().new_identity
    };
    assert_eq!(read(made("x")).await, named);
    assert_eq!(read(json!({"deed": "x"})).await, named);
    assert_eq!(read(made("vanish")).await, none);

    let plan = async |prior: Json| {
        let config = host.wire(&json!({"deed": "y"}));
        let request = proto::plan_resource_change::Request {
            type_name: "test_probe".to_owned(),
            prior_state: host.wire(&prior),
            proposed_new_state: config.clone(),
            config,
            prior_identity: named.clone(),
            ..Default::default()
        };
        host.service.plan_resource_change(Request::new(request)).await.unwrap().into_inner().planned_identity
    };
    assert_eq!(plan(made("x")).await, named);
    assert_eq!(plan(Json::Null).await, none);
}

#[tokio::test]
async fn an_import_starts_from_an_identity_and_what_the_provider_adds() {
    let host = TestHost::new().await;
    let import = async |given: Json| {
        let type_name = "test_probe".to_owned();
        let identity = Some(identity(&given));
        let request = proto::import_resource_state::Request { type_name, identity, ..Default::default() };
        let answer = host.service.import_resource_state(Request::new(request)).await.unwrap().into_inner();
        let said: Vec<_> = answer.diagnostics.into_iter().map(|d| d.summary).collect();
        (answer.imported_resources.into_iter().map(|imported| imported.state.unwrap()).collect::<Vec<_>>(), said)
    };
    let state = host.wire(&json!({"id": "i-9", "deed": "i-9"})).unwrap();
    assert_eq!(import(json!({"id": "i-9"})).await, (vec![state.clone()], vec![]));
    assert_eq!(import(json!({"id": "i-9", "shop": "ours"})).await, (vec![state], vec![]));
    assert_eq!(import(json!({"id": "i-9", "shop": "theirs"})).await, (vec![], vec!["It broke".to_owned()]));
    let refused = "Resource cannot be imported by this identity".to_owned();
    assert_eq!(import(json!({"shop": "ours"})).await, (vec![], vec![refused]));
}

#[tokio::test]
async fn identities_have_a_schema_and_are_stored_as_json() {
    let host = TestHost::unconfigured();
    let request = Request::new(proto::get_resource_identity_schemas::Request {});
    let answer = host.service.get_resource_identity_schemas(request).await.unwrap().into_inner();
    let attributes = &answer.identity_schemas["test_probe"].identity_attributes;
    let flags: Vec<_> =
        attributes.iter().map(|a| (a.name.as_str(), a.required_for_import, a.optional_for_import)).collect();
    assert_eq!(flags, [("id", true, false), ("shop", false, true)]);
    assert!(attributes.iter().all(|attribute| attribute.r#type == b"\"string\""));

    let upgrade = async |raw: &[u8]| {
        let type_name = "test_probe".to_owned();
        let request = proto::upgrade_resource_identity::Request { type_name, version: 0, raw_identity: raw.to_vec() };
        let answer = host.service.upgrade_resource_identity(Request::new(request)).await.unwrap().into_inner();
        (answer.upgraded_identity, answer.diagnostics.len())
    };
    let stored = upgrade(br#"{"id": "i-1", "shop": "ours", "gone": 1}"#).await;
    assert_eq!(stored, (Some(identity(&json!({"id": "i-1", "shop": "ours"}))), 0));
    assert_eq!(upgrade(b"{").await, (None, 1));
}

#[tokio::test]
async fn stored_state_is_brought_up_to_date_without_losing_a_digit() {
    let host = TestHost::unconfigured();
    let upgrade = async |version, state: Json| {
        let raw = proto::RawState { json: state.to_string().into_bytes(), ..Default::default() };
        let type_name = "test_probe".to_owned();
        let request = proto::upgrade_resource_state::Request { type_name, version, raw_state: Some(raw) };
        let answer = host.service.upgrade_resource_state(Request::new(request)).await.unwrap().into_inner();
        host.answer(answer.upgraded_state, b"", &answer.diagnostics)
    };
    let now = json!({"id": "i", "deed": "d", "size": 18_446_744_073_709_551_615_u64});
    assert_eq!(
        upgrade(2, json!({"id": "i", "deed": "d", "size": 18_446_744_073_709_551_615_u64, "gone": 1})).await,
        host.expect(&now, "", &[])
    );
    assert_eq!(
        upgrade(0, json!({"id": "i", "action": "d", "size": null})).await,
        host.expect(&json!({"id": "i", "deed": "d"}), "", &[])
    );
    // It is older than `size`, which has been 7 all the time then.
    let older = host.expect(&json!({"id": "i", "deed": "d", "size": 7}), "", &[]);
    assert_eq!(upgrade(2, json!({"id": "i", "deed": "d"})).await, older);
    assert_eq!(upgrade(0, json!({"id": "i", "action": "d"})).await, older);
    let refused = upgrade(2, json!({"id": ["not", "text"]})).await;
    assert_eq!(refused.summaries, ["Malformed value"]);
}

#[tokio::test]
async fn the_state_of_another_type_is_taken_over_or_refused() {
    let host = TestHost::unconfigured();
    let take = async |source: &str, version| {
        let json = json!({"id": "i", "deed": "d", "surplus": true}).to_string().into_bytes();
        let request = proto::move_resource_state::Request {
            source_type_name: source.to_owned(),
            target_type_name: "test_probe".to_owned(),
            source_schema_version: version,
            source_state: Some(proto::RawState { json, ..Default::default() }),
            source_private: b"theirs".to_vec(),
            ..Default::default()
        };
        let answer = host.service.move_resource_state(Request::new(request)).await.unwrap().into_inner();
        host.answer(answer.target_state, &answer.target_private, &answer.diagnostics)
    };
    let taken = host.expect(&json!({"id": "i", "deed": "d", "size": 7}), "theirs", &[]);
    assert_eq!(take("other_probe", 0).await, taken);
    assert_eq!(take("stranger", 0).await, host.expect(&Json::Null, "", &["Unable to move resource state"]));
    // The type of the same name of another provider: as if it were ours, of any version that we know.
    assert_eq!(take("test_probe", 2).await, taken);
    assert_eq!(take("test_probe", 3).await.summaries, ["Unable to move resource state"]);
}

#[tokio::test]
async fn a_data_source_reads_with_its_defaults() {
    let host = TestHost::new().await;
    let schema = derive::<Echo>(0).unwrap();
    let config = proto::DynamicValue { msgpack: vec![0x80], json: Vec::new() };
    let type_name = "test_echo".to_owned();
    let request = proto::read_data_source::Request { type_name, config: Some(config), ..Default::default() };
    let answer = host.service.read_data_source(Request::new(request)).await.unwrap().into_inner();
    let state = wire::read(answer.state, &schema).unwrap();
    assert_eq!(state.get("answer"), &Value::from("hello"));
}

#[tokio::test]
async fn a_function_answers_or_blames_an_argument_by_its_position() {
    let host = TestHost::unconfigured();
    let call = async |name: &str, arguments: Vec<Value>| {
        let types = [Type::String, Type::Number, Type::Number];
        let wire = |(argument, ty): (&Value, &Type)| proto::DynamicValue {
            msgpack: encode(argument, ty).unwrap(),
            json: Vec::new(),
        };
        let arguments = arguments.iter().zip(&types).map(wire).collect();
        let request = proto::call_function::Request { name: name.to_owned(), arguments };
        let answer = host.service.call_function(Request::new(request)).await.unwrap().into_inner();
        match (answer.result, answer.error) {
            (Some(result), None) => Ok(crate::value::decode(&result.msgpack, &Type::list(Type::String)).unwrap()),
            (None, Some(error)) => Err((error.text, error.function_argument)),
            other => panic!("{other:?}"),
        }
    };
    let parts = |parts: &[&str]| Ok(Value::List(parts.iter().map(|&part| part.into()).collect()));
    let wrong = |text: &str, argument| Err((text.to_owned(), argument));
    assert_eq!(call("cut", vec!["ab".into(), 1.into()]).await, parts(&["a", "b"]));
    assert_eq!(call("cut", vec!["ab".into(), Value::Null]).await, parts(&["ab"]));
    assert_eq!(call("cut", vec!["".into(), Value::Null]).await, wrong("nothing to cut", None));
    assert_eq!(call("cut", vec!["ab".into(), 3.into()]).await, wrong("beyond the end", Some(1)));
    assert_eq!(call("cut", vec![Value::Null, 1.into()]).await, wrong("argument must not be null", Some(0)));
    assert_eq!(call("cut", vec!["ab".into()]).await, wrong("takes 2 arguments, 1 were given", None));
    assert_eq!(call("sew", vec![]).await, wrong("this provider has no function \"sew\"", None));
    let (text, argument) = call("cut", vec!["ab".into(), 300.into()]).await.unwrap_err();
    assert!(text.contains("expected u8") && argument.is_none(), "{text}");
    let (text, argument) = call("cut", vec!["panic".into(), Value::Null]).await.unwrap_err();
    assert!(text.contains("at the disco") && argument.is_none(), "{text}");
}

#[tokio::test]
async fn the_host_is_told_signatures_wherever_it_asks() {
    let host = TestHost::unconfigured();
    let request = Request::new(proto::get_functions::Request {});
    let functions = host.service.get_functions(request).await.unwrap().into_inner().functions;
    let cut = &functions["cut"];
    assert_eq!(
        (cut.summary.as_str(), cut.description.as_str()),
        ("Cuts text.", "Cuts text.\n\nNothing is cut in half.")
    );
    let parameters: Vec<_> =
        cut.parameters.iter().map(|p| (p.name.as_str(), p.r#type.as_slice(), p.allow_null_value)).collect();
    assert_eq!(parameters, [("text", b"\"string\"".as_slice(), false), ("at", b"\"number\"", true)]);
    assert_eq!(cut.r#return.as_ref().unwrap().r#type, br#"["list","string"]"#);

    let request = Request::new(proto::get_provider_schema::Request {});
    assert_eq!(host.service.get_provider_schema(request).await.unwrap().into_inner().functions, functions);
    let request = Request::new(proto::get_metadata::Request {});
    let metadata = host.service.get_metadata(request).await.unwrap().into_inner();
    assert_eq!(metadata.functions.iter().map(|function| function.name.as_str()).collect::<Vec<_>>(), ["cut"]);
}

#[tokio::test]
async fn a_secret_needs_a_host_that_forgets_it() {
    let host = TestHost::unconfigured();
    let validate = async |forgets| {
        let capabilities = proto::ClientCapabilities { write_only_attributes_allowed: forgets, ..Default::default() };
        let request = proto::validate_resource_config::Request {
            type_name: "test_probe".to_owned(),
            config: host.wire(&json!({"deed": "x", "secret": "hush"})),
            client_capabilities: Some(capabilities),
        };
        let answer = host.service.validate_resource_config(Request::new(request)).await.unwrap().into_inner();
        answer.diagnostics.len()
    };
    assert_eq!(validate(true).await, 0);
    assert_eq!(validate(false).await, 1);
}

#[tokio::test]
async fn what_does_not_exist_and_what_does_not_parse_are_diagnostics() {
    let host = TestHost::new().await;
    let request = proto::read_resource::Request { type_name: "test_nothing".to_owned(), ..Default::default() };
    let answer = host.service.read_resource(Request::new(request)).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics[0].summary, "Unknown resource type");

    let garbage = Some(proto::DynamicValue { msgpack: vec![0xc1, 0xff], json: Vec::new() });
    let type_name = "test_probe".to_owned();
    let request = proto::read_resource::Request { type_name, current_state: garbage.clone(), ..Default::default() };
    let answer = host.service.read_resource(Request::new(request)).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics[0].summary, "Malformed value");
    assert_eq!(answer.new_state, garbage);

    let request =
        proto::configure_provider::Request { terraform_version: "0.11".to_owned(), config: None, ..Default::default() };
    let answer = host.service.configure_provider(Request::new(request)).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics.len(), 1);
}

#[tokio::test]
async fn the_host_is_told_schemas_it_can_use() {
    let host = TestHost::unconfigured();
    let request = Request::new(proto::get_provider_schema::Request {});
    let answer = host.service.get_provider_schema(request).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);
    let probe = answer.resource_schemas["test_probe"].clone();
    assert_eq!(probe.version, 2);
    let block = probe.block.unwrap();
    let flags = |name: &str| {
        let a = block.attributes.iter().find(|a| a.name == name).unwrap();
        (a.required, a.optional, a.computed)
    };
    assert_eq!(flags("deed"), (true, false, false));
    assert_eq!(flags("id"), (false, false, true));
    assert_eq!(flags("place"), (false, true, false));
    // A default is the provider's to fill in, so Terraform must let it.
    assert_eq!(flags("size"), (false, true, true));
    let names: Vec<_> = block.block_types.iter().map(|b| (b.type_name.as_str(), b.nesting, b.max_items)).collect();
    assert_eq!(names, [("part", 2, 2), ("timeouts", 1, 0), ("wrapper", 2, 1)]);
    for schema in answer.resource_schemas.values().chain(answer.data_source_schemas.values()) {
        check_types(schema.block.as_ref().unwrap());
    }
    let capabilities = answer.server_capabilities.unwrap();
    assert!(capabilities.plan_destroy && capabilities.get_provider_schema_optional && capabilities.move_resource_state);
}

/// A type that does not parse crashes Terraform.
fn check_types(block: &proto::schema::Block) {
    for attribute in &block.attributes {
        let json = serde_json::from_slice(&attribute.r#type).unwrap();
        Type::from_json(&json).unwrap();
        assert!(attribute.required || attribute.optional || attribute.computed, "{}", attribute.name);
        assert!(!(attribute.required && (attribute.optional || attribute.computed)), "{}", attribute.name);
    }
    block.block_types.iter().for_each(|nested| check_types(nested.block.as_ref().unwrap()));
}

#[tokio::test]
async fn an_operation_runs_to_its_end_when_the_host_hangs_up() {
    let host = TestHost::new().await;
    let waiting = Arc::new(Mutex::new(Box::pin(host.create("wait"))));
    let poll = |cx: &mut std::task::Context<'_>| {
        let pending = waiting.lock().unwrap().as_mut().poll(cx).is_pending();
        std::task::Poll::Ready(pending)
    };
    assert!(std::future::poll_fn(poll).await);
    drop(waiting);
    host.service.stop();
    host.service.operations.finished(std::time::Duration::from_secs(5)).await;
}
