//! What a list asks for: which tickets, in which order, from where on, and how many.

use crate::identity::LookUp;
use crate::ticket::{Category, Instant, Rung, State, Ticket};

/// Which tickets; every condition that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
#[expect(clippy::struct_excessive_bools, reason = "each is a condition of the contract")]
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
    pub open_and_updated_before: Option<Instant>,
    pub is_reopened: bool,
    pub has_help_open: bool,
    /// One of these clerks of the reading unit; empty for any.
    pub assigned_to: Vec<String>,
    pub caller: LookUp,
}

impl TicketFilter {
    /// Whether nothing but the last change, and perhaps states, is asked of open tickets.
    pub(super) fn is_of_silence_alone(&self) -> bool {
        let alone = Self {
            states: self.states.clone(),
            open_and_updated_before: self.open_and_updated_before,
            ..Self::default()
        };
        *self == alone
    }
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
    /// By the last change, rising, then by number; for open tickets that have not changed since an instant.
    SilentFirst,
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

/// The place after which a page begins: the ticket with this instant and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The limit of the last ticket of the page before, or its last change in a list of silent tickets, in microseconds
    /// since 1970.
    pub instant: i64,
    /// Its number.
    pub number: i64,
}

impl Cursor {
    /// The place of a ticket in a list by number or by limit.
    #[must_use]
    pub fn of(ticket: &Ticket) -> Self {
        Self { instant: ticket.listed_due_at().timestamp_micros(), number: ticket.number.as_i64() }
    }

    /// The place of a ticket in a list of any order.
    #[must_use]
    pub fn in_order(ticket: &Ticket, order: Order) -> Self {
        match order {
            Order::NewestFirst | Order::DueFirst => Self::of(ticket),
            Order::SilentFirst => Self { instant: ticket.updated_at.timestamp_micros(), ..Self::of(ticket) },
        }
    }
}
