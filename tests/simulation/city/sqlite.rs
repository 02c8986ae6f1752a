//! The backend with a database: the code of three servers on one SQLite file. Commands run through `ClosedLoop`, rungs
//! through `Runner`, each server with its own clock. The writes are read back from the file.
//!
//! Calls run one at a time, or two at once in an order that the seed gives, because SQLite gives its one writing
//! connection to callers in the order of their requests. Servers die in the middle of a unit of work (`stop`,
//! `machine`), and a caller without an answer repeats its request.

mod client_view;
mod database_bugs;
mod faults;
mod initial_database;
mod machine;
mod pause_points;
mod rule_changes;
mod table_checks;
mod visitor;

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hotline_proto::v1::ErrorReason;
use hotline_server::closed_loop::merge_ticket::MergeTicket;
use hotline_server::closed_loop::{Change, ClosedLoop};
use hotline_server::deadline::RuleBook;
use hotline_server::identity::vault::Vault;
use hotline_server::ledger::Ledger;
use hotline_server::oversight::{Recount, Runner};
use hotline_server::platform::idempotency::RequestKey;
use hotline_server::platform::{Clock, Fault};
use hotline_server::ticket::{Ticket, UnitCode};

use self::client_view::ClientView;
use self::database_bugs::BugInjector;
use self::faults::CallFault;
use self::machine::Machine;
use self::visitor::{AnswerFuture, ClosedLoopVisitor};
use super::backend::{Backend, CallOutcome, Request, StoppedServers, TickOutcome};
use super::city_state::CityState;
use super::servers::Servers;
use crate::command_spec::{CommandSpec, Create};
use crate::injected_bugs::InjectedBug;
use crate::product_verbs;
use crate::random::Random;
use crate::rule_versions::{CalendarPair, PolicyPair};

pub(super) use self::initial_database::InitialDatabase;

/// One server.
#[derive(Debug)]
struct Server {
    clock: Arc<AtomicI64>,
    closed_loop: ClosedLoop,
    runner: Runner,
}

/// Three servers on one file.
#[derive(Debug)]
pub(super) struct SqliteBackend {
    servers: [Option<Server>; Servers::COUNT],
    machine: Machine,
    client_view: ClientView,
    bug_injector: BugInjector,
    /// Whether all servers were shut down last time, and not killed.
    is_dark_by_order: bool,
    /// The latest clock reading of the servers that took part since the last check.
    latest: Cell<i64>,
}

impl SqliteBackend {
    /// Servers on a copy of an initial file; none has started yet.
    pub(super) fn new(initial_database: &InitialDatabase, seed: u64) -> Result<Self, String> {
        Ok(Self {
            servers: [const { None }; Servers::COUNT],
            machine: initial_database.machine()?,
            client_view: ClientView::new(seed),
            bug_injector: BugInjector::new(initial_database.bug()),
            is_dark_by_order: false,
            latest: Cell::new(i64::MIN),
        })
    }

    /// A running server, with its clock set.
    fn server(&self, city_state: &CityState<'_>, server: usize) -> Result<&Server, String> {
        let here = self.servers[server].as_ref().ok_or_else(|| format!("server {server} is down"))?;
        here.clock.store(city_state.clock(server), Ordering::SeqCst);
        self.latest.set(self.latest.get().max(city_state.clock(server)));
        Ok(here)
    }

    /// The answer to a request, after the check that it equals an earlier answer and the stored state.
    fn check_answers(
        &mut self,
        city_state: &CityState<'_>,
        (id, key, unit): (u64, &RequestKey, Option<&UnitCode>),
        answers: Vec<Result<Ticket, Fault>>,
        down: StoppedServers,
    ) -> Result<CallOutcome, String> {
        let store = self.machine.store()?;
        let written = self.machine.run(self.client_view.read(city_state, &store))?;
        if down != StoppedServers::Nobody {
            self.machine.run(self.client_view.check_nothing_lost(&store, city_state, &written))?;
        }
        let mut response: Option<Result<Ticket, ErrorReason>> = None;
        for answer in answers {
            match answer {
                Err(fault) if matches!(fault.reason, ErrorReason::Internal | ErrorReason::Unavailable) => {
                    return Err(format!("{key:?}: {}", table_checks::describe(fault)));
                }
                // Of two answers to the same request one may be a refusal, but not the second one after an acceptance.
                Err(fault) if matches!(response, Some(Ok(_))) => {
                    return Err(format!("{key:?} was accepted, and refused as {:?}", fault.reason));
                }
                Err(fault) => response = Some(Err(fault.reason)),
                Ok(ticket) => match &response {
                    Some(Ok(first)) if *first != ticket => {
                        return Err(format!("{key:?} has two answers: {first:?} and {ticket:?}"));
                    }
                    _ => response = Some(Ok(ticket)),
                },
            }
        }
        self.machine.run(self.client_view.check_answer(
            (&store, city_state),
            (id, key, unit),
            response.as_ref(),
            &written,
        ))?;
        let written =
            written.into_iter().map(|written| (self.client_view.place(&written), written)).collect();
        Ok(CallOutcome {
            written,
            answer: response.map(|answer| answer.map(drop)),
            clock: self.latest.replace(i64::MIN),
            down,
        })
    }
}

