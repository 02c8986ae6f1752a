//! The same parts make the same call, in whatever order and however often they come.

use chrono::{DateTime, TimeDelta};

use super::*;

/// A small generator with a seed (xorshift), so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn shuffle<T>(&mut self, values: &mut [T]) {
        for place in (1..values.len()).rev() {
            let other = usize::try_from(self.below(place as u64 + 1)).expect("a place");
            values.swap(place, other);
        }
    }
}

fn at(seconds: u64) -> Instant {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(i64::try_from(seconds).expect("small"))
}

/// A part with a few random values. Few instants and few values, so that they often meet.
fn part(random: &mut Random) -> CallDetails {
    let made_at = at(random.below(4));
    let mut part = CallDetails { first_part_at: Some(Earliest(made_at)), ..CallDetails::default() };
    if random.below(3) == 0 {
        part.began_at = Some(Earliest(at(random.below(4))));
    }
    let name = format!("{}", random.below(2));
    let key = TimedKey { at: at(random.below(2)), name: name.clone() };
    let dated_instant = Dated { at: made_at, value: at(random.below(3)) };
    let dated_text = Dated { at: made_at, value: format!("{}", random.below(3)) };
    match random.below(9) {
        0 => {
            let value = if random.below(2) == 0 { Direction::Inbound } else { Direction::Outbound };
            part.direction = Some(Dated { at: made_at, value });
        }
        1 => part.called = Some(dated_text),
        2 => {
            part.menu_steps.insert(key, MenuStep { label: Some(dated_text) });
        }
        3 => {
            let stay = if random.below(2) == 0 {
                QueueStay { joined_at: Some(dated_instant), ..QueueStay::default() }
            } else {
                QueueStay { left_at: Some(dated_instant), ..QueueStay::default() }
            };
            part.queues.insert(name, stay);
        }
        4 => {
            let results = [None, Some(OfferResult::Answered), Some(OfferResult::TimedOut)];
            let result = results[usize::try_from(random.below(3)).expect("a place")];
            let result = result.map(|value| Dated { at: made_at, value });
            part.offers.insert(key, Offer { result, result_at: Some(dated_instant) });
        }
        5 => {
            part.holds.insert(key, Hold { ended_at: Some(dated_instant) });
        }
        6 => {
            part.legs.insert(name, Leg { seat: Some(dated_text), ..Leg::default() });
        }
        7 => part.end.at = Some(dated_instant),
        _ => part.end.cause = Some(dated_text),
    }
    part
}

fn joined(parts: &[CallDetails]) -> CallDetails {
    parts.iter().fold(CallDetails::default(), CallDetails::with)
}

/// Checks that a join makes the same call of the same parts.
fn check_join(join: fn(CallDetails, &CallDetails) -> CallDetails) -> Result<(), String> {
    let joined = |parts: &[CallDetails]| parts.iter().fold(CallDetails::default(), join);
    for seed in 1..400 {
        let mut random = Random::new(seed);
        let parts: Vec<_> = (0..2 + random.below(10)).map(|_| part(&mut random)).collect();
        let expected = joined(&parts);
        for _ in 0..20 {
            let mut others = parts.clone();
            for _ in 0..random.below(5) {
                let place = usize::try_from(random.below(parts.len() as u64)).expect("a place");
                others.push(parts[place].clone());
            }
            random.shuffle(&mut others);
            // Parts may also meet before they reach the call.
            let (first, rest) = others.split_at(others.len() / 2);
            if joined(&others) != expected || join(joined(first), &joined(rest)) != expected {
                return Err(format!("seed {seed}"));
            }
        }
    }
    Ok(())
}

#[test]
fn permuted_and_repeated_parts_make_the_same_call() {
    check_join(CallDetails::with).expect("the order decides nothing");
}

/// An injected bug: of two values, that of the part which arrives last stays.
#[test]
fn a_join_by_arrival_is_found() {
    let by_arrival = |call: CallDetails, part: &CallDetails| {
        let mut joined = call.with(part);
        if part.called.is_some() {
            joined.called.clone_from(&part.called);
        }
        joined
    };
    check_join(by_arrival).expect_err("the order decides");
}

#[test]
fn a_joined_call_has_every_item_of_its_parts() {
    for seed in 1..200 {
        let mut random = Random::new(seed);
        let parts: Vec<_> = (0..10).map(|_| part(&mut random)).collect();
        let call = joined(&parts);
        for part in &parts {
            assert!(part.offers.keys().all(|key| call.offers.contains_key(key)), "seed {seed}");
            assert!(part.holds.keys().all(|key| call.holds.contains_key(key)), "seed {seed}");
            assert!(part.end.at.is_none() || call.outcome().is_some(), "seed {seed}: an end is final");
        }
    }
}

#[test]
fn an_older_part_that_comes_late_takes_nothing_back() {
    let cause = |made_at, cause: &str| CallDetails {
        end: End { cause: Some(Dated { at: at(made_at), value: cause.to_owned() }), ..End::default() },
        ..CallDetails::default()
    };
    let call = cause(9, "normal").with(&cause(3, "busy"));
    assert_eq!(call, cause(9, "normal"));
}

#[test]
fn the_outcome_follows_from_the_parts() {
    let end = CallDetails {
        end: End { at: Some(Dated { at: at(9), value: at(9) }), ..End::default() },
        ..CallDetails::default()
    };
    let mut queued = CallDetails::default();
    queued.queues.insert("enterprise".to_owned(), QueueStay::default());
    let mut offered = CallDetails::default();
    let key = TimedKey { at: at(3), name: "seat-1".to_owned() };
    offered.offers.insert(key.clone(), Offer::default());
    let mut answered = CallDetails::default();
    let result = Some(Dated { at: at(4), value: OfferResult::Answered });
    answered.offers.insert(key, Offer { result, result_at: None });
    for (parts, expected) in [
        (vec![&queued, &answered], None),
        (vec![&end], Some(Outcome::NotQueued)),
        (vec![&end, &queued], Some(Outcome::Abandoned)),
        (vec![&end, &queued, &offered], Some(Outcome::Missed)),
        (vec![&end, &queued, &offered, &answered], Some(Outcome::Answered)),
        (vec![&end, &answered], Some(Outcome::Answered)),
    ] {
        let call = parts.iter().fold(CallDetails::default(), |call, part| call.with(part));
        assert_eq!(call.outcome(), expected);
    }
    assert_eq!(offered.with(&answered).seats(), ["seat-1"]);
}

#[test]
fn a_call_survives_its_own_document() {
    let mut random = Random::new(7);
    let call = joined(&(0..40).map(|_| part(&mut random)).collect::<Vec<_>>());
    let document = serde_json::to_string(&call).expect("it can be written");
    assert_eq!(serde_json::from_str::<CallDetails>(&document).expect("it can be read"), call);
}

#[test]
fn each_list_is_bounded() {
    let mut call = CallDetails::default();
    for second in 0..ITEMS_MAX as u64 {
        let key = TimedKey { at: at(second), name: String::new() };
        call.holds.insert(key, Hold::default());
    }
    assert!(call.is_bounded());
    call.holds.insert(TimedKey { at: at(1_000), name: String::new() }, Hold::default());
    assert!(!call.is_bounded());
}
