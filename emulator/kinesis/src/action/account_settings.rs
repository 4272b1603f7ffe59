//! What asking for the account's settings and changing them answer alike.

use aws_wire::EpochSeconds;
use env::Timestamp;
use serde::Serialize;

use crate::account::{Commitment, CommitmentStatus};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    minimum_throughput_billing_commitment: CommitmentOutput,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CommitmentOutput {
    status: CommitmentStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<EpochSeconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<EpochSeconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    earliest_allowed_end_at: Option<EpochSeconds>,
}

impl Output {
    pub(super) fn of(commitment: Option<Commitment>, now: Timestamp) -> Self {
        let status = commitment.map_or(CommitmentStatus::Disabled, |commitment| commitment.status(now));
        let is_over = status == CommitmentStatus::Disabled;
        let commitment_output = CommitmentOutput {
            status,
            started_at: commitment.map(|commitment| EpochSeconds(commitment.started)),
            ended_at: commitment.and_then(|commitment| commitment.ends).filter(|_| is_over).map(EpochSeconds),
            earliest_allowed_end_at: commitment
                .filter(|_| !is_over)
                .map(|commitment| EpochSeconds(commitment.earliest_end())),
        };
        Self { minimum_throughput_billing_commitment: commitment_output }
    }
}
