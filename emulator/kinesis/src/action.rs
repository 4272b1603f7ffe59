//! The API actions, one file each, and their registry.
//!
//! What two actions share lives in the module of its noun, or beside them here if only actions need it. Invariant: an
//! action that is not in the registry is answered as one that AWS does not know.

mod account_settings;
mod consumer_target;
mod description;
mod enhanced_monitoring;
mod not_emulated;
mod resource;
mod retention_period;
#[cfg(test)]
mod short_ways;
mod starting_position;

mod add_tags_to_stream;
mod create_stream;
mod decrease_stream_retention_period;
mod delete_resource_policy;
mod delete_stream;
mod deregister_stream_consumer;
mod describe_account_settings;
mod describe_limits;
mod describe_stream;
mod describe_stream_consumer;
mod describe_stream_summary;
mod disable_enhanced_monitoring;
mod enable_enhanced_monitoring;
mod get_records;
mod get_resource_policy;
mod get_shard_iterator;
mod increase_stream_retention_period;
mod list_shards;
mod list_stream_consumers;
mod list_streams;
mod list_tags_for_resource;
mod list_tags_for_stream;
mod merge_shards;
mod put_record;
mod put_records;
mod put_resource_policy;
mod register_stream_consumer;
mod remove_tags_from_stream;
mod split_shard;
mod start_stream_encryption;
mod stop_stream_encryption;
mod subscribe_to_shard;
mod tag_resource;
mod untag_resource;
mod update_account_settings;
mod update_max_record_size;
mod update_shard_count;
mod update_stream_mode;
mod update_stream_record_distribution_strategy;
mod update_stream_warm_throughput;

use std::sync::Arc;

use aws_wire::{Actions, Call, World};
use env::Timestamp;

use crate::error::{Error, Result};
use crate::reshard::Reshard;
use crate::service::{Kinesis, stream_name};
use crate::shard::{Shard, ShardHandle, ShardIndex};
use crate::stream::{Mode, Phase, Stream, StreamState};

/// The registry: every action once.
pub(crate) fn all() -> Actions<Kinesis> {
    Actions::new()
        .action::<add_tags_to_stream::AddTagsToStream>()
        .action::<create_stream::CreateStream>()
        .action::<decrease_stream_retention_period::DecreaseStreamRetentionPeriod>()
        .action::<delete_resource_policy::DeleteResourcePolicy>()
        .action::<delete_stream::DeleteStream>()
        .action::<deregister_stream_consumer::DeregisterStreamConsumer>()
        .action::<describe_account_settings::DescribeAccountSettings>()
        .action::<describe_limits::DescribeLimits>()
        .action::<describe_stream::DescribeStream>()
        .action::<describe_stream_consumer::DescribeStreamConsumer>()
        .action::<describe_stream_summary::DescribeStreamSummary>()
        .action::<disable_enhanced_monitoring::DisableEnhancedMonitoring>()
        .action::<enable_enhanced_monitoring::EnableEnhancedMonitoring>()
        .action::<get_records::GetRecords>()
        .action::<get_resource_policy::GetResourcePolicy>()
        .action::<get_shard_iterator::GetShardIterator>()
        .action::<increase_stream_retention_period::IncreaseStreamRetentionPeriod>()
        .action::<list_shards::ListShards>()
        .action::<list_stream_consumers::ListStreamConsumers>()
        .action::<list_streams::ListStreams>()
        .action::<list_tags_for_resource::ListTagsForResource>()
        .action::<list_tags_for_stream::ListTagsForStream>()
        .action::<merge_shards::MergeShards>()
        .action::<put_record::PutRecord>()
        .action::<put_records::PutRecords>()
        .action::<put_resource_policy::PutResourcePolicy>()
        .action::<register_stream_consumer::RegisterStreamConsumer>()
        .action::<remove_tags_from_stream::RemoveTagsFromStream>()
        .action::<split_shard::SplitShard>()
        .action::<start_stream_encryption::StartStreamEncryption>()
        .action::<stop_stream_encryption::StopStreamEncryption>()
        .events::<subscribe_to_shard::SubscribeToShard>()
        .action::<tag_resource::TagResource>()
        .action::<untag_resource::UntagResource>()
        .action::<update_account_settings::UpdateAccountSettings>()
        .action::<update_max_record_size::UpdateMaxRecordSize>()
        .action::<update_shard_count::UpdateShardCount>()
        .action::<update_stream_mode::UpdateStreamMode>()
        .action::<update_stream_record_distribution_strategy::UpdateStreamRecordDistributionStrategy>()
        .action::<update_stream_warm_throughput::UpdateStreamWarmThroughput>()
        .raw_under::<not_emulated::Channels>(not_emulated::CHANNELS)
        .raw_under::<not_emulated::Queues>(not_emulated::QUEUES)
}

