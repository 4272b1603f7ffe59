//! The provider under test: a resource that fails in every way a resource can, a data source and a function.

use std::collections::BTreeSet;
use std::sync::Mutex;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::flags::{computed, computed_block, list_block, optional, optional_computed, required, set_block, timeouts};
use crate::provider::{Host, Provider};
use crate::resource::{Applied, Change, Failure, MoveSource, Resource};
use crate::value::Value;
use crate::{
    Attr, Blocks, Context, DataSource, Diagnostic, Diagnostics, Function, FunctionError, Identity, Registry, Timeouts,
};

/// What happens is decided by `deed`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Probe {
    #[schemars(extend("tf" = computed()))]
    id: Attr<String>,
    #[schemars(extend("tf" = required()))]
    deed: Attr<String>,
    #[schemars(extend("tf" = optional().force_new()))]
    place: Attr<String>,
    #[schemars(extend("tf" = optional().default(7)))]
    size: Attr<u64>,
    #[schemars(extend("tf" = optional().same_when("reversed")))]
    word: Attr<String>,
    #[schemars(extend("tf" = optional().write_only().sensitive()))]
    secret: Attr<String>,
    #[schemars(extend("tf" = list_block().max_items(2)))]
    part: Blocks<Part>,
    #[schemars(extend("tf" = computed_block().max_items(1)))]
    wrapper: Blocks<Pin>,
    #[schemars(extend("tf" = timeouts(&["create"])))]
    timeouts: Timeouts,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Part {
    #[schemars(extend("tf" = optional_computed()))]
    name: Attr<String>,
    #[schemars(extend("tf" = set_block()))]
    pin: Blocks<Pin>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Pin {
    #[schemars(extend("tf" = required().deprecated("use nothing")))]
    number: Attr<i64>,
}

/// Under which the service was asked to create something; it made it, and did not say so.
static TOKENS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

fn broken() -> Diagnostics {
    Diagnostic::error("It broke", "Mend it.").at("deed").into()
}

impl Resource for Probe {
    const TYPE: &'static str = "test_probe";
    const VERSION: i64 = 2;
    const IDENTITY: Option<Identity> = Some(Identity::new(&["id"]).or_own(&["shop"]));
    type Client = ();

    async fn create(cx: &Context<()>, planned: Self, config: Self) -> Applied<Self> {
        let state = Self { id: "i-1".into(), ..planned };
        match state.deed.text() {
            "fail" => return Err(broken().into()),
            "fail late" => {
                cx.save(&state);
                return Err(broken().into());
            }
            "panic" => panic!("at the disco"),
            "panic late" => {
                cx.save(&state);
                panic!("at the disco");
            }
            "leave unknown" => return Ok(Self { id: Attr::Unknown, ..state }),
            "answer reversed" => return Ok(Self { word: reversed(&state.word), ..state }),
            "wait" => {
                cx.stopping().await;
                return Err(Failure::leaving(state, broken()));
            }
            "lose" => {
                let intent = crate::current_intent().unwrap();
                cx.set_private(intent.token().as_bytes().to_vec());
                if TOKENS.lock().unwrap().insert(intent.token().to_owned()) {
                    intent.went_unanswered();
                    return Err(broken().into());
                }
                return Ok(state);
            }
            "tell" => assert_eq!(config.secret.text(), "hush"),
            _ => {}
        }
        cx.set_private(b"mine".to_vec());
        Ok(state)
    }

    async fn read(cx: &Context<()>, state: Self) -> Result<Option<Self>, Diagnostics> {
        match state.deed.text() {
            "vanish" => {
                cx.warn(Diagnostic::warning("Gone", "It will be made again."));
                Ok(None)
            }
            "answer reversed" => Ok(Some(Self { word: reversed(&state.word), ..state })),
            _ => Ok(Some(state)),
        }
    }

    async fn update(_: &Context<()>, change: Change<Self>) -> Applied<Self> {
        match change.planned.deed.text() {
            "fail" => Err(broken().into()),
            "fail half-way" => Err(Failure::leaving(Self { size: 8.into(), ..change.prior }, broken())),
            "panic" => panic!("at the disco"),
            _ => Ok(change.planned),
        }
    }

    async fn delete(_: &Context<()>, state: Self) -> Result<(), Failure<Self>> {
        if state.deed.text() == "stay" { Err(broken().into()) } else { Ok(()) }
    }

    async fn import(cx: &Context<()>, id: &str) -> Result<Self, Diagnostics> {
        cx.set_private(b"imported".to_vec());
        let part = Blocks::none();
        let deed = id.into();
        Ok(Self {
            id: id.into(),
            deed,
            place: Attr::Null,
            size: Attr::Null,
            word: Attr::Null,
            secret: "leak".into(),
            part,
            wrapper: Blocks::none(),
            timeouts: Timeouts::default(),
        })
    }

    fn upgrade(version: i64, mut state: Value) -> Result<Value, Diagnostics> {
        if let (0, Some(entries)) = (version, state.as_map_mut()) {
            let deed = entries.remove("action").unwrap_or_default();
            entries.insert("deed".to_owned(), deed);
        }
        Ok(state)
    }

    fn move_from(source: &MoveSource<'_>) -> Option<Result<Value, Diagnostics>> {
        (source.type_name == "other_probe").then(|| Ok(source.state.clone()))
    }

    fn same(comparison: &crate::Comparison<'_>) -> bool {
        assert_eq!(comparison.rule, "reversed");
        let forwards = comparison.prior.as_str().unwrap_or_default();
        comparison.config.as_str().is_some_and(|config| config.chars().rev().eq(forwards.chars()))
    }
}

fn reversed(word: &Attr<String>) -> Attr<String> {
    word.clone().map(|word| word.chars().rev().collect())
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Echo {
    #[schemars(extend("tf" = optional().default("hello")))]
    call: Attr<String>,
    #[schemars(extend("tf" = computed()))]
    answer: Attr<String>,
}

impl DataSource for Echo {
    const TYPE: &'static str = "test_echo";
    type Client = ();

    async fn read(_: &Context<()>, config: Self) -> Result<Self, Diagnostics> {
        Ok(Self { answer: config.call.clone(), ..config })
    }
}

/// Cuts text.
///
/// Nothing is cut in half.
#[derive(Deserialize, JsonSchema)]
struct Cut {
    text: String,
    at: Option<u8>,
}

impl Function for Cut {
    const NAME: &'static str = "cut";
    type Output = Vec<String>;

    fn call(self) -> Result<Vec<String>, FunctionError> {
        match (self.text.as_str(), self.at) {
            ("", _) => Err(FunctionError::new("nothing to cut")),
            ("panic", _) => panic!("at the disco"),
            (text, None) => Ok(vec![text.to_owned()]),
            (text, Some(at)) => {
                let (left, right) =
                    text.split_at_checked(at.into()).ok_or_else(|| FunctionError::new("beyond the end").at("at"))?;
                Ok(vec![left.to_owned(), right.to_owned()])
            }
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Test {}

impl Provider for Test {
    const ADDRESS: &'static str = "registry.terraform.io/example/test";
    type Client = ();

    fn registry() -> Registry<()> {
        Registry::new().resource::<Probe>().data_source::<Echo>().function::<Cut>()
    }

    async fn identity_part(_: &(), name: &str, _: &Value) -> Option<String> {
        (name == "shop").then(|| "ours".to_owned())
    }

    async fn import_id(_: &(), id: String, identity: &Value) -> Result<String, Diagnostics> {
        if identity.get("shop").as_str() == Some("ours") { Ok(id) } else { Err(broken()) }
    }

    async fn configure(_: Self, host: &Host) -> Result<(), Diagnostics> {
        if host.terraform_version == "0.11" { Err(broken()) } else { Ok(()) }
    }
}