impl SqliteBackend {
    /// If that bug is injected, servers use the newest rules for every ticket from now on.
    fn inject_rule_bug(&mut self, city_state: &CityState<'_>, bug: InjectedBug) -> Result<(), String> {
        let store = self.machine.store()?;
        if !self.machine.run(self.bug_injector.after_rules(&store, bug))? {
            return Ok(());
        }
        // A server does not read cached rules again until it restarts.
        let is_up = self.servers.each_ref().map(Option::is_some);
        self.servers = [const { None }; Servers::COUNT];
        (0..Servers::COUNT)
            .filter(|server| is_up[*server])
            .try_for_each(|server| self.start(city_state, server))
    }
}

impl Backend for SqliteBackend {
    const HAS_REQUEST_RECORDS: bool = true;

    fn start(&mut self, city_state: &CityState<'_>, server: usize) -> Result<(), String> {
        if self.servers[server].is_some() {
            return Ok(());
        }
        let micros = Arc::new(AtomicI64::new(city_state.clock(server)));
        let (clock, store) = (Clock::Simulated(Arc::clone(&micros)), self.machine.store()?);
        // The file has its initial rules. A server that opens the rules with a simulated clock treats its start as a
        // new simulation and removes later versions, but a server with a real clock does not. Nobody is named, so that
        // nothing is encrypted and the same seed gives the same bytes.
        let vault = Vault::in_memory().map_err(|fault| fault.to_string())?;
        let ledger = Ledger::new(RuleBook::default(), vault);
        self.servers[server] = Some(Server {
            clock: micros,
            closed_loop: ClosedLoop::new(store.clone(), clock.clone(), ledger.clone()),
            runner: Runner { store, clock, ledger, recount: Recount::default() },
        });
        Ok(())
    }

    fn stop_all(&mut self, city_state: &CityState<'_>) -> Result<(), String> {
        self.servers = [const { None }; Servers::COUNT];
        // The servers are shut down and killed in turn.
        self.is_dark_by_order = !self.is_dark_by_order;
        if self.is_dark_by_order {
            self.machine.shut_down();
            self.client_view.faults.shut_down += 1;
        } else {
            self.machine.kill()?;
            self.client_view.faults.killed += 1;
        }
        let store = self.machine.store()?;
        self.machine.run(self.client_view.check_nothing_lost(&store, city_state, &[]))
    }

    fn put_policy(
        &mut self,
        city_state: &CityState<'_>,
        server: usize,
        policy_pair: &PolicyPair,
        from: i64,
    ) -> Result<(), String> {
        let closed_loop = &self.server(city_state, server)?.closed_loop;
        self.machine.run(rule_changes::put_policy(closed_loop, policy_pair.policy.clone(), from))?;
        self.inject_rule_bug(city_state, InjectedBug::MovedPolicy)
    }

    fn put_calendar(
        &mut self,
        city_state: &CityState<'_>,
        server: usize,
        days: &CalendarPair,
        from: i64,
    ) -> Result<(), String> {
        let closed_loop = &self.server(city_state, server)?.closed_loop;
        let years = city_state.rule_versions.newest_calendar().new_years(&days.product);
        self.machine.run(rule_changes::put_years(closed_loop, years, from))?;
        self.inject_rule_bug(city_state, InjectedBug::MovedCalendar)
    }

    fn take_in(
        &mut self,
        city_state: &CityState<'_>,
        request: Request,
        create: &Create,
        random: &mut Random,
    ) -> Result<CallOutcome, String> {
        let permit = city_state.intake(request.person)?.clone();
        let key = self.client_view.key(&permit, request.id, &format!("{create:?}"));
        // Two concurrent calls would read before they meet, and the order would depend on threads.
        let call_fault = match Self::call_fault(city_state, request.server, random) {
            CallFault::Twice(_) | CallFault::Beside(..) => CallFault::Plain,
            call_fault => call_fault,
        };
        let (answers, down) = self.run(city_state, request.server, call_fault, |server| {
            let (closed_loop, permit, key) = (server.closed_loop.clone(), permit.clone(), key.clone());
            let create = product_verbs::create(create, city_state.product.roster);
            Box::pin(async move { closed_loop.create_ticket(permit, key, create).await })
        })?;
        self.check_answers(city_state, (request.id, &key, permit.unit()), answers, down)
    }

