//! Metrics of the ladder. They are recorded after the commit, so nothing that was rolled back is counted. If a process
//! dies between the commit and the recording, only the metrics miss the rungs.

use metrics::{counter, histogram};

use crate::platform::metrics::{
    RUNG, RUNGS_FIRED, RUNGS_PASSED, TIMER_LATENESS, TIMERS_DEFERRED, TIMERS_RESTORED,
};
use crate::ticket::{Event, Instant, Rung};

/// The rungs that fire automatically.
const RUNGS: [Rung; 4] = [Rung::Reminded, Rung::Urged, Rung::Supervised, Rung::Manual];

/// A rung that the runner has fired, or recorded as passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RungMetric {
    Fired { rung: Rung, due_at: Instant },
    Passed { rung: Rung },
}

impl RungMetric {
    /// The metric of an event of the runner.
    pub(super) const fn of(event: &Event) -> Option<Self> {
        match event {
            Event::RungFired { rung, due_at: Some(due_at), .. } => {
                Some(Self::Fired { rung: *rung, due_at: *due_at })
            }
            Event::RungPassed { rung, .. } => Some(Self::Passed { rung: *rung }),
            _ => None,
        }
    }
}

/// The label of a rung.
const fn label(rung: Rung) -> &'static str {
    match rung {
        Rung::None => "none",
        Rung::Reminded => "reminded",
        Rung::Urged => "urged",
        Rung::Supervised => "supervised",
        Rung::Manual => "manual",
    }
}

/// Registers every counter of rungs at 0, so that the first rung is visible as a change.
pub fn register() {
    for rung in RUNGS {
        counter!(RUNGS_FIRED, RUNG => label(rung)).increment(0);
        counter!(RUNGS_PASSED, RUNG => label(rung)).increment(0);
        // A histogram is exported as soon as it is made.
        let _ = histogram!(TIMER_LATENESS, RUNG => label(rung));
    }
}

/// Records rungs whose transaction was committed at this instant.
pub(super) fn rungs(metrics: &[RungMetric], committed_at: Instant) {
    for metric in metrics {
        match metric {
            RungMetric::Fired { rung, due_at } => {
                let late = (committed_at - *due_at).to_std().unwrap_or_default();
                counter!(RUNGS_FIRED, RUNG => label(*rung)).increment(1);
                histogram!(TIMER_LATENESS, RUNG => label(*rung)).record(late.as_secs_f64());
            }
            RungMetric::Passed { rung } => counter!(RUNGS_PASSED, RUNG => label(*rung)).increment(1),
        }
    }
}

/// Counts a ticket that was deferred.
pub(super) fn timer_postponed() {
    counter!(TIMERS_DEFERRED).increment(1);
}

/// Counts restored timers.
pub(super) fn timers_restored(count: u64) {
    counter!(TIMERS_RESTORED).increment(count);
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    #[test]
    fn what_fired_is_counted_by_how_late_it_was_and_what_was_passed_is_not() {
        let due_at: Instant = "2019-10-19T10:00:00+08:00".parse().expect("an instant");
        let recorder = PrometheusBuilder::new().build_recorder();
        let shown = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            register();
            let fired = [
                RungMetric::Passed { rung: Rung::Urged },
                RungMetric::Fired { rung: Rung::Supervised, due_at },
            ];
            rungs(&fired, due_at + TimeDelta::milliseconds(1_500));
            // If the clock was put back between the commit and the recording, no rung counts as early.
            rungs(&fired[1..], due_at - TimeDelta::seconds(1));
            timer_postponed();
            timers_restored(3);
        });
        let page = shown.render();
        for line in [
            "hotline_rungs_passed_total{rung=\"urged\"} 1",
            "hotline_rungs_passed_total{rung=\"manual\"} 0",
            "hotline_rungs_fired_total{rung=\"supervised\"} 2",
            "hotline_rungs_fired_total{rung=\"urged\"} 0",
            "hotline_timer_lateness_seconds_sum{rung=\"supervised\"} 1.5",
            "hotline_timer_lateness_seconds_count{rung=\"supervised\"} 2",
            "hotline_timers_deferred_total 1",
            "hotline_timers_restored_total 3",
        ] {
            assert!(page.lines().any(|shown| shown == line), "no {line} in\n{page}");
        }
    }
}
