//! `analysis_ticket`: one row for each ticket, which follows the feed.
//!
//! Yes and no are 1 and 0, so that both databases add them up.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ActiveValue::Set;
use sea_orm::TryIntoModel as _;
use sea_orm::entity::prelude::*;

use super::AnalysedTicket;
use super::days::IntakeTime;
use super::handling_time;
use crate::ledger;
use crate::platform::Fault;
use crate::platform::bulk_sql::is_among;
use crate::platform::writes::Writes;
use crate::ticket::{Category, Channel, EventRecord, Resolved, Responded, Rung, Satisfied, State};

/// The places of values in the tables. They never change; a new value comes last.
pub(super) const CATEGORIES: [Category; 3] =
    [Category::Consultation, Category::Appeal, Category::ComplaintReport];
/// As above.
pub(super) const CHANNELS: [Channel; 4] = [Channel::Telephone, Channel::App, Channel::Web, Channel::Partner];
/// As above.
pub(super) const RUNGS: [Rung; 5] = [Rung::None, Rung::Reminded, Rung::Urged, Rung::Supervised, Rung::Manual];
/// As above.
pub(super) const STATES: [State; 11] = [
    State::Received,
    State::Declined,
    State::Answered,
    State::Planning,
    State::Dispatched,
    State::Handling,
    State::Returned,
    State::Completed,
    State::Closed,
    State::Withdrawn,
    State::Merged,
];

/// The place of a value.
pub(super) fn place_of<T: PartialEq + Copy>(all: &[T], value: T) -> i16 {
    let place = all.iter().position(|one| *one == value).unwrap_or_default();
    i16::try_from(place).unwrap_or_default()
}

/// The value of a place.
///
/// # Errors
/// If there is none.
pub(super) fn variant<T: Copy>(all: &[T], place: i16) -> Result<T, Fault> {
    let value = usize::try_from(place).ok().and_then(|place| all.get(place));
    value.copied().ok_or_else(|| Fault::internal(format!("the analysis has the value {place}")))
}

pub(super) mod analysis_ticket {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "analysis_ticket")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
        pub received_day: i32,
        pub received_week: i32,
        pub received_hour: i16,
        pub received_at: i64,
        pub completed_day: Option<i32>,
        pub completed_week: Option<i32>,
        pub completed_hour: Option<i16>,
        pub due_at: i64,
        pub topic: String,
        pub topic_branch: String,
        pub district: String,
        pub industry: String,
        pub unit: String,
        pub channel: i16,
        pub category: i16,
        pub state: i16,
        pub rung: i16,
        pub is_open: i16,
        pub is_completed: i16,
        pub is_on_time: i16,
        pub is_answered: i16,
        pub is_carried_over: i16,
        pub returns: i32,
        pub dispatches: i32,
        pub cycles: i32,
        pub responded: i16,
        pub resolved: i16,
        pub satisfied: i16,
        pub handling_class: Option<i16>,
        pub document: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An answer of a survey: 0 if there is none, 1 for any, 2 for the one that the rate counts.
const fn answer(is_answer: bool, is_counted: bool) -> i16 {
    match (is_answer, is_counted) {
        (_, true) => 2,
        (true, false) => 1,
        (false, false) => 0,
    }
}

