//! `EscalateTicket`: a supervisor urges, supervises or takes a ticket into manual supervision before the ladder does,
//! or records what was done there. What is fired by hand before the limit does not silence the ladder: it fires its
//! rungs at the limit all the same. A rung that is fired by hand after the limit is not fired again.

use hotline_proto::v1::ErrorReason;

use crate::closed_loop::{DecisionContext, FreeText, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Event, Rung, Ticket, UnitCode};

/// Supervision by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub enum EscalateTicket {
    Fire { rung: Rung, note: String },
    RecordManual { note: String },
}

enum Refusal {
    RungAlreadyReached,
    NotInManualSupervision,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::RungAlreadyReached => Self::new(ErrorReason::RungAlreadyReached),
            Refusal::NotInManualSupervision => Self::new(ErrorReason::NotInManualSupervision),
        }
    }
}

impl Verb for EscalateTicket {
    const COMMAND: Command = Command::EscalateTicket;

    fn units_named(&self, ticket: &Ticket) -> Vec<UnitCode> {
        match self {
            Self::Fire { .. } => ticket.lead_unit().cloned().into_iter().collect(),
            Self::RecordManual { .. } => Vec::new(),
        }
    }

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        match self {
            Self::Fire { note, .. } | Self::RecordManual { note } => vec![FreeText::of("note", note)],
        }
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        match self {
            Self::Fire { rung, .. } if *rung <= ticket.cycle.rung => Err(Refusal::RungAlreadyReached.into()),
            Self::Fire { rung, note } => Ok(vec![Event::RungFired {
                cycle: ticket.cycle.number,
                round: ticket.cycle.round,
                rung: *rung,
                due_at: None,
                // Nothing new reaches a unit that is no longer active.
                unit: ticket.lead_unit().filter(|lead| !ctx.units.is_inactive(lead)).cloned(),
                note: note.clone(),
            }]),
            Self::RecordManual { .. } if ticket.cycle.rung != Rung::Manual => {
                Err(Refusal::NotInManualSupervision.into())
            }
            Self::RecordManual { note } => Ok(vec![Event::SupervisionRecorded { note: note.clone() }]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::closed_loop::classify_ticket::ClassifyTicket;
    use crate::closed_loop::fixture::*;
    use crate::ticket::Complexity;

    fn fire(rung: Rung) -> EscalateTicket {
        EscalateTicket::Fire { rung, note: "企业再次来电".to_owned() }
    }

    #[test]
    fn a_rung_is_fired_once_and_only_upward() {
        let desk = Desk::open();
        let rungs = [Rung::Urged, Rung::Supervised, Rung::Manual];
        for reached in rungs {
            let ticket = desk.run(SUPERVISOR, &fire(reached), &desk.in_handling());
            assert_eq!(ticket.cycle.rung, reached);
            for rung in rungs {
                let reason = desk.ask(SUPERVISOR, &fire(rung), &ticket).err().map(|fault| fault.reason);
                let expected = (rung <= reached).then_some(ErrorReason::RungAlreadyReached);
                assert_eq!(reason, expected, "{rung:?} after {reached:?}");
            }
        }
    }

    #[test]
    fn what_is_fired_by_hand_names_the_cycle_and_the_lead() {
        let desk = Desk::open();
        for (ticket, unit) in [(desk.received(), None), (desk.in_handling(), Some(code(LEAD)))] {
            let fired = Event::RungFired {
                cycle: 1,
                round: 0,
                rung: Rung::Supervised,
                due_at: None,
                unit,
                note: "企业再次来电".to_owned(),
            };
            assert_eq!(desk.ask(SUPERVISOR, &fire(Rung::Supervised), &ticket), Ok(vec![fired]));
        }
    }

    #[test]
    fn what_was_done_is_recorded_in_manual_supervision_alone() {
        let desk = Desk::open();
        let record = EscalateTicket::RecordManual { note: "约谈承办单位".to_owned() };
        let supervised = desk.run(SUPERVISOR, &fire(Rung::Supervised), &desk.in_handling());
        for ticket in [desk.in_handling(), supervised.clone()] {
            assert_eq!(desk.refusal(SUPERVISOR, &record, &ticket), ErrorReason::NotInManualSupervision);
        }
        let manual = desk.run(SUPERVISOR, &fire(Rung::Manual), &supervised);
        let recorded = Event::SupervisionRecorded { note: "约谈承办单位".to_owned() };
        assert_eq!(desk.ask(SUPERVISOR, &record, &manual), Ok(vec![recorded]));
        let after = desk.run(SUPERVISOR, &record, &manual);
        assert_eq!((after.cycle.rung, after.state), (Rung::Manual, manual.state));
        assert_eq!(desk.refusal(AGENT, &record, &manual), ErrorReason::RoleNotAllowed);
    }

    #[test]
    fn a_rung_by_hand_outlives_the_correction_of_a_slip() {
        let desk = Desk::open();
        let complex = ClassifyTicket { complexity: Complexity::Complex, ..as_appeal() };
        let right = desk.run(AGENT, &complex, &desk.in_handling());
        let slip = desk.after_hours(24 * 9);
        let wrong = slip.run(AGENT, &as_appeal(), &right);
        let supervised = slip.run(SUPERVISOR, &fire(Rung::Supervised), &wrong);
        assert_eq!(supervised.cycle.ladder_rung, Rung::Supervised, "the limit has passed");
        let corrected = slip.run(AGENT, &complex, &supervised);
        assert_eq!((corrected.cycle.rung, corrected.cycle.ladder_rung), (Rung::Supervised, Rung::None));
    }

    #[test]
    fn what_staff_fire_before_the_limit_does_not_silence_the_ladder() {
        let desk = Desk::open();
        let early = desk.run(SUPERVISOR, &fire(Rung::Manual), &desk.in_handling());
        assert_eq!((early.cycle.rung, early.cycle.ladder_rung), (Rung::Manual, Rung::None));
        assert_eq!(early.cycle.round, 1, "the ladder may fire the rung too");
        let late = desk.at(early.cycle.due_at());
        let after = late.run(SUPERVISOR, &fire(Rung::Manual), &desk.in_handling());
        assert_eq!((after.cycle.ladder_rung, after.cycle.round), (Rung::Manual, 0), "nothing fires twice");
    }
}
