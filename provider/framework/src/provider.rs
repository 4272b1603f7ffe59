//! The `Provider` trait: the provider block, and the list of what the provider offers.

use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::registry::Registry;
use crate::resource::Model;
use crate::rpc::schemas_ahead;
use crate::schema::SchemaError;
use crate::value::Value;

/// A provider: its struct is the provider block.
pub trait Provider: Model {
    /// The source address, e.g. `registry.terraform.io/hashicorp/random`.
    const ADDRESS: &'static str;
    /// What [`schemas_ahead`](crate::schemas_ahead) made of this provider when it was built: a host waits for all schemas at
    /// once, and to read them takes a fraction of the time that deriving them does. A build with debug assertions derives them.
    const SCHEMAS: Option<&'static [u8]> = None;
    /// What the configuration becomes: handed to every operation.
    type Client: Send + Sync + 'static;

    /// Everything the provider offers. Called at every start, so it only lists; no schema is built yet.
    fn registry() -> Registry<Self::Client>;

    /// Where notes of creates under way are kept ([`current_intent`](crate::current_intent)); nowhere unless it says so.
    fn intents() -> Option<PathBuf> {
        None
    }

    /// Checks that go beyond one field. Values may be unknown; say nothing about those.
    fn validate(config: &Self) -> Diagnostics {
        let _ = config;
        Diagnostics::new()
    }

    /// A part of an identity that a state does not hold, such as the account; none if it is not known. The state is null
    /// when an object is imported.
    fn identity_part(client: &Self::Client, name: &str, state: &Value) -> impl Future<Output = Option<String>> + Send {
        let _ = (client, name, state);
        async { None }
    }

    /// The import id of an identity, made of the one that the resource's form gave and what all resources have in common.
    fn import_id(
        client: &Self::Client,
        id: String,
        identity: &Value,
    ) -> impl Future<Output = Result<String, Diagnostics>> + Send {
        let _ = (client, identity);
        async { Ok(id) }
    }

    /// Prepares for operations. At plan a value may be unknown because a resource provides it: do not fail then, make a
    /// client whose first use does.
    fn configure(config: Self, host: &Host) -> impl Future<Output = Result<Self::Client, Diagnostics>> + Send;
}

/// The program that runs the provider.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its version, as it calls itself.
    pub terraform_version: String,
    warnings: Arc<Mutex<Diagnostics>>,
}

impl Host {
    pub(crate) fn new(terraform_version: String) -> Self {
        Self { terraform_version, warnings: Arc::default() }
    }

    /// Tells the user something without failing the configuration.
    pub fn warn(&self, warning: Diagnostic) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(warning);
    }

    pub(crate) fn take_warnings(&self) -> Diagnostics {
        std::mem::take(&mut self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Derives every schema of `P`, the provider block's included: the first test of a provider. A mistake in a schema that
/// slips through can crash Terraform.
pub fn check<P: Provider>() -> Result<(), SchemaError> {
    schemas_ahead::<P>().map(drop)
}
