//! `aws_lambda_permission`: one statement in the policy of a function, a version or an alias.
//!
//! A statement cannot be changed, so every argument replaces it. The service keeps it as a policy document; `statement`
//! reads that back.

mod statement;

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::add_permission::builders::AddPermissionFluentBuilder;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{
    Applied, Attr, Change, Check, Comparison, Context, Diagnostic, Diagnostics, Failure, Identity, Plan, Resource,
    Timeouts,
};

use self::statement::Statement;
use super::lambda::{FUNCTION_PATTERN, Named};
use super::name::{name_or_unique, plan_name};
use crate::arn::must_be_arn_or_empty;
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing};
use crate::wait::{PERMISSION_WINDOW, Seen, Wait, retry_while};
use crate::{identity, region};

const TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// The rule for `principal`: an account is kept as the ARN of its root.
const SAME_PRINCIPAL: &str = "principal";

const ACTION_PATTERN: &str = r"^(lambda:[*]|lambda:[A-Za-z]+|[*])$";
/// The longest name of a function by itself.
const LONGEST_NAME: usize = 64;

/// Who else may use a function.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LambdaPermission {
    /// What is allowed, such as `lambda:InvokeFunction`.
    #[schemars(extend("tf" = required().force_new().check(Check::pattern_or(
        ACTION_PATTERN, "must be a valid action (usually starts with lambda:)"
    ))))]
    action: Attr<String>,
    /// The token that an Alexa skill has to show.
    #[schemars(extend("tf" = optional().force_new().zero_is_unset().length(1..=256).check(Check::pattern_or(
        r"^[0-9A-Za-z_.-]+$", "must contain alphanumeric, periods, underscores or dashes only"
    ))))]
    event_source_token: Attr<String>,
    /// The function, by name or ARN.
    #[schemars(extend("tf" = required().force_new().length(1..=140).check(Check::pattern_or(
        FUNCTION_PATTERN, "must be valid function name or function ARN"
    ))))]
    function_name: Attr<String>,
    /// How a function URL must be called: `NONE` or `AWS_IAM`.
    #[schemars(extend("tf" = optional().force_new().zero_is_unset().one_of(&["NONE", "AWS_IAM"])))]
    function_url_auth_type: Attr<String>,
    /// The statement's id.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// Whether only calls by a function URL are allowed.
    #[schemars(extend("tf" = optional().force_new().zero_is_unset()))]
    invoked_via_function_url: Attr<bool>,
    /// Who is allowed: a service, an account, an ARN, or `*`.
    #[schemars(extend("tf" = required().force_new().same_when(SAME_PRINCIPAL)))]
    principal: Attr<String>,
    /// The organisation to which the caller must belong.
    #[schemars(extend("tf" = optional().force_new().zero_is_unset()))]
    principal_org_id: Attr<String>,
    /// The version or alias that the permission is for.
    #[schemars(extend("tf" = optional().force_new().zero_is_unset().length(1..=128).check(Check::pattern_or(
        r"^[0-9A-Za-z_$-]+$", "must contain alphanumeric, dollar signs, underscores or dashes only"
    ))))]
    qualifier: Attr<String>,
    /// The region of the function; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// The account that must own what calls.
    #[schemars(extend("tf" = optional().force_new().zero_is_unset().check(Check::pattern_or(
        r"^\d{12}$", "doesn't look like AWS Account ID (exactly 12 digits)"
    ))))]
    source_account: Attr<String>,
    /// The ARN of what calls.
    #[schemars(extend("tf" = optional().force_new().zero_is_unset().check(must_be_arn_or_empty())))]
    source_arn: Attr<String>,
    /// The statement's id; made up when not set.
    #[schemars(extend("tf" =
        optional_computed().force_new().conflicts_with(&["statement_id_prefix"]).length(1..=100).check(statement_id())
    ))]
    statement_id: Attr<String>,
    /// What a made-up id begins with.
    #[schemars(extend("tf" =
        optional_computed().force_new().conflicts_with(&["statement_id"]).length(1..=100).check(statement_id())
    ))]
    statement_id_prefix: Attr<String>,
    #[schemars(extend("tf" = timeouts(&["create", "read", "delete"])))]
    timeouts: Timeouts,
}

