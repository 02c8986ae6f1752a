//! Runs a group of commands in one transaction, in a few statements however many they are.
//!
//! 1. Natural keys: a request whose source belongs to a ticket is answered by `duplicate_source`.
//! 2. Scope: the transaction of units' commands gives up all rows but those that each unit may see of its own ticket.
//! 3. Locks, in the order of ticket numbers, before the look for earlier answers: of two equal requests the second one
//!    waits for the first and then finds its answer.
//! 4. Earlier answers, rules, units and cited articles; then each command is decided by itself.
//! 5. Rows of all tickets and request records, together.

mod decide;
mod known_requests;

use std::collections::HashMap;

use hotline_proto::v1::ErrorReason;

use super::ClosedLoop;
use super::command::{Action, CommandAnswer, TicketCommand};
use crate::access::Scope;
use crate::deadline::Rules;
use crate::desk::directory::{UnitSet, topics};
use crate::desk::knowledge::{KnowledgeNeeded, KnowledgeSet};
use crate::ledger::call_keys::call_key;
use crate::ledger::locked_ticket::LockedTicket;
use crate::ledger::look_up::{Found, LookUp};
use crate::ledger::{self, TicketChange};
use crate::platform::group_commit::{CommandGroup, Verdict};
use crate::platform::idempotency::{self, RequestKey, StoredAnswer};
use crate::platform::row_security::{AllowedTickets, TicketClaim};
use crate::platform::work::TxFuture;
use crate::platform::writes::Writes;
use crate::platform::{Fault, Work};
use crate::ticket::{CallId, TicketNumber};

/// The numbers for the requests of a group, in their order, or why there are none.
pub(super) type AllottedNumbers = Result<Vec<TicketNumber>, Fault>;

impl CommandGroup for ClosedLoop {
    type Command = TicketCommand;
    type Prepared = AllottedNumbers;

    async fn prepare(&self, commands: &[TicketCommand]) -> Result<AllottedNumbers, Fault> {
        let requests = commands.iter().filter(|command| matches!(command.action, Action::Create(_))).count();
        match self.ledger.numbers().allot_many(&self.store, &self.clock, requests).await {
            Err(fault) if fault.reason != ErrorReason::NumbersExhausted => Err(fault),
            numbers => Ok(numbers),
        }
    }

    fn apply<'w>(
        &'w self,
        work: &'w Work,
        commands: &'w [TicketCommand],
        numbers: &'w AllottedNumbers,
    ) -> TxFuture<'w, Vec<Verdict<CommandAnswer>>> {
        Box::pin(async move {
            let mut group = Group::new(self, work, commands, numbers);
            Box::pin(group.answer_known_requests()).await?;
            group.set_scope().await?;
            group.lock().await?;
            group.look_up().await?;
            group.read_units().await?;
            group.read_knowledge().await?;
            group.decide_all().await?;
            group.write().await
        })
    }
}

/// A command of a group on its way.
struct Step<'w> {
    command: &'w TicketCommand,
    /// The number that a request is given.
    number: Option<TicketNumber>,
    tickets: Vec<LockedTicket>,
    changes: Vec<TicketChange>,
    /// The call that a request came from.
    call: Option<CallId>,
    verdict: Option<Verdict<CommandAnswer>>,
}

struct Group<'w> {
    closed_loop: &'w ClosedLoop,
    work: &'w Work,
    steps: Vec<Step<'w>>,
    allotted: &'w AllottedNumbers,
    units: UnitSet,
    knowledge: KnowledgeSet,
    rules: Option<Rules>,
    /// The keys of calls that requests are the first to name, each with the place of its request.
    new_calls: Vec<(usize, call_key::ActiveModel)>,
}

impl<'w> Group<'w> {
    fn new(
        closed_loop: &'w ClosedLoop,
        work: &'w Work,
        commands: &'w [TicketCommand],
        allotted: &'w AllottedNumbers,
    ) -> Self {
        let mut numbers = allotted.iter().flatten().copied();
        let steps = commands.iter().map(|command| {
            let number = if matches!(command.action, Action::Create(_)) { numbers.next() } else { None };
            Step { command, number, tickets: Vec::new(), changes: Vec::new(), call: None, verdict: None }
        });
        let steps = steps.collect();
        let (units, knowledge) = (UnitSet::default(), KnowledgeSet::default());
        let (rules, new_calls) = (None, Vec::new());
        Self { closed_loop, work, steps, allotted, units, knowledge, rules, new_calls }
    }

