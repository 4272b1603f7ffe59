//! A function as the service has it: looking at it, waiting for it, and the calls that take one argument.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::types::{FunctionConfiguration, PackageType, VpcConfig};
use tf_framework::{Context, Diagnostic, Diagnostics};

use super::{LambdaFunction, TIMEOUT};
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing as _};
use crate::region;
use crate::wait::{Seen, Wait, because, retry_while};

/// A function by name, in its region.
pub(super) struct RemoteFunction {
    client: Client,
    name: String,
}

/// Everything a refresh asks for.
pub(super) struct Found {
    pub(super) function: GetFunctionOutput,
    pub(super) configuration: FunctionConfiguration,
    pub(super) latest: Option<FunctionConfiguration>,
    pub(super) code_signing_config_arn: Option<String>,
}

impl RemoteFunction {
    pub(super) fn of(cx: &Context<Aws>, function: &LambdaFunction) -> Result<Self, Diagnostics> {
        let client = cx.client().lambda(&region::of_state(cx.client(), &function.region))?;
        let name = function.id.as_str().unwrap_or_else(|| function.function_name.text());
        Ok(Self { client, name: name.to_owned() })
    }

    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The function with its latest version; `None` when it is gone.
    pub(super) async fn read(&self) -> Result<Option<Found>, Diagnostics> {
        let name = &self.name;
        let doing = format!("reading Lambda Function ({name})");
        let Some(mut function) = self.get().await.while_doing(&doing)? else { return Ok(None) };
        let Some(configuration) = function.configuration.take().filter(|_| function.code.is_some()) else {
            let detail = "The service left out the code or the configuration of the function.";
            return Err(Diagnostics::error(format!("{doing}: empty result"), detail));
        };
        let mut versions = self.client.list_versions_by_function().function_name(name).into_paginator().items().send();
        let mut latest = None;
        while let Some(version) = versions.next().await {
            latest = Some(version.while_doing(&format!("reading Lambda Function ({name}) versions"))?);
        }
        let is_zip = configuration.package_type.as_ref().is_none_or(|kind| *kind == PackageType::Zip);
        let mut code_signing_config_arn = None;
        // Images cannot be signed, and other partitions do not know the call.
        if is_zip && configuration.function_arn.as_deref().is_some_and(|arn| arn.starts_with("arn:aws:")) {
            let answer = self.client.get_function_code_signing_config().function_name(name).send().await;
            let answer = answer.while_doing(&format!("reading Lambda Function ({name}) code signing config"))?;
            code_signing_config_arn = Some(answer.code_signing_config_arn).filter(|arn| !arn.is_empty());
        }
        Ok(Some(Found { function, configuration, latest, code_signing_config_arn }))
    }

