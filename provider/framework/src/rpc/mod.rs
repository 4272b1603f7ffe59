//! The provider service: one file per RPC, each a function from request to response.
//!
//! Invariant: what goes wrong is a diagnostic in the response, never a gRPC status: Terraform forgets an object whose
//! apply ends with a status.

mod apply_resource_change;
mod call_function;
mod configure_provider;
mod get_functions;
mod get_metadata;
mod get_provider_schema;
mod get_resource_identity_schemas;
mod identity;
mod import_resource_state;
mod move_resource_state;
mod plan_resource_change;
mod read_data_source;
mod read_resource;
mod schema;
mod stop_provider;
mod upgrade_resource_identity;
mod upgrade_resource_state;
mod validate_data_resource_config;
mod validate_provider_config;
mod validate_resource_config;
mod wire;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tfplugin::tfplugin6 as proto;
use tonic::{Request, Response, Status, async_trait};

pub use self::get_provider_schema::schemas_ahead;
use crate::context::Context;
use crate::diagnostics::Diagnostics;
use crate::intent::Intents;
use crate::operations::Operations;
use crate::provider::Provider;
use crate::registry::{AnyDataSource, AnyResource, Entry, Registry};
use crate::schema::Schema;
use crate::stop::Stop;

/// A connection of a host.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct ConnectionId(pub(crate) u64);

/// The provider as the host sees it.
///
/// A host that started us has one connection. One that was told of us (TF_REATTACH_PROVIDERS) makes one for every provider
/// block and every command, and each has a configuration of its own.
pub(crate) struct Service<P: Provider> {
    registry: Arc<Registry<P::Client>>,
    provider: Arc<Entry<P>>,
    configured: Arc<Mutex<Configured<P::Client>>>,
    connections: Arc<Mutex<Connections<P::Client>>>,
    operations: Operations,
    intents: Arc<Intents>,
}

/// What the newest ConfigureProvider of a connection left: nothing of an older one is kept.
struct Configured<C> {
    client: Option<Arc<C>>,
    stop: Stop,
}

type Connections<C> = HashMap<ConnectionId, Arc<Mutex<Configured<C>>>>;

impl<C> Default for Configured<C> {
    fn default() -> Self {
        Self { client: None, stop: Stop::new() }
    }
}

impl<P: Provider> Service<P> {
    pub(crate) fn new(operations: Operations, intents: Arc<Intents>) -> Self {
        Self {
            registry: Arc::new(P::registry()),
            provider: Arc::new(Entry::new(0)),
            configured: Arc::default(),
            connections: Arc::default(),
            operations,
            intents,
        }
    }

    /// Does what the first call would begin with, while the host still connects.
    pub(crate) fn prepare(&self) {
        // What is wrong with it is said to whoever asks.
        drop(self.provider_schema());
    }

    /// The service as the connection of a request sees it.
    fn of<T>(&self, request: &Request<T>) -> Self {
        let configured = match request.extensions().get::<ConnectionId>() {
            None => Arc::clone(&self.configured),
            Some(connection) => {
                let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
                Arc::clone(connections.entry(*connection).or_default())
            }
        };
        Self {
            registry: Arc::clone(&self.registry),
            provider: Arc::clone(&self.provider),
            configured,
            connections: Arc::clone(&self.connections),
            operations: self.operations.clone(),
            intents: Arc::clone(&self.intents),
        }
    }

    fn resource(&self, name: &str) -> Result<&Arc<dyn AnyResource<P::Client>>, Diagnostics> {
        self.registry.resources.get(name).ok_or_else(|| unknown_type("resource", name))
    }

    fn data_source(&self, name: &str) -> Result<&Arc<dyn AnyDataSource<P::Client>>, Diagnostics> {
        self.registry.data_sources.get(name).ok_or_else(|| unknown_type("data source", name))
    }

    fn provider_schema(&self) -> Result<&Schema, Diagnostics> {
        self.provider.schema().map_err(wire::invalid_schema)
    }

    /// The surroundings of an operation that needs a configured provider.
    fn context(&self, private: Vec<u8>) -> Result<Arc<Context<P::Client>>, Diagnostics> {
        let configured = self.configured.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(client) = &configured.client else {
            return Err(Diagnostics::error(
                "Provider is not configured",
                "The operation needs the provider's configuration, which failed or has not happened yet.",
            ));
        };
        Ok(Arc::new(Context::new(Arc::clone(client), configured.stop.clone(), private)))
    }

    /// What the provider was configured to, if it was.
    fn client(&self) -> Option<Arc<P::Client>> {
        self.configured.lock().unwrap_or_else(PoisonError::into_inner).client.clone()
    }

    fn configure(&self, client: P::Client) {
        let mut configured = self.configured.lock().unwrap_or_else(PoisonError::into_inner);
        *configured = Configured { client: Some(Arc::new(client)), stop: Stop::new() };
    }

    fn stop(&self) {
        self.configured.lock().unwrap_or_else(PoisonError::into_inner).stop.request();
    }
}

fn unknown_type(kind: &str, name: &str) -> Diagnostics {
    Diagnostics::error(format!("Unknown {kind} type"), format!("This provider has no {kind} {name:?}."))
}

const CAPABILITIES: proto::ServerCapabilities =
    proto::ServerCapabilities { plan_destroy: true, get_provider_schema_optional: true, move_resource_state: true };

macro_rules! rpcs {
    ($($name:ident),+ $(,)?) => {
        #[async_trait]
        impl<P: Provider> proto::provider_server::Provider for Service<P> {
            $(
                async fn $name(
                    &self,
                    request: Request<proto::$name::Request>,
                ) -> Result<Response<proto::$name::Response>, Status> {
                    let service = self.of(&request);
                    Ok(Response::new($name::answer(&service, request.into_inner()).await))
                }
            )+
        }
    };
}

rpcs! {
    get_metadata,
    get_provider_schema,
    get_functions,
    get_resource_identity_schemas,
    validate_provider_config,
    validate_resource_config,
    validate_data_resource_config,
    upgrade_resource_state,
    upgrade_resource_identity,
    move_resource_state,
    configure_provider,
    read_resource,
    plan_resource_change,
    apply_resource_change,
    import_resource_state,
    read_data_source,
    call_function,
    stop_provider,
}

#[cfg(test)]
mod tests;
