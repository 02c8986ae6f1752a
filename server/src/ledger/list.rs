//! Lists of tickets, page by page: a keyset on the order's own index, so that a page costs the same wherever it lies.
//! The content of tickets is read only if the query asks for it.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SimpleExpr};
use sea_orm::{JoinType, QueryOrder as _, QuerySelect as _};

use super::rows::{self, ticket, unit};
use super::visibility::UnitLineage;
use crate::access::Scope;
use crate::identity::LookUp;
use crate::platform::Fault;
use crate::ticket::{Category, Instant, Relation, Rung, State, Ticket};

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
    pub source: Option<SourceKey>,
    pub assist_unit: Option<String>,
    pub updated_from: Option<Instant>,
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
        Self { due_at: ticket.cycle.due_at().timestamp_micros(), number: ticket.number.as_i64() }
    }
}

fn conditions(filter: &TicketFilter) -> Vec<SimpleExpr> {
    use ticket::Column;
    let mut all = Vec::new();
    if !filter.states.is_empty() {
        all.push(Column::State.is_in(filter.states.iter().map(|state| state.name())));
    }
    all.extend(filter.category.map(|category| Column::Category.eq(rows::category_number(category))));
    all.extend(filter.lead_unit.as_ref().map(|unit| Column::LeadUnit.eq(unit.as_str())));
    all.extend(filter.district.as_ref().map(|district| Column::District.eq(district.as_str())));
    all.extend(filter.topic.as_ref().map(|topic| Column::Topic.eq(topic.as_str())));
    all.extend(filter.rung_at_least.map(|rung| Column::Rung.gte(rows::rung_number(rung))));
    // In the words of its partial index, which a comparison with a value does not meet.
    all.extend(filter.is_held.then(|| Column::IsHeld.into_expr()));
    all.extend(filter.intake_from.map(|from| Column::ReceivedAt.gte(from.timestamp_micros())));
    all.extend(filter.updated_from.map(|from| Column::UpdatedAt.gte(from.timestamp_micros())));
    all.extend(filter.assist_unit.as_deref().map(is_assisted_by));
    all.extend(filter.intake_before.map(|before| Column::ReceivedAt.lt(before.timestamp_micros())));
    all
}

/// Assisted by a unit.
fn is_assisted_by(code: &str) -> SimpleExpr {
    let theirs = Query::select()
        .column(unit::Column::TicketNumber)
        .from(unit::Entity)
        .and_where(Expr::col((unit::Entity, unit::Column::Unit)).eq(code))
        .and_where(
            Expr::col((unit::Entity, unit::Column::Relation)).eq(unit::relation_number(Relation::Assist)),
        )
        .to_owned();
    Expr::col((ticket::Entity, ticket::Column::Number)).in_subquery(theirs)
}

/// Created from a source. A unit is compared with its own systems alone: of a confidential ticket it may not know another
/// reference, and so may not guess at one.
fn is_created_from(scope: &Scope, source: &SourceKey) -> SimpleExpr {
    let is_source = ticket::Column::SourceReference
        .eq(source.reference.as_str())
        .and(ticket::Column::SourceSystem.eq(source.system.as_str()));
    match scope.unit() {
        Some(unit) => is_source.and(ticket::Column::SourceOwner.eq(unit)),
        None => is_source,
    }
}

/// Open and due before an instant: a work list. It reads the table whose index the list walks, so that the tickets of
/// all the years before need not be passed over.
fn open_and_due(scope: &Scope, before: Instant) -> [SimpleExpr; 2] {
    let before = before.timestamp_micros();
    match scope {
        Scope::All => [ticket::Column::IsOpen.eq(true), ticket::Column::DueAt.lt(before)],
        Scope::Unit(_) => [unit::Column::IsOpen.eq(true), unit::Column::DueAt.lt(before)],
    }
}

/// A page of tickets in a scope.
///
/// # Errors
/// Where the database refuses, or a row can't be read.
pub async fn page(db: &impl ConnectionTrait, scope: &Scope, page: &ListQuery) -> Result<Vec<Ticket>, Fault> {
    let mut query =
        ticket::Entity::find().select_only().columns([ticket::Column::Number, ticket::Column::Document]);
    let work_list = page.filter.open_and_due_before.map(|before| open_and_due(scope, before));
    let caller = page.filter.caller.condition((ticket::Entity, ticket::Column::Number));
    let source = page.filter.source.as_ref().map(|source| is_created_from(scope, source));
    let all = conditions(&page.filter)
        .into_iter()
        .chain(work_list.into_iter().flatten())
        .chain(caller)
        .chain(source);
    for condition in all {
        query = query.filter(condition);
    }
    // A unit's list walks the unit's own index, which has both keys, so that it costs the same however many tickets
    // the others have.
    let (due_at, number) = match scope {
        Scope::All => (
            Expr::col((ticket::Entity, ticket::Column::DueAt)),
            Expr::col((ticket::Entity, ticket::Column::Number)),
        ),
        Scope::Unit(code) => {
            let theirs = unit::Entity::belongs_to(ticket::Entity)
                .from(unit::Column::TicketNumber)
                .to(ticket::Column::Number)
                .into();
            query = query
                .join_rev(JoinType::InnerJoin, theirs)
                .filter(unit::Column::Unit.eq(code.as_str()))
                .filter(
                    UnitLineage::of_unit(db, code)
                        .await?
                        .is_not_accused((ticket::Entity, ticket::Column::Number)),
                );
            (
                Expr::col((unit::Entity, unit::Column::DueAt)),
                Expr::col((unit::Entity, unit::Column::TicketNumber)),
            )
        }
    };
    if let Some(after) = page.after {
        query = query.filter(match page.order {
            Order::NewestFirst => number.clone().lt(after.number),
            Order::DueFirst => Expr::tuple([due_at.clone(), number.clone()])
                .gt(Expr::tuple([Expr::val(after.due_at), Expr::val(after.number)])),
        });
    }
    query = match page.order {
        Order::NewestFirst => query.order_by_desc(number),
        Order::DueFirst => query.order_by_asc(due_at).order_by_asc(number),
    };
    if page.columns == Columns::WithContent {
        let found: Vec<(i64, String, String)> =
            query.column(ticket::Column::Content).limit(page.limit).into_tuple().all(db).await?;
        return found
            .into_iter()
            .map(|(number, document, content)| ticket::read(number, &document, content))
            .collect();
    }
    let found: Vec<(i64, String)> = query.limit(page.limit).into_tuple().all(db).await?;
    found.into_iter().map(|(number, document)| ticket::read(number, &document, String::new())).collect()
}
