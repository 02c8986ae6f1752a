//! The backend without a database: every command runs through the pure core, and its writes are kept in memory. A
//! server claims timers first and commits later, so that another server may be faster.

use std::collections::HashMap;

use hotline_proto::v1::ErrorReason;
use hotline_server::platform::Fault;
use hotline_server::ticket::TicketNumber;

use super::backend::{Backend, CallOutcome, Request, StoppedServers, TickOutcome};
use super::city_state::{Case, CityState};
use super::servers::Claim;
use crate::command_spec::{CommandSpec, Create};
use crate::in_memory_product::{Call, WriteResult};
use crate::random::Random;
use crate::reference::due;
use crate::rule_versions::{CalendarPair, PolicyPair};

/// The pure core.
#[derive(Debug, Default)]
pub(super) struct InMemoryBackend {
    /// The last number of each day.
    numbers: HashMap<i64, u32>,
}

impl InMemoryBackend {
    /// The next number of the day, in Beijing.
    fn number(&mut self, now: i64) -> Result<TicketNumber, String> {
        let (day, _) = due::beijing_time(now);
        let sequence = self.numbers.entry(day).or_default();
        *sequence += 1;
        let date = chrono::NaiveDate::default() + chrono::TimeDelta::days(day);
        TicketNumber::new(date, *sequence).map_err(|fault| fault.to_string())
    }
}

impl Backend for InMemoryBackend {
    const HAS_REQUEST_RECORDS: bool = false;

    fn start(&mut self, _: &CityState<'_>, _: usize) -> Result<(), String> {
        Ok(())
    }

    fn stop_all(&mut self, _: &CityState<'_>) -> Result<(), String> {
        Ok(())
    }

    fn put_policy(&mut self, _: &CityState<'_>, _: usize, _: &PolicyPair, _: i64) -> Result<(), String> {
        Ok(())
    }

    fn put_calendar(&mut self, _: &CityState<'_>, _: usize, _: &CalendarPair, _: i64) -> Result<(), String> {
        Ok(())
    }

    fn take_in(
        &mut self,
        city_state: &CityState<'_>,
        request: Request,
        create: &Create,
        _: &mut Random,
    ) -> Result<CallOutcome, String> {
        let now = city_state.clock(request.server);
        let number = self.number(now)?;
        let policy_pair = city_state.rule_versions.policy(city_state.rule_versions.policy_at(now));
        let call = Call {
            permit: city_state.intake(request.who)?,
            policy_pair,
            rule_versions: &city_state.rule_versions,
            now,
        };
        let written = city_state.product.create(number, create, &call);
        call_outcome(written.map(|written| vec![(city_state.cases.len(), written)]), now, || {
            format!("{create:?}")
        })
    }

    fn change(
        &mut self,
        city_state: &CityState<'_>,
        request: Request,
        case: usize,
        spec: &CommandSpec,
        _: &mut Random,
    ) -> Result<CallOutcome, String> {
        let (product, now) = (city_state.product, city_state.clock(request.server));
        let policy_pair = city_state.rule_versions.policy_found(city_state.cases[case].policy, product.bug);
        let call = Call {
            permit: city_state.permit(spec.command(), request.who)?,
            policy_pair,
            rule_versions: &city_state.rule_versions,
            now,
        };
        let ticket = &city_state.cases[case].ticket;
        let written = match spec {
            CommandSpec::Merge { into } => product
                .merge(ticket, &city_state.cases[*into].ticket, &call)
                .map(|[repeat, open]| vec![(case, repeat), (*into, open)]),
            _ => product.change(ticket, spec, &call).map(|written| vec![(case, written)]),
        };
        call_outcome(written, now, || format!("{spec:?} on {}", ticket.number))
    }

    fn does_spurious_tick(&self, _: &mut Random) -> bool {
        false
    }

    fn tick(
        &mut self,
        city_state: &CityState<'_>,
        server: usize,
        due: &[usize],
        random: &mut Random,
    ) -> Result<TickOutcome, String> {
        let (mut claims, clock) = (Vec::with_capacity(due.len()), city_state.clock(server));
        for case in due {
            let Case { ticket, policy, .. } = &city_state.cases[*case];
            let policy_pair = city_state.rule_versions.policy(*policy);
            let Some(written) = city_state.product.fire(ticket, policy_pair, clock) else {
                return Err(format!("the timer of {} is due and its ladder is not", ticket.number));
            };
            let written = written.map_err(|fault| format!("{}: {}", ticket.number, fault.detail))?;
            claims.push(Claim { case: *case, version: ticket.version, written, clock });
        }
        if random.percent(1) {
            // A crash before the commit: nothing of the claim was written.
            let (written, down) = (Vec::new(), StoppedServers::Server(server));
            return Ok(TickOutcome::Done(CallOutcome { written, answer: None, clock, down }));
        }
        Ok(TickOutcome::Claimed(claims))
    }

    fn check_ticket(&mut self, _: &CityState<'_>, _: usize) -> Result<(), String> {
        Ok(())
    }

    fn overtaken(&self) -> u64 {
        0
    }

    fn close(&mut self, _: &CityState<'_>) -> Result<String, String> {
        Ok(String::new())
    }
}

/// A refusal is an answer, a fault of the product is not.
fn call_outcome(
    outcome: Result<Vec<(usize, WriteResult)>, Fault>,
    clock: i64,
    request: impl FnOnce() -> String,
) -> Result<CallOutcome, String> {
    match outcome {
        Ok(written) => Ok(CallOutcome { written, answer: Some(Ok(())), clock, down: StoppedServers::Nobody }),
        Err(fault) if fault.reason == ErrorReason::Internal => {
            Err(format!("{}: {}", request(), fault.detail))
        }
        Err(fault) => Ok(CallOutcome {
            written: Vec::new(),
            answer: Some(Err(fault.reason)),
            clock,
            down: StoppedServers::Nobody,
        }),
    }
}
