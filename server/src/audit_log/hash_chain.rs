//! Hash chains. An event is hashed over the previous one of its ticket, an audit record over the previous one of its
//! subject. An access to an identity is hashed alone, so that no reader waits for another. The encoding never changes;
//! a new one gets a new name.

use crate::platform::Fault;
use crate::platform::hashing::{HashSuite, Hashing, Link};

/// The end of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The sequence of the last event or record.
    pub sequence: i32,
    /// Its link.
    pub link: Link,
}

impl Head {
    /// Before the first event.
    pub const NONE: Self = Self { sequence: 0, link: Link::NONE };
}

/// The link in a column.
///
/// # Errors
/// If the column has another length.
pub(crate) fn link_of(hash: &[u8]) -> Result<Link, Fault> {
    Link::of(hash).ok_or_else(|| Fault::internal("a link of another length"))
}

/// The cells that an event's link is hashed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of ticket_event")]
pub struct EventCells<'a> {
    pub ticket_number: i64,
    pub sequence: i32,
    pub occurred_at: i64,
    pub principal: &'a str,
    pub unit: Option<&'a str>,
    pub payload: &'a str,
}

/// The cells that a record's link is hashed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of audit_record")]
pub struct RecordCells<'a> {
    pub subject: &'a str,
    pub sequence: i32,
    pub recorded_at: i64,
    pub principal: &'a str,
    pub unit: Option<&'a str>,
    pub method: &'a str,
    pub details: &'a str,
}

/// The cells that the link of an access is hashed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of identity_access")]
pub struct AccessCells<'a> {
    pub id: &'a str,
    pub ticket_number: i64,
    pub accessed_at: i64,
    pub principal: &'a str,
    pub unit: Option<&'a str>,
    pub occasion: i16,
    pub purpose: Option<i16>,
    pub note: &'a str,
    pub approved_by: Option<&'a str>,
}

/// The link of an event after another one, or after [`Link::NONE`]. The ticket's number is hashed with each event, so
/// that an event cannot be moved to another ticket.
#[must_use]
pub fn event(suite: HashSuite, before: &Link, cells: &EventCells<'_>) -> Link {
    Hashing::begin(suite, "hotline event 1")
        .link(before)
        .number(cells.ticket_number)
        .number(cells.sequence.into())
        .number(cells.occurred_at)
        .text(cells.principal)
        .optional(cells.unit)
        .text(cells.payload)
        .end()
}

/// The link of a record after another one, or after [`Link::NONE`].
#[must_use]
pub fn record(suite: HashSuite, before: &Link, cells: &RecordCells<'_>) -> Link {
    Hashing::begin(suite, "hotline record 1")
        .link(before)
        .text(cells.subject)
        .number(cells.sequence.into())
        .number(cells.recorded_at)
        .text(cells.principal)
        .optional(cells.unit)
        .text(cells.method)
        .text(cells.details)
        .end()
}

/// The link of an access to an identity: a chain of one.
#[must_use]
pub fn access(suite: HashSuite, cells: &AccessCells<'_>) -> Link {
    let purpose = cells.purpose.map(|purpose| purpose.to_string());
    Hashing::begin(suite, "hotline identity access 1")
        .text(cells.id)
        .number(cells.ticket_number)
        .number(cells.accessed_at)
        .text(cells.principal)
        .optional(cells.unit)
        .number(cells.occasion.into())
        .optional(purpose.as_deref())
        .text(cells.note)
        .optional(cells.approved_by)
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELLS: EventCells<'_> = EventCells {
        ticket_number: 1_910_120_000_017,
        sequence: 1,
        occurred_at: 1_570_845_600_000_000,
        principal: "agent",
        unit: None,
        payload: "{}",
    };

    /// Computed by another program from the description.
    #[test]
    fn the_encoding_is_the_one_that_was_written_before() {
        let link = event(HashSuite::Sha256, &Link::NONE, &CELLS);
        assert_eq!(format!("{link:?}"), "01076c160725e9ddc896935f547e002e894f385e4d3ee492993a531decc0599b88");
        let link = event(HashSuite::Sm3, &link, &EventCells { sequence: 2, unit: Some("dept-tax"), ..CELLS });
        assert_eq!(format!("{link:?}"), "02c6c29df0e0089784b26997edb7002a2df88c13f48d08d57f42fc50738bdd9dd4");
    }

    #[test]
    fn every_cell_and_the_link_before_count() {
        let whole = event(HashSuite::Sha256, &Link::NONE, &CELLS);
        for cells in [
            EventCells { ticket_number: 2, ..CELLS },
            EventCells { sequence: 2, ..CELLS },
            EventCells { occurred_at: 2, ..CELLS },
            EventCells { principal: "agent2", ..CELLS },
            EventCells { unit: Some(""), ..CELLS },
            EventCells { payload: "{} ", ..CELLS },
        ] {
            assert_ne!(event(HashSuite::Sha256, &Link::NONE, &cells), whole, "{cells:?}");
        }
        assert_ne!(event(HashSuite::Sha256, &whole, &CELLS), whole);
        assert_ne!(event(HashSuite::Sm3, &Link::NONE, &CELLS), whole);
    }

    #[test]
    fn every_cell_of_an_access_counts() {
        let cells = AccessCells {
            id: "1",
            ticket_number: 1_910_120_000_017,
            accessed_at: 1_570_845_600_000_000,
            principal: "agent",
            unit: None,
            occasion: 1,
            purpose: None,
            note: "",
            approved_by: None,
        };
        let whole = access(HashSuite::Sha256, &cells);
        for other in [
            AccessCells { id: "2", ..cells },
            AccessCells { ticket_number: 2, ..cells },
            AccessCells { accessed_at: 2, ..cells },
            AccessCells { principal: "agent2", ..cells },
            AccessCells { unit: Some(""), ..cells },
            AccessCells { occasion: 2, ..cells },
            AccessCells { purpose: Some(0), ..cells },
            AccessCells { note: " ", ..cells },
            AccessCells { approved_by: Some(""), ..cells },
        ] {
            assert_ne!(access(HashSuite::Sha256, &other), whole, "{other:?}");
        }
        assert_ne!(access(HashSuite::Sm3, &cells), whole);
    }
}
