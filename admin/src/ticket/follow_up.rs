//! Supervision and follow-up.

use hotline_client::{Escalation, Resolved, Responded, Satisfied};

use crate::flags::{names, text};
use crate::verbs::ticket_verb;

ticket_verb! {
    Escalate = escalate_ticket(EscalateTicket) {
        /// What is done.
        #[arg(long, value_parser = names!(Escalation))]
        escalation: Escalation,
        /// Why, or what was done.
        #[arg(long, value_parser = text)]
        note: String,
    }
}

ticket_verb! {
    Contact = record_contact_attempt(RecordContactAttempt) {
        |
        /// What happened.
        #[arg(long, value_parser = text)]
        note: Option<String>,
    }
}

ticket_verb! {
    Survey = submit_survey(SubmitSurvey) {
        |
        /// Whether the unit contacted the company.
        #[arg(long, value_parser = names!(Responded))]
        responded: Option<Responded>,
        /// Whether the matter is resolved.
        #[arg(long, value_parser = names!(Resolved))]
        resolved: Option<Resolved>,
        /// Whether the company is satisfied.
        #[arg(long, value_parser = names!(Satisfied))]
        satisfied: Option<Satisfied>,
        /// What the company said.
        #[arg(long, value_parser = text)]
        comment: Option<String>,
    }
}

ticket_verb! {
    Recheck = record_recheck(RecordRecheck) {
        |
        /// Whether the unit contacted the company.
        #[arg(long, value_parser = names!(Responded))]
        responded: Option<Responded>,
        /// Whether the matter is resolved.
        #[arg(long, value_parser = names!(Resolved))]
        resolved: Option<Resolved>,
        /// Whether the company is satisfied.
        #[arg(long, value_parser = names!(Satisfied))]
        satisfied: Option<Satisfied>,
        /// What the company said.
        #[arg(long, value_parser = text)]
        comment: Option<String>,
    }
}

ticket_verb! {
    Rework = rework_ticket(ReworkTicket) {
        /// What is missing.
        #[arg(long, value_parser = text)]
        note: String,
    }
}
