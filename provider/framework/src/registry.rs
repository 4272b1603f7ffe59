//! The list of what a provider offers, with types erased: the RPC layer sees values where a resource sees its struct.
//!
//! A schema is derived when it is first asked for; registering costs nothing but the entry.

use std::collections::BTreeMap;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use crate::context::Context;
use crate::data_source::DataSource;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::function::{AnyFunction, Callable, Function};
use crate::identity::Identity;
use crate::plan;
use crate::resource::{Applied, Change, Comparison, Failure, Model, MoveSource, Plan, Resource};
use crate::schema::{Schema, SchemaError, Signature, derive};
use crate::value::{Value, from_value, to_value};

/// Everything a provider offers.
pub struct Registry<C> {
    pub(crate) resources: BTreeMap<&'static str, Arc<dyn AnyResource<C>>>,
    pub(crate) data_sources: BTreeMap<&'static str, Arc<dyn AnyDataSource<C>>>,
    pub(crate) functions: BTreeMap<&'static str, Arc<dyn AnyFunction>>,
}

impl<C: Send + Sync + 'static> Registry<C> {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { resources: BTreeMap::new(), data_sources: BTreeMap::new(), functions: BTreeMap::new() }
    }

    /// Adds a managed resource.
    #[must_use]
    pub fn resource<R: Resource<Client = C>>(mut self) -> Self {
        self.resources.insert(R::TYPE, Arc::new(Entry::<R>::new(R::VERSION)));
        self
    }

    /// Adds a data source.
    #[must_use]
    pub fn data_source<D: DataSource<Client = C>>(mut self) -> Self {
        self.data_sources.insert(D::TYPE, Arc::new(Entry::<D>::new(0)));
        self
    }

    /// Adds a function.
    #[must_use]
    pub fn function<F: Function>(mut self) -> Self {
        self.functions.insert(F::NAME, Arc::new(Callable::<F>::new()));
        self
    }

    /// Derives every schema. A test of each provider calls this: a mistake in a schema can crash Terraform.
    pub fn schemas(&self) -> Result<Schemas<'_>, SchemaError> {
        let mut schemas = Schemas {
            resources: BTreeMap::new(),
            imports: BTreeMap::new(),
            data_sources: BTreeMap::new(),
            functions: BTreeMap::new(),
        };
        for (&name, resource) in &self.resources {
            schemas.resources.insert(name, resource.schema().map_err(|e| e.within(name))?);
            schemas.imports.insert(name, Import { id: resource.import_id(), identity: resource.identity() });
        }
        for (&name, source) in &self.data_sources {
            schemas.data_sources.insert(name, source.schema().map_err(|e| e.within(name))?);
        }
        for (&name, function) in &self.functions {
            schemas.functions.insert(name, function.signature().map_err(|e| e.within(name))?);
        }
        Ok(schemas)
    }
}

impl<C: Send + Sync + 'static> Default for Registry<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C> std::fmt::Debug for Registry<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry")
            .field("resources", &self.resources.keys())
            .field("data_sources", &self.data_sources.keys())
            .field("functions", &self.functions.keys())
            .finish()
    }
}

/// The schemas of a provider by type name.
#[derive(Clone, Debug)]
pub struct Schemas<'a> {
    /// Of managed resources.
    pub resources: BTreeMap<&'static str, &'a Schema>,
    /// How managed resources are imported.
    pub imports: BTreeMap<&'static str, Import>,
    /// Of data sources.
    pub data_sources: BTreeMap<&'static str, &'a Schema>,
    /// Of functions.
    pub functions: BTreeMap<&'static str, &'a Signature>,
}

/// How objects of one type are imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Import {
    /// The form of the import id, with attributes in braces.
    pub id: &'static str,
    /// What names an object.
    pub identity: Option<Identity>,
}

