//! Scripts for the machine: what happens on the left, what it decides on the right, one step a line.
//!
//! | step | meaning |
//! | --- | --- |
//! | `arrive 1 2@b 3#5000 4~60 .` | records 1 to 4 are read, all with key `a` but the second, the third of 5,000 bytes, the fourth already 60 s old; the dot says that the shard has ended |
//! | `arrive 5 …` | record 5 is read, and the shard has more |
//! | `arrive` | nothing is there to be read |
//! | `+3` | three seconds pass |
//! | `ok`, `fail`, `throttle`, `says 2 3` | the invocation ended: well, with an error, not run, naming failed items; `1:ok` for lane 1 |
//! | `returns {"n":1}` | it ended well and returned this state |
//! | `taken` | the failure destination took what the lane gave up |
//! | `set KEY=VALUE …` | new settings |
//! | `keeps 60`, `stop` | the stream's retention; no more invocations |

use std::num::{NonZeroU16, NonZeroU32};

use bytes::Bytes;

use super::*;
use crate::mapping::filter::Filters;

const START: Timestamp = Timestamp::from_secs(1_000_000);

/// Runs `script` on a machine with `settings` and compares every answer.
pub(super) fn check(settings: &str, script: &[(&str, &str)]) {
    let mut run = Run::new(settings, Checkpoint::new(Position::TrimHorizon));
    for (number, (step, expected)) in script.iter().enumerate() {
        assert_eq!(run.step(step), *expected, "step {number}: {step}");
    }
}

pub(super) struct Run {
    pub(super) machine: Machine,
    now: Timestamp,
    pub(super) stored: Checkpoint,
}

impl Run {
    pub(super) fn new(words: &str, checkpoint: Checkpoint) -> Self {
        let machine = Machine::new(settings(words, Settings::default()), checkpoint.clone(), 300);
        Self { machine, now: START, stored: checkpoint }
    }

