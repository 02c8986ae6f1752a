//! `RuleOnReturn`: a dispatcher accepts a return, and the ticket can be dispatched elsewhere, or refuses it, and the
//! unit has it again. The ruling on an arbitration is final.

use hotline_proto::v1::ErrorReason;

use super::{Moment, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Event, ReturnRuling, Ticket};

/// A ruling.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct RuleOnReturn {
    pub is_accepted: bool,
    pub note: String,
}

enum Refused {
    NoReturnPending,
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NoReturnPending => Self::new(ErrorReason::NoReturnPending),
        }
    }
}

impl Verb for RuleOnReturn {
    const COMMAND: Command = Command::RuleOnReturn;

    fn decide(&self, ticket: &Ticket, moment: &Moment<'_>) -> Result<Vec<Event>, Fault> {
        let Some(pending) = ticket.pending_return() else { return Err(Refused::NoReturnPending.into()) };
        let ruling = ReturnRuling {
            is_accepted: self.is_accepted,
            is_final: pending.is_arbitration,
            note: self.note.clone(),
            ruled_at: moment.now,
        };
        Ok(vec![Event::ReturnRuled { ruling }])
    }
}
