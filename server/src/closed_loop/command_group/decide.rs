//! The decisions of a group: each command by itself, on what was read for all of them.

use super::Group;
use crate::closed_loop::caller_update;
use crate::closed_loop::command::{Action, CommandAnswer, TicketChange as AskedChange, TicketCommand};
use crate::closed_loop::create_ticket::{ScreenedTicket, check_followed};
use crate::closed_loop::draw::Draw;
use crate::closed_loop::verb::{DecisionContext, not_found};
use crate::desk::absence;
use crate::desk::free_text::screen_texts;
use crate::identity;
use crate::ledger::locked_ticket::LockedTicket;
use crate::ledger::{self, Entry, TicketChange, training_calls};
use crate::platform::Fault;
use crate::platform::group_commit::Verdict;
use crate::ticket::{CallId, CallerIdentity, Event, Instant, TicketNumber};

/// What was decided about a command.
enum Decided {
    /// What happens to its tickets.
    Changes(Vec<TicketChange>),
    /// It is refused, and the refusal is recorded in this transaction.
    RefusedOnRecord(Fault),
}

impl Group<'_> {
    /// Decides every command that has no verdict yet, and folds the events.
    ///
    /// # Errors
    /// What the database refuses with, and faults of the server. The transaction is over then, and the group is split.
    /// A command's own refusal is its verdict and no error.
    pub(super) async fn decide_all(&mut self) -> Result<(), Fault> {
        for place in 0..self.steps.len() {
            let Some(step) = self.steps.get_mut(place).filter(|step| step.verdict.is_none()) else {
                continue;
            };
            let (command, number, tickets) = (step.command, step.number, std::mem::take(&mut step.tickets));
            let decided = match &command.action {
                Action::Create(screened) => {
                    let call = self.steps[place].call.clone();
                    self.decide_request(command, screened, number, call.as_ref()).await
                }
                Action::Change(change) => self.decide_change(command, change.as_ref(), tickets).await,
            };
            let verdict = match decided {
                Ok(Decided::Changes(changes)) => {
                    self.steps[place].changes = changes;
                    continue;
                }
                Ok(Decided::RefusedOnRecord(refusal)) => {
                    Verdict::Answer(CommandAnswer::RefusedOnRecord(refusal))
                }
                Err(fault) if fault.is_failure() => return Err(fault),
                Err(refusal) => Verdict::Refused(refusal),
            };
            self.steps[place].verdict = Some(verdict);
        }
        Ok(())
    }

    async fn decide_request(
        &self,
        command: &TicketCommand,
        screened: &ScreenedTicket,
        number: Option<TicketNumber>,
        call: Option<&CallId>,
    ) -> Result<Decided, Fault> {
        let rules = self.rules.as_ref().ok_or_else(|| Fault::internal("no rules were read for a request"))?;
        let ctx = DecisionContext {
            now: self.work.now(),
            permit: &command.permit,
            policy: &rules.policy,
            policy_version: &rules.policy_version,
            calendar: &rules.calendar,
            units: &self.units,
            knowledge: &self.knowledge,
            draw: Draw::NONE,
            stand_in: None,
        };
        let mut events = screened.create.decide_screened(&ctx, &screened.texts, call)?;
        self.mark_training(&mut events, call).await?;
        self.check_followed(command, screened).await?;
        let number = match (number, self.allotted) {
            (Some(number), _) => number,
            (None, Err(exhausted)) => return Err(exhausted.clone()),
            (None, Ok(_)) => return Err(Fault::internal("no number was allotted for a request")),
        };
        let actor = command.permit.actor();
        let entry = Entry { number, before: None, actor, events, identity: screened.identity_to_encrypt() };
        Ok(Decided::Changes(vec![self.closed_loop.ledger.fold(self.work, entry).await?]))
    }

    /// Marks a ticket whose call was answered at a training seat.
    async fn mark_training(&self, events: &mut [Event], call: Option<&CallId>) -> Result<(), Fault> {
        let Some(call) = call else { return Ok(()) };
        let is_training = !training_calls::among(&self.work.tx, &[call.0.as_str()]).await?.is_empty();
        if let Some(Event::TicketCreated(created)) = events.first_mut() {
            created.is_training = is_training;
        }
        Ok(())
    }

    /// The ticket that a request follows lies in the scope of its caller, and is closed. It is not locked: a ticket
    /// that is opened again meanwhile was closed when the request was made.
    async fn check_followed(&self, command: &TicketCommand, screened: &ScreenedTicket) -> Result<(), Fault> {
        let Some(number) = screened.create.follows else { return Ok(()) };
        let found = ledger::read::find(&self.work.tx, &command.permit.scope(), number).await?;
        check_followed(&found.ok_or_else(|| not_found(number))?)
    }

    async fn decide_change(
        &self,
        command: &TicketCommand,
        change: &dyn AskedChange,
        tickets: Vec<LockedTicket>,
    ) -> Result<Decided, Fault> {
        let first = tickets.first().ok_or_else(|| Fault::internal("a change has no ticket"))?;
        let events = self.events(command, change, &tickets).await?;
        // The decision comes first. A text is compared with the caller only if it would be stored otherwise, so a wrong
        // guess stands on the timeline with its author.
        if let Some(refusal) = self.screen(command, change, first).await? {
            return Ok(Decided::RefusedOnRecord(refusal));
        }
        let mut changes = Vec::with_capacity(tickets.len());
        for (ticket, events) in tickets.into_iter().zip(events) {
            let (number, actor) = (ticket.number, command.permit.actor());
            let caller = self.caller_after(change, &ticket, &events).await?;
            let entry =
                Entry { number, before: Some(ticket), actor, events, identity: CallerIdentity::default() };
            let folded = self.closed_loop.ledger.fold(self.work, entry).await?;
            let folded = folded.with_attachment(change.attachment().cloned());
            changes.push(match caller {
                Some(caller) => folded.with_caller(caller),
                None => folded,
            });
        }
        Ok(Decided::Changes(changes))
    }

    /// Who called, after a command that updates it.
    async fn caller_after(
        &self,
        change: &dyn AskedChange,
        ticket: &LockedTicket,
        events: &[Event],
    ) -> Result<Option<CallerIdentity>, Fault> {
        let (Some(update), [Event::CallerUpdated(updated)]) = (change.caller_update(), events) else {
            return Ok(None);
        };
        let vault = self.closed_loop.ledger.vault();
        let stored = identity::decrypt_for_update(&self.work.tx, vault, ticket.number).await?;
        Ok(Some(caller_update::identity_after(stored, ticket, update, updated)))
    }

    /// Decides what happens to the tickets of a command. Limits are counted by the policy and the calendar of the
    /// first one.
    async fn events(
        &self,
        command: &TicketCommand,
        change: &dyn AskedChange,
        tickets: &[LockedTicket],
    ) -> Result<Vec<Vec<Event>>, Fault> {
        let ticket = tickets.first().ok_or_else(|| Fault::internal("a change has no ticket"))?;
        let (book, counted_by) = (self.closed_loop.ledger.rules(), &ticket.cycle.deadline);
        let policy = book.policy(&self.work.tx, &counted_by.policy_version).await?;
        let now = ledger::instant_of(self.work, ticket);
        let calendar = match &self.rules {
            _ if !change.begins_cycle() => book.calendar(&self.work.tx, &counted_by.calendar_version).await?,
            Some(rules) if now == self.work.now() => rules.calendar.clone(),
            // The ticket's last event lies ahead of this server's clock.
            _ => book.in_force(&self.work.tx, now).await?.calendar,
        };
        let draw = if change.draws() {
            Draw::about(self.closed_loop.ledger.vault(), ticket).await?
        } else {
            Draw::NONE
        };
        let stand_in = self.stand_in(command, change, now).await?;
        let ctx = DecisionContext {
            now,
            permit: &command.permit,
            policy: &policy,
            policy_version: &counted_by.policy_version,
            calendar: &calendar,
            units: &self.units,
            knowledge: &self.knowledge,
            draw,
            stand_in: stand_in.as_deref(),
        };
        change.decide(tickets, &ctx)
    }

    /// Who stands in for the clerk that a command names.
    async fn stand_in(
        &self,
        command: &TicketCommand,
        change: &dyn AskedChange,
        now: Instant,
    ) -> Result<Option<String>, Fault> {
        let (Some(clerk), Some(unit)) = (change.clerk_named(), command.permit.unit()) else {
            return Ok(None);
        };
        // A group may have several units, and none of them reads the rows of another.
        let present = absence::present(self.closed_loop.store.reader(), unit, now).await?;
        Ok(absence::stand_in(&present, clerk).map(str::to_owned))
    }

    /// Screens what staff write on a confidential ticket; answers a refusal that is recorded in this transaction. What
    /// a unit writes is compared with nothing, even in a part that is not its own.
    async fn screen(
        &self,
        command: &TicketCommand,
        change: &dyn AskedChange,
        ticket: &LockedTicket,
    ) -> Result<Option<Fault>, Fault> {
        let permit = &command.permit;
        if permit.unit().is_some() {
            return Ok(None);
        }
        let (vault, mut texts) = (self.closed_loop.ledger.vault(), change.free_texts());
        if !ticket.is_confidential && !change.is_always_screened() {
            texts.retain(|text| text.leaves_ticket);
        }
        screen_texts(self.work, vault, &permit.actor(), change.name(), ticket, &texts).await
    }
}
