//! GetFunctions: every function's signature. Hosts that know them from GetProviderSchema do not ask.

use std::collections::BTreeMap;

use tfplugin::tfplugin6::Function;
use tfplugin::tfplugin6::get_functions::{Request, Response};

use super::{Service, schema, wire};
use crate::provider::Provider;
use crate::registry::Registry;
use crate::schema::SchemaError;

pub(super) async fn answer<P: Provider>(service: &Service<P>, _: Request) -> Response {
    match messages(&service.registry) {
        Ok(functions) => Response { functions, diagnostics: Vec::new() },
        Err(error) => Response { diagnostics: wire::diagnostics(wire::invalid_schema(&error)), ..Response::default() },
    }
}

/// The signatures by name.
pub(super) fn messages<C>(registry: &Registry<C>) -> Result<BTreeMap<String, Function>, SchemaError> {
    let message = |(&name, function): (&&str, &std::sync::Arc<dyn crate::function::AnyFunction>)| {
        let signature = function.signature().map_err(|e| e.within(name))?;
        Ok((name.to_owned(), schema::function(signature)))
    };
    registry.functions.iter().map(message).collect()
}
