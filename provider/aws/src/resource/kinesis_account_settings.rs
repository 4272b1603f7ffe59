//! `aws_kinesis_account_settings`: what an account has settled with Kinesis in a region.
//!
//! The settings are always there, one set for each region: creating takes them over, destroying leaves them as they are.

use aws_sdk_kinesis::types::{MinimumThroughputBillingCommitmentInput, MinimumThroughputBillingCommitmentOutput};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{
    Applied, Attr, Blocks, Change, Context, Diagnostic, Diagnostics, Failure, Identity, Path, Plan, Resource,
};

use crate::arn::is_region;
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing};
use crate::{identity, region, rfc3339};

/// The settings of the account in a region.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KinesisAccountSettings {
    /// The region.
    #[schemars(extend("tf" = computed().deprecated("Use region instead.")))]
    id: Attr<String>,
    /// The region of the settings; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// Whether the account pays for a minimum of throughput. Left out, that stays as it is.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    minimum_throughput_billing_commitment: Blocks<Commitment>,
}

/// Whether the account pays for a minimum of throughput.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Commitment {
    /// When it can end at the earliest.
    #[schemars(extend("tf" = computed()))]
    earliest_allowed_end_at: Attr<String>,
    /// When it ended.
    #[schemars(extend("tf" = computed()))]
    ended_at: Attr<String>,
    /// When it began.
    #[schemars(extend("tf" = computed()))]
    started_at: Attr<String>,
    /// What is wanted: `ENABLED` or `DISABLED`.
    #[schemars(extend("tf" = required().one_of(&["ENABLED", "DISABLED"])))]
    status: Attr<String>,
    /// What is so. A commitment that was disabled too early is `ENABLED_UNTIL_EARLIEST_ALLOWED_END`.
    #[schemars(extend("tf" = computed()))]
    status_actual: Attr<String>,
}

impl Resource for KinesisAccountSettings {
    const TYPE: &'static str = "aws_kinesis_account_settings";
    const IDENTITY: Option<Identity> = Some(identity::regional(&[]));
    const IMPORT_ID: &'static str = "{region}";
    type Client = Aws;

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        region::plan(cx.client(), plan, |settings| &mut settings.region)?;
        if plan.is_create() {
            plan.planned.id = plan.planned.region.clone();
        }
        let status = |settings: &Self| settings.commitment().map(|commitment| commitment.status.clone());
        if plan.prior.as_ref().is_some_and(|prior| status(prior) != status(&plan.planned)) {
            plan.planned.minimum_throughput_billing_commitment.iter_mut().for_each(Commitment::unsettle);
        }
        Ok(())
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        planned.settle(cx, "creating").await
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        let region = region::of_state(cx.client(), &state.region);
        let doing = format!("reading Kinesis Account Settings ({})", region.text());
        let answer = cx.client().kinesis(&region)?.describe_account_settings().send().await.while_doing(&doing)?;
        // Who does not speak of a commitment is not told of one, as it would show as a change that no apply makes.
        let found = answer.minimum_throughput_billing_commitment;
        let found = found.filter(|_| !state.minimum_throughput_billing_commitment.is_empty());
        let commitment = found.as_ref().map(Commitment::of);
        Ok(Some(Self { id: region.clone(), region, minimum_throughput_billing_commitment: commitment.into() }))
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        change.planned.settle(cx, "updating").await
    }

    async fn delete(_: &Context<Aws>, _: Self) -> Result<(), Failure<Self>> {
        Ok(())
    }

    async fn import(_: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        if !is_region(id) {
            return Err(Diagnostics::error(
                format!("Import ID {id:?} is not a region"),
                "The settings of an account are imported by their region, like us-east-1.",
            ));
        }
        // A block for the read to fill in.
        let commitment = Blocks::one(Commitment::default());
        Ok(Self { id: id.into(), region: id.into(), minimum_throughput_billing_commitment: commitment })
    }
}

impl KinesisAccountSettings {
    fn commitment(&self) -> Option<&Commitment> {
        self.minimum_throughput_billing_commitment.first()
    }

    /// Makes the settings what is planned, and says what they are.
    async fn settle(self, cx: &Context<Aws>, doing: &str) -> Applied<Self> {
        let region = region::of_state(cx.client(), &self.region);
        let planned = Self { id: region.clone(), region, ..self };
        let Some(wanted) = planned.commitment() else { return Ok(planned) };
        let doing = format!("{doing} Kinesis Account Settings ({})", planned.region.text());
        let wanted = wanted.status.text().into();
        let commitment = MinimumThroughputBillingCommitmentInput::builder().status(wanted).build();
        let commitment = commitment.expect("the status is set");
        let call = cx.client().kinesis(&planned.region)?.update_account_settings();
        let answer = call.minimum_throughput_billing_commitment(commitment).send().await.map_err(ApiError::from);
        let at = || Path::from("minimum_throughput_billing_commitment");
        let answer = answer.map_err(|error| Diagnostics::from(error.diagnostic(&doing).at(at())))?;
        let Some(found) = answer.minimum_throughput_billing_commitment else {
            let detail = "The service did not say what the commitment is now. Apply again.";
            return Err(Diagnostic::error(format!("{doing}: empty result"), detail).at(at()).into());
        };
        Ok(Self { minimum_throughput_billing_commitment: Blocks::one(Commitment::of(&found)), ..planned })
    }
}

impl Commitment {
    /// Makes unknown what the service will say anew.
    fn unsettle(&mut self) {
        self.earliest_allowed_end_at = Attr::Unknown;
        self.ended_at = Attr::Unknown;
        self.started_at = Attr::Unknown;
        self.status_actual = Attr::Unknown;
    }

    fn of(found: &MinimumThroughputBillingCommitmentOutput) -> Self {
        let actual = found.status.as_str();
        let moment = |moment: &Option<_>| moment.as_ref().and_then(rfc3339::of).into();
        Self {
            earliest_allowed_end_at: moment(&found.earliest_allowed_end_at),
            ended_at: moment(&found.ended_at),
            started_at: moment(&found.started_at),
            status: if actual == "ENABLED" { actual } else { "DISABLED" }.into(),
            status_actual: actual.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;

    use super::*;

    #[test]
    fn what_ends_later_is_disabled_already() {
        let check = |actual: &str, status: &str| {
            let found = MinimumThroughputBillingCommitmentOutput::builder()
                .status(actual.into())
                .started_at(DateTime::from_secs(1_700_000_000))
                .build()
                .unwrap();
            let commitment = Commitment::of(&found);
            assert_eq!((commitment.status.text(), commitment.status_actual.text()), (status, actual));
            assert_eq!(commitment.started_at.text(), "2023-11-14T22:13:20Z");
            assert_eq!(commitment.ended_at, Attr::Null);
        };
        check("ENABLED", "ENABLED");
        check("DISABLED", "DISABLED");
        check("ENABLED_UNTIL_EARLIEST_ALLOWED_END", "DISABLED");
    }
}
