//! The counts of a year. A year in which some kind of event never happened has not tested it, so it fails.

use std::fmt;

use hotline_server::ticket::Event;

/// A year with this many tickets must have had every kind of event.
const ENOUGH: u64 = 1_000;

/// Counts.
#[derive(Debug, Default)]
pub(super) struct Statistics {
    pub(super) tickets: u64,
    pub(super) steps: u64,
    pub(super) refused: u64,
    pub(super) crashes: u64,
    /// Rungs that a server fired, but another server or a command was faster.
    pub(super) overtaken: u64,
    pub(super) still_open: u64,
    /// A ticket that is still open long after the year.
    pub(super) left_lying: Option<String>,
    pub(super) closed: u64,
    pub(super) folded: u64,
    /// Limits counted again by a calendar that was no longer in force.
    pub(super) by_old_calendar: u64,
    pub(super) provisional: u64,
    /// Repeated requests.
    pub(super) retried: u64,
    /// The backend's own statistics.
    pub(super) backend: String,
    events: u64,
    returned: u64,
    carried: u64,
    completed: u64,
    late: u64,
    fired: u64,
    passed: u64,
    merged: u64,
    reworked: u64,
    recalled: u64,
}

impl Statistics {
    pub(super) fn note(&mut self, event: &Event) {
        self.events += 1;
        match event {
            Event::TicketReturned { .. } => self.returned += 1,
            Event::CarryOverDecided { is_granted: true, .. } => self.carried += 1,
            Event::TicketCompleted { is_on_time } => {
                self.completed += 1;
                self.late += u64::from(!is_on_time);
            }
            Event::RungFired { due_at: Some(_), .. } => self.fired += 1,
            Event::RungPassed { .. } => self.passed += 1,
            Event::TicketMerged { .. } => self.merged += 1,
            Event::TicketReworked { .. } => self.reworked += 1,
            Event::TicketClassified(classified) if classified.is_recalled => self.recalled += 1,
            _ => {}
        }
    }

    /// Fails if a kind of event never happened, or tickets were never finished.
    pub(super) fn verdict(&self) -> Result<(), String> {
        let seen = [
            ("return", self.returned),
            ("carry-over", self.carried),
            ("late completion", self.late),
            ("rung", self.fired),
            ("rung passed over", self.passed),
            ("merge", self.merged),
            ("rework", self.reworked),
            ("recall", self.recalled),
            ("crash", self.crashes),
            ("overtaken rung", self.overtaken),
            ("limit counted again by an old calendar", self.by_old_calendar),
            ("provisional limit", self.provisional),
        ];
        let never: Vec<_> = seen.iter().filter(|(_, count)| *count == 0).map(|(what, _)| *what).collect();
        if self.tickets >= ENOUGH && !never.is_empty() {
            return Err(format!("a year without any {}", never.join(", ")));
        }
        if self.still_open > self.tickets / 100 {
            return Err(format!(
                "{} tickets are open long after the year: {:?}",
                self.still_open, self.left_lying
            ));
        }
        Ok(())
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} tickets, {} events in {} steps, {} refusals; {} completed ({} late), {} closed, {} open; {} returned, \
             {} carried over, {} reworked, {} merged, {} recalled; {} rungs fired, {} passed over; {} crashes, {} \
             overtaken; {} limits provisional, {} counted again by an old calendar; {} rows folded again{}",
            self.tickets,
            self.events,
            self.steps,
            self.refused,
            self.completed,
            self.late,
            self.closed,
            self.still_open,
            self.returned,
            self.carried,
            self.reworked,
            self.merged,
            self.recalled,
            self.fired,
            self.passed,
            self.crashes,
            self.overtaken,
            self.provisional,
            self.by_old_calendar,
            self.folded,
            self.backend,
        )
    }
}
