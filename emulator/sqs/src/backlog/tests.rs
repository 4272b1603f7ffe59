//! Rules of order and time, with plain numbers for both.

use super::*;

const TAKE: Take = Take {
    most: 10,
    visibility: Duration::from_secs(30),
    retention: Duration::from_secs(345_600),
    most_receives: None,
};

fn at(secs: u64) -> Timestamp {
    Timestamp::from_secs(1_000_000 + secs)
}

fn held(group: Option<&str>, available: u64) -> Held {
    let message = Message {
        id: "id".into(),
        body: "b".into(),
        attributes: [].into(),
        trace: None,
        sender: "s".into(),
        sent: at(0),
        group: group.map(Into::into),
        deduplication: None,
        dead_letter_of: None,
    };
    Held { message: Arc::new(message), delivery: Delivery { available: at(available), ..Delivery::default() } }
}

fn taken(backlog: &mut Backlog, now: u64, take: Take) -> Vec<u64> {
    backlog.take(at(now), take).delivered.into_iter().map(|(sequence, _)| sequence).collect()
}

#[test]
fn what_is_taken_comes_back_when_its_time_is_over() {
    let mut backlog = Backlog::new(false);
    backlog.insert(1, held(None, 0));
    backlog.insert(2, held(None, 5));
    assert_eq!(backlog.counts(at(0), TAKE.retention), Counts { available: 1, in_flight: 0, delayed: 1 });
    assert_eq!(taken(&mut backlog, 0, TAKE), [1]);
    assert_eq!(taken(&mut backlog, 4, TAKE), [0; 0]);
    assert_eq!(backlog.next_available(at(4)), Some(at(5)));
    assert_eq!(taken(&mut backlog, 5, TAKE), [2]);
    assert_eq!(backlog.counts(at(6), TAKE.retention), Counts { available: 0, in_flight: 2, delayed: 0 });
    assert_eq!(taken(&mut backlog, 30, TAKE), [1]);
    assert!(backlog.remove(1).is_some());
    assert!(backlog.remove(1).is_none());
    assert_eq!(taken(&mut backlog, 100, TAKE), [2]);
    assert_eq!(backlog.get(2).unwrap().delivery.receives, 2);
    assert_eq!(backlog.get(2).unwrap().delivery.first_received, Some(at(5)));
}

#[test]
fn without_a_timeout_nobody_gets_a_message_twice_in_one_call() {
    for (fifo, group) in [(false, None), (true, Some("g"))] {
        let mut backlog = Backlog::new(fifo);
        backlog.insert(1, held(group, 0));
        backlog.insert(2, held(group, 0));
        let take = Take { visibility: Duration::ZERO, ..TAKE };
        assert_eq!(taken(&mut backlog, 0, take), [1, 2]);
        assert_eq!(taken(&mut backlog, 0, take), [1, 2]);
    }
}

#[test]
fn a_group_waits_for_its_own_and_for_no_other() {
    let mut backlog = Backlog::new(true);
    for (sequence, group) in [(1, "a"), (2, "b"), (3, "a"), (4, "b")] {
        backlog.insert(sequence, held(Some(group), 0));
    }
    let one = Take { most: 1, ..TAKE };
    assert_eq!(taken(&mut backlog, 0, one), [1]);
    assert_eq!(taken(&mut backlog, 0, one), [2]);
    assert_eq!(taken(&mut backlog, 0, one), [0; 0]);
    backlog.remove(2);
    assert_eq!(taken(&mut backlog, 0, TAKE), [4]);
    assert_eq!(taken(&mut backlog, 30, TAKE), [1, 3, 4]);
    // The first is free again, but the one behind it is still with somebody.
    let mut freed = backlog.get(1).unwrap().delivery.clone();
    freed.available = at(31);
    backlog.reschedule(1, freed).unwrap();
    assert_eq!(taken(&mut backlog, 31, TAKE), [0; 0]);
    assert_eq!(taken(&mut backlog, 60, TAKE), [1, 3, 4]);
}

#[test]
fn a_delayed_message_holds_up_its_group() {
    let mut backlog = Backlog::new(true);
    backlog.insert(1, held(Some("a"), 10));
    backlog.insert(2, held(Some("a"), 0));
    assert_eq!(taken(&mut backlog, 5, TAKE), [0; 0]);
    assert_eq!(taken(&mut backlog, 10, TAKE), [1, 2]);
}

#[test]
fn old_ones_and_dead_ones_are_sorted_out() {
    for (fifo, group) in [(false, None), (true, Some("g"))] {
        let mut backlog = Backlog::new(fifo);
        backlog.insert(1, held(group, 0));
        backlog.insert(2, held(group, 0));
        let twice = Take { most_receives: Some(2), ..TAKE };
        assert_eq!(taken(&mut backlog, 0, Take { most: 1, ..twice }), [1]);
        let mut second = taken(&mut backlog, 30, twice);
        second.sort_unstable();
        assert_eq!(second, [1, 2]);
        let third = backlog.take(at(60), twice);
        assert_eq!(third.dead.iter().map(|(sequence, _)| *sequence).collect::<Vec<_>>(), [1]);
        assert_eq!(third.delivered.iter().map(|(sequence, _)| *sequence).collect::<Vec<_>>(), [2]);
        let old = Take { retention: Duration::from_secs(90), ..twice };
        assert_eq!(backlog.counts(at(90), old.retention), Counts::default());
        assert_eq!(backlog.take(at(90), old).expired, [2]);
        assert_eq!(backlog.drain(), [0; 0]);
    }
}
