//! Mappings from end to end: records go in on one side, invocations come out on the other.

use std::num::{NonZeroU16, NonZeroU32};
use std::sync::Arc;
use std::time::Duration;

use crate::invoke::Outcome;
use crate::mapping::StartingPosition;
use crate::mapping::bench::{Bench, START, STREAM, until};
use crate::mapping::definition::State;
use crate::mapping::filter::Filters;
use crate::mapping::settings::Settings;

fn batches_of(batch_size: u32) -> Settings {
    Settings { batch_size: NonZeroU32::new(batch_size).unwrap(), ..Settings::default() }
}

#[tokio::test]
async fn what_is_put_after_enabled_is_delivered_and_what_was_put_before_is_not() {
    let mut bench = Bench::new(&["a"]);
    bench.source.put("a", "before");
    bench.enabled(StartingPosition::Latest, batches_of(2)).await;
    for data in ["1", "2", "3"] {
        bench.source.put("a", data);
    }
    assert_eq!(bench.drain(3).await, ["1", "2", "3"]);
}

#[tokio::test]
async fn trim_horizon_delivers_everything_in_batches_and_in_order() {
    let mut bench = Bench::new(&["a"]);
    let numbers: Vec<_> = (0..25).map(|number| number.to_string()).collect();
    for data in &numbers {
        bench.source.put("a", data);
    }
    bench.enabled(StartingPosition::TrimHorizon, batches_of(10)).await;
    let mut data = Vec::new();
    for length in [10, 10, 5] {
        let mut call = bench.call().await;
        assert_eq!(call.data.len(), length);
        data.append(&mut call.data);
        assert!(!bench.is_called(), "one batch of a shard at a time");
        call.succeed();
    }
    assert_eq!(data, numbers);
}

#[tokio::test]
async fn at_timestamp_starts_with_the_first_record_of_that_time() {
    let mut bench = Bench::new(&["a"]);
    bench.source.put("a", "early");
    bench.env.clock.advance(Duration::from_secs(10));
    bench.source.put("a", "late");
    let start = StartingPosition::AtTimestamp(START + Duration::from_secs(5));
    bench.enabled(start, batches_of(10)).await;
    assert_eq!(bench.drain(1).await, ["late"]);
}

#[tokio::test]
async fn a_crash_repeats_what_was_in_flight_and_nothing_else() {
    let mut bench = Bench::new(&["a"]);
    bench.enabled(StartingPosition::Latest, batches_of(2)).await;
    for data in ["1", "2", "3", "4"] {
        bench.source.put("a", data);
    }
    assert_eq!(bench.drain(2).await, ["1", "2"]);
    let lost = bench.call().await;
    assert_eq!(lost.data, ["3", "4"]);
    let mut bench = bench.crash();
    bench.source.put("a", "5");
    assert_eq!(bench.drain(3).await, ["3", "4", "5"]);
}

#[tokio::test]
async fn stopping_waits_for_what_is_in_flight() {
    let mut bench = Bench::new(&["a"]);
    bench.enabled(StartingPosition::Latest, batches_of(1)).await;
    bench.source.put("a", "1");
    let call = bench.call().await;
    tokio::join!(bench.pollers.stop(), async {
        tokio::task::yield_now().await;
        call.succeed();
    });
    bench.source.put("a", "2");
    assert!(!bench.is_called());
    let mut bench = bench.crash();
    assert_eq!(bench.drain(1).await, ["2"]);
}

#[tokio::test]
async fn a_failing_batch_is_tried_again_and_the_result_is_told() {
    let mut bench = Bench::new(&["a"]);
    let mut mapping = bench.enabled(StartingPosition::Latest, batches_of(2)).await;
    bench.source.put("a", "1");
    bench.call().await.fail();
    until(&mut mapping, |mapping| mapping.last_processing_result == "PROBLEM: Function call failed").await;
    bench.source.put("a", "2");
    let again = bench.call_later().await;
    assert_eq!(again.data, ["1"]);
    again.succeed();
    assert_eq!(bench.drain(1).await, ["2"]);
    until(&mut mapping, |mapping| mapping.last_processing_result == "OK").await;
}

