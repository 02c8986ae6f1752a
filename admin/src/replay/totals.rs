//! Counts the results of the tickets, as the server reports them.

use std::time::Duration;

use hotline_client::{Rung, Ticket};
use serde::Serialize;

/// The counts of a run, in the order of output.
#[derive(Debug, Default, Clone, PartialEq, Serialize)]
pub(super) struct Totals {
    tickets: u32,
    completed: u32,
    on_time: u32,
    late: u32,
    urged: u32,
    supervised: u32,
    manual: u32,
    seconds: f64,
}

impl Totals {
    /// Counts a ticket that was taken in.
    pub(super) fn created(&mut self) {
        self.tickets += 1;
    }

    /// Counts a ticket whose work was submitted.
    pub(super) fn handed_in(&mut self, ticket: &Ticket) {
        let rung = ticket.cycle.rung.unwrap_or(Rung::None);
        self.count(ticket.cycle.completed_on_time(), rung);
    }

    /// `on_time` is `None` for a ticket that is still not complete. A higher rung means that the lower ones have fired
    /// or were passed.
    fn count(&mut self, on_time: Option<bool>, rung: Rung) {
        self.completed += u32::from(on_time.is_some());
        self.on_time += u32::from(on_time == Some(true));
        self.late += u32::from(on_time == Some(false));
        self.urged += u32::from(rung >= Rung::Urged);
        self.supervised += u32::from(rung >= Rung::Supervised);
        self.manual += u32::from(rung >= Rung::Manual);
    }

    /// The counts by name, in the order of output.
    pub(super) const fn counts(&self) -> [(&'static str, u32); 7] {
        [
            ("tickets", self.tickets),
            ("completed", self.completed),
            ("on_time", self.on_time),
            ("late", self.late),
            ("urged", self.urged),
            ("supervised", self.supervised),
            ("manual", self.manual),
        ]
    }

    /// Sets the duration of the run, rounded to a tenth of a second.
    pub(super) fn took(mut self, time: Duration) -> Self {
        self.seconds = (time.as_secs_f64() * 10.0).round() / 10.0;
        self
    }
}

#[cfg(test)]
impl Totals {
    /// This many tickets that were on time, and this many that were late and urged.
    pub(super) fn of_ends(on_time: u32, late: u32) -> Self {
        let mut totals = Self::default();
        for place in 0..on_time + late {
            totals.created();
            let is_on_time = place < on_time;
            totals.count(Some(is_on_time), if is_on_time { Rung::None } else { Rung::Urged });
        }
        totals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rung_counts_with_all_below_it() {
        let mut totals = Totals::default();
        for (on_time, rung) in [
            (Some(true), Rung::None),
            (Some(true), Rung::Reminded),
            (Some(false), Rung::Urged),
            (Some(false), Rung::Supervised),
            (Some(false), Rung::Manual),
            (None, Rung::Manual),
        ] {
            totals.created();
            totals.count(on_time, rung);
        }
        let counts = totals.counts().map(|(name, count)| format!("{name} {count}")).join(", ");
        assert_eq!(counts, "tickets 6, completed 5, on_time 2, late 3, urged 4, supervised 3, manual 2");
        let printed = serde_json::to_string(&totals.took(Duration::from_millis(2_340))).unwrap();
        let expected = r#"{"tickets":6,"completed":5,"on_time":2,"late":3,"urged":4,"supervised":3,"manual":2,"seconds":2.3}"#;
        assert_eq!(printed, expected);
    }
}
