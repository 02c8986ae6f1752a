//! The counts of calls by the hour are always those of a scan of all calls, although parts come in any order, again,
//! and on two servers at once. What the scan counts is written anew here.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use hotline_proto::v1::Role;
use hotline_server::desk::call::details::{
    CallDetails, Direction, End, Offer, OfferResult, Outcome, QueueStay, TimedKey,
};
use hotline_server::desk::call::get_service_level::Span;
use hotline_server::desk::call::list_calls::ListCalls;
use hotline_server::desk::call::report_call::ReportCall;
use hotline_server::desk::call::rollup::{Counts, HOUR_MICROS};
use hotline_server::identity::CallNumbers;
use hotline_server::ticket::Instant;
use hotline_server::ticket::dated::{Dated, Earliest};
use sea_orm::ConnectionTrait as _;

use super::both;
use super::calls::{calls, grant, key, report};
use super::fixture::{Database, Hotline, opening};
use super::random::Random;

both! {
    counts_are_those_of_a_scan
    a_wrong_count_is_found
}

const CALLS: u64 = 24;
const PARTS: u64 = 160;

fn seconds(random: &mut Random, below: u32) -> TimeDelta {
    TimeDelta::seconds(i64::from(random.below(below)))
}

/// A random part of one of a few calls, which began in three hours.
fn part(random: &mut Random) -> ReportCall {
    let nth = random.below(u32::try_from(CALLS).expect("small"));
    let began_at = opening() - TimeDelta::hours(3) + TimeDelta::minutes(7 * i64::from(nth));
    let at = began_at + seconds(random, 300);
    let mut details = CallDetails { first_part_at: Some(Earliest(at)), ..CallDetails::default() };
    // Some parts come without the start, so that a call may move to an earlier hour.
    details.began_at = random.percent(70).then_some(Earliest(began_at));
    match random.below(6) {
        0 => details.direction = random.percent(20).then_some(Dated { at, value: Direction::Outbound }),
        1 => details.is_training = random.percent(20).then_some(Dated { at, value: true }),
        2 => {
            let joined_at = Some(Dated { at, value: began_at + seconds(random, 20) });
            details.queues.insert("enterprise".to_owned(), QueueStay { joined_at, ..QueueStay::default() });
        }
        3 => {
            let results = [OfferResult::Answered, OfferResult::TimedOut, OfferResult::Declined];
            let result = results[usize::try_from(random.below(3)).expect("a place")];
            let offered_at = began_at + TimeDelta::seconds(20);
            let result_at = Some(Dated { at, value: offered_at + seconds(random, 60) });
            let key = TimedKey { at: offered_at, name: format!("seat-{}", random.below(3)) };
            details.offers.insert(key, Offer { result: Some(Dated { at, value: result }), result_at });
        }
        _ => {
            let talk_seconds = random.percent(50).then_some(Dated { at, value: 60 + random.below(200) });
            details.end = End { at: Some(Dated { at, value: at }), talk_seconds, ..End::default() };
        }
    }
    let key = key(&format!("call-{nth}"), began_at);
    ReportCall { key, details, numbers: CallNumbers::default() }
}

/// What a scan counts for one call, without the distribution of waits.
fn scanned(details: &CallDetails) -> Option<(i64, [i64; 9])> {
    let is_outbound = details.direction.as_ref().is_some_and(|one| one.value == Direction::Outbound);
    if is_outbound || details.is_training.is_some() {
        return None;
    }
    let outcome = details.outcome()?;
    let began_at = details.began_at()?;
    let joined: Vec<Instant> =
        details.queues.values().filter_map(|stay| stay.joined_at.as_ref()).map(|at| at.value).collect();
    let mut answers = Vec::new();
    for (key, offer) in &details.offers {
        if offer.result.as_ref().is_some_and(|result| result.value == OfferResult::Answered) {
            answers.push(offer.result_at.as_ref().map_or(key.at, |at| at.value));
        }
    }
    let answer = answers.into_iter().min();
    let wait_ms = answer.map_or(0, |answer| {
        let from = joined.into_iter().min().unwrap_or(began_at);
        if answer > from { (answer - from).num_milliseconds() } else { 0 }
    });
    let is = |one| i64::from(outcome == one);
    let answered = is(Outcome::Answered);
    let talk = details.end.talk_seconds.as_ref().filter(|_| answered == 1).map(|talk| i64::from(talk.value));
    let counts = [
        1 - is(Outcome::NotQueued),
        answered,
        i64::from(answered == 1 && wait_ms <= 15_000),
        is(Outcome::Abandoned),
        is(Outcome::Missed),
        is(Outcome::NotQueued),
        wait_ms,
        i64::from(talk.is_some()),
        talk.unwrap_or_default(),
    ];
    Some((began_at.timestamp_micros().div_euclid(HOUR_MICROS), counts))
}

