//! The list of readings: who was shown an identity, when, on which occasion and for what purpose. A reading is recorded in
//! the transaction that opens the identity, so that nobody is shown one without; the list is only ever added to.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::rows::{read, sealed};
use super::unseal;
use crate::ledger::rows::{instant, number};
use crate::ledger::write::insert;
use crate::platform::{Fault, Work, random};
use crate::ticket::{Actor, CallerIdentity, Instant, TicketNumber, UnitCode};
use crate::vault::Vault;

/// On which occasion somebody was shown an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// With a ticket that is not confidential.
    Ticket,
    /// Looking tickets up by a telephone number or a social credit code.
    LookUp,
    /// By revealing it.
    Reveal,
}

impl Occasion {
    const ALL: [Self; 3] = [Self::Ticket, Self::LookUp, Self::Reveal];

    const fn number(self) -> i16 {
        match self {
            Self::Ticket => 1,
            Self::LookUp => 2,
            Self::Reveal => 3,
        }
    }
}

/// What an identity is revealed for.
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

    /// Its word in the records of the audit.
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
pub struct Why {
    /// The occasion.
    pub occasion: Occasion,
    /// The purpose that was named.
    pub purpose: Option<RevealPurpose>,
    /// What was said of it.
    pub note: String,
    /// Who allowed it, where that was needed.
    pub approved_by: Option<String>,
}

impl Why {
    /// An occasion that asks for no words.
    #[must_use]
    pub const fn of(occasion: Occasion) -> Self {
        Self { occasion, purpose: None, note: String::new(), approved_by: None }
    }
}

/// A reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRead {
    /// Its id.
    pub id: String,
    /// Whose identity: the caller of this ticket.
    pub ticket: TicketNumber,
    /// When.
    pub at: Instant,
    /// Who was shown it.
    pub reader: Actor,
    /// Why.
    pub why: Why,
}

/// Opens an identity for somebody and records that. Empty, and no reading, where nobody was named.
///
/// # Errors
/// Where the database refuses, or the vault can't open it.
pub async fn show(
    work: &Work,
    vault: &Vault,
    reader: &Actor,
    ticket: TicketNumber,
    why: Why,
) -> Result<CallerIdentity, Fault> {
    let Some(row) = sealed::Entity::find_by_id(ticket.as_i64()).one(&work.tx).await? else {
        return Ok(CallerIdentity::default());
    };
    record(work, reader, &[ticket], &why).await?;
    unseal(vault, row).await
}

/// Records that somebody was shown, or could conclude, who called about some tickets.
///
/// # Errors
/// Where the database refuses.
pub async fn record(work: &Work, reader: &Actor, tickets: &[TicketNumber], why: &Why) -> Result<(), Fault> {
    let mut rows = Vec::with_capacity(tickets.len());
    for ticket in tickets {
        let id = random::id().map_err(|error| Fault::unavailable(error.to_string()))?;
        rows.push(read::ActiveModel {
            id: Set(id.to_string()),
            ticket_number: Set(ticket.as_i64()),
            read_at: Set(work.now().timestamp_micros()),
            principal: Set(reader.principal.clone()),
            unit: Set(reader.unit.as_ref().map(|unit| unit.0.clone())),
            occasion: Set(why.occasion.number()),
            purpose: Set(why.purpose.map(RevealPurpose::number)),
            note: Set(why.note.clone()),
            approved_by: Set(why.approved_by.clone()),
        });
    }
    insert(work, rows).await
}

/// Which readings; every condition that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this ticket's caller.
    pub ticket: Option<TicketNumber>,
    /// By this principal.
    pub principal: Option<String>,
    /// At or after this instant.
    pub from: Option<Instant>,
    /// Before this instant.
    pub before: Option<Instant>,
    /// Of the tickets of this caller.
    pub caller: super::LookUp,
}

/// The readings behind one, the newest first, at most `limit`.
///
/// # Errors
/// Where the database refuses, or a row can't be read.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    behind: Option<(i64, String)>,
    limit: u64,
) -> Result<Vec<IdentityRead>, Fault> {
    use read::Column;
    let mut query = read::Entity::find();
    if let Some(ticket) = filter.ticket {
        query = query.filter(Column::TicketNumber.eq(ticket.as_i64()));
    }
    if let Some(principal) = &filter.principal {
        query = query.filter(Column::Principal.eq(principal.as_str()));
    }
    if let Some(from) = filter.from {
        query = query.filter(Column::ReadAt.gte(from.timestamp_micros()));
    }
    if let Some(before) = filter.before {
        query = query.filter(Column::ReadAt.lt(before.timestamp_micros()));
    }
    if let Some(theirs) = filter.caller.condition((read::Entity, Column::TicketNumber)) {
        query = query.filter(theirs);
    }
    if let Some((at, id)) = behind {
        let key = Expr::tuple([Expr::col(Column::ReadAt), Expr::col(Column::Id)]);
        query = query.filter(key.lt(Expr::tuple([Expr::val(at), Expr::val(id)])));
    }
    let rows = query.order_by_desc(Column::ReadAt).order_by_desc(Column::Id).limit(limit).all(db).await?;
    rows.into_iter().map(read_of).collect()
}

fn read_of(row: read::Model) -> Result<IdentityRead, Fault> {
    let occasion = Occasion::ALL.into_iter().find(|one| one.number() == row.occasion);
    Ok(IdentityRead {
        id: row.id,
        ticket: number(row.ticket_number)?,
        at: instant(row.read_at)?,
        reader: Actor { principal: row.principal, unit: row.unit.map(UnitCode), via: None },
        why: Why {
            occasion: occasion.ok_or_else(|| Fault::internal("an occasion out of range"))?,
            purpose: row.purpose.map(RevealPurpose::of_number).transpose()?,
            note: row.note,
            approved_by: row.approved_by,
        },
    })
}