#[tokio::test]
async fn a_missing_function_is_told_and_uses_no_attempt() {
    let mut bench = Bench::new(&["a"]);
    let settings = Settings { maximum_retry_attempts: Some(0), ..batches_of(1) };
    let mut mapping = bench.enabled(StartingPosition::Latest, settings).await;
    bench.source.put("a", "1");
    bench.call().await.answer(Outcome::NotFound);
    until(&mut mapping, |mapping| {
        mapping.last_processing_result.starts_with(
            "PROBLEM: Function not found: arn:aws:lambda:us-east-1:000000000000:function:f (Service: AWSLambda;",
        )
    })
    .await;
    assert_eq!(bench.call_later().await.data, ["1"]);
}

#[tokio::test]
async fn an_idle_mapping_does_nothing_however_long() {
    let mut bench = Bench::new(&["a"]);
    bench.enabled(StartingPosition::Latest, batches_of(2)).await;
    bench.source.put("a", "1");
    bench.drain(1).await;
    while bench.source.reads() < 2 {
        tokio::task::yield_now().await;
    }
    let before = bench.source.reads();
    for _ in 0..100 {
        bench.env.clock.advance(Duration::from_secs(60));
        tokio::task::yield_now().await;
    }
    // Storing a checkpoint or a result may end in between; each wakes the worker once.
    assert!(bench.source.reads() <= before + 2, "{} reads", bench.source.reads() - before);
}

#[tokio::test]
async fn a_stuck_shard_does_not_delay_another() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.enabled(StartingPosition::Latest, batches_of(1)).await;
    bench.source.put("a", "stuck");
    let stuck = bench.call().await;
    for data in ["1", "2", "3"] {
        bench.source.put("b", data);
    }
    assert_eq!(bench.drain(3).await, ["1", "2", "3"]);
    stuck.succeed();
}

#[tokio::test]
async fn children_are_read_from_their_beginning_after_all_parents() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.enabled(StartingPosition::Latest, batches_of(1)).await;
    bench.source.put("a", "a1");
    bench.source.put("b", "b1");
    let (first, second) = (bench.call().await, bench.call().await);
    bench.source.reshard(&["a", "b"], &["c"]);
    bench.source.put("c", "c1");
    let (a, b) = if first.shard == "a" { (first, second) } else { (second, first) };
    a.succeed();
    tokio::task::yield_now().await;
    assert!(!bench.is_called(), "the other parent is not drained");
    b.succeed();
    let child = bench.call().await;
    assert_eq!((child.shard.as_str(), child.data[0].as_str()), ("c", "c1"));
}

#[tokio::test]
async fn a_restart_in_the_middle_of_a_reshard_starts_no_shard_over() {
    let mut bench = Bench::new(&["a"]);
    bench.enabled(StartingPosition::TrimHorizon, batches_of(1)).await;
    bench.source.put("a", "a1");
    bench.source.reshard(&["a"], &["b", "c"]);
    bench.source.put("b", "b1");
    bench.source.put("c", "c1");
    assert_eq!(bench.drain(1).await, ["a1"]);
    let lost = [bench.call().await, bench.call().await];
    let mut bench = bench.crash();
    drop(lost);
    let mut data = bench.drain(2).await;
    data.sort();
    assert_eq!(data, ["b1", "c1"]);
}

#[tokio::test]
async fn a_shard_that_closes_starts_no_other_over() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.source.put("b", "before");
    bench.enabled(StartingPosition::Latest, batches_of(1)).await;
    bench.source.put("b", "b1");
    assert_eq!(bench.drain(1).await, ["b1"]);
    bench.source.reshard(&["a"], &["c", "d"]);
    bench.source.put("c", "c1");
    assert_eq!(bench.drain(1).await, ["c1"]);
    bench.source.put("b", "b2");
    assert_eq!(bench.drain(1).await, ["b2"]);
    bench.source.put("b", "b3");
    let lost = bench.call().await;
    let mut bench = bench.crash();
    drop(lost);
    assert_eq!(bench.drain(1).await, ["b3"], "neither from LATEST nor from the beginning");
}

