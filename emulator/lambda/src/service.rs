//! The service as one value: what it is made of and how it is set up.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use env::Env;
use state_store::Store;

use crate::sandbox::RuntimeHost;

/// How the service is set up.
pub struct Config {
    /// Where code and logs live. Made if it is not there.
    pub data_dir: PathBuf,
    /// Where the functions' own AWS clients reach the emulator, without a slash at the end.
    pub endpoint_url: String,
    /// How long a function stays `Pending`, and an update `InProgress`.
    pub lifecycle_delay: Duration,
    /// Opens the Runtime API's listeners.
    pub runtime_host: Arc<dyn RuntimeHost>,
}

/// Functions and event source mappings of all accounts and regions. Cheap to clone.
#[derive(Clone)]
pub struct Lambda(Arc<Parts>);

struct Parts {
    env: Env,
    store: Store,
    config: Config,
}

impl Lambda {
    /// Opens what `store` and the data directory hold.
    pub fn new(env: Env, store: Store, config: Config) -> Self {
        Self(Arc::new(Parts { env, store, config }))
    }
}
