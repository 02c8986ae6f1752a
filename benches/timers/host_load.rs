//! The processor time that the machine's host takes (steal). A virtual machine's clock goes on while another machine
//! has its processor, so the speed of a run depends on its neighbours.

use std::fs;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use chrono::{DateTime, Utc};
use hotline_server::platform::Clock;

/// The interval between two samples.
const PAUSE: Duration = Duration::from_millis(50);

/// The time of all processors until an instant, in ticks: in total, and taken by the host.
#[derive(Debug, Clone, Copy)]
struct Ticks {
    at: DateTime<Utc>,
    all: u64,
    taken: u64,
}

impl Ticks {
    /// The counters of Linux; `None` on other systems.
    fn read() -> Option<Self> {
        let counted = fs::read_to_string("/proc/stat").ok()?;
        let counted: Vec<u64> = counted
            .lines()
            .next()?
            .split_whitespace()
            .skip(1)
            .map_while(|field| field.parse().ok())
            .collect();
        // user, nice, system, idle, iowait, irq, softirq, steal; the time of guests is part of user.
        let counted = counted.get(..8)?;
        Some(Self { at: Clock::Real.now(), all: counted.iter().sum(), taken: counted[7] })
    }
}

/// Samples the machine during a measurement.
pub(crate) struct Host {
    looking: JoinHandle<Vec<Ticks>>,
    end: Sender<()>,
}

impl Host {
    /// Starts sampling.
    pub(crate) fn watch() -> Self {
        let (end, ended) = mpsc::channel();
        let looking = thread::spawn(move || {
            let mut looks = Vec::from_iter(Ticks::read());
            while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                looks.extend(Ticks::read());
            }
            looks.extend(Ticks::read());
            looks
        });
        Self { looking, end }
    }

    /// Stops; returns the samples.
    pub(crate) fn end(self) -> HostSteal {
        drop(self.end);
        HostSteal(self.looking.join().expect("looking does not panic"))
    }
}

/// The time taken by the host, over time.
pub(crate) struct HostSteal(Vec<Ticks>);

impl HostSteal {
    /// The percentage of the processors' time that it took between two instants; NaN if it is unknown.
    pub(crate) fn percent(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> f64 {
        let first = self.0.iter().rev().find(|ticks| ticks.at <= from);
        let last = self.0.iter().find(|ticks| ticks.at >= until);
        let (Some(first), Some(last)) = (first, last) else { return f64::NAN };
        #[expect(clippy::cast_precision_loss, reason = "ticks of a benchmark are few")]
        let share = |part: u64, whole: u64| part as f64 / whole as f64;
        100.0 * share(last.taken - first.taken, last.all - first.all)
    }
}
