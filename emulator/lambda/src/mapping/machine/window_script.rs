//! Scripts for tumbling windows, in the language of [`script`](super::script).

use super::script::{Run, check};
use super::*;

#[test]
fn a_tumbling_window_hands_its_state_from_call_to_call_and_closes_in_time() {
    check(
        "batch=2 tumbling=10",
        &[
            ("arrive 1 2", "invoke 1 2 on {}"),
            (r#"returns {"n":2}"#, "after 2, read 2, wake +10"),
            ("+4", "read 2, wake +6"),
            ("arrive 3", r#"invoke 3 on {"n":2}"#),
            (r#"returns {"n":3}"#, "after 3, read 2, wake +6"),
            ("+6", r#"close {"n":3}"#),
            ("ok", "mark, read 2"),
            ("arrive 4", "invoke 4 on {}"),
        ],
    );
}

#[test]
fn a_record_of_the_next_window_closes_the_one_before() {
    check(
        "batch=9 tumbling=10",
        &[
            ("+5", "read 9"),
            ("arrive 1~8 2~6 3~4 4", "invoke 1 2 on {}"),
            (r#"returns {"n":2}"#, r#"after 2, close {"n":2}"#),
            ("ok", "mark, invoke 3 4 on {}"),
        ],
    );
}

#[test]
fn a_state_past_its_limit_closes_its_window_before_time() {
    let mut run = Run::new("batch=1 tumbling=10", Checkpoint::new(Position::TrimHorizon));
    assert_eq!(run.step("arrive 1"), "invoke 1 on {}");
    let large = format!(r#"{{"n":"{}"}}"#, "x".repeat(1024 * 1024));
    assert_eq!(run.step(&format!("returns {large}")), format!("after 1, close {large}"));
    assert!(run.machine.batch_window(0).is_some_and(|(window, _)| window.is_terminated_early));
    assert_eq!(run.step("ok"), "mark, read 1");
    assert_eq!(run.step("arrive 2"), "invoke 2 on {}", "the rest of the time begins anew");
}

#[test]
fn a_partial_answer_in_a_window_keeps_the_state_of_what_is_done() {
    check(
        "batch=2 tumbling=10 items=on",
        &[
            ("arrive 1 2", "invoke 1 2 on {}"),
            (r#"returns {"n":1},"batchItemFailures":[{"itemIdentifier":"2"}]"#, "after 1, wake +1"),
            ("+1", r#"invoke 2 on {"n":1}"#),
            (r#"returns {"n":2},"batchItemFailures":[]"#, "after 2, read 2, wake +9"),
        ],
    );
}

#[test]
fn a_failed_call_in_a_window_leaves_the_state_as_it_was() {
    check(
        "batch=1 tumbling=10",
        &[
            ("arrive 1", "invoke 1 on {}"),
            (r#"returns {"n":1}"#, "after 1, read 1, wake +10"),
            ("arrive 2", r#"invoke 2 on {"n":1}"#),
            ("fail", "wake +1"),
            ("+1", r#"invoke 2 on {"n":1}"#),
        ],
    );
}

#[test]
fn an_old_window_is_not_closed_while_the_shard_has_more() {
    check(
        "batch=1 tumbling=10",
        &[
            ("arrive 1~100 …", "invoke 1 on {}"),
            (r#"returns {"n":1}"#, "after 1, look 1"),
            ("arrive 2~99", r#"invoke 2 on {"n":1}"#),
            (r#"returns {"n":2}"#, r#"after 2, close {"n":2}"#),
        ],
    );
}

#[test]
fn without_a_state_the_call_has_failed() {
    check(
        "batch=1 tumbling=10 retries=1",
        &[
            ("arrive 1", "invoke 1 on {}"),
            ("ok", "wake +1"),
            ("+1", "invoke 1 on {}"),
            ("ok", "discard 1 RetryAttemptsExhausted calls 2, after 1, read 1, wake +9"),
        ],
    );
}

#[test]
fn a_failing_last_call_blocks_and_is_tried_again() {
    check(
        "batch=1 tumbling=10",
        &[
            ("arrive 1", "invoke 1 on {}"),
            (r#"returns {"n":1}"#, "after 1, read 1, wake +10"),
            ("+10", r#"close {"n":1}"#),
            ("fail", "wake +1"),
            ("+1", r#"close {"n":1}"#),
            ("ok", "mark, read 1"),
        ],
    );
}

#[test]
fn the_end_of_the_shard_closes_its_window() {
    check(
        "batch=9 tumbling=900",
        &[
            ("arrive 1 .", "invoke 1 on {}"),
            (r#"returns {"n":1}"#, r#"after 1, close {"n":1}"#),
            ("ok", "mark, finish"),
        ],
    );
}

#[test]
fn an_open_window_survives_a_restart_with_its_state() {
    let mut run = Run::new("batch=1 tumbling=10", Checkpoint::new(Position::TrimHorizon));
    run.step("arrive 1");
    run.step(r#"returns {"n":1}"#);
    let text = serde_json::to_string(&run.stored).unwrap();
    let mut run = Run::new("batch=1 tumbling=10", serde_json::from_str(&text).unwrap());
    assert_eq!(run.step("+100"), "look 1", "there may be more of the window");
    assert_eq!(run.step("arrive"), r#"close {"n":1}"#);
    assert_eq!(run.step("ok"), "mark, read 1");
}

#[test]
fn a_window_that_is_no_longer_wanted_is_closed_in_time() {
    check(
        "batch=1 tumbling=10",
        &[
            ("arrive 1", "invoke 1 on {}"),
            ("set tumbling=0 lanes=2", ""),
            (r#"returns {"n":1}"#, "after 1, read 1, wake +10"),
            ("+10", r#"close {"n":1}"#),
            ("ok", "mark, read 4"),
        ],
    );
}
