//! The house without a database: every command goes through the pure core, and what is written stands in the town's
//! memory. A server claims timers first and commits a while later, so that another may be quicker.

use std::collections::HashMap;

use hotline_proto::v1::ErrorReason;
use hotline_server::platform::Fault;
use hotline_server::ticket::TicketNumber;

use super::backend::{Down, House, Request, Ticked, Told};
use super::city_state::{Case, Town};
use super::servers::Claim;
use crate::command_spec::{Ask, Create};
use crate::in_memory_product::{Call, Written};
use crate::random::Random;
use crate::reference::due;
use crate::rule_versions::{Days, Rated};

/// The pure core.
#[derive(Debug, Default)]
pub(super) struct Core {
    /// The last number of each day.
    numbers: HashMap<i64, u32>,
}

impl Core {
    /// The next number of the day, in Beijing.
    fn number(&mut self, now: i64) -> Result<TicketNumber, String> {
        let (day, _) = due::wall(now);
        let sequence = self.numbers.entry(day).or_default();
        *sequence += 1;
        let date = chrono::NaiveDate::default() + chrono::TimeDelta::days(day);
        TicketNumber::new(date, *sequence).map_err(|fault| fault.to_string())
    }
}

impl House for Core {
    const REMEMBERS: bool = false;

    fn start(&mut self, _: &Town<'_>, _: usize) -> Result<(), String> {
        Ok(())
    }

    fn go_dark(&mut self, _: &Town<'_>) -> Result<(), String> {
        Ok(())
    }

    fn put_policy(&mut self, _: &Town<'_>, _: usize, _: &Rated, _: i64) -> Result<(), String> {
        Ok(())
    }

    fn put_calendar(&mut self, _: &Town<'_>, _: usize, _: &Days, _: i64) -> Result<(), String> {
        Ok(())
    }

    fn take_in(
        &mut self,
        town: &Town<'_>,
        request: Request,
        create: &Create,
        _: &mut Random,
    ) -> Result<Told, String> {
        let now = town.clock(request.server);
        let number = self.number(now)?;
        let rated = town.book.policy(town.book.policy_at(now));
        let call = Call { permit: town.intake(request.who)?, rated, book: &town.book, now };
        let written = town.product.create(number, create, &call);
        told(written.map(|written| vec![(town.cases.len(), written)]), now, || format!("{create:?}"))
    }

    fn change(
        &mut self,
        town: &Town<'_>,
        request: Request,
        case: usize,
        ask: &Ask,
        _: &mut Random,
    ) -> Result<Told, String> {
        let (product, now) = (town.product, town.clock(request.server));
        let rated = town.book.policy_found(town.cases[case].policy, product.plant);
        let call = Call { permit: town.permit(ask.command(), request.who)?, rated, book: &town.book, now };
        let ticket = &town.cases[case].ticket;
        let written = match ask {
            Ask::Merge { into } => product
                .merge(ticket, &town.cases[*into].ticket, &call)
                .map(|[repeat, open]| vec![(case, repeat), (*into, open)]),
            _ => product.change(ticket, ask, &call).map(|written| vec![(case, written)]),
        };
        told(written, now, || format!("{ask:?} on {}", ticket.number))
    }

    fn looks_in_vain(&self, _: &mut Random) -> bool {
        false
    }

    fn tick(
        &mut self,
        town: &Town<'_>,
        server: usize,
        due: &[usize],
        random: &mut Random,
    ) -> Result<Ticked, String> {
        let (mut claims, clock) = (Vec::with_capacity(due.len()), town.clock(server));
        for case in due {
            let Case { ticket, policy, .. } = &town.cases[*case];
            let rated = town.book.policy(*policy);
            let Some(written) = town.product.fire(ticket, rated, clock) else {
                return Err(format!("the timer of {} is due and its ladder is not", ticket.number));
            };
            let written = written.map_err(|fault| format!("{}: {}", ticket.number, fault.ours))?;
            claims.push(Claim { case: *case, version: ticket.version, written, clock });
        }
        if random.percent(1) {
            // A crash before the commit: nothing of the claim was written.
            let (written, down) = (Vec::new(), Down::Server(server));
            return Ok(Ticked::Told(Told { written, answer: None, clock, down }));
        }
        Ok(Ticked::Claimed(claims))
    }

    fn hold(&mut self, _: &Town<'_>, _: usize) -> Result<(), String> {
        Ok(())
    }

    fn overtaken(&self) -> u64 {
        0
    }

    fn close(&mut self, _: &Town<'_>) -> Result<String, String> {
        Ok(String::new())
    }
}

/// A refusal is an answer, a fault of the product's is not.
fn told(
    outcome: Result<Vec<(usize, Written)>, Fault>,
    clock: i64,
    asked: impl FnOnce() -> String,
) -> Result<Told, String> {
    match outcome {
        Ok(written) => Ok(Told { written, answer: Some(Ok(())), clock, down: Down::Nobody }),
        Err(fault) if fault.reason == ErrorReason::Internal => Err(format!("{}: {}", asked(), fault.ours)),
        Err(fault) => {
            Ok(Told { written: Vec::new(), answer: Some(Err(fault.reason)), clock, down: Down::Nobody })
        }
    }
}