    pub(super) fn step(&mut self, step: &str) -> String {
        let (verb, rest) = step.split_once(' ').unwrap_or((step, ""));
        let (lane, verb) = verb.split_once(':').map_or((0, verb), |(lane, verb)| (lane.parse().unwrap(), verb));
        match verb {
            "arrive" => {
                let has = |mark| rest.split(' ').any(|word| word == mark);
                let words = rest.split(' ').filter(|word| !matches!(*word, "." | "…" | ""));
                let records = words.map(|word| self.record(word)).collect();
                self.machine.arrived(Page { records, at_end: has("."), is_behind: has("…") }, self.now);
            }
            "ok" => self.machine.ended(lane, Outcome::Returned(Bytes::new()), LastCall::default(), self.now),
            "returns" => {
                let answer = format!(r#"{{"state":{rest}}}"#);
                self.machine.ended(lane, Outcome::Returned(answer.into()), LastCall::default(), self.now);
            }
            "fail" => self.machine.ended(lane, Outcome::Failed, LastCall::default(), self.now),
            "throttle" => self.machine.ended(lane, Outcome::NotRun, LastCall::default(), self.now),
            "says" => {
                let items: Vec<_> = rest.split(' ').map(|item| format!(r#"{{"itemIdentifier":"{item}"}}"#)).collect();
                let answer = format!(r#"{{"batchItemFailures":[{}]}}"#, items.join(","));
                self.machine.ended(lane, Outcome::Returned(answer.into()), LastCall::default(), self.now);
            }
            "taken" => self.machine.delivered(lane),
            "set" => self.machine.reconfigure(settings(rest, self.machine.settings.clone())),
            "keeps" => self.machine.keeps(Duration::from_secs(rest.parse().unwrap())),
            "stop" => self.machine.stop(),
            time => self.now = self.now + Duration::from_secs(time.trim_start_matches('+').parse().unwrap()),
        }
        self.answer()
    }

    fn record(&self, word: &str) -> Record {
        let (word, age) = word.split_once('~').unwrap_or((word, "0"));
        let (word, size) = word.split_once('#').unwrap_or((word, "10"));
        let (number, key) = word.split_once('@').unwrap_or((word, "a"));
        Record {
            sequence_number: number.into(),
            partition_key: key.into(),
            data: Bytes::from(vec![0; size.parse().unwrap()]),
            arrival: self.now - Duration::from_secs(age.parse().unwrap()),
        }
    }

    fn answer(&mut self) -> String {
        let numbers = |records: &mut dyn Iterator<Item = &Record>| {
            records.map(|record| record.sequence_number.to_string()).collect::<Vec<_>>().join(" ")
        };
        let mut words = Vec::new();
        for decision in self.machine.decide(self.now) {
            words.push(match decision {
                Decision::Invoke(lane) if self.machine.lanes.len() == 1 => {
                    let records = numbers(&mut self.machine.batch(lane));
                    match self.machine.batch_window(lane) {
                        None => format!("invoke {records}"),
                        Some((window, false)) => format!("invoke {records} on {}", window.state),
                        Some((window, true)) => format!("close {}", window.state),
                    }
                }
                Decision::Invoke(lane) => format!("invoke {lane}: {}", numbers(&mut self.machine.batch(lane))),
                Decision::Discard(gone) => {
                    format!("discard {} {:?} calls {}", numbers(&mut gone.records.iter()), gone.cause, gone.calls)
                }
                Decision::Deliver(lane, gone) => format!(
                    "deliver {lane}: {} {:?} calls {}",
                    numbers(&mut gone.records.iter()),
                    gone.cause,
                    gone.calls
                ),
                Decision::Checkpoint(checkpoint) => {
                    let moved = checkpoint.position != self.stored.position;
                    self.stored = checkpoint;
                    match &self.stored.position {
                        Position::After(number) if moved => format!("after {number}"),
                        _ => "mark".to_owned(),
                    }
                }
                Decision::Finish => "finish".to_owned(),
            });
        }
        if let Some((_, request)) = self.machine.wants() {
            words.push(format!("{} {}", if request.waits { "read" } else { "look" }, request.records));
        }
        if let Some(at) = self.machine.wakes_at(self.now) {
            words.push(format!("wake +{}", at.since(self.now).as_secs()));
        }
        words.join(", ")
    }
}

fn settings(words: &str, mut settings: Settings) -> Settings {
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        let (key, value) = word.split_once('=').unwrap();
        let number = || value.parse::<u32>().unwrap();
        match key {
            "batch" => settings.batch_size = NonZeroU32::new(number()).unwrap(),
            "window" => settings.batching_window = Duration::from_secs(number().into()),
            "lanes" => settings.parallelization_factor = NonZeroU16::new(value.parse().unwrap()).unwrap(),
            "age" => settings.maximum_record_age = Some(Duration::from_secs(number().into())),
            "tumbling" => settings.tumbling_window = (value != "0").then(|| Duration::from_secs(number().into())),
            "retries" => settings.maximum_retry_attempts = Some(number()),
            "bisect" => settings.bisect_on_error = value == "on",
            "items" => settings.report_item_failures = value == "on",
            "tells" => settings.on_failure = (value == "on").then(|| "arn:aws:sqs:us-east-1:000000000000:q".to_owned()),
            "filter" => settings.filters = Filters::parse([value]).unwrap(),
            other => panic!("no such setting: {other}"),
        }
    }
    settings
}

#[test]
fn batches_are_what_one_read_gave_up_to_the_size() {
    check(
        "batch=3",
        &[
            ("+0", "read 3"),
            ("arrive 1", "invoke 1"),
            ("ok", "after 1, read 3"),
            ("arrive 2 3 4", "invoke 2 3 4"),
            ("+900", ""),
            ("ok", "after 4, read 3"),
        ],
    );
}

#[test]
fn a_window_collects_until_time_or_size() {
    check(
        "batch=3 window=10",
        &[
            ("arrive 1", "read 2, wake +10"),
            ("+4", "read 2, wake +6"),
            ("arrive 2", "read 1, wake +6"),
            ("+6", "invoke 1 2"),
            ("ok", "after 2, read 3"),
            ("arrive 3 4", "read 1, wake +10"),
            ("arrive 5", "invoke 3 4 5"),
            ("ok", "after 5, read 3"),
        ],
    );
}

#[test]
fn a_window_starts_anew_when_the_invocation_before_it_ended() {
    // What does not fit the event limit stays queued while its predecessor is with the function.
    check(
        "batch=9 window=10",
        &[
            ("arrive 1#3000000 2#3000000", "invoke 1"),
            ("+30", ""),
            ("ok", "after 1, read 8, wake +10"),
            ("+10", "invoke 2"),
        ],
    );
}

#[test]
fn an_ended_shard_waits_for_no_window() {
    check(
        "batch=9 window=300",
        &[("arrive 1", "read 8, wake +300"), ("arrive 2 .", "invoke 1 2"), ("ok", "after 2, finish"), ("+1", "")],
    );
}

#[test]
fn an_empty_shard_finishes_when_it_ends() {
    check("", &[("+0", "read 100"), ("arrive .", "finish")]);
}

#[test]
fn events_stay_below_six_megabytes() {
    check(
        "batch=9",
        &[
            ("arrive 1#3000000 2#1000000 3#3000000", "invoke 1 2"),
            ("ok", "after 2, invoke 3"),
            ("ok", "after 3, read 9"),
        ],
    );
}

#[test]
fn a_record_that_fits_no_event_is_discarded_and_its_neighbours_are_not() {
    check(
        "batch=9",
        &[
            ("arrive 1 2#5000000 3", "invoke 1"),
            ("ok", "discard 2 EventTooLarge calls 0, after 2, invoke 3"),
            ("ok", "after 3, read 9"),
        ],
    );
}

#[test]
fn a_failed_batch_is_tried_again_with_growing_pauses_for_ever() {
    check(
        "batch=2",
        &[
            ("arrive 1 2", "invoke 1 2"),
            ("fail", "wake +1"),
            ("+1", "invoke 1 2"),
            ("fail", "wake +2"),
            ("+1", "wake +1"),
            ("+1", "invoke 1 2"),
            ("fail", "wake +4"),
            ("+4", "invoke 1 2"),
            ("ok", "after 2, read 2"),
            ("arrive 3", "invoke 3"),
            ("fail", "wake +1"),
        ],
    );
}

#[test]
fn retries_used_up_discard_the_batch_and_the_shard_moves_on() {
    check(
        "batch=2 retries=1",
        &[
            ("arrive 1 2", "invoke 1 2"),
            ("fail", "wake +1"),
            ("+1", "invoke 1 2"),
            ("fail", "discard 1 2 RetryAttemptsExhausted calls 2, after 2, read 2"),
        ],
    );
    check(
        "batch=1 retries=0",
        &[("arrive 1", "invoke 1"), ("fail", "discard 1 RetryAttemptsExhausted calls 1, after 1, read 1")],
    );
}

#[test]
fn throttles_use_no_attempt() {
    check(
        "batch=1 retries=0",
        &[
            ("arrive 1", "invoke 1"),
            ("throttle", "wake +1"),
            ("+1", "invoke 1"),
            ("throttle", "wake +2"),
            ("+2", "invoke 1"),
            ("fail", "discard 1 RetryAttemptsExhausted calls 3, after 1, read 1"),
        ],
    );
}

#[test]
fn a_function_that_may_never_run_holds_its_records_until_they_are_too_old() {
    check(
        "batch=1 retries=0 age=60",
        &[
            ("arrive 1~50", "invoke 1"),
            ("throttle", "wake +1"),
            ("+1", "invoke 1"),
            ("throttle", "wake +2"),
            ("+10", "discard 1 RecordAgeExceeded calls 2, after 1, read 1"),
        ],
    );
}

#[test]
fn records_past_the_age_limit_are_dropped_before_a_call() {
    check(
        "batch=9 age=60",
        &[
            ("arrive 1~61 2~59 3", "discard 1 RecordAgeExceeded calls 0, after 1, invoke 2 3"),
            ("fail", "wake +1"),
            ("+2", "discard 2 RecordAgeExceeded calls 1, after 2, invoke 3"),
            ("fail", "wake +2"),
            ("+100", "discard 3 RecordAgeExceeded calls 2, after 3, read 9"),
        ],
    );
}

#[test]
fn without_limits_a_poison_record_blocks_until_it_leaves_retention() {
    check(
        "batch=1",
        &[
            ("keeps 3600", "read 1"),
            ("arrive 1", "invoke 1"),
            ("fail", "wake +1"),
            ("+3599", "invoke 1"),
            ("fail", "wake +2"),
            ("+2", "discard 1 RecordAgeExceeded calls 2, after 1, read 1"),
        ],
    );
}

#[test]
fn bisect_halves_down_to_the_poison_record() {
    check(
        "batch=4 retries=1 bisect=on",
        &[
            ("arrive 1 2 3 4", "invoke 1 2 3 4"),
            ("fail", "invoke 1 2"),
            ("ok", "after 2, invoke 3 4"),
            ("fail", "invoke 3"),
            ("fail", "wake +1"),
            ("+1", "invoke 3"),
            ("fail", "discard 3 RetryAttemptsExhausted calls 4, after 3, invoke 4"),
            ("ok", "after 4, read 4"),
        ],
    );
}

#[test]
fn a_throttle_does_not_bisect() {
    check("batch=2 bisect=on", &[("arrive 1 2", "invoke 1 2"), ("throttle", "wake +1"), ("+1", "invoke 1 2")]);
}

#[test]
fn the_lowest_failed_item_is_where_the_retry_starts() {
    check(
        "batch=4 retries=1 items=on",
        &[
            ("arrive 1 2 3 4", "invoke 1 2 3 4"),
            ("says 4 3", "after 2, wake +1"),
            ("+1", "invoke 3 4"),
            ("says 4", "discard 4 RetryAttemptsExhausted calls 2, after 4, read 4"),
        ],
    );
}

#[test]
fn an_answer_that_names_strangers_fails_the_whole_batch() {
    check(
        "batch=2 items=on",
        &[("arrive 1 2", "invoke 1 2"), ("says 7", "wake +1"), ("+1", "invoke 1 2"), ("ok", "after 2, read 2")],
    );
}

#[test]
fn the_answer_is_ignored_unless_the_setting_asks_for_it() {
    check("batch=2", &[("arrive 1 2", "invoke 1 2"), ("says 1", "after 2, read 2")]);
}

#[test]
fn bisect_cuts_at_the_named_item_and_uses_no_attempt() {
    check(
        "batch=4 retries=0 items=on bisect=on",
        &[
            ("arrive 1 2 3 4", "invoke 1 2 3 4"),
            ("says 2", "after 1, invoke 2 3 4"),
            ("says 2", "invoke 2"),
            ("says 2", "discard 2 RetryAttemptsExhausted calls 3, after 2, invoke 3 4"),
            ("ok", "after 4, read 4"),
        ],
    );
}

#[test]
fn filtered_records_count_as_settled() {
    check(
        r#"batch=4 filter={"partitionKey":["b"]}"#,
        &[("arrive 1 2@b 3", "after 1, invoke 2"), ("ok", "after 3, read 4"), ("arrive 4 5", "after 5, read 4")],
    );
}

#[test]
fn nobody_is_told_of_records_that_a_filter_dropped() {
    check(
        r#"batch=2 retries=0 tells=on filter={"partitionKey":["b"]}"#,
        &[("arrive 1 2", "after 2, read 2"), ("arrive 3 .", "after 3, finish")],
    );
}

#[test]
fn lanes_keep_the_order_of_a_key_and_the_checkpoint_behind_the_slowest() {
    // Keys a and b fall into lanes 0 and 1.
    check(
        "batch=2 lanes=2",
        &[
            ("+0", "read 8"),
            ("arrive 1@b 2@a 3@b 4@a 5@a", "invoke 0: 2 4, invoke 1: 1 3"),
            ("0:ok", "mark, invoke 0: 5"),
            ("0:ok", "mark, read 3"),
            ("arrive 6@a 7@b", "invoke 0: 6"),
            ("1:ok", "after 5, invoke 1: 7"),
            ("1:ok", "mark, read 6"),
            ("0:ok", "after 7, read 8"),
        ],
    );
}

#[test]
fn a_stuck_lane_stops_the_reading_in_the_end_but_not_the_other_lane() {
    check(
        "batch=1 lanes=2",
        &[
            ("arrive 1@b 2@a 3@b 4@a", "invoke 0: 2, invoke 1: 1"),
            ("1:fail", "wake +1"),
            ("0:ok", "mark, invoke 0: 4, wake +1"),
            ("0:ok", "mark, wake +1"),
            ("+1", "invoke 1: 1"),
            ("1:ok", "after 2, invoke 1: 3, read 2"),
            ("1:ok", "after 4, read 4"),
        ],
    );
}

#[test]
fn what_is_read_ahead_is_bounded_in_bytes_too() {
    check(
        "batch=10000 lanes=2",
        &[
            ("arrive 1@b 2@b#3000000", "invoke 1: 1 2, read 39998"),
            ("arrive 3@b#4000000 4@b#4000000", "read 39996"),
            ("arrive 5@b#4000000", ""),
        ],
    );
}

#[test]
fn another_number_of_lanes_repeats_only_what_was_not_settled() {
    check(
        "batch=2 lanes=2",
        &[
            ("arrive 1@b 2@a 3@b 4@a", "invoke 0: 2 4, invoke 1: 1 3"),
            ("set lanes=1 batch=9", ""),
            ("0:ok", "mark"),
            ("1:fail", "read 9"),
            ("arrive 1@b 2@a 3@b 4@a 5@a", "invoke 1 3 5"),
            ("ok", "after 5, read 9"),
        ],
    );
}

#[test]
fn a_restart_goes_on_from_the_checkpoint_and_its_marks() {
    let mut run = Run::new("batch=2 lanes=2", Checkpoint::new(Position::TrimHorizon));
    run.step("arrive 1@b 2@a 3@b 4@a");
    run.step("0:ok");
    let text = serde_json::to_string(&run.stored).unwrap();
    let mut run = Run::new("batch=9 lanes=3", serde_json::from_str(&text).unwrap());
    assert_eq!(run.step("arrive 1@b 2@a 3@b 4@a"), "invoke 1: 1 3, read 50");
}

#[test]
fn new_settings_hold_from_the_next_batch_without_losing_the_place() {
    check(
        "batch=4",
        &[
            ("arrive 1 2", "invoke 1 2"),
            ("set batch=1 retries=0", ""),
            ("fail", "discard 1 2 RetryAttemptsExhausted calls 1, after 2, read 1"),
            ("arrive 3", "invoke 3"),
        ],
    );
}

#[test]
fn stopping_lets_the_invocation_end_and_starts_no_other() {
    check("batch=2", &[("arrive 1 2", "invoke 1 2"), ("stop", ""), ("ok", "after 2"), ("+10", "")]);
}

#[test]
fn the_checkpoint_passes_a_poison_batch_only_when_the_destination_has_it() {
    check(
        "batch=2 retries=0 tells=on",
        &[
            ("arrive 1 2", "invoke 1 2"),
            ("fail", "deliver 0: 1 2 RetryAttemptsExhausted calls 1"),
            ("+600", ""),
            ("taken", "after 2, read 2"),
            ("arrive 3", "invoke 3"),
        ],
    );
}

#[test]
fn what_is_too_old_or_too_large_is_told_too() {
    check(
        "batch=9 age=60 tells=on",
        &[
            ("arrive 1~61 2 3#5000000", "deliver 0: 1 RecordAgeExceeded calls 0"),
            ("taken", "after 1, invoke 2"),
            ("ok", "deliver 0: 3 EventTooLarge calls 0, after 2"),
            ("taken", "after 3, read 9"),
        ],
    );
}

#[test]
fn what_follows_in_a_split_batch_waits_for_the_destination() {
    check(
        "batch=2 retries=0 bisect=on tells=on",
        &[
            ("arrive 1 2", "invoke 1 2"),
            ("fail", "invoke 1"),
            ("fail", "deliver 0: 1 RetryAttemptsExhausted calls 2"),
            ("taken", "after 1, invoke 2"),
            ("ok", "after 2, read 2"),
        ],
    );
}

#[test]
fn a_lane_that_waits_for_the_destination_holds_up_no_other() {
    check(
        "batch=1 lanes=2 retries=0 tells=on",
        &[
            ("arrive 1@b 2@a 3@b 4@a", "invoke 0: 2, invoke 1: 1"),
            ("1:fail", "deliver 1: 1 RetryAttemptsExhausted calls 1"),
            ("0:ok", "mark, invoke 0: 4"),
            ("0:ok", "mark"),
            ("1:taken", "after 2, invoke 1: 3, read 2"),
        ],
    );
}

#[test]
fn a_crash_before_the_destination_has_it_repeats_the_batch() {
    let mut run = Run::new("batch=1 retries=0 tells=on", Checkpoint::new(Position::TrimHorizon));
    run.step("arrive 1");
    assert_eq!(run.step("fail"), "deliver 0: 1 RetryAttemptsExhausted calls 1");
    assert_eq!(run.stored, Checkpoint::new(Position::TrimHorizon));
}

#[test]
fn lanes_change_only_when_the_destination_has_what_was_given_up() {
    check(
        "batch=1 retries=0 tells=on",
        &[
            ("arrive 1", "invoke 1"),
            ("fail", "deliver 0: 1 RetryAttemptsExhausted calls 1"),
            ("set lanes=2", ""),
            ("taken", "after 1, read 4"),
        ],
    );
}
