//! The house with a database: three servers' own code on one SQLite file. Commands go through `ClosedLoop`, rungs
//! through `Runner`, each server by its own clock; what was written is read back from the file.
//!
//! One thing happens at a time, or two that meet in an order that the seed gives: SQLite lends its one writing
//! connection in the order of asking. Servers die in the middle of a unit of work (`stop`, `machine`), and whoever got
//! no answer asks again.

mod client_view;
mod database_bugs;
mod faults;
mod initial_database;
mod machine;
mod pause_points;
mod rule_changes;
mod table_checks;

use std::cell::Cell;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hotline_proto::v1::ErrorReason;
use hotline_server::access::Permit;
use hotline_server::closed_loop::merge_ticket::MergeTicket;
use hotline_server::closed_loop::{Change, ClosedLoop, Verb};
use hotline_server::deadline::RuleBook;
use hotline_server::ledger::Ledger;
use hotline_server::oversight::Runner;
use hotline_server::platform::idempotency::RequestKey;
use hotline_server::platform::{Clock, Fault};
use hotline_server::ticket::{Ticket, TicketNumber, UnitCode};
use hotline_server::vault::Vault;

use self::client_view::Memory;
use self::database_bugs::Spoiler;
use self::faults::Fate;
use self::machine::Machine;
use super::backend::{Down, House, Request, Ticked, Told};
use super::city_state::Town;
use super::servers::Servers;
use crate::command_spec::{Ask, Create};
use crate::injected_bugs::Plant;
use crate::product_verbs::{self, Way};
use crate::random::Random;
use crate::rule_versions::{Days, Rated};

pub(super) use self::initial_database::Founding;

/// An answer on its way.
type Answering = Pin<Box<dyn Future<Output = Result<Ticket, Fault>>>>;

/// One server.
#[derive(Debug)]
struct Server {
    clock: Arc<AtomicI64>,
    closed_loop: ClosedLoop,
    runner: Runner,
}

/// Three servers on one file.
#[derive(Debug)]
pub(super) struct Stored {
    servers: [Option<Server>; Servers::COUNT],
    machine: Machine,
    memory: Memory,
    spoiler: Spoiler,
    /// Whether all were shut down the last time, and not killed.
    is_dark_by_order: bool,
    /// What the clocks showed, at most, of the servers that took part since this was asked last.
    latest: Cell<i64>,
}

/// The way of a command through a server.
struct Through {
    closed_loop: ClosedLoop,
    permit: Permit,
    key: RequestKey,
    number: TicketNumber,
    etag: Option<String>,
}

impl Way for Through {
    type Outcome = Answering;

    fn take<V: Verb>(self, verb: V) -> Answering {
        let change = Change { key: self.key, number: self.number, etag: self.etag, verb };
        Box::pin(async move { self.closed_loop.change(self.permit, change).await })
    }
}

impl Stored {
    /// Servers on a copy of a founded file; none has started yet.
    pub(super) fn new(founding: &Founding, seed: u64) -> Result<Self, String> {
        Ok(Self {
            servers: [const { None }; Servers::COUNT],
            machine: founding.machine()?,
            memory: Memory::new(seed),
            spoiler: Spoiler::new(founding.plant()),
            is_dark_by_order: false,
            latest: Cell::new(i64::MIN),
        })
    }

    /// A server that is up, its clock set.
    fn server(&self, town: &Town<'_>, server: usize) -> Result<&Server, String> {
        let here = self.servers[server].as_ref().ok_or_else(|| format!("server {server} is down"))?;
        here.clock.store(town.clock(server), Ordering::SeqCst);
        self.latest.set(self.latest.get().max(town.clock(server)));
        Ok(here)
    }

