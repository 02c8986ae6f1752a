//! What a list asks for: which tickets, in which order, from where on, and how many.

use crate::identity::LookUp;
use crate::ticket::{Category, Instant, Rung, State, Ticket};

/// Which tickets; every condition that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct TicketFilter {
    pub states: Vec<State>,
    pub category: Option<Category>,
    pub lead_unit: Option<String>,
    pub district: Option<String>,
    pub topic: Option<String>,
    pub rung_at_least: Option<Rung>,
    pub intake_from: Option<Instant>,
    pub intake_before: Option<Instant>,
    pub open_and_due_before: Option<Instant>,
    pub is_held: bool,
    pub has_calls_due: bool,
    pub source: Option<SourceKey>,
    pub assist_unit: Option<String>,
    pub updated_from: Option<Instant>,
    pub has_help_open: bool,
    /// One of these clerks of the reading unit; empty for any.
    pub assigned_to: Vec<String>,
    pub caller: LookUp,
}

/// What a ticket was created from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceKey {
    /// The system.
    pub system: String,
    /// Its reference.
    pub reference: String,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By number, falling.
    NewestFirst,
    /// By limit, rising, then by number.
    DueFirst,
}

/// Which columns of tickets to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Columns {
    /// All but the content.
    WithoutContent,
    /// The content too.
    WithContent,
}

/// A query for one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// Which tickets.
    pub filter: TicketFilter,
    /// In which order.
    pub order: Order,
    /// Which columns of them.
    pub columns: Columns,
    /// After which ticket the page begins; `None` for the first page.
    pub after: Option<Cursor>,
    /// How many tickets at most.
    pub limit: u64,
}

/// The place after which a page begins: the ticket with this limit and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The limit of the last ticket of the page before, in microseconds since 1970.
    pub due_at: i64,
    /// Its number.
    pub number: i64,
}

impl Cursor {
    /// The place of a ticket.
    #[must_use]
    pub fn of(ticket: &Ticket) -> Self {
        Self { due_at: ticket.listed_due_at().timestamp_micros(), number: ticket.number.as_i64() }
    }
}
