//! DisableEnhancedMonitoring: switches shard-level metrics off.

use aws_wire::{Action, Call, Structure};

use crate::error::Result;
use crate::service::Kinesis;

use super::enhanced_monitoring::{INPUT_MEMBERS, Input, Output};

pub(super) struct DisableEnhancedMonitoring;

impl Action<Kinesis> for DisableEnhancedMonitoring {
    const NAME: &'static str = "DisableEnhancedMonitoring";
    const INPUT: Structure = Structure::new("DisableEnhancedMonitoringInput", INPUT_MEMBERS);
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Output> {
        input
            .apply(service, call, Self::NAME, |metrics, metric| {
                metrics.remove(&metric);
            })
            .await
    }
}
