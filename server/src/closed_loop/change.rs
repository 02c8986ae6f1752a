//! The entry of every command: it waits for a group, runs in the group's transaction, and has an answer of its own.

use super::answer_ticket;
use super::command::{Action, CommandAnswer, TicketCommand};
use super::create_ticket::ScreenedTicket;
use super::request_record;
use super::verb::{Change, Verb};
use crate::access::Permit;
use crate::ledger::{self, Ledger};
use crate::platform::group_commit::GroupCommit;
use crate::platform::idempotency::RequestKey;
use crate::platform::metrics::{SOURCES_REFUSED, TEXTS_REFUSED};
use crate::platform::{Clock, Fault, Store};
use crate::ticket::Ticket;

/// The dependencies of the verbs.
#[derive(Debug, Clone)]
pub struct ClosedLoop {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The only writer of tickets.
    pub ledger: Ledger,
    commands: Commands,
}

/// The commands that wait for a transaction.
#[derive(Debug, Clone)]
struct Commands(GroupCommit<TicketCommand>);

impl ClosedLoop {
    /// The verbs over a database, with a queue of commands of their own.
    #[must_use]
    pub fn new(store: Store, clock: Clock, ledger: Ledger) -> Self {
        let commands = Commands(GroupCommit::new(&store));
        Self { store, clock, ledger, commands }
    }

    /// Runs a command on a ticket; answers the ticket as the command left it.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, `ETAG_STALE`, `WRONG_STATE`, `REQUEST_ID_REUSED`, the verb's refusals, `OVERLOADED`,
    /// `UNAVAILABLE`.
    pub async fn change<V: Verb>(&self, permit: Permit, change: Change<V>) -> Result<Ticket, Fault> {
        let key = change.key.clone();
        let verb = V::COMMAND;
        let command = TicketCommand { permit, key, action: Action::Change(Box::new(change)) };
        self.run(command, TEXTS_REFUSED, |ticket| answer_ticket::count(verb, ticket)).await
    }

    /// Takes a request in; answers its ticket, or the first one of the same request id or source.
    ///
    /// # Errors
    /// `OUTSIDE_HOURS`, `SOURCE_REUSED`, `REQUEST_ID_REUSED`, `UNIT_UNKNOWN`, `CONFLICT_OF_INTEREST`,
    /// `NUMBERS_EXHAUSTED`, `OVERLOADED`, `UNAVAILABLE`.
    pub async fn create_ticket(
        &self,
        permit: Permit,
        key: RequestKey,
        create: impl Into<ScreenedTicket>,
    ) -> Result<Ticket, Fault> {
        let action = Action::Create(Box::new(create.into()));
        self.run(TicketCommand { permit, key, action }, SOURCES_REFUSED, |_| {}).await
    }

    /// Runs a command in its group. Counts what it has changed, or a refusal that is on record, after the commit.
    pub(super) async fn run(
        &self,
        command: TicketCommand,
        refused: &'static str,
        count: impl FnOnce(&Ticket),
    ) -> Result<Ticket, Fault> {
        let key = command.key.clone();
        match self.commands.0.run(self, &self.store, &self.clock, command).await {
            Ok(CommandAnswer::Changed(ticket)) => {
                count(&ticket);
                Ok(*ticket)
            }
            // The answer is the first one, byte for byte. A unit has it again wherever the ticket is now, as the
            // contract says, and whomever it complains about by now: it discloses nothing that the unit has not read
            // before. To refuse it only if the ticket has turned out to be a complaint about the unit would disclose
            // just that.
            Ok(CommandAnswer::Repeated(number, version)) => {
                ledger::read::at_version(self.store.reader(), number, version).await
            }
            Ok(CommandAnswer::RefusedOnRecord(refusal)) => {
                metrics::counter!(refused).increment(1);
                Err(refusal)
            }
            Err(fault) if fault.is_outcome_unknown => {
                tracing::warn!(
                    error = fault.detail,
                    "answer to a commit was lost; looking up the request record"
                );
                request_record::find(&self.store, &key).await?.ok_or(fault)
            }
            Err(fault) => Err(fault),
        }
    }
}