#[tokio::test]
async fn retention_that_passes_over_a_position_moves_nothing_else() {
    let mut bench = Bench::new(&["a"]);
    bench.enabled(StartingPosition::TrimHorizon, batches_of(1)).await;
    for data in ["1", "2", "3", "4"] {
        bench.source.put("a", data);
    }
    assert_eq!(bench.drain(2).await, ["1", "2"]);
    let third = bench.call().await;
    // A position that counts from the oldest record would now be two records further on.
    bench.source.expire("a", 2);
    third.succeed();
    assert_eq!(bench.drain(1).await, ["4"]);
    bench.source.put("a", "5");
    bench.source.put("a", "6");
    assert_eq!(bench.drain(1).await, ["5"]);
    let lost = bench.call().await;
    bench.source.expire("a", 4);
    let mut bench = bench.crash();
    drop(lost);
    bench.source.put("a", "7");
    assert_eq!(bench.drain(1).await, ["7"], "what retention took while nobody ran is gone, what follows is not");
}

#[tokio::test]
async fn disabled_and_enabled_again_it_goes_on_where_it_stopped() {
    let mut bench = Bench::new(&["a"]);
    let mut mapping = bench.enabled(StartingPosition::Latest, batches_of(10)).await;
    bench.source.put("a", "1");
    assert_eq!(bench.drain(1).await, ["1"]);
    bench.change(|mapping| mapping.state = State::Disabling);
    until(&mut mapping, |mapping| mapping.state == State::Disabled).await;
    bench.source.put("a", "2");
    tokio::task::yield_now().await;
    assert!(!bench.is_called());
    bench.change(|mapping| mapping.state = State::Enabling);
    until(&mut mapping, |mapping| mapping.state == State::Enabled).await;
    assert_eq!(bench.drain(1).await, ["2"]);
}

#[tokio::test]
async fn new_settings_reach_a_running_worker() {
    let mut bench = Bench::new(&["a"]);
    let mut mapping = bench.enabled(StartingPosition::Latest, batches_of(1)).await;
    bench.source.put("a", "1");
    let first = bench.call().await;
    bench.change(|mapping| {
        mapping.settings = batches_of(2);
        mapping.state = mapping.state.updated(None).unwrap();
    });
    until(&mut mapping, |mapping| mapping.state == State::Enabled).await;
    bench.source.put("a", "2");
    bench.source.put("a", "3");
    first.succeed();
    assert_eq!(bench.call().await.data, ["2", "3"]);
}

#[tokio::test]
async fn lanes_run_side_by_side_and_survive_a_crash() {
    let mut bench = Bench::new(&["a"]);
    let lanes = NonZeroU16::new(10).unwrap();
    let settings = Settings { parallelization_factor: lanes, ..batches_of(1) };
    bench.enabled(StartingPosition::Latest, settings).await;
    // One key, one lane: still one at a time.
    bench.source.put("a", "1");
    bench.source.put("a", "2");
    let first = bench.call().await;
    assert_eq!(first.data, ["1"]);
    assert!(!bench.is_called());
    first.succeed();
    assert_eq!(bench.call().await.data, ["2"]);
    let mut bench = bench.crash();
    assert_eq!(bench.drain(1).await, ["2"]);
}

