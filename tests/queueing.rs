//! The rule of the queue against queueing theory. A simulation of seats, calls and callers who give up uses the rule
//! of the product ([`next_pair`]); its waits must be those that Erlang's formulas predict.
//!
//! Each run is cut into batches, whose means are nearly independent. So the bounds are statistical: a measured value
//! may differ from the expected one by four standard errors. A run is also refused if its standard errors are too
//! large to find a difference.

mod distribution;
mod simulation;

use hotline_server::desk::call::erlang::Load;
use hotline_server::desk::call::queue_rule::{ReadySeat, WaitingCall, next_pair};

use distribution::Distribution;
use simulation::{Arrivals, Bug, Run, Setting};

/// Standard errors by which a measured value may differ.
const ERRORS_MAX: f64 = 4.0;
/// The greatest standard error, as a share of the expected value, of a run that proves something.
const ERROR_SHARE_MAX: f64 = 0.2;
const HANDLING_SECONDS: f64 = 180.0;

/// The groups of seats, each with the calls that keep this many seats busy.
const GROUPS: [(u32, f64); 3] = [(10, 8.0), (50, 42.0), (120, 105.0)];

fn setting(seats: u32, offered: f64, patience_seconds: Option<f64>) -> Setting {
    let per_hour = offered * 3_600.0 / HANDLING_SECONDS;
    Setting {
        seats,
        arrivals: Arrivals::Steady {
            per_hour,
            calls: if patience_seconds.is_some() { 100_000 } else { 320_000 },
        },
        handling_seconds: HANDLING_SECONDS,
        patience_seconds,
        seed: 20_191_012,
        bug: None,
        rule: next_pair,
    }
}

/// Compares a measured value of each batch with the expected one.
fn check(name: &str, batches: &[f64], expected: f64) -> Result<(), String> {
    let (mean, error) = mean_and_error(batches);
    if error > expected * ERROR_SHARE_MAX {
        return Err(format!("{name}: a standard error of {error:.5} proves nothing about {expected:.5}"));
    }
    if (mean - expected).abs() > ERRORS_MAX * error {
        return Err(format!("{name}: {mean:.5} instead of {expected:.5} (standard error {error:.5})"));
    }
    Ok(())
}

fn mean_and_error(batches: &[f64]) -> (f64, f64) {
    let count = f64::from(u32::try_from(batches.len()).expect("few batches"));
    let mean = batches.iter().sum::<f64>() / count;
    let variance = batches.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, (variance / count).sqrt())
}

/// What must hold in every run: nobody is overtaken, and no seat has two calls.
fn check_fair(run: &Run) -> Result<(), String> {
    match run {
        Run { overtaken: 0, most_calls_at_a_seat: 0 | 1, .. } => Ok(()),
        run => Err(format!(
            "{} calls were overtaken, and a seat had {} calls",
            run.overtaken, run.most_calls_at_a_seat
        )),
    }
}

/// A run without impatient callers, against Erlang C.
fn check_erlang_c(run: &Run, setting: &Setting, offered: f64) -> Result<(), String> {
    check_fair(run)?;
    let per_hour = offered * 3_600.0 / HANDLING_SECONDS;
    let load = Load { calls_per_hour: per_hour, handling_seconds: HANDLING_SECONDS };
    let late = |call: &simulation::Served| f64::from(u8::from(call.wait_seconds > 15.0));
    check(
        "waited",
        &run.batches(|call| f64::from(u8::from(call.has_waited))),
        load.waiting_share(setting.seats),
    )?;
    check("late", &run.batches(late), 1.0 - load.in_time_share(setting.seats, 15.0))?;
    let average = load.average_wait_seconds(setting.seats).ok_or("the seats cannot do the work")?;
    check("average wait", &run.batches(|call| call.wait_seconds), average)
}

/// A run with impatient callers, against Erlang A: the stationary distribution of calls in the system.
fn check_erlang_a(run: &Run, setting: &Setting, offered: f64, patience: f64) -> Result<(), String> {
    check_fair(run)?;
    let per_second = offered / HANDLING_SECONDS;
    let stationary = Distribution::stationary(per_second, HANDLING_SECONDS, patience, setting.seats);
    check("waited", &run.batches(|call| f64::from(u8::from(call.has_waited))), stationary.all_busy())?;
    // Little's law.
    check("average wait", &run.batches(|call| call.wait_seconds), stationary.queue() / per_second)?;
    let given_up = stationary.queue() / patience / per_second;
    check("gave up", &run.batches(|call| f64::from(u8::from(call.gave_up))), given_up)
}

