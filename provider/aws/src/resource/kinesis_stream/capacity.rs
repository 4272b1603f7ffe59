//! What may be planned: shards fit the capacity mode, and the account's limits leave room.
//!
//! Pure rules over a plan. A value that is not known yet breaks none of them; it is checked again when it is.

use aws_sdk_kinesis::operation::describe_limits::DescribeLimitsOutput;
use aws_sdk_kinesis::types::StreamMode;
use tf_framework::{Attr, Blocks, Diagnostic, Diagnostics};

use super::{KinesisStream, StreamModeDetails};

/// Who decides how many shards a stream has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// The user.
    Provisioned,
    /// The service.
    OnDemand,
}

impl Mode {
    /// The mode that a block says. No block means `PROVISIONED`; `None`, that it is not known.
    pub(super) fn of(details: &Blocks<StreamModeDetails>) -> Option<Self> {
        if details.is_unknown() {
            return None;
        }
        let Some(details) = details.first() else { return Some(Self::Provisioned) };
        match details.stream_mode.as_str()? {
            "ON_DEMAND" => Some(Self::OnDemand),
            _ => Some(Self::Provisioned),
        }
    }

    /// In the words of the service.
    pub(super) const fn to_sdk(self) -> StreamMode {
        match self {
            Self::Provisioned => StreamMode::Provisioned,
            Self::OnDemand => StreamMode::OnDemand,
        }
    }
}

/// The mode that the planned stream will have.
pub(super) fn planned_mode(config: &KinesisStream, planned: &KinesisStream) -> Option<Mode> {
    // A create without the block leaves the choice to the service, which is PROVISIONED.
    let left_out = planned.stream_mode_details.is_unknown() && !config.stream_mode_details.is_unknown();
    if left_out { Some(Mode::Provisioned) } else { Mode::of(&planned.stream_mode_details) }
}

/// Refuses a `shard_count` that does not go with the mode.
pub(super) fn check_mode(mode: Mode, shard_count: &Attr<i64>) -> Result<(), Diagnostics> {
    if shard_count.is_unknown() {
        return Ok(());
    }
    let (summary, detail) = match (mode, shard_count.unwrap_or_default()) {
        (Mode::OnDemand, 1..) => (
            "shard_count must not be set when stream_mode is ON_DEMAND",
            "Remove shard_count: the service scales an on-demand stream by itself. To go back to a fixed number of shards, \
             write stream_mode_details { stream_mode = \"PROVISIONED\" }; leaving the block out keeps the mode.",
        ),
        (Mode::Provisioned, ..1) => (
            "shard_count must be at least 1 when stream_mode is PROVISIONED",
            "Set shard_count, or write stream_mode_details { stream_mode = \"ON_DEMAND\" }.",
        ),
        (Mode::OnDemand, ..1) | (Mode::Provisioned, 1..) => return Ok(()),
    };
    Err(Diagnostic::error(summary, detail).at("shard_count").into())
}

/// What a plan would take from the account's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Growth {
    /// One more on-demand stream.
    OnDemandStream,
    /// So many more open shards; fewer when negative.
    Shards(i64),
}

/// What a plan takes from the limits; `None` when it leaves them as they are or cannot say.
pub(super) fn growth(mode: Mode, prior: Option<&KinesisStream>, planned: &KinesisStream) -> Option<Growth> {
    match mode {
        Mode::OnDemand => prior.is_none().then_some(Growth::OnDemandStream),
        Mode::Provisioned => {
            let old = prior.map_or(0, |prior| prior.shard_count.unwrap_or_default());
            let new = *planned.shard_count.known()?;
            (prior.is_none() || new != old).then_some(Growth::Shards(new.saturating_sub(old)))
        }
    }
}