fn statement_id() -> Check {
    Check::pattern_or(r"^[0-9A-Za-z_-]+$", "must contain alphanumeric, underscores or dashes only")
}

impl Resource for LambdaPermission {
    const TYPE: &'static str = "aws_lambda_permission";
    const IDENTITY: Option<Identity> = Some(identity::STATEMENT);
    const IMPORT_ID: &'static str = "{function_name}[:{qualifier}]/{statement_id}";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        let mut complaints = super::refuse_configured_id(&config.id);
        let name = config.function_name.as_str().and_then(Named::name_in).unwrap_or_default();
        let length = name.chars().count();
        if length > LONGEST_NAME {
            let summary = format!(
                "expected length of the Lambda function name to be less than or equal to {LONGEST_NAME}, got {name} \
                 ({length} characters)"
            );
            complaints.push(Diagnostic::error(summary, "Name an existing function.").at("function_name"));
        }
        complaints
    }

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        region::plan(cx.client(), plan, |permission| &mut permission.region)?;
        plan_name(plan, |permission| (&mut permission.statement_id, &mut permission.statement_id_prefix));
        if plan.is_create() && plan.config.statement_id.is_known() {
            plan.planned.id = plan.config.statement_id.clone();
        }
        Ok(())
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let lambda = cx.client().lambda(&planned.region)?;
        let sid = name_or_unique(&planned.statement_id, &planned.statement_id_prefix);
        let call = planned.request(lambda.add_permission()).statement_id(&sid);
        // A function of the same apply may be missing yet, or be changing. A statement that is taken stays taken.
        let passes = |error: &ApiError| {
            error.is("ResourceNotFoundException")
                || (error.is("ResourceConflictException") && !error.message().contains("already exists"))
        };
        let added = retry_while(cx, planned.timeouts.create(PERMISSION_WINDOW), passes, || async {
            Ok(call.clone().send().await?)
        });
        let doing = format!("adding Lambda Permission ({}/{sid})", planned.function_name.text());
        added.await.map_err(|error| refused(&error, &doing))?;
        let known = Self { id: sid.as_str().into(), statement_id: sid.into(), ..planned };
        cx.save(&known);
        known.settled(cx, &lambda).await
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        let region = region::of_state(cx.client(), &state.region);
        let found = state.find(&cx.client().lambda(&region)?).await;
        let found = found.while_doing(&format!("reading Lambda Permission ({})", state.shown_id()))?;
        Ok(found.map(|found| state.observed(&found, region)))
    }

    async fn update(_: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        // Everything but the timeouts replaces.
        Ok(change.planned)
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        let lambda = cx.client().lambda(&state.region)?;
        let call = lambda.remove_permission().function_name(state.function_name.text()).statement_id(state.id.text());
        match call.set_qualifier(set(&state.qualifier)).send().await.map_err(ApiError::from) {
            Ok(_) => {}
            Err(error) if error.is("ResourceNotFoundException") => return Ok(()),
            Err(error) => {
                return Err(error.diagnostic(&format!("removing Lambda Permission ({})", state.shown_id())).into());
            }
        }
        let doing = format!("waiting for Lambda Permission ({}) delete", state.shown_id());
        let timeout = state.timeouts.delete(TIMEOUT);
        let wait = Wait { doing: &doing, pending: &[""], target: &[], timeout };
        let look = || async { Ok(state.find(&lambda).await?.map_or(Seen::Gone, |_| Seen::In(String::new(), ()))) };
        wait.until(cx, look).await?;
        Ok(())
    }

    async fn import(cx: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        let (text, region) = region::of_import_id(cx.client(), id);
        let parts = match text.split('/').collect::<Vec<_>>().as_slice() {
            [function, sid] if !sid.is_empty() => Named::parse(function).map(|named| (*function, named, *sid)),
            _ => None,
        };
        let Some((function, Named { name, qualifier }, sid)) = parts else {
            let forms = "FUNCTION_NAME/STATEMENT_ID or FUNCTION_NAME:QUALIFIER/STATEMENT_ID";
            let summary = format!("Unexpected format of ID ({text:?}), expected {forms}");
            return Err(Diagnostics::error(summary, format!("Write the ID as {forms}.")));
        };
        // An ARN stays one, as a configuration may have it.
        let function = match qualifier {
            _ if !function.starts_with("arn:") => name,
            Some(qualifier) => function.strip_suffix(qualifier).map_or(function, |start| start.trim_end_matches(':')),
            None => function,
        };
        Ok(Self {
            id: sid.into(),
            function_name: function.into(),
            qualifier: qualifier.map(str::to_owned).into(),
            region,
            statement_id: sid.into(),
            ..Self::default()
        })
    }

    fn same(comparison: &Comparison<'_>) -> bool {
        let texts = (comparison.prior.as_str(), comparison.config.as_str());
        let (SAME_PRINCIPAL, (Some(stored), Some(configured))) = (comparison.rule, texts) else { return false };
        statement::is_same_principal(stored, configured)
    }
}

