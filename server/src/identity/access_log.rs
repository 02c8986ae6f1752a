//! The access log: who was shown an identity, when, on which occasion and for which purpose. An access is recorded in
//! the transaction that decrypts the identity, so that no identity is shown without an entry. The log is append-only.
//! Each access is hashed and put under a checkpoint, as the head of a chain of one.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{IntoActiveModel as _, QueryOrder as _, QuerySelect as _};

use super::look_up::LookUp;
use super::rows::identity_access;
use crate::audit_log::hash_chain::{self, AccessCells};
use crate::audit_log::pending_heads;
use crate::platform::writes::insert;
use crate::platform::{Fault, Work, failpoint, random};
use crate::ticket::columns::{instant, number};
use crate::ticket::{Actor, Instant, TicketNumber, UnitCode};

/// The prefix of an access's subject under a checkpoint; its id follows.
const SUBJECT: &str = "identity_access/";

/// The occasion of an access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// With a ticket that is not confidential.
    Ticket,
    /// A search for tickets by a telephone number or a social credit code.
    LookUp,
    /// A reveal.
    Reveal,
    /// A ticket was found by the calling number of a call that an agent takes.
    Call,
    /// A message to the company was sent to its address.
    Message,
}

impl Occasion {
    const ALL: [Self; 5] = [Self::Ticket, Self::LookUp, Self::Reveal, Self::Call, Self::Message];

    const fn number(self) -> i16 {
        match self {
            Self::Ticket => 1,
            Self::LookUp => 2,
            Self::Reveal => 3,
            Self::Call => 4,
            Self::Message => 5,
        }
    }
}

/// The purpose of a reveal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevealPurpose {
    /// To speak with the caller about the matter.
    Contact,
    /// To verify the matter.
    Verify,
    /// Because a law or a court demands it.
    LegalDuty,
    /// To protect the caller or others from harm.
    Protect,
}

impl RevealPurpose {
    const ALL: [Self; 4] = [Self::Contact, Self::Verify, Self::LegalDuty, Self::Protect];

    /// Its name in the audit records.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Verify => "verify",
            Self::LegalDuty => "legal duty",
            Self::Protect => "protect",
        }
    }

    /// Its number in the tables.
    pub(super) const fn number(self) -> i16 {
        match self {
            Self::Contact => 1,
            Self::Verify => 2,
            Self::LegalDuty => 3,
            Self::Protect => 4,
        }
    }

    fn of_number(number: i16) -> Result<Self, Fault> {
        let found = Self::ALL.into_iter().find(|one| one.number() == number);
        found.ok_or_else(|| Fault::internal("a purpose out of range"))
    }
}

/// Why somebody was shown an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessReason {
    /// The occasion.
    pub occasion: Occasion,
    /// The purpose, if it was revealed or belongs to a call.
    pub purpose: Option<RevealPurpose>,
    /// The note, if it was revealed; the call, if it belongs to one.
    pub note: String,
    /// Who approved it, if that was needed.
    pub approved_by: Option<String>,
}

impl AccessReason {
    /// A reason without purpose and note.
    #[must_use]
    pub const fn of(occasion: Occasion) -> Self {
        Self { occasion, purpose: None, note: String::new(), approved_by: None }
    }
}

/// An access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityAccess {
    /// Its id.
    pub id: String,
    /// Whose identity: the caller of this ticket.
    pub ticket: TicketNumber,
    /// When.
    pub at: Instant,
    /// Who was shown it.
    pub reader: Actor,
    /// Why.
    pub reason: AccessReason,
}

/// Records that somebody was shown who called about some tickets, or could conclude it.
///
/// # Errors
/// If the database refuses.
pub async fn record(
    work: &Work,
    reader: &Actor,
    tickets: &[TicketNumber],
    reason: &AccessReason,
) -> Result<(), Fault> {
    failpoint::reach("identity.access_log").await?;
    let mut rows = Vec::with_capacity(tickets.len());
    for ticket in tickets {
        let id = random::id().map_err(|error| Fault::unavailable(error.to_string()))?;
        rows.push(identity_access::Model {
            id: id.to_string(),
            ticket_number: ticket.as_i64(),
            accessed_at: work.now().timestamp_micros(),
            principal: reader.principal.clone(),
            unit: reader.unit.as_ref().map(|unit| unit.0.clone()),
            occasion: reason.occasion.number(),
            purpose: reason.purpose.map(RevealPurpose::number),
            note: reason.note.clone(),
            approved_by: reason.approved_by.clone(),
        });
    }
    note(work, &rows).await?;
    insert(work, rows.into_iter().map(identity_access::Model::into_active_model).collect()).await
}

