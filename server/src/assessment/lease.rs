//! Leases of follow-up calls: which agent calls back which companies. Leases are taken one after the other, so that two
//! agents never call one company.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::rows::fact;
use crate::access::Scope;
use crate::feed::followers;
use crate::ledger::list::{self, Columns, Cursor, ListQuery, Order, TicketFilter, among};
use crate::platform::{Fault, Work};
use crate::ticket::columns::instant;
use crate::ticket::{Instant, State, Ticket};

/// PostgreSQL's advisory lock of leases; an arbitrary number that never changes.
const LOCK: i64 = 0x0048_4F54_4C45_4153;

pub(super) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "follow_up_lease")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
        /// A key of the company; empty if it has none.
        #[sea_orm(primary_key, auto_increment = false)]
        pub company: Vec<u8>,
        pub principal: String,
        pub leased_until: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who calls a company back, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The agent.
    pub principal: String,
    /// The end of the lease.
    pub until: Instant,
}

/// Which call to a company is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowUpKind {
    /// The survey of a completed ticket.
    Survey,
    /// A second call about a surveyed ticket, by another agent.
    Recheck,
}

/// A ticket whose company is to be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// The ticket.
    pub ticket: Ticket,
    /// Who has it.
    pub lease: Option<Lease>,
}

impl FollowUp {
    /// Which call it is.
    #[must_use]
    pub fn kind(&self) -> FollowUpKind {
        if self.ticket.cycle.is_recheck_due() { FollowUpKind::Recheck } else { FollowUpKind::Survey }
    }
}

/// Leases of companies and tickets that have not ended.
#[derive(Debug, Clone, Default)]
pub(super) struct Leases {
    of_tickets: BTreeMap<i64, Lease>,
    of_companies: BTreeMap<Vec<u8>, String>,
}

impl Leases {
    /// Reads them.
    pub(super) async fn read(db: &impl ConnectionTrait, now: Instant) -> Result<Self, Fault> {
        let rows =
            row::Entity::find().filter(row::Column::LeasedUntil.gt(now.timestamp_micros())).all(db).await?;
        let mut leases = Self::default();
        for row in rows {
            let lease = Lease { principal: row.principal.clone(), until: instant(row.leased_until)? };
            leases.of_tickets.insert(row.ticket_number, lease);
            if !row.company.is_empty() {
                leases.of_companies.insert(row.company, row.principal);
            }
        }
        Ok(leases)
    }

    /// The lease of a ticket.
    pub(super) fn of(&self, number: i64) -> Option<&Lease> {
        self.of_tickets.get(&number)
    }

    /// Whether an agent may take a ticket of these companies: nobody has the ticket, and no other agent has a company.
    pub(super) fn are_free(&self, number: i64, companies: &BTreeSet<Vec<u8>>, principal: &str) -> bool {
        let is_other = |company| self.of_companies.get(company).is_some_and(|holder| holder != principal);
        !self.of_tickets.contains_key(&number) && !companies.iter().any(is_other)
    }

    /// Notes a lease.
    pub(super) fn take(&mut self, number: i64, companies: &BTreeSet<Vec<u8>>, lease: &Lease) {
        self.of_tickets.insert(number, lease.clone());
        let taken = companies.iter().map(|company| (company.clone(), lease.principal.clone()));
        self.of_companies.extend(taken);
    }
}

/// Waits until nobody else takes leases, until the unit of work ends.
pub(super) async fn wait_for_turn(work: &Work) -> Result<(), Fault> {
    followers::wait_for_turn(work, LOCK).await
}

/// Writes the lease of a ticket.
pub(super) async fn write(
    work: &Work,
    number: i64,
    companies: &BTreeSet<Vec<u8>>,
    lease: &Lease,
) -> Result<(), Fault> {
    delete(work, number).await?;
    let nothing = [Vec::new()];
    let companies = companies.iter().chain(nothing.iter().filter(|_| companies.is_empty()));
    let rows = companies.map(|company| row::ActiveModel {
        ticket_number: Set(number),
        company: Set(company.clone()),
        principal: Set(lease.principal.clone()),
        leased_until: Set(lease.until.timestamp_micros()),
    });
    row::Entity::insert_many(rows).exec_without_returning(&work.tx).await?;
    Ok(())
}

/// Ends the lease of a ticket, whoever has it.
pub(super) async fn delete(work: &Work, number: i64) -> Result<(), Fault> {
    row::Entity::delete_many().filter(row::Column::TicketNumber.eq(number)).exec(&work.tx).await?;
    Ok(())
}

/// The tickets whose companies are to be called, after one of them: completed ones by their limit, and surveyed ones
/// that another agent is to call again by number.
pub(super) async fn due(
    db: &impl ConnectionTrait,
    kind: FollowUpKind,
    after: Option<Cursor>,
    limit: u64,
) -> Result<Vec<Ticket>, Fault> {
    match kind {
        FollowUpKind::Survey => completed(db, after, limit).await,
        FollowUpKind::Recheck => rechecks(db, after.map_or(0, |place| place.number), limit).await,
    }
}

/// The tickets that another agent is to call again. The facts say which; a ticket that has changed since is left out.
async fn rechecks(db: &impl ConnectionTrait, mut after: i64, limit: u64) -> Result<Vec<Ticket>, Fault> {
    let mut due = Vec::new();
    loop {
        let numbers: Vec<i64> = fact::Entity::find()
            .select_only()
            .column(fact::Column::TicketNumber)
            // As a constant, so that every plan can use the partial index.
            .filter(Expr::cust("is_recheck_due"))
            .filter(fact::Column::TicketNumber.gt(after))
            .order_by_asc(fact::Column::TicketNumber)
            .limit(limit)
            .into_tuple()
            .all(db)
            .await?;
        let Some(last) = numbers.last() else { return Ok(due) };
        after = *last;
        let mut tickets = among::tickets(db, &Scope::All, &numbers).await?;
        let is_due = |ticket: &Ticket| ticket.state == State::Closed && ticket.cycle.is_recheck_due();
        due.extend(numbers.iter().filter_map(|number| tickets.remove(number)).filter(is_due));
        if due.len() as u64 >= limit {
            due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            return Ok(due);
        }
    }
}

/// Completed tickets by their limit, after one of them.
async fn completed(
    db: &impl ConnectionTrait,
    after: Option<Cursor>,
    limit: u64,
) -> Result<Vec<Ticket>, Fault> {
    let filter = TicketFilter { states: vec![State::Completed], ..TicketFilter::default() };
    let columns = Columns::WithoutContent;
    let query = ListQuery { filter, order: Order::DueFirst, columns, after, limit };
    list::page(db, &Scope::All, &query).await
}
