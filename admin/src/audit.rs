//! `hotline audit`: who read an identity, who changed what, and whether the log was tampered with.

use chrono::{DateTime, Utc};

use crate::instant;
use crate::output::Column;
use crate::verbs::{list_verb, verbs};

const ACCESS_COLUMNS: &[Column] = &[
    ("TIME", "access_time"),
    ("TICKET", "ticket_number"),
    ("PRINCIPAL", "principal"),
    ("OCCASION", "occasion"),
    ("PURPOSE", "purpose"),
    ("APPROVED BY", "approved_by"),
    ("NOTE", "note"),
];
const RECORD_COLUMNS: &[Column] = &[
    ("TIME", "record_time"),
    ("SUBJECT", "subject"),
    ("NUMBER", "sequence"),
    ("PRINCIPAL", "principal"),
    ("METHOD", "method"),
    ("DETAILS", "details"),
];
const FINDING_COLUMNS: &[Column] = &[
    ("FAULT", "fault"),
    ("TICKET", "ticket_number"),
    ("SUBJECT", "subject"),
    ("CHECKPOINT", "checkpoint_number"),
    ("FROM", "first_sequence"),
    ("TO", "last_sequence"),
    ("COLUMN", "column"),
];

verbs! {
    /// Lists who read the identity of a caller.
    Accesses = Accesses, calls "ListIdentityAccesses";
    /// Lists what was done besides the events of tickets.
    Records = Records, calls "ListAuditRecords";
    /// Verifies the log. An empty list means that nothing was found.
    Verify = Verify, calls "VerifyAuditLog";
}

list_verb! {
    Accesses = audit.list_identity_accesses(ListIdentityAccesses), ACCESS_COLUMNS => {
        /// To this ticket.
        #[arg(long = "ticket", value_name = "TICKET")]
        ticket_number: Option<String>,
        /// By this principal.
        #[arg(long)]
        principal: Option<String>,
        /// At or after this day or time.
        #[arg(long = "since", value_name = "TIME", value_parser = instant::parse)]
        start_time: Option<DateTime<Utc>>,
        /// Before this day or time.
        #[arg(long = "until", value_name = "TIME", value_parser = instant::parse)]
        end_time: Option<DateTime<Utc>>,
        /// To tickets of the company with this code.
        #[arg(long)]
        social_credit_code: Option<String>,
        /// To tickets from this telephone number.
        #[arg(long)]
        contact_phone: Option<String>,
    }
}

list_verb! {
    Records = audit.list_audit_records(ListAuditRecords), RECORD_COLUMNS => {
        /// About this subject, for example `client:desk-1`.
        #[arg(long)]
        subject: Option<String>,
        /// By this principal.
        #[arg(long)]
        principal: Option<String>,
        /// By this method, for example `PutUnit`.
        #[arg(long)]
        method: Option<String>,
        /// At or after this day or time.
        #[arg(long = "since", value_name = "TIME", value_parser = instant::parse)]
        start_time: Option<DateTime<Utc>>,
        /// Before this day or time.
        #[arg(long = "until", value_name = "TIME", value_parser = instant::parse)]
        end_time: Option<DateTime<Utc>>,
    }
}

list_verb! {
    Verify = audit.verify_audit_log(VerifyAuditLog), FINDING_COLUMNS => {
        /// Only this ticket.
        #[arg(long = "ticket", value_name = "TICKET")]
        ticket_number: Option<String>,
    }
}