    /// What a request is told, and whether that is what was told before and what is stored.
    fn told(
        &mut self,
        town: &Town<'_>,
        (id, key, unit): (u64, &RequestKey, Option<&UnitCode>),
        answers: Vec<Result<Ticket, Fault>>,
        down: Down,
    ) -> Result<Told, String> {
        let store = self.machine.store()?;
        let written = self.machine.run(self.memory.read(town, &store))?;
        if down != Down::Nobody {
            self.machine.run(self.memory.check_nothing_lost(&store, town, &written))?;
        }
        let mut heard: Option<Result<Ticket, ErrorReason>> = None;
        for answer in answers {
            match answer {
                Err(fault) if matches!(fault.reason, ErrorReason::Internal | ErrorReason::Unavailable) => {
                    return Err(format!("{key:?}: {}", table_checks::said(fault)));
                }
                // Of two answers to the same request one may be a refusal, but not the second after an acceptance.
                Err(fault) if matches!(heard, Some(Ok(_))) => {
                    return Err(format!("{key:?} was accepted, and refused as {:?}", fault.reason));
                }
                Err(fault) => heard = Some(Err(fault.reason)),
                Ok(ticket) => match &heard {
                    Some(Ok(first)) if *first != ticket => {
                        return Err(format!("{key:?} has two answers: {first:?} and {ticket:?}"));
                    }
                    _ => heard = Some(Ok(ticket)),
                },
            }
        }
        self.machine.run(self.memory.check_answer(
            (&store, town),
            (id, key, unit),
            heard.as_ref(),
            &written,
        ))?;
        let written = written.into_iter().map(|written| (self.memory.place(&written), written)).collect();
        Ok(Told {
            written,
            answer: heard.map(|answer| answer.map(drop)),
            clock: self.latest.replace(i64::MIN),
            down,
        })
    }
}

impl Stored {
    /// Where that is planted, servers find the newest rules for every ticket from now on.
    fn spoil_rules(&mut self, town: &Town<'_>, plant: Plant) -> Result<(), String> {
        let store = self.machine.store()?;
        if !self.machine.run(self.spoiler.after_rules(&store, plant))? {
            return Ok(());
        }
        // What a server has read before it does not read again until it starts.
        let is_up = self.servers.each_ref().map(Option::is_some);
        self.servers = [const { None }; Servers::COUNT];
        (0..Servers::COUNT).filter(|server| is_up[*server]).try_for_each(|server| self.start(town, server))
    }
}

impl House for Stored {
    const REMEMBERS: bool = true;

    fn start(&mut self, town: &Town<'_>, server: usize) -> Result<(), String> {
        if self.servers[server].is_some() {
            return Ok(());
        }
        let micros = Arc::new(AtomicI64::new(town.clock(server)));
        let (clock, store) = (Clock::Simulated(Arc::clone(&micros)), self.machine.store()?);
        // The file is founded. A server that opens the book on a simulated clock takes its start for the beginning of
        // another simulation, and forgets what was approved for later; a server in service does not.
        // Nobody is named, so that nothing is sealed and the same seed leaves the same bytes.
        let vault = Vault::in_memory().map_err(|fault| fault.to_string())?;
        let ledger = Ledger::new(RuleBook::default(), vault);
        self.servers[server] = Some(Server {
            clock: micros,
            closed_loop: ClosedLoop { store: store.clone(), clock: clock.clone(), ledger: ledger.clone() },
            runner: Runner { store, clock, ledger },
        });
        Ok(())
    }

    fn go_dark(&mut self, town: &Town<'_>) -> Result<(), String> {
        self.servers = [const { None }; Servers::COUNT];
        // One time the lights are put out, the next time they go out.
        self.is_dark_by_order = !self.is_dark_by_order;
        if self.is_dark_by_order {
            self.machine.shut_down();
            self.memory.faults.shut_down += 1;
        } else {
            self.machine.kill()?;
            self.memory.faults.killed += 1;
        }
        let store = self.machine.store()?;
        self.machine.run(self.memory.check_nothing_lost(&store, town, &[]))
    }

    fn put_policy(&mut self, town: &Town<'_>, server: usize, rated: &Rated, from: i64) -> Result<(), String> {
        let closed_loop = &self.server(town, server)?.closed_loop;
        self.machine.run(rule_changes::put_policy(closed_loop, rated.policy.clone(), from))?;
        self.spoil_rules(town, Plant::MovedPolicy)
    }

    fn put_calendar(&mut self, town: &Town<'_>, server: usize, days: &Days, from: i64) -> Result<(), String> {
        let closed_loop = &self.server(town, server)?.closed_loop;
        let years = town.book.newest_calendar().new_years(&days.product);
        self.machine.run(rule_changes::put_years(closed_loop, years, from))?;
        self.spoil_rules(town, Plant::MovedCalendar)
    }