fn row_of(ticket: &AnalysedTicket) -> Result<analysis_ticket::ActiveModel, Fault> {
    let intake = IntakeTime::of(ticket.received_at);
    let completion = ticket.completed_at.map(IntakeTime::of);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let count = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let topic = text(&ticket.topic);
    let branch = topic.split('.').next().unwrap_or_default().to_owned();
    let responded = ticket.responded.filter(|answer| *answer != Responded::WouldNotAnswer);
    let resolved = ticket.resolved.filter(|answer| *answer != Resolved::WouldNotAnswer);
    let satisfied = ticket.satisfied.filter(|answer| *answer != Satisfied::WouldNotAnswer);
    let is_satisfied = matches!(satisfied, Some(Satisfied::Satisfied | Satisfied::Basically));
    Ok(analysis_ticket::ActiveModel {
        ticket_number: Set(ticket.number.as_i64()),
        received_day: Set(intake.day),
        received_week: Set(intake.week),
        received_hour: Set(intake.hour_of_week),
        received_at: Set(ticket.received_at.timestamp_micros()),
        completed_day: Set(completion.map(|time| time.day)),
        completed_week: Set(completion.map(|time| time.week)),
        completed_hour: Set(completion.map(|time| time.hour_of_week)),
        due_at: Set(ticket.due_at.timestamp_micros()),
        topic: Set(topic),
        topic_branch: Set(branch),
        district: Set(text(&ticket.district)),
        industry: Set(text(&ticket.industry)),
        unit: Set(ticket.unit.as_ref().map(|unit| unit.0.clone()).unwrap_or_default()),
        channel: Set(place_of(&CHANNELS, ticket.channel)),
        category: Set(place_of(&CATEGORIES, ticket.category)),
        state: Set(place_of(&STATES, ticket.state)),
        rung: Set(place_of(&RUNGS, ticket.rung)),
        is_open: Set(i16::from(ticket.state.is_open())),
        is_completed: Set(i16::from(ticket.completed_at.is_some())),
        is_on_time: Set(i16::from(ticket.is_on_time())),
        is_answered: Set(i16::from(ticket.is_answered_by_hotline)),
        is_carried_over: Set(i16::from(ticket.is_carried_over)),
        returns: Set(count(ticket.returns)),
        dispatches: Set(count(ticket.dispatches)),
        cycles: Set(count(ticket.cycles)),
        responded: Set(answer(responded.is_some(), responded == Some(Responded::Yes))),
        resolved: Set(answer(resolved.is_some(), resolved == Some(Resolved::Yes))),
        satisfied: Set(answer(satisfied.is_some(), is_satisfied)),
        handling_class: Set(ticket.handling_seconds().map(handling_time::class_of)),
        document: Set(document(ticket)?),
    })
}

fn document(ticket: &AnalysedTicket) -> Result<String, Fault> {
    serde_json::to_string(ticket).map_err(|error| Fault::internal(format!("an analysed ticket: {error}")))
}

/// The ticket of a document.
pub(super) fn ticket_of(document: &str) -> Result<AnalysedTicket, Fault> {
    serde_json::from_str(document).map_err(|error| Fault::internal(format!("an analysed ticket: {error}")))
}

/// What the events of some tickets make.
///
/// # Errors
/// If the events of a ticket do not fold.
pub(in crate::assessment) fn derived(
    events: &BTreeMap<i64, Vec<EventRecord>>,
) -> Result<Vec<AnalysedTicket>, Fault> {
    let tickets = events
        .values()
        .map(|events| AnalysedTicket::of(events).map_err(|broken| Fault::internal(broken.what)));
    tickets.filter_map(Result::transpose).collect()
}

/// Those of some tickets whose row is not what their events make, or can't be read.
///
/// # Errors
/// If the database refuses, or the events of a ticket do not fold.
pub(in crate::assessment) async fn altered(
    db: &impl ConnectionTrait,
    numbers: &[i64],
) -> Result<BTreeSet<i64>, Fault> {
    let stored = analysis_ticket::Entity::find().filter(is_among(
        db,
        analysis_ticket::Column::TicketNumber,
        numbers.to_vec(),
    ));
    let stored = stored.all(db).await?.into_iter().map(|row| (row.ticket_number, row));
    let stored: BTreeMap<i64, analysis_ticket::Model> = stored.collect();
    let mut made = BTreeMap::new();
    for ticket in derived(&ledger::read::all_events(db, numbers).await?)? {
        made.insert(ticket.number.as_i64(), row_of(&ticket)?.try_into_model()?);
    }
    Ok(numbers.iter().copied().filter(|number| stored.get(number) != made.get(number)).collect())
}

/// Puts the rows of tickets in place of those that they had.
///
/// # Errors
/// If a row can't be written.
pub(in crate::assessment) fn put(writes: &mut Writes, tickets: &[AnalysedTicket]) -> Result<(), Fault> {
    let rows = tickets.iter().map(row_of).collect::<Result<_, _>>()?;
    writes.put::<analysis_ticket::ActiveModel>(rows, &["ticket_number"])
}