#[test]
fn waits_agree_with_erlang_c() {
    for (seats, offered) in GROUPS {
        let setting = setting(seats, offered, None);
        let run = simulation::run(&setting);
        check_erlang_c(&run, &setting, offered).unwrap_or_else(|error| panic!("{seats} seats: {error}"));
    }
}

#[test]
fn waits_of_impatient_callers_agree_with_erlang_a() {
    const PATIENCE: f64 = 120.0;
    for (seats, offered) in GROUPS {
        // A usual load, and one that the seats cannot do.
        for offered in [offered, f64::from(seats) * 1.25] {
            let setting = setting(seats, offered, Some(PATIENCE));
            let run = simulation::run(&setting);
            check_erlang_a(&run, &setting, offered, PATIENCE)
                .unwrap_or_else(|error| panic!("{seats} seats, {offered} busy: {error}"));
        }
    }
}

/// The calls of each hour of a day from 06:00 to 24:00, with a surge of 3.5 times the usual calls from 10:00 to 11:00.
/// The expected values are integrated second by second.
#[test]
fn a_day_with_a_surge_agrees_with_its_expectation() {
    const PATIENCE: f64 = 120.0;
    const DAYS: u64 = 40;
    let usual = [
        8.0, 14.0, 24.0, 34.0, 38.0, 30.0, 22.0, 30.0, 36.0, 34.0, 26.0, 18.0, 14.0, 12.0, 10.0, 8.0, 6.0,
        4.0,
    ];
    let hours = usual.iter().enumerate().map(|(hour, busy)| {
        let factor = if hour == 4 { 3.5 } else { 1.0 };
        busy * factor * 3_600.0 / HANDLING_SECONDS
    });
    let hours: Vec<f64> = hours.collect();
    let (mut given_up, mut waits, mut calls) = (Vec::new(), Vec::new(), Vec::new());
    for day in 0..DAYS {
        let arrivals = Arrivals::ByHour(hours.clone());
        let setting = Setting { arrivals, seed: day, ..setting(50, 0.0, Some(PATIENCE)) };
        let run = simulation::run(&setting);
        check_fair(&run).unwrap_or_else(|error| panic!("day {day}: {error}"));
        given_up.push(run.total(|call| f64::from(u8::from(call.gave_up))));
        waits.push(run.total(|call| call.wait_seconds));
        calls.push(run.total(|_| 1.0));
    }
    let expected = Distribution::day(&hours, HANDLING_SECONDS, PATIENCE, 50);
    check("calls", &calls, hours.iter().sum()).expect("the calls of a day");
    check("gave up", &given_up, expected.given_up).expect("the callers who give up");
    check("all waits", &waits, expected.queue_seconds).expect("the waits of a day");
}

/// An injected bug: the last call goes first.
fn last_call_first(calls: &[WaitingCall<'_>], seats: &[ReadySeat<'_>]) -> Option<(usize, usize)> {
    let last = (0..calls.len()).max_by_key(|place| calls[*place].arrival);
    last.filter(|_| !seats.is_empty()).map(|call| (call, 0))
}

#[test]
fn an_unfair_queue_is_found() {
    let setting = Setting { rule: last_call_first, ..setting(10, 8.0, None) };
    let run = simulation::run(&setting);
    assert!(check_fair(&run).is_err(), "calls are overtaken");
    // The waits show it too, although their average is the same.
    let fair = Run { overtaken: 0, ..run };
    let error = check_erlang_c(&fair, &setting, 8.0).expect_err("the waits are others");
    assert!(error.starts_with("late"), "{error}");
}

#[test]
fn a_double_offer_is_found() {
    let setting = Setting { bug: Some(Bug::DoubleOffer), ..setting(10, 8.0, None) };
    let run = simulation::run(&setting);
    let error = check_erlang_c(&run, &setting, 8.0).expect_err("a seat has two calls");
    assert!(run.most_calls_at_a_seat > 1 && error.contains("a seat had"), "{error}");
}
