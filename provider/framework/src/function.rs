//! The `Function` trait: a provider function, from its arguments to its result.
//!
//! The struct is the signature; its fields are the parameters, in their order. A function sees no client: Terraform calls it
//! in a process that was never configured. Null arguments without an `Option` and unknown ones never get here: the host
//! refuses the first and takes the result for unknown with the second.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::schema::{SchemaError, Signature};
use crate::value::{Value, conform, from_value, to_value};

/// A function: its struct holds the arguments.
pub trait Function: DeserializeOwned + JsonSchema + Send + 'static {
    /// The name, as it follows `provider::NAME::`.
    const NAME: &'static str;
    /// What it returns.
    type Output: Serialize + JsonSchema;

    /// From the arguments to the result. The same arguments always give the same result.
    fn call(self) -> Result<Self::Output, FunctionError>;
}

/// Why a function has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// What is wrong.
    pub text: String,
    /// The parameter whose argument is to blame, by name; none when it is no single one.
    pub parameter: Option<Cow<'static, str>>,
}

impl FunctionError {
    /// A failure of the call as a whole.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), parameter: None }
    }

    /// The same failure, blamed on one argument.
    #[must_use]
    pub fn at(mut self, parameter: impl Into<Cow<'static, str>>) -> Self {
        self.parameter = Some(parameter.into());
        self
    }
}

/// A function over values.
pub(crate) trait AnyFunction: Send + Sync {
    fn signature(&self) -> Result<&Signature, &SchemaError>;
    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError>;
}

/// A function's type and its signature, once that was asked for.
pub(crate) struct Callable<F> {
    signature: OnceLock<Result<Signature, SchemaError>>,
    function: PhantomData<fn() -> F>,
}

impl<F> Callable<F> {
    pub(crate) const fn new() -> Self {
        Self { signature: OnceLock::new(), function: PhantomData }
    }
}

impl<F: Function> AnyFunction for Callable<F> {
    fn signature(&self) -> Result<&Signature, &SchemaError> {
        self.signature.get_or_init(Signature::derive::<F, F::Output>).as_ref()
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let bug = |error: &dyn std::fmt::Display| FunctionError::new(format!("bug in the provider: {error}"));
        let signature = self.signature().map_err(|e| bug(e))?;
        // A struct reads from a sequence, field by field.
        let function: F = from_value(&Value::List(arguments)).map_err(|e| FunctionError::new(e.to_string()))?;
        let result = to_value(&function.call()?).map_err(|e| bug(&e))?;
        conform(result, &signature.returns).map_err(|e| bug(&e))
    }
}
