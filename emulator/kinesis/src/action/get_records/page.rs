//! The page of a GetRecords call: read in steps, and written as it is read.
//!
//! Invariant: a page holds what its limits allow and no more, however it is cut into steps; what it returned is booked with
//! the shard's throughput when it is over, be it that the client hung up.

use std::collections::VecDeque;
use std::sync::{Arc, MutexGuard, PoisonError};

use aws_wire::{Body, Call};
use bytes::Bytes;
use env::Timestamp;
use futures_util::{StreamExt as _, stream};
use shard_log::{ReadLimit, Records};

use super::{Ending, Input};
use crate::error::{Error, Result};
use crate::iterator::ShardIterator;
use crate::output::ChildShard;
use crate::read::{self, Origin, ShardPage};
use crate::record_text::{RecordText, unwritten};
use crate::service::{Kinesis, stream_name};
use crate::shard::ShardHandle;
use crate::stream::{Stream, StreamState};
use crate::throttle::ShardThrottle;

/// Bytes of records that are read at once.
const STEP: usize = 256 << 10;
/// Bytes of an answer that are sent at once.
const PIECE: usize = 256 << 10;
/// Room for the record that goes beyond that, and for what stands around the records.
const ROOM_BESIDES: usize = 4 << 10;

/// A page that is being read.
pub(super) struct Page {
    service: Kinesis,
    stream: Arc<Stream>,
    state: Arc<StreamState>,
    handle: Arc<ShardHandle>,
    now: Timestamp,
    /// Where to read on.
    iterator: ShardIterator,
    left: ReadLimit,
    returned: u64,
    millis_behind: u64,
    at_end: bool,
    over: bool,
}

impl Page {
    /// A page that the shard's throughput admits.
    pub(super) fn begin(service: &Kinesis, call: &Call, input: &Input) -> Result<Self> {
        let now = service.now();
        let iterator = ShardIterator::open(&input.shard_iterator, &service.secret, now)?;
        if let Some(arn) = &input.stream_arn
            && stream_name(&call.world, None, Some(arn))? != iterator.stream
        {
            return Err(Error::IteratorOfOtherStream { arn: arn.clone() });
        }
        let shard = iterator.shard;
        let gone = || Error::ShardNotThere { shard, stream: iterator.stream.label(&call.world) };
        let stream = service.usable_stream_named(&call.world, &iterator.stream);
        let stream = stream.filter(|stream| stream.uid == iterator.uid).ok_or_else(gone)?;
        let state = stream.state();
        let handle = Arc::clone(state.readable_shard(shard, now).ok_or_else(gone)?);
        if input.dry_run == Some(true) {
            return Err(Error::DryRun);
        }
        if service.config().limits && !throttle(&handle).read.admit(now) {
            return Err(Error::Throughput { shard, stream: stream.label() });
        }
        let records = input.limit.unwrap_or(read::PAGE_RECORDS);
        let left = ReadLimit { enough: STEP, ..read::limit(records, read::PAGE_BYTES) };
        let service = service.clone();
        Ok(Self {
            service,
            stream,
            state,
            handle,
            now,
            iterator,
            left,
            returned: 0,
            millis_behind: 0,
            at_end: false,
            over: false,
        })
    }

    /// The next records; `None` when the page is over.
    pub(super) async fn step(&mut self) -> Result<Option<ShardPage>> {
        if self.over {
            return Ok(None);
        }
        let read = read::read(&self.state, &self.handle, self.iterator.position, self.left, self.now).await;
        let step = match read {
            Ok(step) => step,
            Err(error) if self.returned == 0 => return Err(error),
            Err(error) => {
                tracing::warn!(stream = %self.stream.name, shard = %self.iterator.shard, %error, "a page ends early");
                self.over = true;
                return Ok(None);
            }
        };
        // A read gives at least one record, which may be more than there is room for.
        if self.returned > 0 && step.bytes > self.left.bytes as u64 {
            self.over = true;
            return Ok(None);
        }
        self.iterator.position = step.next;
        self.millis_behind = step.millis_behind;
        self.at_end = step.at_end;
        self.returned += step.bytes;
        self.left.records -= step.len().min(self.left.records);
        self.left.bytes -= usize::try_from(step.bytes).unwrap_or(usize::MAX).min(self.left.bytes);
        // Less than was enough: there is no more, or no room for the next one.
        self.over = step.bytes < STEP as u64 || self.left.records == 0 || self.at_end;
        Ok(Some(step))
    }

