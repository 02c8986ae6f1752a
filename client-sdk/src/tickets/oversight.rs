//! Commands of supervision and follow-up: escalate by hand, record contact attempts, submit surveys, rework.

use super::Tickets;
use super::command::ticket_command;
use crate::convert::open_enum;
use crate::error::Error;
use crate::model::{Resolved, Responded, Satisfied, Ticket};

impl Tickets {
    /// Urges or supervises by hand, or records what was done in manual supervision. For supervisors.
    ///
    /// # Errors
    /// `RUNG_ALREADY_REACHED`, `NOT_IN_MANUAL_SUPERVISION`.
    pub async fn escalate_ticket(&self, command: EscalateTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Records a follow-up call that reached nobody. The last allowed attempt closes the ticket. For agents.
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

    /// Records what the company said to a second call (回访复核). For agents, but never the one of the survey.
    ///
    /// # Errors
    /// `RECHECK_NOT_DUE`, `RECHECK_RECORDED`, `OTHER_AGENT_NEEDED`.
    pub async fn record_recheck(&self, command: RecordRecheck) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Starts a new handling cycle after a bad survey. For agents and supervisors.
    ///
    /// # Errors
    /// `SURVEY_NOT_BAD`, `REWORKS_EXHAUSTED`.
    pub async fn rework_ticket(&self, command: ReworkTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }
}

ticket_command! {
    /// Supervises by hand.
    EscalateTicket = EscalateTicketRequest {
        /// What to do.
        escalation: Escalation,
        /// The supervisor's words, 1 to 2,000 characters.
        note: String,
    }
}

open_enum! {
    /// What a supervisor can do.
    Escalation = Escalation {
        /// 催办: urge now.
        Urge = "催办",
        /// 督办: supervise now.
        Supervise = "督办",
        /// 人工督办: take it into manual supervision now.
        Manual = "转人工督办",
        /// Record what was done in manual supervision.
        RecordManual = "记录人工督办",
    }
}

ticket_command! {
    /// Records a follow-up call that reached nobody.
    RecordContactAttempt = RecordContactAttemptRequest {
        |
        /// What happened, at most 500 characters.
        note: Option<String>,
    }
}

ticket_command! {
    /// Records what the company said in the follow-up call (回访). `None` was not asked; at least one question was.
    SubmitSurvey = SubmitSurveyRequest {
        |
        /// Did the unit contact you?
        responded: Option<Responded>,
        /// Was it resolved?
        resolved: Option<Resolved>,
        /// Are you satisfied?
        satisfied: Option<Satisfied>,
        /// The company's own words, at most 2,000 characters.
        comment: Option<String>,
    }
}

ticket_command! {
    /// Records what the company said to a second call (回访复核). `None` was not asked; at least one question was.
    RecordRecheck = RecordRecheckRequest {
        |
        /// Did the unit contact you?
        responded: Option<Responded>,
        /// Was it resolved?
        resolved: Option<Resolved>,
        /// Are you satisfied?
        satisfied: Option<Satisfied>,
        /// The company's own words, at most 2,000 characters.
        comment: Option<String>,
    }
}

ticket_command! {
    /// Starts a new handling cycle after a bad survey.
    ReworkTicket = ReworkTicketRequest {
        /// What must be done better, 1 to 2,000 characters.
        note: String,
    }
}
