//! Reading tickets.

use chrono::{DateTime, Utc};
use clap::Args;
use hotline_client::{Category, ListTickets, Rung, SearchTickets, Source, TicketOrder, TicketState};
use serde::Serialize;

use crate::context::{Context, Done, ListLimit};
use crate::flags::names;
use crate::instant;
use crate::output::{Column, Format};

const EVENT_COLUMNS: &[Column] =
    &[("NUMBER", "sequence"), ("TIME", "event_time"), ("ACTOR", "actor"), ("EVENT", "event")];
const HIT_COLUMNS: &[Column] = &[
    ("TICKET", "ticket.number"),
    ("STATE", "ticket.state"),
    ("TAKEN IN", "ticket.intake_time"),
    ("SUBJECT", "ticket.subject"),
    ("FOUND", "content.text"),
];
const OWN_INTAKE_COLUMNS: &[Column] = &[
    ("TICKET", "ticket_number"),
    ("TAKEN IN", "intake_time"),
    ("STATE", "state"),
    ("SYSTEM", "source.system"),
    ("REFERENCE", "source.reference"),
];

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The ticket's number, as printed or with spaces or hyphens.
    #[arg(value_name = "TICKET", id = "ticket_number")]
    ticket: String,
    /// Show who called too. That is recorded as an access to the identity.
    #[arg(long)]
    caller: bool,
}

impl Show {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let tickets = context.client().await?.tickets();
        if self.caller {
            let view = tickets.get_ticket_with_caller(self.ticket).await?;
            if view.caller_withheld {
                context.note("the caller is withheld; hotline ticket reveal asks for it, with a purpose");
            }
            return context.record(&view);
        }
        context.record(&tickets.get_ticket(self.ticket).await?)
    }
}

