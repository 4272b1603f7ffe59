//! Where pollers and workers do their work: what they all share.

use std::sync::Arc;

use env::Env;

use crate::destination::Destinations;
use crate::invoke::Invoke;
use crate::keys::Keys;
use crate::mapping::catalog::Catalog;
use crate::mapping::definition::Mapping;
use crate::mapping::error::Error;
use crate::mapping::report;
use crate::mapping::source::RecordSource;
use crate::name::FunctionArn;

/// The functions that mappings feed.
pub(crate) trait Functions: Invoke {
    /// The execution role of `function`; `None` if there is no such function.
    fn role(&self, function: &FunctionArn) -> Option<String>;
}

/// Clock, catalog, source, functions, destinations and keys.
pub(super) struct Site {
    pub(super) env: Env,
    pub(super) catalog: Arc<Catalog>,
    pub(super) source: Arc<dyn RecordSource>,
    pub(super) functions: Arc<dyn Functions>,
    pub(super) destinations: Arc<dyn Destinations>,
    pub(super) keys: Arc<dyn Keys>,
}

impl Site {
    /// Writes to the catalog without holding up other tasks while the disk syncs. A failure is logged; false then.
    pub(super) async fn durably<F>(&self, write: F) -> bool
    where
        F: FnOnce(&Catalog) -> Result<(), Error> + Send + 'static,
    {
        let catalog = Arc::clone(&self.catalog);
        match tokio::task::spawn_blocking(move || write(&catalog)).await {
            Ok(Ok(())) => true,
            // Removed in the meantime; there is nothing left to write about.
            Ok(Err(Error::NotFound)) => false,
            Ok(Err(error)) => {
                tracing::error!(%error, "a mapping's state could not be stored");
                false
            }
            Err(error) => {
                tracing::error!(%error, "a mapping's state was not stored");
                false
            }
        }
    }

    /// Lets the mapping's owner know how the last batch went, if it went otherwise than the one before.
    pub(super) async fn report(&self, mapping: &Arc<Mapping>, result: String) {
        if !report::is_repetition(&mapping.last_processing_result, &result) {
            let mapping = Arc::clone(mapping);
            self.durably(move |catalog| catalog.report(&mapping, result)).await;
        }
    }
}