/// Adds accesses to the pending heads.
async fn note(work: &Work, rows: &[identity_access::Model]) -> Result<(), Fault> {
    let links: Vec<_> = rows
        .iter()
        .map(|row| (row.ticket_number, row.subject(), hash_chain::access(work.hash_suite(), &row.cells())))
        .collect();
    let heads = links.iter().map(|(ticket, subject, link)| (*ticket, subject.as_str(), 1, link));
    pending_heads::note(work, heads).await
}

impl identity_access::Model {
    /// Its subject under a checkpoint.
    pub(crate) fn subject(&self) -> String {
        format!("{SUBJECT}{}", self.id)
    }

    /// The cells that its link is hashed over.
    pub(crate) fn cells(&self) -> AccessCells<'_> {
        AccessCells {
            id: &self.id,
            ticket_number: self.ticket_number,
            accessed_at: self.accessed_at,
            principal: &self.principal,
            unit: self.unit.as_deref(),
            occasion: self.occasion,
            purpose: self.purpose,
            note: &self.note,
            approved_by: self.approved_by.as_deref(),
        }
    }
}

/// Which accesses; all conditions that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessFilter {
    /// Of this ticket's caller.
    pub ticket: Option<TicketNumber>,
    /// By this principal.
    pub principal: Option<String>,
    /// At or after this instant.
    pub from: Option<Instant>,
    /// Before this instant.
    pub before: Option<Instant>,
    /// Of the tickets of this caller.
    pub caller: LookUp,
}

/// The accesses after one in the list, the newest first, at most `limit`.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &AccessFilter,
    after: Option<(i64, String)>,
    limit: u64,
) -> Result<Vec<IdentityAccess>, Fault> {
    use identity_access::Column;
    let mut query = identity_access::Entity::find();
    if let Some(ticket) = filter.ticket {
        query = query.filter(Column::TicketNumber.eq(ticket.as_i64()));
    }
    if let Some(principal) = &filter.principal {
        query = query.filter(Column::Principal.eq(principal.as_str()));
    }
    if let Some(from) = filter.from {
        query = query.filter(Column::AccessedAt.gte(from.timestamp_micros()));
    }
    if let Some(before) = filter.before {
        query = query.filter(Column::AccessedAt.lt(before.timestamp_micros()));
    }
    if let Some(theirs) = filter.caller.condition((identity_access::Entity, Column::TicketNumber)) {
        query = query.filter(theirs);
    }
    if let Some((at, id)) = after {
        let key = Expr::tuple([Expr::col(Column::AccessedAt), Expr::col(Column::Id)]);
        query = query.filter(key.lt(Expr::tuple([Expr::val(at), Expr::val(id)])));
    }
    let rows = query.order_by_desc(Column::AccessedAt).order_by_desc(Column::Id).limit(limit).all(db).await?;
    rows.into_iter().map(access_of).collect()
}

fn access_of(row: identity_access::Model) -> Result<IdentityAccess, Fault> {
    let occasion = Occasion::ALL.into_iter().find(|one| one.number() == row.occasion);
    Ok(IdentityAccess {
        id: row.id,
        ticket: number(row.ticket_number)?,
        at: instant(row.accessed_at)?,
        reader: Actor { principal: row.principal, unit: row.unit.map(UnitCode), via: None },
        reason: AccessReason {
            occasion: occasion.ok_or_else(|| Fault::internal("an occasion out of range"))?,
            purpose: row.purpose.map(RevealPurpose::of_number).transpose()?,
            note: row.note,
            approved_by: row.approved_by,
        },
    })
}
