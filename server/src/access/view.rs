//! What a caller may read of a ticket. Every answer, list and event uses it.

use hotline_proto::v1::Role;

use super::Permit;
use crate::ticket::{Attachment, Instant, Relation, Ticket, TicketReturn, UnitCode};

/// What a caller may read of one ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The reading unit; `None` for hotline staff.
    pub unit: Option<UnitCode>,
    /// Whether fields that could identify the caller are left out: for a unit if the ticket is confidential, for an
    /// analyst always.
    pub is_masked: bool,
    /// When the present units got the ticket, for a unit: actions of earlier units are hidden.
    since: Option<Instant>,
    /// Whether staff see how units work inside: supervisors do.
    sees_inside: bool,
}

impl View {
    /// What a caller may read of a ticket.
    #[must_use]
    pub fn of(permit: &Permit, ticket: &Ticket) -> Self {
        let dispatched_at = ticket.dispatch.as_ref().map(|dispatch| dispatch.dispatched_at);
        Self::over(permit, ticket.is_confidential, dispatched_at)
    }

    /// What a caller may read of a ticket that is confidential or not, and was dispatched to its present units then.
    #[must_use]
    pub fn over(permit: &Permit, is_confidential: bool, dispatched_at: Option<Instant>) -> Self {
        let unit = permit.unit().cloned();
        let is_masked = match &unit {
            Some(_) => is_confidential,
            None => permit.has_only(Role::Analyst),
        };
        let since = dispatched_at.filter(|_| unit.is_some());
        let sees_inside = unit.is_none() && permit.has(Role::Supervisor);
        Self { unit, is_masked, since, sees_inside }
    }

    /// Whether the company's industry is shown. It may identify a company to a unit, but analysts need it.
    #[must_use]
    pub const fn shows_industry(&self) -> bool {
        self.unit.is_none() || !self.is_masked
    }

    /// Whether the accused units are shown: only to staff.
    #[must_use]
    pub const fn shows_accused(&self) -> bool {
        self.unit.is_none()
    }

    /// Whether texts are shown that a unit wrote on the ticket at this instant. A granted carry-over outlives the
    /// dispatch of the unit that asked for it, which may be the accused one.
    #[must_use]
    pub fn shows_words_of(&self, at: Instant) -> bool {
        self.unit.is_none() || self.since.is_some_and(|since| at >= since)
    }

    /// Whether the assignment of a ticket inside a unit is shown: to that unit and to supervisors.
    #[must_use]
    pub fn shows_inside(&self, unit: &UnitCode) -> bool {
        self.unit.as_ref().map_or(self.sees_inside, |own| own == unit)
    }

    /// Whether a note is shown that a unit wrote, or staff: to its own side only. Notes of staff may identify the
    /// caller.
    #[must_use]
    pub fn shows_note_of(&self, unit: Option<&UnitCode>) -> bool {
        self.unit.as_ref() == unit && (unit.is_some() || !self.is_masked)
    }

    /// Whether an attachment is shown. One of an agent is part of the content; on a confidential ticket it may show who
    /// called, and nobody can take that out. One of a unit is shown like its words. Analysts see none.
    #[must_use]
    pub fn shows_attachment(&self, attachment: &Attachment) -> bool {
        match (&self.unit, &attachment.unit) {
            (None, _) => !self.is_masked,
            (Some(_), None) => !self.is_masked || attachment.is_without_caller,
            (Some(own), Some(unit)) => own == unit || self.shows_words_of(attachment.added_at),
        }
    }

    /// Whether the exchange of a unit with supervisors is shown: to that unit and to staff.
    #[must_use]
    pub fn shows_help_of(&self, unit: &UnitCode) -> bool {
        self.unit.as_ref().is_none_or(|own| own == unit)
    }

