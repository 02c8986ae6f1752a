//! Fields that several requests of the assessment have.

use crate::assessment::exclusion_steps::CaseName;
use crate::assessment::score::Month;
use crate::rpc::fields::{Fields, Lines};
use crate::ticket::TicketNumber;

/// The longest reason and note, in characters.
pub(super) const REASON_CHARS_MAX: usize = 500;
/// The longest evidence, in characters.
pub(super) const EVIDENCE_CHARS_MAX: usize = 2_000;
/// The longest etag, in characters.
const ETAG_CHARS_MAX: usize = 64;

impl Fields {
    /// A required month. On a violation an arbitrary month is returned so that reading continues.
    pub(in crate::rpc) fn month(&mut self, field: &str, value: &str) -> Month {
        value.parse().unwrap_or_else(|_| {
            self.wrong(field, if value.is_empty() { "is required" } else { "is a month like 2019-10" });
            Month::of(chrono::DateTime::UNIX_EPOCH)
        })
    }

    /// A month, if one is given.
    pub(in crate::rpc) fn optional_month(&mut self, field: &str, value: &str) -> Option<Month> {
        (!value.is_empty()).then(|| self.month(field, value))
    }

    /// A required number from 1.
    pub(in crate::rpc) fn number_from_one(&mut self, field: &str, value: i32) -> u32 {
        let read = u32::try_from(value).ok().filter(|number| *number > 0);
        if read.is_none() {
            self.wrong(field, "is required, from 1");
        }
        read.unwrap_or_default()
    }

    /// A required etag.
    pub(in crate::rpc) fn required_etag(&mut self, value: &str) -> String {
        self.text("etag", value, 1..=ETAG_CHARS_MAX, Lines::One)
    }

    /// A required reason or note.
    pub(in crate::rpc) fn reason(&mut self, field: &str, value: &str) -> String {
        self.text(field, value, 1..=REASON_CHARS_MAX, Lines::Many)
    }

    /// A case as its line names it: the ticket number, a hyphen, and the cycle.
    pub(in crate::rpc) fn line(&mut self, value: &str) -> CaseName {
        let read = value.rsplit_once('-').and_then(|(number, cycle)| {
            let cycle = cycle.parse().ok().filter(|cycle| *cycle > 0)?;
            Some(CaseName { ticket: TicketNumber::parse(number).ok()?, cycle })
        });
        read.unwrap_or_else(|| {
            let right = "is the name of a line: a ticket number, a hyphen, and a cycle";
            self.wrong("line", if value.is_empty() { "is required" } else { right });
            CaseName { ticket: TicketNumber::PLACEHOLDER, cycle: 1 }
        })
    }
}

/// The name of a case.
pub(super) fn line_of(ticket: TicketNumber, cycle: u32) -> String {
    format!("{ticket}-{cycle}")
}