fn plain(counts: &Counts) -> [i64; 9] {
    [
        counts.queued,
        counts.answered,
        counts.in_time,
        counts.abandoned,
        counts.missed,
        counts.not_queued,
        counts.wait_ms,
        counts.talked,
        counts.talk_seconds,
    ]
}

/// Compares the counts of each hour with a scan of all calls.
async fn compare(hotline: &Hotline) -> Result<usize, String> {
    let calls = calls(hotline);
    let list = ListCalls { limit: 1_000, ..ListCalls::default() };
    let all = calls.list_calls(&grant("ListCalls", Role::Agent), list).await.expect("they can be read");
    let mut expected: BTreeMap<i64, [i64; 9]> = BTreeMap::new();
    for (hour, counts) in all.iter().filter_map(|call| scanned(&call.details)) {
        let sums = expected.entry(hour).or_default();
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    let start = (opening() - TimeDelta::hours(5)).timestamp_micros().div_euclid(HOUR_MICROS);
    for hour in start..start + 8 {
        let level = calls.get_service_level(&Span(hour..hour + 1)).await.expect("it can be read");
        let expected = expected.remove(&hour).unwrap_or_default();
        if plain(&level.total) != expected {
            return Err(format!("hour {hour}: {:?} instead of {expected:?}", level.total));
        }
        if level.total.waits.values().sum::<i64>() != level.total.answered {
            return Err(format!("hour {hour}: the buckets of waits"));
        }
    }
    assert!(expected.is_empty(), "calls of other hours: {expected:?}");
    Ok(all.len())
}

async fn counts_are_those_of_a_scan(database: Database) {
    let hotline = Hotline::open(&database).await;
    let other = match &database {
        Database::Sqlite(_) => hotline.clone(),
        Database::Postgres(_) => Hotline::open(&database).await,
    };
    let mut random = Random::new(7);
    let servers = [calls(&hotline), calls(&other)];
    for _ in 0..4 {
        let mut tasks = Vec::new();
        for nth in 0..PARTS / 4 {
            let part = part(&mut random);
            let times = 1 + u64::from(random.percent(20));
            for _ in 0..times {
                let (server, part) = (servers[usize::from(nth % 2 == 1)].clone(), part.clone());
                tasks.push(tokio::spawn(async move { report(&server, part).await }));
            }
        }
        for task in tasks {
            task.await.expect("no report panics");
        }
        let compared = compare(&hotline).await.unwrap_or_else(|wrong| panic!("{wrong}"));
        assert!(compared > 10, "{compared}");
    }
    assert!(hotline.count("SELECT COUNT(*) FROM call_rollup WHERE amount > 0").await > 20);
}

/// An injected bug: a call is counted again when a part arrives again.
async fn a_wrong_count_is_found(database: Database) {
    let hotline = Hotline::open(&database).await;
    let mut random = Random::new(7);
    for _ in 0..PARTS / 2 {
        report(&calls(&hotline), part(&mut random)).await;
    }
    compare(&hotline).await.expect("the counts are right");
    let twice = "UPDATE call_rollup SET amount = amount + 1 WHERE measure = 1";
    hotline.store.migrating().execute_unprepared(twice).await.expect("a count changes");
    compare(&hotline).await.expect_err("a call is counted twice");
}
