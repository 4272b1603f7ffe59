//! The `Resource` trait: what the author of a managed resource writes.
//!
//! The struct is the model; its functions are the life cycle. None of them sees the protocol, and none plans the ordinary
//! things: defaults, computed values, replacement and "same as stored" follow from the schema before `plan` is called.

use std::future::Future;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::context::Context;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::identity::Identity;
use crate::path::Path;
use crate::value::Value;

/// A struct that moves in and out of Terraform's values and knows its schema.
pub trait Model: Serialize + DeserializeOwned + JsonSchema + Clone + Send + Sync + 'static {}

impl<T: Serialize + DeserializeOwned + JsonSchema + Clone + Send + Sync + 'static> Model for T {}

/// One type of managed resource.
pub trait Resource: Model {
    /// The type's name, provider prefix included.
    const TYPE: &'static str;
    /// Raised whenever state of the old form needs [`upgrade`](Self::upgrade).
    const VERSION: i64 = 0;
    /// What names an object for good; attributes that the state has not are the provider's to add.
    const IDENTITY: Option<Identity> = None;
    /// The form of the import id, with attributes in braces and what may be missing in brackets: `{role}[:{name}]`.
    const IMPORT_ID: &'static str = "{id}";
    /// What the provider's configuration becomes.
    type Client: Send + Sync + 'static;

    /// Checks that go beyond one field. Values may be unknown; say nothing about those.
    fn validate(config: &Self) -> Diagnostics {
        let _ = config;
        Diagnostics::new()
    }

    /// Refines the plan of a create or update.
    fn plan(cx: &Context<Self::Client>, plan: &mut Plan<Self>) -> impl Future<Output = Result<(), Diagnostics>> + Send {
        let _ = (cx, plan);
        async { Ok(()) }
    }

    /// Makes the object. The answer has every planned value and no unknown.
    fn create(cx: &Context<Self::Client>, planned: Self, config: Self) -> impl Future<Output = Applied<Self>> + Send;

    /// Looks at the object. `None` means that it is gone.
    fn read(cx: &Context<Self::Client>, state: Self) -> impl Future<Output = Result<Option<Self>, Diagnostics>> + Send;

    /// Changes the object in place.
    fn update(cx: &Context<Self::Client>, change: Change<Self>) -> impl Future<Output = Applied<Self>> + Send;

    /// Removes the object. An object that is not there is removed already.
    fn delete(cx: &Context<Self::Client>, state: Self) -> impl Future<Output = Result<(), Failure<Self>>> + Send;

    /// Turns an import id into a state that `read` can start from. The framework reads next.
    fn import(cx: &Context<Self::Client>, id: &str) -> impl Future<Output = Result<Self, Diagnostics>> + Send {
        let _ = (cx, id);
        async {
            Err(Diagnostics::error("Resource cannot be imported", format!("{} does not support import.", Self::TYPE)))
        }
    }

    /// Brings state of an older version to the form of this one. Absent attributes become null afterwards and unknown
    /// ones are dropped, so only what changed its name or meaning needs a line here.
    fn upgrade(version: i64, state: Value) -> Result<Value, Diagnostics> {
        let _ = version;
        Ok(state)
    }

    /// Takes over the state of another resource type in a `moved` block; `None` when it cannot.
    fn move_from(source: &MoveSource<'_>) -> Option<Result<Value, Diagnostics>> {
        let _ = source;
        None
    }

    /// Whether a configured value means the same as the stored one, for fields with `same_when(rule)`. Asked when
    /// planning, and again of what apply and read answer: there the service's value is in the place of the stored one.
    fn same(comparison: &Comparison<'_>) -> bool {
        let _ = comparison;
        false
    }
}

/// The result of a create or update.
pub type Applied<M> = Result<M, Failure<M>>;

/// An operation that did not succeed, and what exists nevertheless.
#[derive(Clone, Debug)]
pub struct Failure<M> {
    /// What is known to exist. `None` means: what was last put down by [`Context::save`]; failing that, nothing after a
    /// create, and the prior state after an update or delete.
    pub state: Option<Box<M>>,
    /// What went wrong.
    pub diagnostics: Diagnostics,
}

impl<M> Failure<M> {
    /// A failure that leaves `state` behind. After a create it is stored as tainted.
    pub fn leaving(state: M, diagnostics: impl Into<Diagnostics>) -> Self {
        Self { state: Some(Box::new(state)), diagnostics: diagnostics.into() }
    }
}

impl<M> From<Diagnostics> for Failure<M> {
    fn from(diagnostics: Diagnostics) -> Self {
        Self { state: None, diagnostics }
    }
}

impl<M> From<Diagnostic> for Failure<M> {
    fn from(diagnostic: Diagnostic) -> Self {
        Diagnostics::from(diagnostic).into()
    }
}

/// An update to carry out.
#[derive(Clone, Debug)]
pub struct Change<M> {
    /// The state before.
    pub prior: M,
    /// The state to reach; what is unknown in it, the update finds out.
    pub planned: M,
    /// What the user wrote; the only place with write-only values.
    pub config: M,
}

impl<M> Change<M> {
    /// Whether the part of the resource that `part` picks is to change.
    pub fn changes<T: PartialEq + ?Sized>(&self, part: impl Fn(&M) -> &T) -> bool {
        part(&self.prior) != part(&self.planned)
    }
}

/// A plan in the making.
#[derive(Clone, Debug)]
pub struct Plan<M> {
    /// The state before; `None` when the object is to be created.
    pub prior: Option<M>,
    /// What the user wrote. Values may be unknown.
    pub config: M,
    /// The state to reach, with defaults, computed and unknown values filled in. Change what was not configured;
    /// a configured value is planned as written or as stored, Terraform accepts nothing else.
    pub planned: M,
    /// Whether anything differs from the prior state so far.
    pub has_changes: bool,
    pub(crate) replace: Vec<Path>,
    pub(crate) diagnostics: Diagnostics,
}

impl<M> Plan<M> {
    /// Whether the object is to be created.
    pub const fn is_create(&self) -> bool {
        self.prior.is_none()
    }

    /// Whether the part of the resource that `part` picks differs from the prior state; true on create.
    pub fn changes<T: PartialEq + ?Sized>(&self, part: impl Fn(&M) -> &T) -> bool {
        self.prior.as_ref().is_none_or(|prior| part(prior) != part(&self.planned))
    }

    /// Demands that a change at `path` replaces the object.
    pub fn replace_on(&mut self, path: impl Into<Path>) {
        self.replace.push(path.into());
    }

    /// Tells the user something without failing the plan.
    pub fn warn(&mut self, summary: impl Into<String>, detail: impl Into<String>) {
        self.diagnostics.push(Diagnostic::warning(summary, detail));
    }
}

/// A stored and a configured value that a rule compares.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    /// The rule's name, as given to `same_when`.
    pub rule: &'a str,
    /// Where the value is.
    pub path: &'a Path,
    /// The stored value.
    pub prior: &'a Value,
    /// The configured value.
    pub config: &'a Value,
    /// The whole stored resource.
    pub prior_resource: &'a Value,
    /// The whole configured resource.
    pub config_resource: &'a Value,
}

/// State of another resource type that a `moved` block hands over.
#[derive(Clone, Copy, Debug)]
pub struct MoveSource<'a> {
    /// The provider that wrote it.
    pub provider_address: &'a str,
    /// Its type.
    pub type_name: &'a str,
    /// Its schema version.
    pub version: i64,
    /// The state.
    pub state: &'a Value,
}