/// The shard that a text names. One that names none wins even over a stream that is not there.
fn shard_index(call: &Call, name: Option<&str>, arn: Option<&str>, shard: &str) -> Result<ShardIndex> {
    if let Some(index) = ShardIndex::parse(shard) {
        return Ok(index);
    }
    let stream = stream_name(&call.world, name, arn)?.label(&call.world);
    Err(Error::ShardUnknown { shard: shard.to_owned(), stream })
}

/// The shard that a reader names, and its stream. The reader is told the same whichever of them is not there.
fn shard_to_read(
    service: &Kinesis,
    call: &Call,
    name: Option<&str>,
    arn: Option<&str>,
    shard: &str,
) -> Result<(Arc<Stream>, Arc<ShardHandle>)> {
    let index = shard_index(call, name, arn, shard)?;
    let name = stream_name(&call.world, name, arn)?;
    let missing = || Error::ShardNotThere { shard: index, stream: name.label(&call.world) };
    let stream = service.usable_stream_named(&call.world, &name).ok_or_else(missing)?;
    let handle = stream.state().readable_shard(index, service.now()).cloned().ok_or_else(missing)?;
    Ok((stream, handle))
}

/// The shard to split or merge, which has to be there and open.
fn open_shard<'a>(stream: &Stream, state: &'a StreamState, index: ShardIndex, now: Timestamp) -> Result<&'a Shard> {
    let unknown = || Error::ShardUnknown { shard: index.to_string(), stream: stream.label() };
    let shard = &state.readable_shard(index, now).ok_or_else(unknown)?.shard;
    if shard.is_open() { Ok(shard) } else { Err(Error::ShardClosed { shard: index, stream: stream.label() }) }
}

/// On-demand streams decide about their shards themselves.
fn check_provisioned(stream: &Stream, state: &StreamState, action: &'static str) -> Result<()> {
    match state.settings.mode {
        Mode::Provisioned => Ok(()),
        Mode::OnDemand => Err(Error::OnDemand { action, stream: stream.label() }),
    }
}

/// Stores what is to be done; [`crate::lifecycle`] does it.
fn begin_reshard(state: &mut StreamState, reshard: Reshard, at: Timestamp) {
    state.settings.phase = Phase::Resharding { at, reshard };
}

/// Warm throughput is for on-demand streams of accounts that committed to a minimum, and has a limit.
fn check_warm_throughput(service: &Kinesis, world: &World, mode: Mode, wanted: u32) -> Result<()> {
    if mode == Mode::Provisioned || !service.accounts.is_committed(world, service.now()) {
        return Err(Error::WarmThroughputUnavailable);
    }
    let limit = service.config().warm_throughput_limit();
    if wanted > limit { Err(Error::WarmThroughputLimit { limit, wanted }) } else { Ok(()) }
}

fn open_shards(state: &StreamState) -> u32 {
    u32::try_from(state.shards.open_count()).unwrap_or(u32::MAX)
}

/// The open shards that count towards the shard limit.
fn provisioned_shards(streams: &[Arc<Stream>]) -> u32 {
    let states = streams.iter().map(|stream| stream.state());
    states.filter(|state| state.settings.mode == Mode::Provisioned).map(|state| open_shards(&state)).sum()
}

fn on_demand_streams(streams: &[Arc<Stream>]) -> u32 {
    let on_demand = streams.iter().filter(|stream| stream.state().settings.mode == Mode::OnDemand);
    u32::try_from(on_demand.count()).unwrap_or(u32::MAX)
}

/// The open shards that a stream has, or will have once it is resharded.
fn shards_to_count(state: &StreamState) -> u32 {
    let open = open_shards(state);
    match &state.settings.phase {
        Phase::Resharding { reshard, .. } => open.max(reshard.open_after(open)),
        Phase::Created(_) | Phase::Updated(_) | Phase::Deleted(_) => open,
    }
}

/// Whether another on-demand stream fits the quota beside `streams`.
fn check_on_demand_limit(service: &Kinesis, world: &World, streams: &[Arc<Stream>]) -> Result<()> {
    let (limit, current) = (service.config().on_demand_stream_limit(), on_demand_streams(streams));
    if current < limit {
        return Ok(());
    }
    let (account, region) = (world.account.clone(), world.region.clone());
    Err(Error::OnDemandLimit { account, region, current, limit })
}

/// Whether `additional` open shards fit the quota beside those of `streams`.
fn check_shard_limit(service: &Kinesis, world: &World, streams: &[Arc<Stream>], additional: u32) -> Result<()> {
    let limit = service.config().shard_limit(&world.region);
    let states = streams.iter().map(|stream| stream.state());
    let provisioned = states.filter(|state| state.settings.mode == Mode::Provisioned);
    let current = provisioned.map(|state| shards_to_count(&state)).sum();
    if additional <= limit.saturating_sub(current) {
        return Ok(());
    }
    let (account, region) = (world.account.clone(), world.region.clone());
    Err(Error::ShardLimit { account, region, current, limit, additional })
}
