//! Tickets for the unit tests of a user's own code, without a server.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_proto::v1;

use super::{Category, Channel, Complexity, Dispatch, Rung, Ticket, TicketState};
use crate::convert::{FromProto as _, IntoProto as _};

/// Makes a ticket that no server has made. Fields without a method here can be set on the result.
///
/// ```
/// use hotline_client::{Rung, Ticket, TicketBuilder, TicketState};
///
/// /// The code under test.
/// fn is_urgent(ticket: &Ticket) -> bool {
///     ticket.state == TicketState::Handling && ticket.cycle.has_reached(Rung::Urged)
/// }
///
/// let handled = TicketBuilder::new("1910120000012").state(TicketState::Handling);
/// assert!(!is_urgent(&handled.clone().build()));
/// assert!(is_urgent(&handled.rung(Rung::Supervised).build()));
/// ```
#[derive(Debug, Clone)]
#[must_use = "call build"]
pub struct TicketBuilder(v1::Ticket);

impl TicketBuilder {
    /// An appeal that was received by telephone on 2019-10-12 at 10:00 in Beijing, with a limit of seven days.
    pub fn new(number: impl Into<String>) -> Self {
        // The contract's own example instant.
        let intake = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(1_570_845_600);
        let ticket = v1::Ticket {
            number: number.into(),
            etag: "1".to_owned(),
            subject: "营业执照变更迟迟未办结".to_owned(),
            intake_time: intake.into_proto(),
            update_time: intake.into_proto(),
            cycle: Some(v1::Cycle {
                number: 1,
                start_time: intake.into_proto(),
                due_time: (intake + TimeDelta::days(7)).into_proto(),
                tier: v1::Tier::General.into(),
                policy_version: "policy-1".to_owned(),
                calendar_version: "calendar-1".to_owned(),
                ..v1::Cycle::default()
            }),
            ..v1::Ticket::default()
        };
        Self(ticket)
            .state(TicketState::Received)
            .category(Category::Appeal, Complexity::General)
            .channel(Channel::Telephone)
    }

    /// In this state.
    pub fn state(mut self, state: TicketState) -> Self {
        self.0.state = state.into_proto();
        self
    }

    /// Of this category and complexity.
    pub fn category(mut self, category: Category, complexity: Complexity) -> Self {
        (self.0.category, self.0.complexity) = (category.into_proto(), complexity.into_proto());
        self
    }

    /// Through this channel.
    pub fn channel(mut self, channel: Channel) -> Self {
        self.0.channel = channel.into_proto();
        self
    }

    /// With this subject and content.
    pub fn texts(mut self, subject: impl Into<String>, content: impl Into<String>) -> Self {
        (self.0.subject, self.0.content) = (subject.into(), content.into());
        self
    }

    /// Taken in, and last changed, at this instant. The limit is set by [`due_time`](Self::due_time).
    pub fn intake_time(mut self, time: DateTime<Utc>) -> Self {
        (self.0.intake_time, self.0.update_time) = (time.into_proto(), time.into_proto());
        self
    }

    /// With this limit.
    pub fn due_time(mut self, time: DateTime<Utc>) -> Self {
        self.0.cycle.get_or_insert_default().due_time = time.into_proto();
        self
    }

    /// Supervised this far.
    pub fn rung(mut self, rung: Rung) -> Self {
        self.0.cycle.get_or_insert_default().rung = rung.into_proto();
        self
    }

    /// Dispatched to this lead unit at its intake.
    pub fn lead_unit(mut self, unit: impl Into<String>) -> Self {
        let dispatch_time = self.0.intake_time;
        self.0.dispatch =
            Some(v1::Dispatch { lead_unit: unit.into(), dispatch_time, ..v1::Dispatch::default() });
        self
    }

    /// The ticket.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "the methods above set all that a ticket must have")]
    pub fn build(self) -> Ticket {
        Ticket::from_proto(self.0, "Ticket").expect("a built ticket has all that a ticket must have")
    }
}

/// The dispatch of a ticket to a lead unit.
impl Ticket {
    /// The code of the lead unit, if the ticket is dispatched.
    #[must_use]
    pub fn lead_unit(&self) -> Option<&str> {
        self.dispatch.as_ref().map(|Dispatch { lead_unit, .. }| lead_unit.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_built_ticket_has_what_was_set_and_survives_serde() {
        let due: DateTime<Utc> = "2019-10-20T02:00:00Z".parse().unwrap();
        let ticket = TicketBuilder::new("1910120000012")
            .state(TicketState::Handling)
            .texts("subject", "content")
            .due_time(due)
            .rung(Rung::Urged)
            .lead_unit("dept-tax")
            .build();
        assert_eq!((ticket.state, ticket.cycle.due_time), (TicketState::Handling, due));
        assert_eq!((ticket.lead_unit(), ticket.cycle.rung), (Some("dept-tax"), Some(Rung::Urged)));
        let written = serde_json::to_string(&ticket).unwrap();
        assert!(written.contains(r#""state":"HANDLING""#), "{written}");
        assert_eq!(serde_json::from_str::<Ticket>(&written).unwrap(), ticket);
    }
}