    fn take_in(
        &mut self,
        town: &Town<'_>,
        request: Request,
        create: &Create,
        random: &mut Random,
    ) -> Result<Told, String> {
        let permit = town.intake(request.who)?.clone();
        let key = self.memory.key(&permit, request.id, &format!("{create:?}"));
        // Two at once would read before they meet, and threads would say who is first.
        let fate = match Self::fate(town, request.server, random) {
            Fate::Twice(_) | Fate::Beside(..) => Fate::Plain,
            fate => fate,
        };
        let (answers, down) = self.run(town, request.server, fate, |server| {
            let (closed_loop, permit, key) = (server.closed_loop.clone(), permit.clone(), key.clone());
            let create = product_verbs::create(create, town.product.roster);
            Box::pin(async move { closed_loop.create_ticket(permit, key, create).await })
        })?;
        self.told(town, (request.id, &key, permit.unit()), answers, down)
    }

    fn change(
        &mut self,
        town: &Town<'_>,
        request: Request,
        case: usize,
        ask: &Ask,
        random: &mut Random,
    ) -> Result<Told, String> {
        let (permit, ticket) = (town.permit(ask.command(), request.who)?.clone(), &town.cases[case].ticket);
        let key = self.memory.key(&permit, request.id, &format!("{case} {ask:?}"));
        let etag = random.percent(10);
        let etag = etag.then(|| if permit.unit().is_some() { ticket.etag_for_unit() } else { ticket.etag() });
        let fate = Self::fate(town, request.server, random);
        let store = self.machine.store()?;
        self.machine.run(self.spoiler.before_change(&store, ticket))?;
        let (answers, down) = self.run(town, request.server, fate, |server| {
            let (closed_loop, number) = (server.closed_loop.clone(), ticket.number);
            let (permit, key, etag) = (permit.clone(), key.clone(), etag.clone());
            if let Ask::Merge { into } = ask {
                let verb = MergeTicket { into: town.cases[*into].ticket.number };
                let change = Change { key, number, etag, verb };
                return Box::pin(async move { closed_loop.merge_ticket(permit, change).await });
            }
            let way = Through { closed_loop, permit, key, number, etag };
            product_verbs::take(ask, town.product.roster, way).unwrap_or_else(|| {
                Box::pin(std::future::ready(Err(Fault::internal("merging has a way of its own"))))
            })
        })?;
        let store = self.machine.store()?;
        self.machine.run(self.spoiler.after_change(&store, ticket))?;
        self.told(town, (request.id, &key, permit.unit()), answers, down)
    }

    fn looks_in_vain(&self, random: &mut Random) -> bool {
        random.below(2_000) == 0
    }

    fn tick(
        &mut self,
        town: &Town<'_>,
        server: usize,
        due: &[usize],
        random: &mut Random,
    ) -> Result<Ticked, String> {
        let store = self.machine.store()?;
        self.machine.run(self.spoiler.before_tick(&store, town, due))?;
        let cut = self.run_tick(town, server, random)?;
        let down = cut.unwrap_or(Down::Nobody);
        let store = self.machine.store()?;
        let written = self.machine.run(self.memory.read(town, &store))?;
        if down != Down::Nobody {
            self.machine.run(self.memory.check_nothing_lost(&store, town, &written))?;
        }
        let written: Vec<_> = written.into_iter().map(|one| (self.memory.place(&one), one)).collect();
        let is_forgotten = |case: &&usize| written.iter().all(|(place, _)| place != *case);
        if let Some(case) = due.iter().find(is_forgotten).filter(|_| cut.is_none()) {
            let number = town.cases[*case].ticket.number;
            return Err(format!("{number} is due by its own policy, and no rung fires"));
        }
        Ok(Ticked::Told(Told { written, answer: None, clock: self.latest.replace(i64::MIN), down }))
    }

    fn hold(&mut self, town: &Town<'_>, case: usize) -> Result<(), String> {
        let here = &town.cases[case];
        let timer = town.product.timer(&here.ticket, town.book.policy(here.policy));
        let store = self.machine.store()?;
        self.machine.run(table_checks::check(&store, &here.ticket, timer))
    }

    fn overtaken(&self) -> u64 {
        self.memory.faults.overtaken
    }

    fn close(&mut self, town: &Town<'_>) -> Result<String, String> {
        (0..town.cases.len()).try_for_each(|case| self.hold(town, case))?;
        // Whatever was cut off is finished by the next tick.
        if let Some(server) = town.servers.any() {
            let last = self.server(town, server)?.runner.clone();
            self.machine.run(async { last.tick().await }).map_err(table_checks::said)?;
        }
        let store = self.machine.store()?;
        let written = self.machine.run(self.memory.read(town, &store))?;
        if !written.is_empty() {
            return Err(format!("rungs fire after the year: {written:?}"));
        }
        self.machine.run(self.memory.close(&store, town))
    }
}
