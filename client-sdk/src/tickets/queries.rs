//! The filter and the sort order of ticket lists.

use chrono::{DateTime, Utc};
use hotline_proto::v1;

use crate::convert::{IntoProto as _, open_enum, setters};
use crate::model::{Category, Rung, Source, TicketState};

/// A filter of tickets; by default all that the caller may see. All conditions that are set must hold.
///
/// ```
/// use hotline_client::{ListTickets, TicketOrder, TicketState};
///
/// // A unit's work list: what it has signed for, the earliest limit first.
/// let work = ListTickets::default().states([TicketState::Handling]).order(TicketOrder::DueFirst);
/// # assert_eq!(work.page_size, None);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a condition of the contract")]
#[non_exhaustive]
pub struct ListTickets {
    /// One of these states; empty for all.
    pub states: Vec<TicketState>,
    /// This category.
    pub category: Option<Category>,
    /// The code of the lead unit. A unit's own scope also applies.
    pub lead_unit: Option<String>,
    /// This district.
    pub district: Option<String>,
    /// This topic leaf.
    pub topic: Option<String>,
    /// This rung, or a higher one.
    pub rung_at_least: Option<Rung>,
    /// Taken in at or after this instant.
    pub intake_start_time: Option<DateTime<Utc>>,
    /// Taken in before this instant.
    pub intake_end_time: Option<DateTime<Utc>>,
    /// Due before this instant, and not completed.
    pub due_end_time: Option<DateTime<Utc>>,
    /// Taken in from this company, by its unified social credit code or another certificate in any writing; for
    /// agents and supervisors. It finds no confidential ticket, and is recorded as an access to each identity that it
    /// finds.
    pub social_credit_code: Option<String>,
    /// Taken in from this telephone number, in any writing; with the same rules. A number without its extension finds
    /// the numbers with one too.
    pub contact_phone: Option<String>,
    /// Held: confidential, and waiting until an agent has redacted its texts.
    pub held: bool,
    /// Created from this system and reference. A unit finds what its own systems created; analysts may not ask.
    pub source: Option<Source>,
    /// The code of a unit that assists. A unit may name itself only.
    pub assist_unit: Option<String>,
    /// Changed at or after this instant. A program that follows changes keeps the latest
    /// [`update_time`](crate::Ticket::update_time) that it has read, and asks for those since then. At that very
    /// instant it reads some tickets twice.
    pub update_start_time: Option<DateTime<Utc>>,
    /// Answered, completed or closed, with merged repeats whose companies wait for a call. For hotline staff.
    pub has_repeats_to_call: bool,
    /// The lead unit has asked for help, and nobody has answered yet. For hotline staff.
    pub help_requested: bool,
    /// Assigned to this clerk inside the caller's unit. For units.
    pub assigned_to: Option<String>,
    /// Open, and not changed since before this instant. The list begins with the longest silence. For hotline staff.
    pub update_end_time: Option<DateTime<Utc>>,
    /// Open in a later handling cycle: reworked after its survey, or opened again for a rework.
    pub reopened: bool,
    /// The sort order; newest first by default.
    pub order: Option<TicketOrder>,
    /// The fields of a ticket to read, by their names in the contract, for example `content`. Fields that every
    /// [`Ticket`](crate::Ticket) has come with them. Empty for all but `content`.
    pub read_mask: Vec<String>,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

/// The fields without which there is no [`Ticket`](crate::Ticket).
const NEEDED_FIELDS: [&str; 9] =
    ["number", "etag", "state", "category", "complexity", "channel", "intake_time", "update_time", "cycle"];

setters! {
    ListTickets {
        states: Vec<TicketState>,
        category: Option<Category>,
        lead_unit: Option<String>,
        district: Option<String>,
        topic: Option<String>,
        rung_at_least: Option<Rung>,
        intake_start_time: Option<DateTime<Utc>>,
        intake_end_time: Option<DateTime<Utc>>,
        due_end_time: Option<DateTime<Utc>>,
        social_credit_code: Option<String>,
        contact_phone: Option<String>,
        held: bool,
        source: Option<Source>,
        assist_unit: Option<String>,
        update_start_time: Option<DateTime<Utc>>,
        has_repeats_to_call: bool,
        help_requested: bool,
        assigned_to: Option<String>,
        update_end_time: Option<DateTime<Utc>>,
        reopened: bool,
        order: Option<TicketOrder>,
        read_mask: Vec<String>,
        page_size: Option<u32>,
    }
}

open_enum! {
    /// Sort orders of a list.
    TicketOrder = TicketOrder {
        /// Newest first, by number.
        NewestFirst = "最新优先",
        /// The earliest limit first.
        DueFirst = "最早到期优先",
        /// The longest silence first. Only with `update_end_time`.
        SilentFirst = "最久未更新优先",
    }
}

impl ListTickets {
    pub(super) fn into_request(self) -> v1::ListTicketsRequest {
        v1::ListTicketsRequest {
            page_size: self.page_size.into_proto(),
            page_token: String::new(),
            filter: Some(v1::TicketFilter {
                states: self.states.into_proto(),
                category: self.category.into_proto(),
                lead_unit: self.lead_unit.into_proto(),
                district: self.district.into_proto(),
                topic: self.topic.into_proto(),
                rung_at_least: self.rung_at_least.into_proto(),
                intake_start_time: self.intake_start_time.into_proto(),
                intake_end_time: self.intake_end_time.into_proto(),
                due_end_time: self.due_end_time.into_proto(),
                social_credit_code: self.social_credit_code.into_proto(),
                contact_phone: self.contact_phone.into_proto(),
                held: self.held,
                source: self.source.into_proto(),
                assist_unit: self.assist_unit.into_proto(),
                update_start_time: self.update_start_time.into_proto(),
                has_repeats_to_call: self.has_repeats_to_call,
                help_requested: self.help_requested,
                assigned_to: self.assigned_to.into_proto(),
                update_end_time: self.update_end_time.into_proto(),
                reopened: self.reopened,
            }),
            order: self.order.into_proto(),
            read_mask: mask(&self.read_mask),
        }
    }
}

pub(super) fn mask(fields: &[String]) -> Option<prost_types::FieldMask> {
    let needed = NEEDED_FIELDS.iter().map(|field| (*field).to_owned());
    let mut paths: Vec<_> = needed.chain(fields.iter().cloned()).collect();
    paths.sort();
    paths.dedup();
    (!fields.is_empty()).then_some(prost_types::FieldMask { paths })
}
