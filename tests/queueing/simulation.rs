//! A discrete-event simulation of seats and calls. Time and chance are its own, so that a seed repeats a run.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use chrono::DateTime;
use hotline_server::desk::call::queue_rule::{ReadySeat, WaitingCall};
use hotline_server::ticket::Instant;

/// Batches into which a run is cut.
const BATCHES: usize = 20;
const SKILL: &str = "enterprise";

/// Picks the next call and its seat.
pub(super) type Rule = fn(&[WaitingCall<'_>], &[ReadySeat<'_>]) -> Option<(usize, usize)>;

/// When calls arrive.
pub(super) enum Arrivals {
    /// At one rate, so many calls.
    Steady { per_hour: f64, calls: usize },
    /// At a rate of each hour.
    ByHour(Vec<f64>),
}

/// An injected bug.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bug {
    /// Now and then a seat stays ready when it gets a call.
    DoubleOffer,
}

/// What is simulated.
pub(super) struct Setting {
    pub(super) seats: u32,
    pub(super) arrivals: Arrivals,
    pub(super) handling_seconds: f64,
    pub(super) patience_seconds: Option<f64>,
    pub(super) seed: u64,
    pub(super) bug: Option<Bug>,
    pub(super) rule: Rule,
}

/// What became of a call.
#[derive(Clone, Copy)]
pub(super) struct Served {
    pub(super) wait_seconds: f64,
    pub(super) has_waited: bool,
    pub(super) gave_up: bool,
}

/// A run.
pub(super) struct Run {
    /// In the order of their arrivals.
    pub(super) calls: Vec<Served>,
    /// Calls that were answered before one that had arrived earlier.
    pub(super) overtaken: usize,
    pub(super) most_calls_at_a_seat: u32,
}

impl Run {
    /// The mean of a value in each batch. The first tenth of the run is left out: it begins with empty seats.
    pub(super) fn batches(&self, value: impl Fn(&Served) -> f64) -> Vec<f64> {
        let settled = &self.calls[self.calls.len() / 10..];
        let size = settled.len() / BATCHES;
        let mean = |batch: &[Served]| {
            batch.iter().map(&value).sum::<f64>() / f64::from(u32::try_from(batch.len()).expect("small"))
        };
        settled.chunks_exact(size).map(mean).collect()
    }

    /// The sum of a value.
    pub(super) fn total(&self, value: impl Fn(&Served) -> f64) -> f64 {
        self.calls.iter().map(value).sum()
    }
}

/// A small generator (splitmix64).
struct Random(u64);

impl Random {
    /// A number above 0, up to 1.
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let high = u32::try_from(mixed >> 32).expect("32 bits");
        (f64::from(high) + 1.0) / (f64::from(u32::MAX) + 1.0)
    }

    /// An exponential time in microseconds.
    fn exponential(&mut self, mean_seconds: f64) -> i64 {
        micros(-self.unit().ln() * mean_seconds)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "seconds of a simulation are few")]
fn micros(seconds: f64) -> i64 {
    (seconds * 1e6) as i64
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a simulation are few")]
fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}

fn instant(micros: i64) -> Instant {
    DateTime::from_timestamp_micros(micros).expect("an instant")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrives(usize),
    GivesUp(usize),
    Ends { seat: usize },
}

/// The arrivals in microseconds.
fn arrivals(setting: &Setting, random: &mut Random) -> Vec<i64> {
    let mut times = Vec::new();
    match &setting.arrivals {
        Arrivals::Steady { per_hour, calls } => {
            let mut at = 0;
            times.extend((0..*calls).map(|_| {
                at += random.exponential(3_600.0 / per_hour);
                at
            }));
        }
        Arrivals::ByHour(rates) => {
            for (hour, per_hour) in (0_i64..).zip(rates) {
                let mut at = hour * 3_600_000_000;
                loop {
                    at += random.exponential(3_600.0 / per_hour);
                    if at >= (hour + 1) * 3_600_000_000 {
                        break;
                    }
                    times.push(at);
                }
            }
        }
    }
    times
}

