//! Slips that are undone, closed tickets that are opened again, and calls behind merged repeats.

use hotline_client::ReopenPurpose;

use crate::flags::{names, text};
use crate::verbs::ticket_verb;

ticket_verb! {
    Unmerge = unmerge_ticket(UnmergeTicket) {
        /// The ticket that it was merged into.
        #[arg(long = "from", value_name = "TICKET")]
        from_ticket_number: String,
        /// Why.
        #[arg(long, value_parser = text)]
        note: String,
    }
}

ticket_verb! {
    Reinstate = reinstate_ticket(ReinstateTicket) {
        /// Why.
        #[arg(long, value_parser = text)]
        note: String,
    }
}

ticket_verb! {
    Reopen = reopen_ticket(ReopenTicket) {
        /// What for.
        #[arg(long, value_parser = names!(ReopenPurpose))]
        purpose: ReopenPurpose,
        /// What the company said.
        #[arg(long, value_parser = text)]
        note: String,
    }
}

ticket_verb! {
    RecordRepeat = record_repeat_call(RecordRepeatCall) {
        /// The merged repeat.
        #[arg(long = "repeat", value_name = "TICKET")]
        repeat_ticket_number: String,
        |
        /// Whether somebody was reached and told the result.
        #[arg(long)]
        reached: bool,
        /// What was said or happened.
        #[arg(long, value_parser = text)]
        note: Option<String>,
    }
}