    /// The commands that have no verdict yet.
    fn open(&mut self) -> impl Iterator<Item = &mut Step<'w>> {
        self.steps.iter_mut().filter(|step| step.verdict.is_none())
    }

    /// Confines the transaction of units' commands. All commands of a group are of one lane.
    async fn set_scope(&mut self) -> Result<(), Fault> {
        let mut claims = Vec::new();
        let mut is_confined = false;
        for step in &self.steps {
            let Some(unit) = step.command.permit.unit() else { continue };
            is_confined = true;
            let claimed = match &step.command.action {
                Action::Create(screened) => screened.create.follows.into_iter().collect(),
                Action::Change(change) => change.numbers(),
            };
            let claimed = claimed.into_iter();
            claims.extend(claimed.map(|number| TicketClaim { ticket: number.as_i64(), unit: unit.as_str() }));
        }
        if is_confined {
            self.work.set_claims_scope(&claims).await?;
        }
        Ok(())
    }

    /// Locks the tickets of all commands, and checks what comes before every decision.
    async fn lock(&mut self) -> Result<(), Fault> {
        let waits = self.steps.len() == 1;
        let scopes: Vec<Scope> = self.steps.iter().map(|step| step.command.permit.scope()).collect();
        let mut asked = Vec::new();
        for (step, scope) in self.steps.iter().zip(&scopes) {
            if let Action::Change(change) = &step.command.action {
                asked.extend(change.numbers().into_iter().map(|number| (number, scope)));
            }
        }
        let mut locked = ledger::lock::lock_tickets(self.work, &asked, waits).await?;
        let left_out = asked.iter().map(|(number, _)| number).filter(|number| !locked.contains_key(number));
        let left_out = if waits { Vec::new() } else { left_out.map(|number| number.as_i64()).collect() };
        let maybe_locked = ledger::lock::maybe_locked(self.work, left_out).await?;
        for step in self.open() {
            let Action::Change(change) = &step.command.action else { continue };
            let numbers = change.numbers();
            if numbers.iter().any(|number| maybe_locked.contains(number)) {
                step.verdict = Some(Verdict::RunAlone);
                continue;
            }
            step.tickets = numbers.iter().filter_map(|number| locked.remove(number)).collect();
        }
        Ok(())
    }

    /// What a confined transaction may write: what it has locked, and what it takes in.
    fn allowed(&mut self) -> Option<AllowedTickets> {
        if !self.work.has_unit_scope() {
            return None;
        }
        let numbers =
            self.open().flat_map(|step| step.tickets.iter().map(|ticket| ticket.number).chain(step.number));
        Some(AllowedTickets(numbers.map(TicketNumber::as_i64).collect()))
    }

    /// Looks for earlier answers to the commands on tickets, behind their locks, and checks what comes before a
    /// decision.
    async fn look_up(&mut self) -> Result<(), Fault> {
        let mut look_up = LookUp { allowed: self.allowed(), ..LookUp::default() };
        let mut topics = Vec::new();
        for step in self.steps.iter().filter(|step| step.verdict.is_none()) {
            if let Action::Change(change) = &step.command.action {
                look_up.requests.push(&step.command.key);
                topics.extend(change.topic_named());
                if change.begins_cycle() && self.rules.is_none() {
                    look_up.rules_at = Some(self.work.now());
                }
            }
        }
        look_up.topics = Some((topics, self.work.now()));
        let found = look_up.run(&self.work.tx).await?;
        self.read_rules(&found).await?;
        for step in self.open() {
            let Action::Change(change) = &step.command.action else { continue };
            step.verdict = earlier_answer(&found, &step.command.key);
            if step.verdict.is_some() {
                continue;
            }
            let mut tickets: HashMap<_, _> =
                std::mem::take(&mut step.tickets).into_iter().map(|ticket| (ticket.number, ticket)).collect();
            let asked = change.numbers().iter().map(|number| tickets.remove(number)).collect();
            match change.check(&step.command.permit, asked) {
                Ok(tickets) => {
                    // A ticket keeps a topic that was retired after its intake.
                    let kept = tickets.first().and_then(|ticket| ticket.topic.as_deref());
                    let named = change.topic_named().filter(|topic| Some(*topic) != kept);
                    step.verdict = named.and_then(|topic| refused_topic(&found, topic));
                    step.tickets = tickets;
                }
                Err(refusal) => step.verdict = Some(Verdict::Refused(refusal)),
            }
        }
        Ok(())
    }

    async fn read_rules(&mut self, found: &Found) -> Result<(), Fault> {
        if let Some((policy, calendar)) = &found.rules {
            let book = self.closed_loop.ledger.rules();
            self.rules = Some(book.of_versions(&self.work.tx, policy, calendar).await?);
        }
        Ok(())
    }

    /// Reads the units that the decisions need to know of. Locks those that decisions about complaints hang on, and
    /// keeps those active that get work.
    async fn read_units(&mut self) -> Result<(), Fault> {
        let (mut read, mut locked, mut gives_work) = (Vec::new(), Vec::new(), false);
        for step in self.steps.iter().filter(|step| step.verdict.is_none()) {
            match &step.command.action {
                Action::Create(screened) => read.extend(screened.create.units_named(&step.command.permit)),
                Action::Change(change) => {
                    let needed = change.units_needed(&step.tickets);
                    gives_work |= needed.gives_work;
                    if needed.is_locked { &mut locked } else { &mut read }.extend(needed.codes);
                }
            }
        }
        read.sort();
        read.dedup();
        let tx = &self.work.tx;
        self.units =
            if gives_work { UnitSet::hold(tx, read).await? } else { UnitSet::read(tx, read).await? };
        if !locked.is_empty() {
            self.units.extend(UnitSet::lock(&self.work.tx, locked).await?);
        }
        Ok(())
    }

    /// Reads the articles that the commands cite, and keeps them in force until the transaction ends.
    async fn read_knowledge(&mut self) -> Result<(), Fault> {
        let mut needed = KnowledgeNeeded::default();
        for step in self.steps.iter().filter(|step| step.verdict.is_none()) {
            if let Action::Change(change) = &step.command.action {
                needed.extend(change.knowledge_needed(&step.tickets));
            }
        }
        self.knowledge = KnowledgeSet::hold(&self.work.tx, &needed, self.work.now()).await?;
        Ok(())
    }

    /// Writes the rows of all changes and the records of their requests; answers the verdicts.
    async fn write(mut self) -> Result<Vec<Verdict<CommandAnswer>>, Fault> {
        let mut counts = Vec::with_capacity(self.steps.len());
        let mut changes = Vec::new();
        for step in &mut self.steps {
            counts.push(step.changes.len());
            changes.append(&mut step.changes);
        }
        let (work, ledger) = (self.work, &self.closed_loop.ledger);
        let unused = self.steps.iter().filter(|step| step.verdict.is_some()).filter_map(|step| step.number);
        ledger.numbers().give_back(unused).await;
        let mut writes = Writes::new(work);
        let is_taken_in = |place: &usize| self.steps[*place].verdict.is_none();
        let new_calls = std::mem::take(&mut self.new_calls).into_iter();
        writes.insert(new_calls.filter(|(place, _)| is_taken_in(place)).map(|(_, row)| row).collect())?;
        let mut tickets = ledger.add(work, changes, &mut writes).await?.into_iter();
        let (mut verdicts, mut records) = (Vec::with_capacity(counts.len()), Vec::new());
        for (step, count) in self.steps.into_iter().zip(counts) {
            let mut its_tickets = tickets.by_ref().take(count);
            let first = its_tickets.next();
            its_tickets.for_each(drop);
            let verdict = match (step.verdict, first) {
                (Some(verdict), _) => verdict,
                (None, Some(ticket)) => {
                    let (subject, version) = (ticket.number.as_i64(), ticket.version);
                    records.push((&step.command.key, StoredAnswer::Version { subject, version }));
                    Verdict::Answer(CommandAnswer::Changed(Box::new(ticket)))
                }
                (None, None) => return Err(Fault::internal("a command wrote no ticket")),
            };
            verdicts.push(verdict);
        }
        if !records.is_empty() {
            idempotency::add(work, records, &mut writes).await?;
        }
        writes.execute(work).await?;
        Ok(verdicts)
    }
}

/// The refusal of a topic that is not in force.
fn refused_topic(found: &Found, topic: &str) -> Option<Verdict<CommandAnswer>> {
    let retired = found.retired_topic(topic)?;
    Some(Verdict::Refused(topics::not_in_force("topic", topic, retired.successor.as_deref())))
}

/// The answer of an equal request, or the refusal if the id stands for another one.
fn earlier_answer(found: &Found, key: &RequestKey) -> Option<Verdict<CommandAnswer>> {
    match found.request(key) {
        Ok(Some((number, version))) => Some(Verdict::Answer(CommandAnswer::Repeated(number, version))),
        Ok(None) => None,
        Err(refusal) => Some(Verdict::Refused(refusal)),
    }
}