#[tokio::test]
async fn a_stream_that_goes_is_told_and_one_that_takes_its_name_is_read_from_its_beginning() {
    let mut bench = Bench::new(&["a"]);
    let mut mapping = bench.enabled(StartingPosition::Latest, batches_of(1)).await;
    bench.source.delete();
    until(&mut mapping, |mapping| mapping.state == State::Enabled).await;
    let problem = format!("PROBLEM: Stream not found: {STREAM}");
    while mapping.borrow().last_processing_result != problem {
        bench.env.clock.advance(Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
    bench.source.create("second", &["a"]);
    bench.source.put("a", "new");
    assert_eq!(bench.call_later().await.data, ["new"]);
}

#[tokio::test]
async fn a_stream_replaced_during_an_invocation_is_read_from_its_beginning_all_the_same() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.enabled(StartingPosition::Latest, batches_of(1)).await;
    for data in ["1", "2", "3"] {
        bench.source.put("a", data);
    }
    assert_eq!(bench.drain(2).await, ["1", "2"]);
    let old = bench.call().await;
    bench.source.delete();
    bench.source.create("second", &["a", "b"]);
    bench.source.put("a", "new");
    // The idle shard's worker notices first.
    for _ in 0..100 {
        bench.env.clock.advance(Duration::from_millis(100));
        tokio::task::yield_now().await;
    }
    old.succeed();
    assert_eq!(bench.call_later().await.data, ["new"]);
}

#[tokio::test]
async fn a_deleted_mapping_leaves_nothing_behind() {
    let mut bench = Bench::new(&["a"]);
    let mut mapping = bench.enabled(StartingPosition::Latest, batches_of(1)).await;
    bench.source.put("a", "1");
    bench.drain(1).await;
    let before = mapping.borrow().clone();
    bench.change(|mapping| mapping.state = mapping.state.deleted().unwrap());
    while mapping.changed().await.is_ok() {}
    assert!(bench.catalog.get(&before.world.0, &before.uuid).is_err());
    assert!(bench.catalog.progress(&before).unwrap().is_empty());
    assert!(bench.crash().catalog.follow_all().is_empty());
}

#[tokio::test]
async fn a_crash_before_enabled_loses_no_transition() {
    let bench = Bench::new(&["a"]);
    bench.create(StartingPosition::Latest, batches_of(1));
    let mut bench = bench.crash();
    let mut mapping = bench.catalog.follow_all().remove(0);
    bench.env.clock.advance(Duration::from_millis(100));
    until(&mut mapping, |mapping| mapping.state == State::Enabled).await;
    bench.source.put("a", "1");
    assert_eq!(bench.drain(1).await, ["1"]);
}

/// Puts the filters of the mapping `u-1` under a key.
fn encrypt(bench: &Bench, pattern: &str) {
    let settings = Settings { filters: Filters::parse([pattern]).unwrap(), ..batches_of(1) };
    let keys = Arc::clone(&bench.keys);
    bench.change(move |mapping| {
        mapping.keep(settings, Some("arn:aws:kms:us-east-1:000000000000:key/k".to_owned()), &*keys).unwrap();
    });
}

#[tokio::test]
async fn filters_under_a_key_hold_and_do_not_lie_about_in_clear() {
    let bench = Bench::new(&["a"]);
    let mapping = bench.enabled(StartingPosition::Latest, batches_of(1)).await;
    encrypt(&bench, r#"{"data":{"n":[{"numeric":[">",1]}]}}"#);
    let stored = serde_json::to_string(&**mapping.borrow()).unwrap();
    assert!(!stored.contains("numeric"), "{stored}");
    let mut bench = bench.crash();
    bench.source.put("a", r#"{"n":1}"#);
    bench.source.put("a", r#"{"n":2}"#);
    assert_eq!(bench.drain(1).await, [r#"{"n":2}"#]);
}

#[tokio::test]
async fn without_its_key_a_mapping_delivers_nothing_and_says_why() {
    let bench = Bench::new(&["a"]);
    bench.enabled(StartingPosition::Latest, batches_of(1)).await;
    encrypt(&bench, r#"{"data":{"n":[2]}}"#);
    bench.keys.disable(true);
    let mut bench = bench.crash();
    bench.source.put("a", r#"{"n":1}"#);
    bench.source.put("a", r#"{"n":2}"#);
    let mut mapping = bench.catalog.follow_all().remove(0);
    let problem = "PROBLEM: The filter criteria cannot be decrypted: DisabledException: the key is disabled.";
    until(&mut mapping, |mapping| mapping.last_processing_result == problem).await;
    assert!(!bench.is_called());
    bench.keys.disable(false);
    let call = bench.call_later().await;
    assert_eq!(call.data, [r#"{"n":2}"#]);
    call.succeed();
    until(&mut mapping, |mapping| mapping.last_processing_result == "OK").await;
    // A worker that is at work already does not go on with filters that it cannot read either.
    bench.keys.disable(true);
    bench.change(|mapping| mapping.settings.counts_events = true);
    // The poller looks again after a pause.
    while mapping.borrow_and_update().last_processing_result != problem {
        bench.env.clock.advance(Duration::from_millis(100));
        tokio::task::yield_now().await;
    }
    bench.source.put("a", r#"{"n":2}"#);
    tokio::task::yield_now().await;
    assert!(!bench.is_called());
}