    async fn get(&self) -> Result<Option<GetFunctionOutput>, ApiError> {
        match self.client.get_function().function_name(&self.name).send().await.map_err(ApiError::from) {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.is("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Waits until a new function can be invoked.
    pub(super) async fn until_active(&self, cx: &Context<Aws>, timeout: Duration) -> Result<(), Diagnostics> {
        let doing = format!("waiting for Lambda Function ({}) create", self.name);
        let wait = Wait { doing: &doing, pending: &["Pending"], target: &["Active", "ActiveNonInvocable"], timeout };
        let look = || async {
            let found = self.get().await?.and_then(|found| found.configuration);
            let state = |configuration: FunctionConfiguration| configuration.state.map(|s| s.as_str().to_owned());
            Ok(found.map_or(Seen::Gone, |found| Seen::In(state(found).unwrap_or_default(), ())))
        };
        let Err(failed) = wait.until(cx, look).await else { return Ok(()) };
        let reason = self.get().await.ok().flatten().and_then(|found| found.configuration?.state_reason);
        Err(because(failed, reason))
    }

    /// Waits until the last change is in force.
    pub(super) async fn until_updated(&self, cx: &Context<Aws>, timeout: Duration) -> Result<(), Diagnostics> {
        self.until_successful(cx, &format!("waiting for Lambda Function ({}) update", self.name), None, timeout).await
    }

    async fn until_successful(
        &self,
        cx: &Context<Aws>,
        doing: &str,
        version: Option<&str>,
        timeout: Duration,
    ) -> Result<(), Diagnostics> {
        let wait = Wait { doing, pending: &["InProgress"], target: &["Successful"], timeout };
        let look = || async {
            let call = self.client.get_function_configuration().function_name(&self.name);
            match call.set_qualifier(version.map(str::to_owned)).send().await.map_err(ApiError::from) {
                Ok(found) => {
                    // A version that was just published has no status at first.
                    let status = found.last_update_status.map_or("InProgress".to_owned(), |s| s.as_str().to_owned());
                    Ok(Seen::In(status, ()))
                }
                Err(error) if error.is("ResourceNotFoundException") => Ok(Seen::Gone),
                Err(error) => Err(error),
            }
        };
        let Err(failed) = wait.until(cx, look).await else { return Ok(()) };
        let found = self.get().await.ok().flatten().and_then(|found| found.configuration);
        Err(because(failed, found.and_then(|found| found.last_update_status_reason)))
    }

    /// Keeps so many concurrent invocations for the function; a negative number keeps none.
    pub(super) async fn reserve_concurrency(&self, reserved: i64) -> Result<(), Diagnostics> {
        let doing = format!("setting Lambda Function ({}) concurrency", self.name);
        match i32::try_from(reserved) {
            Ok(reserved @ 0..) => {
                let call = self.client.put_function_concurrency().function_name(&self.name);
                let answer = call.reserved_concurrent_executions(reserved).send().await.map_err(ApiError::from);
                answer.map(drop).map_err(|error| error.diagnostic(&doing).at("reserved_concurrent_executions").into())
            }
            _ => self
                .client
                .delete_function_concurrency()
                .function_name(&self.name)
                .send()
                .await
                .map(drop)
                .while_doing(&doing),
        }
    }

    /// Makes a version of the function as it is, and waits until it can be used.
    pub(super) async fn publish(
        &self,
        cx: &Context<Aws>,
        publish_to: Option<&str>,
        timeout: Duration,
    ) -> Result<(), Diagnostics> {
        let call = self.client.publish_version().function_name(&self.name);
        let call = call.set_publish_to(publish_to.map(Into::into));
        let passes = |error: &ApiError| error.says("ResourceConflictException", &["in progress"]);
        let published = retry_while(cx, TIMEOUT, passes, || async { Ok(call.clone().send().await?) }).await;
        let published = published.while_doing(&format!("publishing Lambda Function ({}) version", self.name))?;
        let doing = format!("waiting for Lambda Function ({}) version publish", self.name);
        self.until_successful(cx, &doing, published.version.as_deref(), timeout).await
    }

    /// Demands signed code, or stops demanding it.
    pub(super) async fn set_code_signing(&self, arn: Option<&str>) -> Result<(), Diagnostics> {
        let doing = format!("setting Lambda Function ({}) code signing config", self.name);
        match arn {
            Some(arn) => {
                let call = self.client.put_function_code_signing_config().function_name(&self.name);
                call.code_signing_config_arn(arn).send().await.map(drop).while_doing(&doing)
            }
            None => {
                let call = self.client.delete_function_code_signing_config().function_name(&self.name);
                call.send().await.map(drop).while_doing(&doing)
            }
        }
    }

    /// Frees the function's own security groups before it goes.
    pub(super) async fn replace_security_groups(
        &self,
        cx: &Context<Aws>,
        state: &LambdaFunction,
    ) -> Result<(), Diagnostics> {
        let Some(vpc) = state.vpc_config.first() else { return Ok(()) };
        let Some(groups) = state.replacement_security_group_ids.known() else {
            cx.warn(
                Diagnostic::warning(
                    "Security groups were not replaced",
                    "Only replacement_security_group_ids says which groups to use; the network's default group is not \
                     looked up.",
                )
                .at("replacement_security_group_ids"),
            );
            return Ok(());
        };
        let own: VpcConfig = vpc.to_service();
        let config = VpcConfig::builder()
            .set_subnet_ids(own.subnet_ids)
            .set_security_group_ids(Some(groups.iter().cloned().collect()))
            .build();
        let call = self.client.update_function_configuration().function_name(&self.name).vpc_config(config);
        call.send().await.while_doing(&format!("replacing security groups of Lambda Function ({})", self.name))?;
        self.until_updated(cx, TIMEOUT).await
    }

    /// Deletes the function and waits until it is gone.
    pub(super) async fn delete(&self, cx: &Context<Aws>, timeout: Duration) -> Result<(), Diagnostics> {
        let doing = format!("deleting Lambda Function ({})", self.name);
        let passes =
            |error: &ApiError| error.says("InvalidParameterValueException", &["because it is a replicated function"]);
        let call = self.client.delete_function().function_name(&self.name);
        match retry_while(cx, timeout, passes, || async { Ok(call.clone().send().await?) }).await {
            Ok(_) => {}
            Err(error) if error.is("ResourceNotFoundException") => return Ok(()),
            Err(error) => return Err(error.diagnostic(&doing).into()),
        }
        let doing = format!("waiting for Lambda Function ({}) delete", self.name);
        let wait = Wait { doing: &doing, pending: &[""], target: &[], timeout };
        // Whatever state it is in on its way out.
        let look = || async { Ok(self.get().await?.map_or(Seen::Gone, |_| Seen::In(String::new(), ()))) };
        wait.until(cx, look).await.map(drop)
    }
}
