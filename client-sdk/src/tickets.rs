//! The verbs of the loop: intake, dispatch, handling with double feedback, supervision, follow-up.
//!
//! One method for each method of `TicketService`, by the same name. A command answers with the ticket as it stands
//! then. It may be repeated with the same `request_id`: the hotline gives the first answer again and changes nothing
//! twice. The client does so by itself where an answer is lost.
//!
//! Every command on a ticket may be refused with `TICKET_NOT_FOUND`, `ETAG_STALE`, `WRONG_STATE`, `INVALID_FIELDS` or
//! `ROLE_NOT_ALLOWED`; each method names what else it is refused with.

mod command;
mod digests;
mod handling;
mod intake;
mod oversight;
mod queries;
mod reveal;

pub use digests::*;
pub use handling::*;
pub use intake::*;
pub use oversight::*;
pub use queries::*;
pub use reveal::*;

use hotline_proto::v1;

use crate::call::Core;
use crate::error::Error;
use crate::model::{Digest, RevealApproved, Revealed, Ticket, TicketDeadline, TicketEvent, TicketView};
use crate::page::{self, Listing};

/// The tickets. Made by [`HotlineClient::tickets`](crate::HotlineClient::tickets).
#[derive(Debug, Clone)]
pub struct Tickets(Core);

impl Tickets {
    pub(crate) fn new(core: Core) -> Self {
        Self(core)
    }