    /// Whether a return is shown. A unit sees only its own, because other returns may show who is complained about.
    #[must_use]
    pub fn shows_return(&self, one: &TicketReturn) -> bool {
        self.unit.as_ref().is_none_or(|unit| *unit == one.unit)
    }

    /// Whether a principal is shown: to staff always, to a unit if it is its own or the system.
    #[must_use]
    pub fn shows_actor(&self, actor: &crate::ticket::Actor) -> bool {
        match &self.unit {
            None => true,
            Some(unit) => {
                actor.unit.as_ref() == Some(unit) || actor.principal == crate::ticket::Actor::SYSTEM
            }
        }
    }
}

/// Whether a caller may know who called. For a confidential ticket nobody may: that needs a reveal. Otherwise staff
/// that speak with companies and the units that handle the matter may, but no analyst and no unit that is only
/// informed.
#[must_use]
pub fn shows_identity(permit: &Permit, ticket: &Ticket) -> bool {
    if ticket.is_confidential {
        return false;
    }
    match permit.unit() {
        Some(unit) => matches!(ticket.relation_of(unit), Some(Relation::Lead | Relation::Assist)),
        None => [Role::Agent, Role::Dispatcher, Role::Coordinator, Role::Supervisor]
            .iter()
            .any(|role| permit.has(*role)),
    }
}

/// Whether a caller may search for tickets by who called: only staff that speak with companies.
#[must_use]
pub fn looks_up(permit: &Permit) -> bool {
    permit.has(Role::Agent) || permit.has(Role::Supervisor)
}

#[cfg(test)]
mod tests {
    use super::super::Caller;
    use super::super::permit::method_of;
    use super::*;
    use crate::ticket::event::TicketCreated;
    use crate::ticket::{
        Actor, Category, Channel, Complexity, Deadline, Dispatch, Event, EventRecord, Instant, TicketNumber,
        Tier, apply,
    };

    fn code(code: &str) -> UnitCode {
        UnitCode(code.to_owned())
    }

    /// An appeal that is dispatched to a lead, an assisting and an informed unit.
    fn ticket(is_confidential: bool) -> Ticket {
        let at = Instant::UNIX_EPOCH;
        let deadline = Deadline {
            due_at: at,
            tier: Tier::General,
            policy_version: "p-1".to_owned(),
            calendar_version: "c-1".to_owned(),
            is_provisional: false,
        };
        let created = TicketCreated {
            category: Category::Appeal,
            complexity: Complexity::General,
            has_several_units: false,
            topic: None,
            district: None,
            industry: None,
            subject: "执照办理".to_owned(),
            content: "窗口要求重复提交材料".to_owned(),
            channel: Channel::Web,
            source: None,
            call_began_at: None,
            call: None,
            chosen_confidential: Some(is_confidential),
            accused_units: Vec::new(),
            deadline,
            follows: None,
            text_marks: Vec::new(),
            intake_unit: None,
            is_training: false,
        };
        let dispatch = Dispatch {
            lead_unit: code("lead"),
            assist_units: vec![code("assist")],
            inform_units: vec![code("inform")],
            dispatched_at: at,
            return_due_at: at,
            accepted_at: None,
            note: String::new(),
        };
        let day = chrono::NaiveDate::from_ymd_opt(2019, 10, 14).expect("a day");
        let number = TicketNumber::new(day, 17).expect("a number");
        let events = [Event::TicketCreated(Box::new(created)), Event::dispatched(dispatch)];
        let recorded =
            |(sequence, event)| EventRecord { ticket: number, sequence, at, actor: Actor::system(), event };
        let timeline: Vec<EventRecord> = (1..).zip(events).map(recorded).collect();
        apply::fold(&timeline).expect("a timeline")
    }

    fn permit(roles: &[Role], unit: Option<&str>) -> Permit {
        let caller = Caller { roles: roles.to_vec(), unit: unit.map(code), ..Caller::default() };
        let method = method_of("/hotline.v1.TicketService/GetTicket").expect("a method");
        Permit::grant(caller, method).expect("they may read")
    }

