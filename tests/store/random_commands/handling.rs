//! The commands of the handling: feedback, carry-over, and supervision by hand.

use chrono::TimeDelta;
use hotline_server::closed_loop::carry_over_ticket::CarryOverTicket;
use hotline_server::closed_loop::submit_feedback::{Reply, Report, SubmitFeedback};
use hotline_server::oversight::escalate_ticket::EscalateTicket;
use hotline_server::platform::Fault;
use hotline_server::ticket::{ContactMethod, Rung, Ticket};

use super::RandomCommands;
use crate::store::fixture::staff;

impl RandomCommands<'_> {
    pub(super) async fn feed_back(&mut self, ticket: &Ticket) -> Result<Ticket, Fault> {
        let reply = Reply {
            replied_at: self.hotline.clock.now(),
            method: ContactMethod::Telephone,
            official: "李科长".to_owned(),
            content: "done".to_owned(),
        };
        let report = Report { actions: "went".to_owned(), result: "done".to_owned(), evidence: Vec::new() };
        let halves = self.random.below(3);
        let feedback = SubmitFeedback {
            caller_reply: (halves != 0).then_some(reply),
            hotline_report: (halves != 1).then_some(report),
        };
        self.change(ticket, feedback).await
    }

    pub(super) async fn carry_over(&mut self, ticket: &Ticket) -> Result<Ticket, Fault> {
        if ticket.cycle.carry_over.is_some() && self.random.percent(80) {
            let is_granted = self.random.percent(70);
            let verb = CarryOverTicket::Decide { is_granted, note: String::new() };
            return self.hotline.change(staff("CarryOverTicket"), ticket.number, verb).await;
        }
        let promised_at = ticket.cycle.due_at() + TimeDelta::days(i64::from(1 + self.random.below(5)));
        let informed_at = self.hotline.clock.now();
        self.change(ticket, CarryOverTicket::Ask { next_steps: "wait".to_owned(), promised_at, informed_at })
            .await
    }

    pub(super) async fn escalate(&mut self, ticket: &Ticket) -> Result<Ticket, Fault> {
        let note = "by hand".to_owned();
        let rungs = [Rung::Reminded, Rung::Urged, Rung::Supervised, Rung::Manual];
        let verb = if self.random.percent(70) {
            EscalateTicket::Fire { rung: *self.random.pick(&rungs), note }
        } else {
            EscalateTicket::RecordManual { note }
        };
        self.change(ticket, verb).await
    }
}