    fn change(
        &mut self,
        city_state: &CityState<'_>,
        request: Request,
        case: usize,
        spec: &CommandSpec,
        random: &mut Random,
    ) -> Result<CallOutcome, String> {
        let (permit, ticket) =
            (city_state.permit(spec.command(), request.person)?.clone(), &city_state.cases[case].ticket);
        let key = self.client_view.key(&permit, request.id, &format!("{case} {spec:?}"));
        let etag = random.percent(10);
        let etag = etag.then(|| if permit.unit().is_some() { ticket.etag_for_unit() } else { ticket.etag() });
        let call_fault = Self::call_fault(city_state, request.server, random);
        let store = self.machine.store()?;
        self.machine.run(self.bug_injector.before_change(&store, ticket))?;
        let (answers, down) = self.run(city_state, request.server, call_fault, |server| {
            let (closed_loop, number) = (server.closed_loop.clone(), ticket.number);
            let (permit, key, etag) = (permit.clone(), key.clone(), etag.clone());
            if let CommandSpec::Merge { into } = spec {
                let verb = MergeTicket { into: city_state.cases[*into].ticket.number };
                let change = Change { key, number, etag, verb };
                return Box::pin(async move { closed_loop.merge_ticket(permit, change).await });
            }
            let visitor = ClosedLoopVisitor { closed_loop, permit, key, number, etag };
            product_verbs::visit(spec, city_state.product.roster, visitor).unwrap_or_else(|| {
                Box::pin(std::future::ready(Err(Fault::internal("merging has a way of its own"))))
            })
        })?;
        let store = self.machine.store()?;
        self.machine.run(self.bug_injector.after_change(&store, ticket))?;
        self.check_answers(city_state, (request.id, &key, permit.unit()), answers, down)
    }

    fn does_spurious_tick(&self, random: &mut Random) -> bool {
        random.below(2_000) == 0
    }

    fn tick(
        &mut self,
        city_state: &CityState<'_>,
        server: usize,
        due: &[usize],
        random: &mut Random,
    ) -> Result<TickOutcome, String> {
        let store = self.machine.store()?;
        self.machine.run(self.bug_injector.before_tick(&store, city_state, due))?;
        let cut = self.run_tick(city_state, server, random)?;
        let down = cut.unwrap_or(StoppedServers::Nobody);
        let store = self.machine.store()?;
        let written = self.machine.run(self.client_view.read(city_state, &store))?;
        if down != StoppedServers::Nobody {
            self.machine.run(self.client_view.check_nothing_lost(&store, city_state, &written))?;
        }
        let written: Vec<_> = written.into_iter().map(|one| (self.client_view.place(&one), one)).collect();
        let is_forgotten = |case: &&usize| written.iter().all(|(place, _)| place != *case);
        if let Some(case) = due.iter().find(is_forgotten).filter(|_| cut.is_none()) {
            let number = city_state.cases[*case].ticket.number;
            return Err(format!("{number} is due by its own policy, and no rung fires"));
        }
        Ok(TickOutcome::Done(CallOutcome {
            written,
            answer: None,
            clock: self.latest.replace(i64::MIN),
            down,
        }))
    }

    fn check_ticket(&mut self, city_state: &CityState<'_>, case: usize) -> Result<(), String> {
        let here = &city_state.cases[case];
        let timer = city_state.product.timer(&here.ticket, city_state.rule_versions.policy(here.policy));
        let store = self.machine.store()?;
        self.machine.run(table_checks::check(&store, &here.ticket, timer))
    }

    fn overtaken(&self) -> u64 {
        self.client_view.faults.overtaken
    }

    fn close(&mut self, city_state: &CityState<'_>) -> Result<String, String> {
        (0..city_state.cases.len()).try_for_each(|case| self.check_ticket(city_state, case))?;
        // Interrupted ticks are completed by the next one.
        if let Some(server) = city_state.servers.any() {
            let last = self.server(city_state, server)?.runner.clone();
            self.machine.run(async { last.tick().await }).map_err(table_checks::describe)?;
        }
        let store = self.machine.store()?;
        let written = self.machine.run(self.client_view.read(city_state, &store))?;
        if !written.is_empty() {
            return Err(format!("rungs fire after the year: {written:?}"));
        }
        self.machine.run(self.client_view.close(&store, city_state))
    }
}
