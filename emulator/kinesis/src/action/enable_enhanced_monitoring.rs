//! EnableEnhancedMonitoring: switches shard-level metrics on.

use aws_wire::{Action, Call, Structure};

use crate::error::Result;
use crate::service::Kinesis;

use super::enhanced_monitoring::{INPUT_MEMBERS, Input, Output};

pub(super) struct EnableEnhancedMonitoring;

impl Action<Kinesis> for EnableEnhancedMonitoring {
    const NAME: &'static str = "EnableEnhancedMonitoring";
    const INPUT: Structure = Structure::new("EnableEnhancedMonitoringInput", INPUT_MEMBERS);
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Output> {
        input
            .apply(service, call, Self::NAME, |metrics, metric| {
                metrics.insert(metric);
            })
            .await
    }
}