    /// Takes a request in (受理). A second create of the same principal with the same source gives the first ticket. For
    /// telephony, agents, and units with what reaches them at their own counter.
    ///
    /// # Errors
    /// `OUTSIDE_HOURS`, `SOURCE_REUSED`, `UNIT_UNKNOWN`, `CONFLICT_OF_INTEREST`, `NUMBERS_EXHAUSTED`.
    pub async fn create_ticket(&self, command: CreateTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Answers a general consultation on the spot, citing knowledge articles. For agents.
    ///
    /// # Errors
    /// `NOT_A_GENERAL_CONSULTATION`.
    pub async fn answer_ticket(&self, command: AnswerTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Does not accept a request (不予受理), and records where to turn instead. For agents.
    ///
    /// # Errors
    /// Those of every command.
    pub async fn decline_ticket(&self, command: DeclineTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Classifies a ticket anew; its deadline is counted again from the intake. For agents and dispatchers.
    ///
    /// # Errors
    /// `PLAN_NOT_CALLED_FOR`, `UNIT_UNKNOWN`, `RETURN_PENDING`.
    pub async fn classify_ticket(&self, command: ClassifyTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Writes the handling plan of an appeal whose responsibility overlaps. For the coordinator.
    ///
    /// # Errors
    /// `UNIT_UNKNOWN`, `CONFLICT_OF_INTEREST`.
    pub async fn plan_ticket(&self, command: PlanTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Sends a ticket (派单) to one lead, any assisting and any informed units; again after a return, or as long as the
    /// lead has not signed for it. For dispatchers and the coordinator.
    ///
    /// # Errors
    /// `UNIT_UNKNOWN`, `CONFLICT_OF_INTEREST`, `ANSWERED_ON_THE_SPOT`, `PLAN_MISSING`, `RETURN_PENDING`, `TEXT_HELD`.
    pub async fn dispatch_ticket(&self, command: DispatchTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Signs for a ticket (签收). For the lead unit.
    ///
    /// # Errors
    /// `LEAD_ONLY`.
    pub async fn accept_ticket(&self, command: AcceptTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Sends a ticket back (退单) inside the return window. The deadline runs on. For the lead unit.
    ///
    /// # Errors
    /// `LEAD_ONLY`, `RETURN_WINDOW_CLOSED`, `RETURNS_EXHAUSTED`, `UNIT_UNKNOWN`.
    pub async fn return_ticket(&self, command: ReturnTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Rules on a return. For dispatchers.
    ///
    /// # Errors
    /// `NO_RETURN_PENDING`.
    pub async fn rule_on_return(&self, command: RuleOnReturn) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Puts the reply to the company, the report to the hotline, or both on the ticket (双反馈). The lead's pair
    /// completes it; an assisting unit's report goes to the lead. For units.
    ///
    /// # Errors
    /// `FEEDBACK_STANDS`, `NOT_INVOLVED`, `LEAD_ONLY`.
    pub async fn submit_feedback(&self, command: SubmitFeedback) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Carries a ticket over (挂账): the lead unit asks, a dispatcher decides, both before the limit.
    ///
    /// # Errors
    /// `LEAD_ONLY`, `PART_NOT_ALLOWED`, `LIMIT_PASSED`, `ALREADY_CARRIED_OVER`, `NO_CARRY_OVER_PENDING`.
    pub async fn carry_over_ticket(&self, command: CarryOverTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Urges or supervises by hand, or records what was done in manual supervision. For supervisors.
    ///
    /// # Errors
    /// `RUNG_ALREADY_REACHED`, `NOT_IN_MANUAL_SUPERVISION`.
    pub async fn escalate_ticket(&self, command: EscalateTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Records a follow-up call that reached nobody. The last one allowed closes the ticket. For agents.
    ///
    /// # Errors
    /// `ATTEMPT_TOO_SOON`.
    pub async fn record_contact_attempt(&self, command: RecordContactAttempt) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Records what the company said in the follow-up call (回访), and closes the ticket. For agents, never the unit.
    ///
    /// # Errors
    /// Those of every command.
    pub async fn submit_survey(&self, command: SubmitSurvey) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Opens a new handling cycle after a bad survey. For agents and supervisors.
    ///
    /// # Errors
    /// `SURVEY_NOT_BAD`, `REWORKS_EXHAUSTED`.
    pub async fn rework_ticket(&self, command: ReworkTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Records that the company withdraws its request. For agents.
    ///
    /// # Errors
    /// Those of every command.
    pub async fn withdraw_ticket(&self, command: WithdrawTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Links a repeat to the open ticket of the same matter, and answers with the repeat. For agents.
    ///
    /// # Errors
    /// `MERGE_TARGET_UNFIT`, `CONFLICT_OF_INTEREST`.
    pub async fn merge_ticket(&self, command: MergeTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Writes a ticket's texts so that they say nothing of who called, or confirms that they do not; a held ticket can be
    /// dispatched then. For agents.
    ///
    /// # Errors
    /// Those of every command.
    pub async fn redact_ticket(&self, command: RedactTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Reads one ticket. A unit sees those that it leads, assists or is informed of. Where it shows who called, that is
    /// recorded. For everyone but telephony and administrators.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, also where the ticket is not the caller's to see.
    pub async fn get_ticket(&self, ticket_number: impl Into<String>) -> Result<TicketView, Error> {
        let ticket_number = ticket_number.into();
        self.0.query(v1::GetTicketRequest { ticket_number, ..Default::default() }).await
    }

    /// Reads one ticket without who called, so that nobody's identity is read: for those who poll. For everyone but
    /// telephony and administrators.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, also where the ticket is not the caller's to see.
    pub async fn get_ticket_without_caller(&self, ticket_number: impl Into<String>) -> Result<Ticket, Error> {
        let ticket_number = ticket_number.into();
        let request = v1::GetTicketRequest { ticket_number, without_caller: true, ..Default::default() };
        let view: TicketView = self.0.query(request).await?;
        Ok(view.ticket)
    }

    /// Reveals who called, for a purpose; the reading is recorded. For agents and supervisors.
    ///
    /// # Errors
    /// `SECOND_PERSON_NEEDED` where a confidential complaint-report has not been approved first.
    pub async fn reveal_identity(&self, command: RevealIdentity) -> Result<Revealed, Error> {
        self.0.command(command).await
    }

    /// Approves that somebody else reveals who reported. For supervisors.
    ///
    /// # Errors
    /// `INVALID_FIELDS` where the caller approves for itself.
    pub async fn approve_reveal(&self, command: ApproveReveal) -> Result<RevealApproved, Error> {
        self.0.command(command).await
    }

    /// Lists the tickets that the caller may see, without their content. For everyone but telephony and
    /// administrators.
    pub fn list_tickets(&self, which: ListTickets) -> Listing<Ticket> {
        page::list(self.0.clone(), which.into_request())
    }

    /// Lists what happened to one ticket, oldest first. For everyone but telephony and administrators.
    pub fn list_ticket_events(&self, ticket_number: impl Into<String>) -> Listing<TicketEvent> {
        let ticket_number = ticket_number.into();
        page::list(self.0.clone(), v1::ListTicketEventsRequest { ticket_number, ..Default::default() })
    }

    /// Lists what units are told of the supervision ladder, oldest first: one digest for each unit, rung and tick. A unit
    /// reads its own. For units, dispatchers and supervisors.
    ///
    /// A unit polls with the last sequence that it has read, and keeps it over restarts. However often it asks, it reads
    /// each digest once and misses none:
    ///
    /// ```no_run
    /// use hotline_client::{Error, ListDigests, Tickets};
    ///
    /// /// Reads what is new, and answers with the sequence to go on from.
    /// async fn poll(tickets: &Tickets, last: i64) -> Result<i64, Error> {
    ///     let mut sequence = last;
    ///     let mut new = tickets.list_digests(ListDigests { after_sequence: last, ..ListDigests::default() });
    ///     while let Some(digest) = new.try_next().await? {
    ///         println!("{}: {} tickets", digest.rung, digest.tickets.len());
    ///         sequence = digest.sequence;
    ///     }
    ///     Ok(sequence)
    /// }
    /// ```
    pub fn list_digests(&self, which: ListDigests) -> Listing<Digest> {
        page::list(self.0.clone(), which.into_request())
    }

    /// Explains a ticket's limit, line by line. For everyone but telephony and administrators.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`.
    pub async fn explain_deadline(&self, ticket_number: impl Into<String>) -> Result<TicketDeadline, Error> {
        self.0.query(v1::ExplainDeadlineRequest { ticket_number: ticket_number.into() }).await
    }
}