/// The flags of the verb. All conditions that are given must hold.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a condition of the contract")]
pub(crate) struct List {
    /// In this state. Repeatable.
    #[arg(long = "state", value_parser = names!(TicketState))]
    states: Vec<TicketState>,
    /// Of this category.
    #[arg(long, value_parser = names!(Category))]
    category: Option<Category>,
    /// Led by this unit.
    #[arg(long = "lead", value_name = "CODE")]
    lead_unit: Option<String>,
    /// Assisted by this unit.
    #[arg(long = "assist", value_name = "CODE")]
    assist_unit: Option<String>,
    /// In the district with this division code.
    #[arg(long, value_name = "CODE")]
    district: Option<String>,
    /// About this topic leaf.
    #[arg(long, value_name = "CODE")]
    topic: Option<String>,
    /// On this rung, or a higher one.
    #[arg(long = "rung", value_parser = names!(Rung))]
    rung_at_least: Option<Rung>,
    /// Taken in at or after this day or time.
    #[arg(long = "since", value_name = "TIME", value_parser = instant::parse)]
    intake_start_time: Option<DateTime<Utc>>,
    /// Taken in before this day or time.
    #[arg(long = "until", value_name = "TIME", value_parser = instant::parse)]
    intake_end_time: Option<DateTime<Utc>>,
    /// Due before this day or time, and not completed.
    #[arg(long = "due-before", value_name = "TIME", value_parser = instant::parse)]
    due_end_time: Option<DateTime<Utc>>,
    /// Changed at or after this day or time.
    #[arg(long = "changed-since", value_name = "TIME", value_parser = instant::parse)]
    update_start_time: Option<DateTime<Utc>>,
    /// Open, and not changed since before this day or time, the longest silence first. For hotline staff.
    #[arg(long = "unchanged-since", value_name = "TIME", value_parser = instant::parse)]
    update_end_time: Option<DateTime<Utc>>,
    /// Open in a later handling cycle.
    #[arg(long)]
    reopened: bool,
    /// Taken in from the company with this code. The search is recorded.
    #[arg(long)]
    social_credit_code: Option<String>,
    /// Taken in from this telephone number. The search is recorded.
    #[arg(long)]
    contact_phone: Option<String>,
    /// Held: confidential, and waiting until an agent has redacted its texts.
    #[arg(long)]
    held: bool,
    /// Created from this system. With --source-reference.
    #[arg(long, requires = "source_reference")]
    source_system: Option<String>,
    /// Created from this reference. With --source-system.
    #[arg(long, requires = "source_system")]
    source_reference: Option<String>,
    /// With merged repeats whose companies wait for a call.
    #[arg(long)]
    has_repeats_to_call: bool,
    /// With a lead unit that has asked for help. For hotline staff.
    #[arg(long)]
    help_requested: bool,
    /// Assigned to this clerk inside the caller's unit. For units.
    #[arg(long, value_name = "PRINCIPAL")]
    assigned_to: Option<String>,
    /// The order.
    #[arg(long, value_parser = names!(TicketOrder))]
    order: Option<TicketOrder>,
    #[command(flatten)]
    limit: ListLimit,
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let source = self.source_system.zip(self.source_reference);
        let which = ListTickets::default()
            .states(self.states)
            .category(self.category)
            .lead_unit(self.lead_unit)
            .assist_unit(self.assist_unit)
            .district(self.district)
            .topic(self.topic)
            .rung_at_least(self.rung_at_least)
            .intake_start_time(self.intake_start_time)
            .intake_end_time(self.intake_end_time)
            .due_end_time(self.due_end_time)
            .update_start_time(self.update_start_time)
            .update_end_time(self.update_end_time)
            .reopened(self.reopened)
            .social_credit_code(self.social_credit_code)
            .contact_phone(self.contact_phone)
            .held(self.held)
            .source(source.map(|(system, reference)| Source::new(system, reference)))
            .has_repeats_to_call(self.has_repeats_to_call)
            .help_requested(self.help_requested)
            .assigned_to(self.assigned_to)
            .order(self.order);
        let listing = context.client().await?.tickets().list_tickets(which);
        context.tickets(listing, self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// The words to find.
    query: String,
    /// In this state. Repeatable.
    #[arg(long = "state", value_parser = names!(TicketState))]
    states: Vec<TicketState>,
    /// Of this category.
    #[arg(long, value_parser = names!(Category))]
    category: Option<Category>,
    /// In the district with this division code.
    #[arg(long, value_name = "CODE")]
    district: Option<String>,
    /// About this topic leaf.
    #[arg(long, value_name = "CODE")]
    topic: Option<String>,
    /// Led by this unit.
    #[arg(long = "lead", value_name = "CODE")]
    lead_unit: Option<String>,
    /// Taken in at or after this day or time.
    #[arg(long = "since", value_name = "TIME", value_parser = instant::parse)]
    intake_start_time: Option<DateTime<Utc>>,
    /// Taken in before this day or time.
    #[arg(long = "until", value_name = "TIME", value_parser = instant::parse)]
    intake_end_time: Option<DateTime<Utc>>,
    #[command(flatten)]
    limit: ListLimit,
}

impl Search {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let which = SearchTickets::new(self.query)
            .states(self.states)
            .category(self.category)
            .district(self.district)
            .topic(self.topic)
            .lead_unit(self.lead_unit)
            .intake_start_time(self.intake_start_time)
            .intake_end_time(self.intake_end_time);
        let listing = context.client().await?.tickets().search_tickets(which);
        context.list(HIT_COLUMNS, listing, self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Events {
    /// The ticket's number.
    #[arg(value_name = "TICKET", id = "ticket_number")]
    ticket: String,
    #[command(flatten)]
    limit: ListLimit,
}

/// An event as a row.
#[derive(Debug, Serialize)]
struct EventRow<'a> {
    sequence: u32,
    event_time: DateTime<Utc>,
    actor: &'a Option<String>,
    event: &'static str,
}

impl Events {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let listing = context.client().await?.tickets().list_ticket_events(self.ticket);
        let events = context.items(listing, self.limit).await?;
        if context.output == Format::Json {
            return context.record(&events);
        }
        let rows: Vec<_> = events
            .iter()
            .map(|event| EventRow {
                sequence: event.sequence,
                event_time: event.event_time,
                actor: &event.actor,
                event: event.detail.name(),
            })
            .collect();
        context.output.list(EVENT_COLUMNS, &rows)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The ticket's number.
    #[arg(value_name = "TICKET", id = "ticket_number")]
    ticket: String,
}

impl Explain {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.record(&context.client().await?.tickets().explain_deadline(self.ticket).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct OwnIntakes {
    #[command(flatten)]
    limit: ListLimit,
}

impl OwnIntakes {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let listing = context.client().await?.tickets().list_own_intakes();
        context.list(OWN_INTAKE_COLUMNS, listing, self.limit).await
    }
}
