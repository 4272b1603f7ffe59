//! CallFunction: arguments in, a result out, or the argument that is to blame by its position.

use std::sync::Arc;

use tfplugin::tfplugin6::call_function::{Request, Response};
use tfplugin::tfplugin6::{DynamicValue, FunctionError as Message};

use super::Service;
use crate::function::{AnyFunction, FunctionError};
use crate::provider::Provider;
use crate::schema::Signature;
use crate::value::{self, Value};

pub(super) async fn answer<P: Provider>(service: &Service<P>, request: Request) -> Response {
    let Some(function) = service.registry.functions.get(request.name.as_str()) else {
        let text = format!("this provider has no function {:?}", request.name);
        return Response { result: None, error: Some(Message { text, function_argument: None }) };
    };
    let signature = match function.signature() {
        Ok(signature) => signature,
        Err(error) => {
            let text = format!("bug in the provider: {error}");
            return Response { result: None, error: Some(Message { text, function_argument: None }) };
        }
    };
    match call(service, function, signature, request.arguments).await {
        Ok(result) => Response { result: Some(result), error: None },
        Err(error) => Response { result: None, error: Some(message(signature, error)) },
    }
}

async fn call<P: Provider>(
    service: &Service<P>,
    function: &Arc<dyn AnyFunction>,
    signature: &Signature,
    arguments: Vec<DynamicValue>,
) -> Result<DynamicValue, FunctionError> {
    let (given, taken) = (arguments.len(), signature.parameters.len());
    if given != taken {
        return Err(FunctionError::new(format!("takes {taken} arguments, {given} were given")));
    }
    let read = |(argument, parameter): (DynamicValue, &crate::schema::Parameter)| {
        let argument = value::decode(&argument.msgpack, &parameter.ty)
            .map_err(|e| FunctionError::new(e.to_string()).at(parameter.name.clone()))?;
        match argument {
            Value::Null if !parameter.nullable => {
                Err(FunctionError::new("argument must not be null").at(parameter.name.clone()))
            }
            argument => Ok(argument),
        }
    };
    let arguments: Vec<Value> = arguments.into_iter().zip(&signature.parameters).map(read).collect::<Result<_, _>>()?;
    let function = Arc::clone(function);
    // In a task of its own, so that a panic is told and not a broken connection.
    let result = service.operations.run(async move { function.call(arguments) }).await.map_err(|crash| {
        FunctionError::new(crash.iter().map(|diagnostic| diagnostic.detail.as_str()).collect::<Vec<_>>().join(" "))
    })??;
    let bug = |error: &dyn std::fmt::Display| FunctionError::new(format!("bug in the provider: {error}"));
    let msgpack = value::encode(&result, &signature.returns).map_err(|e| bug(&e))?;
    Ok(DynamicValue { msgpack, json: Vec::new() })
}

fn message(signature: &Signature, error: FunctionError) -> Message {
    let to_blame = error.parameter.as_deref();
    let position = to_blame.and_then(|name| signature.parameters.iter().position(|p| p.name == name));
    Message { text: error.text, function_argument: position.and_then(|position| i64::try_from(position).ok()) }
}
