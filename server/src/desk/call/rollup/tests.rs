//! What a call counts, and what changes when it becomes another one.

use chrono::TimeDelta;

use super::super::details::{End, Offer, QueueStay, TimedKey};
use super::*;
use crate::ticket::dated::{Dated, Earliest};

fn began() -> Instant {
    "2019-10-12T04:59:50Z".parse().expect("an instant")
}

#[expect(clippy::unnecessary_wraps, reason = "the fields of details are optional")]
fn dated<T>(value: T) -> Option<Dated<T>> {
    Some(Dated { at: began(), value })
}

/// A call that joined the queue after two seconds, and was answered after some more.
fn answered(wait_ms: i64) -> CallDetails {
    let queued_at = began() + TimeDelta::seconds(2);
    let offer = Offer {
        result: dated(OfferResult::Answered),
        result_at: dated(queued_at + TimeDelta::milliseconds(wait_ms)),
    };
    let key = TimedKey { at: queued_at, name: "seat-1".to_owned() };
    let stay = QueueStay { joined_at: dated(queued_at), ..QueueStay::default() };
    CallDetails {
        began_at: Some(Earliest(began())),
        queues: BTreeMap::from([("enterprise".to_owned(), stay)]),
        offers: BTreeMap::from([(key, offer)]),
        end: End { at: dated(began()), talk_seconds: dated(90), ..End::default() },
        ..CallDetails::default()
    }
}

#[test]
fn fifteen_seconds_are_in_time() {
    for (wait_ms, in_time) in [(0, 1), (15_000, 1), (15_001, 0), (9_000_000, 0)] {
        let (hour, counts) = Counts::of(&answered(wait_ms)).expect("it counts");
        assert_eq!(hour, hour_of("2019-10-12T04:00:00Z".parse().expect("an instant")));
        assert_eq!((counts.queued, counts.answered, counts.in_time), (1, 1, in_time), "{wait_ms}");
        assert_eq!((counts.wait_ms, counts.talk_seconds), (wait_ms, 90));
    }
}

#[test]
fn outgoing_calls_and_exercises_count_nowhere() {
    let outbound = CallDetails { direction: dated(Direction::Outbound), ..answered(0) };
    let exercise = CallDetails { is_training: dated(true), ..answered(0) };
    let lasting = CallDetails { end: End::default(), ..answered(0) };
    for call in [outbound, exercise, lasting] {
        assert_eq!(Counts::of(&call), None);
    }
    let real = CallDetails { is_training: dated(false), direction: dated(Direction::Inbound), ..answered(0) };
    assert!(Counts::of(&real).is_some());
}

#[test]
fn a_call_that_changes_takes_its_old_counts_back() {
    let waiting = CallDetails { offers: BTreeMap::new(), ..answered(0) };
    let mut total: BTreeMap<(i64, i16), i64> = BTreeMap::new();
    let earlier = Some(Earliest(began() - TimeDelta::hours(1)));
    let moved = CallDetails { began_at: earlier, ..answered(20_000) };
    let exercise = CallDetails { is_training: dated(true), ..moved.clone() };
    let steps = [waiting, answered(20_000), moved.clone(), exercise, moved.clone()];
    let mut before: Option<&CallDetails> = None;
    for after in &steps {
        for (key, amount) in changes(before, after) {
            *total.entry(key).or_default() += amount;
        }
        before = Some(after);
    }
    total.retain(|_, amount| *amount != 0);
    assert_eq!(total, changes(None, &moved));
    assert_eq!(changes(Some(&moved), &moved), BTreeMap::new());
}

#[test]
fn the_p90_is_at_most_a_fifth_too_long() {
    let mut all = Counts::default();
    assert_eq!((all.p90_wait_ms(), all.average_wait_ms()), (None, None));
    for second in 1..=100 {
        all += &Counts::of(&answered(second * 1_000)).expect("it counts").1;
    }
    let p90 = all.p90_wait_ms().expect("calls");
    assert!((90_000..=107_100).contains(&p90), "{p90}");
    assert_eq!(all.average_wait_ms(), Some(50_500));
    assert_eq!(all.average_talk_ms(), Some(90_000));
}
