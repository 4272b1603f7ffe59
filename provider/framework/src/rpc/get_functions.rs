//! GetFunctions: every function's signature. Hosts that know them from GetProviderSchema do not ask.

use std::collections::HashMap;

use tfplugin::tfplugin6::Function;
use tfplugin::tfplugin6::get_functions::{Request, Response};

use super::{Service, schema, wire};
use crate::diagnostics::Diagnostics;
use crate::provider::Provider;

pub(super) async fn answer<P: Provider>(service: &Service<P>, _: Request) -> Response {
    match messages(service) {
        Ok(functions) => Response { functions, diagnostics: Vec::new() },
        Err(diagnostics) => Response { diagnostics: wire::diagnostics(diagnostics), ..Response::default() },
    }
}

/// The signatures by name.
pub(super) fn messages<P: Provider>(service: &Service<P>) -> Result<HashMap<String, Function>, Diagnostics> {
    let message = |(&name, function): (&&str, &std::sync::Arc<dyn crate::function::AnyFunction>)| {
        let signature = function.signature().map_err(|e| wire::invalid_schema(&e.within(name)))?;
        Ok((name.to_owned(), schema::function(signature)))
    };
    service.registry.functions.iter().map(message).collect()
}