impl LambdaPermission {
    /// What messages call the permission.
    fn shown_id(&self) -> String {
        format!("{}/{}", self.function_name.text(), self.id.text())
    }

    fn request(&self, call: AddPermissionFluentBuilder) -> AddPermissionFluentBuilder {
        let call = call.function_name(self.function_name.text());
        call.action(self.action.text())
            .principal(self.principal.text())
            .set_event_source_token(set(&self.event_source_token))
            .set_function_url_auth_type(set(&self.function_url_auth_type).map(|kind| kind.as_str().into()))
            .set_invoked_via_function_url(self.invoked_via_function_url.known().copied().filter(|&only| only))
            .set_principal_org_id(set(&self.principal_org_id))
            .set_qualifier(set(&self.qualifier))
            .set_source_account(set(&self.source_account))
            .set_source_arn(set(&self.source_arn))
    }

    /// The statement in the policy of its function; `None` when either is gone.
    async fn find(&self, lambda: &Client) -> Result<Option<Statement>, ApiError> {
        let call = lambda.get_policy().function_name(self.function_name.text()).set_qualifier(set(&self.qualifier));
        match call.send().await.map_err(ApiError::from) {
            Ok(found) => Ok(Statement::find(found.policy.as_deref().unwrap_or_default(), self.id.text())),
            Err(error) if error.is("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The state after the statement was added: what the service shows once it shows it.
    async fn settled(self, cx: &Context<Aws>, lambda: &Client) -> Applied<Self> {
        let doing = format!("reading Lambda Permission ({})", self.shown_id());
        let timeout = self.timeouts.read(TIMEOUT);
        let wait = Wait { doing: &doing, pending: &[], target: &["found"], timeout };
        let look =
            || async { Ok(self.find(lambda).await?.map_or(Seen::Gone, |found| Seen::In("found".to_owned(), found))) };
        let found = wait.until(cx, look).await?;
        let region = region::of_state(cx.client(), &self.region);
        Ok(match found {
            Some(found) => self.observed(&found, region),
            None => self,
        })
    }
}

/// A text that is set and not empty: the service takes an empty one for a wrong one.
fn set(attr: &Attr<String>) -> Option<String> {
    attr.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The diagnostic for a refused permission, at the attribute the service complains about.
fn refused(error: &ApiError, doing: &str) -> Diagnostics {
    const MEMBERS: &[(&str, &str)] = &[
        ("functionName", "function_name"),
        ("statementId", "statement_id"),
        ("action", "action"),
        ("principal", "principal"),
        ("principalOrgID", "principal_org_id"),
        ("sourceArn", "source_arn"),
        ("sourceAccount", "source_account"),
        ("eventSourceToken", "event_source_token"),
        ("qualifier", "qualifier"),
    ];
    let diagnostic = error.diagnostic_at(doing, MEMBERS);
    match error.code() {
        "ResourceConflictException" => diagnostic.at("statement_id"),
        "ResourceNotFoundException" => diagnostic.at("function_name"),
        _ if error.says("InvalidParameterValueException", &["principal"]) => diagnostic.at("principal"),
        _ if error.says("InvalidParameterValueException", &["FunctionUrlAuthType"]) => {
            diagnostic.at("function_url_auth_type")
        }
        _ if error.says("InvalidParameterValueException", &["$LATEST"]) => diagnostic.at("qualifier"),
        _ => diagnostic,
    }
    .into()
}
