//! `EscalateTicket`: a supervisor urges, supervises or takes a ticket into manual supervision before the ladder does,
//! or records what was done there. A rung that is fired by hand is fired: the ladder does not fire it again in the
//! same cycle.

use hotline_proto::v1::ErrorReason;

use crate::closed_loop::{Moment, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Event, Rung, Ticket};

/// Supervision by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub enum EscalateTicket {
    Fire { rung: Rung, note: String },
    RecordManual { note: String },
}

enum Refused {
    RungAlreadyReached,
    NotInManualSupervision,
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::RungAlreadyReached => Self::new(ErrorReason::RungAlreadyReached),
            Refused::NotInManualSupervision => Self::new(ErrorReason::NotInManualSupervision),
        }
    }
}

impl Verb for EscalateTicket {
    const COMMAND: Command = Command::EscalateTicket;

    fn decide(&self, ticket: &Ticket, _moment: &Moment<'_>) -> Result<Vec<Event>, Fault> {
        match self {
            Self::Fire { rung, .. } if *rung <= ticket.cycle.rung => Err(Refused::RungAlreadyReached.into()),
            Self::Fire { rung, note } => Ok(vec![Event::RungFired {
                cycle: ticket.cycle.number,
                rung: *rung,
                due_at: None,
                unit: ticket.lead_unit().cloned(),
                note: note.clone(),
            }]),
            Self::RecordManual { .. } if ticket.cycle.rung != Rung::Manual => {
                Err(Refused::NotInManualSupervision.into())
            }
            Self::RecordManual { note } => Ok(vec![Event::SupervisionRecorded { note: note.clone() }]),
        }
    }
}