pub(crate) type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A managed resource over values.
pub(crate) trait AnyResource<C>: Send + Sync {
    fn schema(&self) -> Result<&Schema, &SchemaError>;
    fn identity(&self) -> Option<Identity>;
    fn import_id(&self) -> &'static str;
    fn validate(&self, config: &Value) -> Diagnostics;
    fn same(&self, comparison: &Comparison<'_>) -> bool;
    fn plan(&self, cx: Arc<Context<C>>, draft: plan::Draft) -> Pending<Result<plan::Refined, Diagnostics>>;
    fn create(&self, cx: Arc<Context<C>>, planned: Value, config: Value) -> Pending<Applied<Value>>;
    fn read(&self, cx: Arc<Context<C>>, state: Value) -> Pending<Result<Option<Value>, Diagnostics>>;
    fn update(&self, cx: Arc<Context<C>>, change: Change<Value>) -> Pending<Applied<Value>>;
    fn delete(&self, cx: Arc<Context<C>>, state: Value) -> Pending<Result<(), Failure<Value>>>;
    fn import(&self, cx: Arc<Context<C>>, id: String) -> Pending<Result<Value, Diagnostics>>;
    fn upgrade(&self, version: i64, state: Value) -> Result<Value, Diagnostics>;
    fn move_from(&self, source: &MoveSource<'_>) -> Option<Result<Value, Diagnostics>>;
}

/// A data source over values.
pub(crate) trait AnyDataSource<C>: Send + Sync {
    fn schema(&self) -> Result<&Schema, &SchemaError>;
    fn validate(&self, config: &Value) -> Diagnostics;
    fn read(&self, cx: Arc<Context<C>>, config: Value) -> Pending<Result<Value, Diagnostics>>;
}

/// A model type and its schema, once that was asked for.
pub(crate) struct Entry<M> {
    version: i64,
    schema: OnceLock<Result<Schema, SchemaError>>,
    model: PhantomData<fn() -> M>,
}

impl<M: Model> Entry<M> {
    pub(crate) const fn new(version: i64) -> Self {
        Self { version, schema: OnceLock::new(), model: PhantomData }
    }

    pub(crate) fn schema(&self) -> Result<&Schema, &SchemaError> {
        self.schema.get_or_init(|| derive::<M>(self.version)).as_ref()
    }
}

impl<R: Resource> AnyResource<R::Client> for Entry<R> {
    fn schema(&self) -> Result<&Schema, &SchemaError> {
        Self::schema(self)
    }

    fn identity(&self) -> Option<Identity> {
        R::IDENTITY
    }

    fn import_id(&self) -> &'static str {
        R::IMPORT_ID
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        model::<R>(config).map_or_else(|e| e, |config| R::validate(&config))
    }

    fn same(&self, comparison: &Comparison<'_>) -> bool {
        R::same(comparison)
    }

    fn plan(&self, cx: Arc<Context<R::Client>>, draft: plan::Draft) -> Pending<Result<plan::Refined, Diagnostics>> {
        Box::pin(async move {
            let prior = draft.prior.as_ref().map(model::<R>).transpose()?;
            let (config, planned) = (model::<R>(&draft.config)?, model::<R>(&draft.planned)?);
            let before = value(&planned)?;
            let mut plan = Plan {
                prior,
                config,
                planned,
                has_changes: draft.has_changes,
                replace: Vec::new(),
                diagnostics: Diagnostics::new(),
            };
            R::plan(&cx, &mut plan).await?;
            let after = value(&plan.planned)?;
            Ok(plan::Refined { before, after, replace: plan.replace, diagnostics: plan.diagnostics })
        })
    }

    fn create(&self, cx: Arc<Context<R::Client>>, planned: Value, config: Value) -> Pending<Applied<Value>> {
        Box::pin(async move {
            let (planned, config) = (model::<R>(&planned)?, model::<R>(&config)?);
            erase(R::create(&cx, planned, config).await)
        })
    }

    fn read(&self, cx: Arc<Context<R::Client>>, state: Value) -> Pending<Result<Option<Value>, Diagnostics>> {
        Box::pin(async move {
            let state = model::<R>(&state)?;
            R::read(&cx, state).await?.as_ref().map(value).transpose()
        })
    }

    fn update(&self, cx: Arc<Context<R::Client>>, change: Change<Value>) -> Pending<Applied<Value>> {
        Box::pin(async move {
            let (prior, planned) = (model::<R>(&change.prior)?, model::<R>(&change.planned)?);
            let config = model::<R>(&change.config)?;
            erase(R::update(&cx, Change { prior, planned, config }).await)
        })
    }

    fn delete(&self, cx: Arc<Context<R::Client>>, state: Value) -> Pending<Result<(), Failure<Value>>> {
        Box::pin(async move {
            let state = model::<R>(&state)?;
            R::delete(&cx, state).await.map_err(erase_failure)
        })
    }

    fn import(&self, cx: Arc<Context<R::Client>>, id: String) -> Pending<Result<Value, Diagnostics>> {
        Box::pin(async move { value(&R::import(&cx, &id).await?) })
    }

    fn upgrade(&self, version: i64, state: Value) -> Result<Value, Diagnostics> {
        R::upgrade(version, state)
    }

    fn move_from(&self, source: &MoveSource<'_>) -> Option<Result<Value, Diagnostics>> {
        R::move_from(source)
    }
}

impl<D: DataSource> AnyDataSource<D::Client> for Entry<D> {
    fn schema(&self) -> Result<&Schema, &SchemaError> {
        Self::schema(self)
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        model::<D>(config).map_or_else(|e| e, |config| D::validate(&config))
    }

    fn read(&self, cx: Arc<Context<D::Client>>, config: Value) -> Pending<Result<Value, Diagnostics>> {
        Box::pin(async move {
            let config = model::<D>(&config)?;
            value(&D::read(&cx, config).await?)
        })
    }
}

/// A value as the struct it stands for.
pub(crate) fn model<M: Model>(value: &Value) -> Result<M, Diagnostics> {
    from_value(value).map_err(|e| {
        Diagnostic::error(
            "Value does not fit the provider's model",
            format!("This is a bug in the provider, or the state was changed by hand: {e}."),
        )
        .into()
    })
}

fn value<M: Model>(model: &M) -> Result<Value, Diagnostics> {
    to_value(model).map_err(|e| {
        Diagnostics::error("Provider made an unusable value", format!("This is a bug in the provider: {e}."))
    })
}

fn erase<M: Model>(applied: Applied<M>) -> Applied<Value> {
    match applied {
        Ok(state) => Ok(value(&state)?),
        Err(failure) => Err(erase_failure(failure)),
    }
}

fn erase_failure<M: Model>(failure: Failure<M>) -> Failure<Value> {
    let mut diagnostics = failure.diagnostics;
    let state = failure.state.and_then(|state| match value(&*state) {
        Ok(state) => Some(Box::new(state)),
        Err(more) => {
            diagnostics.append(more);
            None
        }
    });
    Failure { state, diagnostics }
}