impl Growth {
    /// Refuses to outgrow the account.
    pub(super) fn check(self, limits: &DescribeLimitsOutput) -> Result<(), Diagnostics> {
        let (what, attribute, count, limit) = match self {
            Self::OnDemandStream => (
                "on-demand stream",
                "stream_mode_details",
                i64::from(limits.on_demand_stream_count) + 1,
                i64::from(limits.on_demand_stream_count_limit),
            ),
            Self::Shards(more) => (
                "open shard",
                "shard_count",
                i64::from(limits.open_shard_count).saturating_add(more),
                i64::from(limits.shard_limit),
            ),
        };
        if count <= limit {
            return Ok(());
        }
        Err(Diagnostic::error(
            format!("{what} count ({count}) would exceed the Kinesis account limit ({limit})"),
            "Remove something else, or ask for a higher limit.",
        )
        .at(attribute)
        .into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(name: &str) -> Blocks<StreamModeDetails> {
        Blocks::one(StreamModeDetails { stream_mode: name.into() })
    }

    fn stream(stream_mode_details: Blocks<StreamModeDetails>, shard_count: impl Into<Attr<i64>>) -> KinesisStream {
        KinesisStream { stream_mode_details, shard_count: shard_count.into(), ..KinesisStream::default() }
    }

    fn summary(result: Result<(), Diagnostics>) -> Option<String> {
        result.err().and_then(|found| found.iter().map(|d| format!("{} @ {}", d.summary, d.path)).next())
    }

    #[test]
    fn a_create_without_the_block_is_provisioned_and_a_block_that_is_not_known_is_neither() {
        let left_out = stream(Blocks::none(), Attr::Null);
        let undecided = stream(Blocks::unknown(), Attr::Null);
        let unknown_name = stream(Blocks::one(StreamModeDetails { stream_mode: Attr::Unknown }), Attr::Null);
        assert_eq!(planned_mode(&left_out, &undecided), Some(Mode::Provisioned));
        assert_eq!(planned_mode(&undecided, &undecided), None);
        assert_eq!(planned_mode(&unknown_name, &unknown_name), None);
        // On an update the stored mode stays.
        assert_eq!(planned_mode(&left_out, &stream(mode("ON_DEMAND"), Attr::Null)), Some(Mode::OnDemand));
    }

    #[test]
    fn shards_are_counted_in_provisioned_mode_only() {
        for (mode, count, expected) in [
            (Mode::Provisioned, Attr::Known(1), None),
            (Mode::Provisioned, Attr::Unknown, None),
            (
                Mode::Provisioned,
                Attr::Null,
                Some("shard_count must be at least 1 when stream_mode is PROVISIONED @ shard_count"),
            ),
            (
                Mode::Provisioned,
                Attr::Known(0),
                Some("shard_count must be at least 1 when stream_mode is PROVISIONED @ shard_count"),
            ),
            (Mode::OnDemand, Attr::Null, None),
            (Mode::OnDemand, Attr::Known(0), None),
            (
                Mode::OnDemand,
                Attr::Known(2),
                Some("shard_count must not be set when stream_mode is ON_DEMAND @ shard_count"),
            ),
        ] {
            assert_eq!(summary(check_mode(mode, &count)).as_deref(), expected, "{mode:?} {count:?}");
        }
    }

    #[test]
    fn growth_is_what_a_plan_adds() {
        let two = stream(mode("PROVISIONED"), 2);
        let five = stream(mode("PROVISIONED"), 5);
        assert_eq!(growth(Mode::Provisioned, None, &five), Some(Growth::Shards(5)));
        assert_eq!(growth(Mode::Provisioned, Some(&two), &five), Some(Growth::Shards(3)));
        assert_eq!(growth(Mode::Provisioned, Some(&five), &two), Some(Growth::Shards(-3)));
        assert_eq!(growth(Mode::Provisioned, Some(&five), &five), None);
        assert_eq!(growth(Mode::Provisioned, None, &stream(Blocks::none(), Attr::Unknown)), None);
        assert_eq!(growth(Mode::OnDemand, None, &two), Some(Growth::OnDemandStream));
        assert_eq!(growth(Mode::OnDemand, Some(&two), &two), None);
    }

    #[test]
    fn the_account_has_room_or_not() {
        let limits = DescribeLimitsOutput::builder()
            .shard_limit(10)
            .open_shard_count(8)
            .on_demand_stream_count(50)
            .on_demand_stream_count_limit(50)
            .build()
            .unwrap();
        assert_eq!(summary(Growth::Shards(2).check(&limits)), None);
        assert_eq!(
            summary(Growth::Shards(3).check(&limits)).unwrap(),
            "open shard count (11) would exceed the Kinesis account limit (10) @ shard_count"
        );
        assert_eq!(
            summary(Growth::OnDemandStream.check(&limits)).unwrap(),
            "on-demand stream count (51) would exceed the Kinesis account limit (50) @ stream_mode_details"
        );
    }
}
