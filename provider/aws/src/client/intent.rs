//! Calls of a create carry the token of its intent, so that the emulator knows a create that is sent again.
//!
//! The token travels where AWS's libraries put their own id of a call: AWS itself looks at neither.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextMut, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use tf_framework::current_intent;

use super::retry;

const HEADER: &str = "amz-sdk-invocation-id";

/// Sets the token, and tells the intent when a request of it was not answered.
#[derive(Debug)]
pub(super) struct Tokens;

#[dyn_dispatch_hint]
impl Intercept for Tokens {
    fn name(&self) -> &'static str {
        "tokens of intents"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(intent) = current_intent() {
            context.request_mut().headers_mut().insert(HEADER, intent.token().to_owned());
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let failed = context.output_or_error().is_some_and(|result| result.is_err());
        if let Some(intent) = current_intent().filter(|_| failed && context.response().is_none()) {
            // Where nobody listens, nothing was asked for.
            let error = context.output_or_error().and_then(Result::err).and_then(|error| error.as_connector_error());
            if !error.is_some_and(retry::is_refused) {
                intent.went_unanswered();
            }
        }
        Ok(())
    }
}