    #[test]
    fn what_could_lead_to_the_caller_is_left_out() {
        for (permit, is_confidential, is_masked) in [
            (permit(&[Role::Unit], Some("lead")), false, false),
            (permit(&[Role::Unit], Some("lead")), true, true),
            (permit(&[Role::Agent], None), true, false),
            (permit(&[Role::Analyst], None), false, true),
            (permit(&[Role::Analyst, Role::Agent], None), true, false),
        ] {
            let view = View::of(&permit, &ticket(is_confidential));
            assert_eq!((view.is_masked, &view.unit), (is_masked, &permit.unit().cloned()), "{permit:?}");
            let is_unit = permit.unit().is_some();
            assert_eq!(view.shows_accused(), !is_unit);
            assert_eq!(view.shows_industry(), !(is_unit && is_masked));
        }
    }

    #[test]
    fn a_unit_sees_who_acted_where_it_was_one_of_its_own_or_the_hotline() {
        let actor = |principal: &str, unit: Option<&str>| Actor {
            principal: principal.to_owned(),
            unit: unit.map(code),
            via: None,
        };
        let of_unit = View { unit: Some(code("lead")), is_masked: false, since: None, sees_inside: false };
        let of_staff = View { unit: None, is_masked: false, since: None, sees_inside: true };
        for (actor, to_unit) in [
            (actor("clerk", Some("lead")), true),
            (actor("clerk", Some("assist")), false),
            (actor("agent", None), false),
            (Actor::system(), true),
        ] {
            assert_eq!(
                (of_unit.shows_actor(&actor), of_staff.shows_actor(&actor)),
                (to_unit, true),
                "{actor:?}"
            );
        }
    }

    #[test]
    fn each_side_reads_its_own_notes_and_assignments() {
        let ticket = ticket(true);
        let views = [
            permit(&[Role::Unit], Some("lead")),
            permit(&[Role::Unit], Some("assist")),
            permit(&[Role::Supervisor], None),
            permit(&[Role::Agent], None),
            permit(&[Role::Analyst], None),
        ]
        .map(|permit| View::of(&permit, &ticket));
        let (lead, shown) = (code("lead"), |is_shown: &dyn Fn(&View) -> bool| views.each_ref().map(is_shown));
        assert_eq!(shown(&|view| view.shows_inside(&lead)), [true, false, true, false, false]);
        assert_eq!(shown(&|view| view.shows_note_of(Some(&lead))), [true, false, false, false, false]);
        assert_eq!(shown(&|view| view.shows_note_of(None)), [false, false, true, true, false]);
        assert_eq!(shown(&|view| view.shows_help_of(&lead)), [true, false, true, true, true]);
    }

    #[test]
    fn who_called_is_shown_to_those_who_handle_the_matter() {
        let (open, hidden) = (ticket(false), ticket(true));
        for (permit, is_shown) in [
            (permit(&[Role::Agent], None), true),
            (permit(&[Role::Dispatcher], None), true),
            (permit(&[Role::Coordinator], None), true),
            (permit(&[Role::Supervisor], None), true),
            (permit(&[Role::Analyst], None), false),
            (permit(&[Role::Unit], Some("lead")), true),
            (permit(&[Role::Unit], Some("assist")), true),
            (permit(&[Role::Unit], Some("inform")), false),
            (permit(&[Role::Unit], Some("other")), false),
        ] {
            assert_eq!(shows_identity(&permit, &open), is_shown, "{permit:?}");
            assert!(!shows_identity(&permit, &hidden), "{permit:?}");
        }
        let looking = [Role::Agent, Role::Supervisor, Role::Dispatcher, Role::Analyst];
        let looks_up = looking.map(|role| looks_up(&permit(&[role], None)));
        assert_eq!(looks_up, [true, true, false, false]);
    }
}