/// Runs a setting until the last call has ended.
pub(super) fn run(setting: &Setting) -> Run {
    let mut random = Random(setting.seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let arrivals = arrivals(setting, &mut random);
    let names: Vec<_> = (0..setting.seats).map(|seat| format!("seat-{seat:03}")).collect();
    let mut hotline = Hotline {
        setting,
        random,
        events: arrivals.iter().enumerate().map(|(call, at)| Reverse((*at, Event::Arrives(call)))).collect(),
        waiting: Vec::new(),
        ready: names
            .iter()
            .map(|name| ReadySeat { ready_since: instant(0), name, skills: &[SKILL] })
            .collect(),
        at_seat: vec![0; names.len()],
        names: &names,
        served: vec![None; arrivals.len()],
        arrivals: &arrivals,
        last_answered: None,
        overtaken: 0,
        most_calls_at_a_seat: 0,
    };
    while let Some(Reverse((now, event))) = hotline.events.pop() {
        hotline.happens(now, event);
    }
    let calls = hotline.served.iter().map(|served| served.expect("each call ends")).collect();
    Run { calls, overtaken: hotline.overtaken, most_calls_at_a_seat: hotline.most_calls_at_a_seat }
}

struct Hotline<'a> {
    setting: &'a Setting,
    random: Random,
    events: BinaryHeap<Reverse<(i64, Event)>>,
    waiting: Vec<WaitingCall<'a>>,
    ready: Vec<ReadySeat<'a>>,
    at_seat: Vec<u32>,
    names: &'a [String],
    served: Vec<Option<Served>>,
    arrivals: &'a [i64],
    last_answered: Option<usize>,
    overtaken: usize,
    most_calls_at_a_seat: u32,
}

impl Hotline<'_> {
    fn happens(&mut self, now: i64, event: Event) {
        match event {
            Event::Arrives(call) => {
                let arrival = i64::try_from(call).expect("small");
                self.waiting.push(WaitingCall { arrival, skill: SKILL });
                if let Some(patience) = self.setting.patience_seconds {
                    let leaves = now + self.random.exponential(patience);
                    self.events.push(Reverse((leaves, Event::GivesUp(call))));
                }
            }
            Event::GivesUp(call) => {
                let arrival = i64::try_from(call).expect("small");
                if let Some(found) = self.waiting.iter().position(|waiting| waiting.arrival == arrival) {
                    self.waiting.remove(found);
                    self.end_wait(now, call, true);
                }
            }
            Event::Ends { seat } => {
                self.at_seat[seat] -= 1;
                let (ready_since, name) = (instant(now), self.names[seat].as_str());
                if !self.ready.iter().any(|ready| ready.name == name) {
                    self.ready.push(ReadySeat { ready_since, name, skills: &[SKILL] });
                }
            }
        }
        self.connect(now);
    }

    fn end_wait(&mut self, now: i64, call: usize, gave_up: bool) {
        let waited = now - self.arrivals[call];
        self.served[call] = Some(Served { wait_seconds: seconds(waited), has_waited: waited > 0, gave_up });
    }

    /// Connects calls with seats while the rule finds any.
    fn connect(&mut self, now: i64) {
        while !self.waiting.is_empty() && !self.ready.is_empty() {
            let Some((call, seat)) = (self.setting.rule)(&self.waiting, &self.ready) else { return };
            let call = usize::try_from(self.waiting.remove(call).arrival).expect("small");
            let name = self.ready[seat].name;
            let is_kept = self.setting.bug == Some(Bug::DoubleOffer) && self.random.unit() < 0.001;
            if !is_kept {
                self.ready.remove(seat);
            }
            let seat = self.names.iter().position(|known| known == name).expect("a seat");
            self.at_seat[seat] += 1;
            self.most_calls_at_a_seat = self.most_calls_at_a_seat.max(self.at_seat[seat]);
            self.overtaken += usize::from(self.last_answered.is_some_and(|last| last > call));
            self.last_answered = Some(call);
            self.end_wait(now, call, false);
            let ends = now + self.random.exponential(self.setting.handling_seconds);
            self.events.push(Reverse((ends, Event::Ends { seat })));
        }
    }
}