    /// What to say after the records.
    pub(super) fn ending(&self) -> Ending {
        let shard = self.iterator.shard;
        let next = ShardIterator { issued: self.now, ..self.iterator.clone() };
        Ending {
            next_shard_iterator: (!self.at_end).then(|| next.close(&self.service.secret)),
            millis_behind_latest: self.millis_behind,
            child_shards: if self.at_end { ChildShard::of(shard, &self.state.shards) } else { Vec::new() },
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if self.service.config().limits {
            throttle(&self.handle).read.returned(self.returned, self.now);
        }
    }
}

fn throttle(handle: &ShardHandle) -> MutexGuard<'_, ShardThrottle> {
    // A panic while counting leaves a throttle as good as before.
    handle.throttle.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A page on its way into JSON.
pub(super) struct Written {
    page: Page,
    /// Read, not yet written.
    batches: VecDeque<Records>,
    text: RecordText,
    wrote_one: bool,
    complete: bool,
}

impl Written {
    pub(super) fn of(page: Page) -> Self {
        let text = RecordText::new(Origin::of(&page.handle.shard));
        Self { page, batches: VecDeque::new(), text, wrote_one: false, complete: false }
    }

    /// The whole answer if it is short, else piece by piece as the connection takes it.
    pub(super) async fn into_body(mut self) -> Result<Body> {
        let first = self.piece().await?;
        if self.complete {
            return Ok(first.into());
        }
        let rest = stream::unfold(self, |mut page| async move {
            if page.complete {
                return None;
            }
            // Only the first step of a page fails, and that one has been taken.
            let piece = page.piece().await.ok()?;
            Some((Bytes::from(piece), page))
        });
        Ok(Body::Stream(stream::once(async { Bytes::from(first) }).chain(rest).boxed()))
    }

    /// What comes next: as much as is worth sending, or all that is left.
    async fn piece(&mut self) -> Result<Vec<u8>> {
        let mut json = Vec::new();
        if !self.batches.is_empty() {
            self.make_room(&mut json);
        }
        loop {
            let Some(batch) = self.batches.front_mut() else {
                let Some(step) = self.page.step().await? else { break };
                self.batches = step.batches.into();
                self.make_room(&mut json);
                continue;
            };
            let mut written = 0;
            for record in batch.iter() {
                if json.len() >= PIECE {
                    break;
                }
                json.extend_from_slice(if self.wrote_one { b"," } else { b"{\"Records\":[" });
                self.wrote_one = true;
                self.text.write(&mut json, &record)?;
                written += 1;
            }
            if written == batch.len() {
                self.batches.pop_front();
            } else {
                batch.skip(written);
                return Ok(json);
            }
        }
        json.extend_from_slice(if self.wrote_one { b"]," } else { b"{\"Records\":[]," });
        let ending = serde_json::to_vec(&self.page.ending()).map_err(unwritten)?;
        // Two objects become one.
        json.extend_from_slice(ending.strip_prefix(b"{").unwrap_or(&ending));
        self.complete = true;
        Ok(json)
    }

    /// Makes room in a piece for what has been read: a piece that grows as it is written is copied again and again.
    fn make_room(&self, json: &mut Vec<u8>) {
        // What goes on beyond these records fills the piece.
        let room = if self.page.over { RecordText::room_for(&self.batches) } else { PIECE };
        json.reserve(room.min(PIECE.saturating_sub(json.len())) + ROOM_BESIDES);
    }
}
