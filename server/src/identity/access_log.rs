//! The list of readings: who was shown an identity, when, on which occasion and for what purpose. A reading is recorded in
//! the transaction that opens the identity, so that nobody is shown one without; the list is only ever added to. Each
//! reading is hashed and waits for a seal, as the head of a chain of one.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{IntoActiveModel as _, QueryOrder as _, QuerySelect as _};

use super::rows::{read, sealed};
use super::unseal;
use crate::ledger::bulk::insert;
use crate::ledger::rows::{instant, number};
use crate::ledger::seals;
use crate::platform::{Fault, Work, failpoint, random};
use crate::ticket::{Actor, CallerIdentity, Instant, TicketNumber, UnitCode};
use crate::timeline::chain::{self, ReadingCells};
use crate::vault::Vault;

/// What the subject of a reading under a seal begins with; its id follows.
const SUBJECT: &str = "identity_read/";

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
    failpoint::reach("identity.access_log").await?;
    let mut rows = Vec::with_capacity(tickets.len());
    for ticket in tickets {
        let id = random::id().map_err(|error| Fault::unavailable(error.to_string()))?;
        rows.push(read::Model {
            id: id.to_string(),
            ticket_number: ticket.as_i64(),
            read_at: work.now().timestamp_micros(),
            principal: reader.principal.clone(),
            unit: reader.unit.as_ref().map(|unit| unit.0.clone()),
            occasion: why.occasion.number(),
            purpose: why.purpose.map(RevealPurpose::number),
            note: why.note.clone(),
            approved_by: why.approved_by.clone(),
        });
    }
    note(work, &rows).await?;
    insert(work, rows.into_iter().map(read::Model::into_active_model).collect()).await
}

/// Has readings sealed.
async fn note(work: &Work, rows: &[read::Model]) -> Result<(), Fault> {
    let links: Vec<_> = rows
        .iter()
        .map(|row| (row.ticket_number, row.subject(), chain::reading(work.hash_suite(), &row.cells())))
        .collect();
    let heads = links.iter().map(|(ticket, subject, link)| (*ticket, subject.as_str(), 1, link));
    seals::note(work, heads).await
}

/// Has the readings behind an id sealed that an older release recorded, at most `limit`; answers where the next ones
/// begin, `None` behind the last. What is sealed already is sealed again as the same.
///
/// # Errors
/// Where the database refuses. Nothing is kept then.
pub async fn adopt(work: &Work, behind: &str, limit: u64) -> Result<Option<String>, Fault> {
    use read::Column;
    let rows = read::Entity::find().filter(Column::Id.gt(behind)).order_by_asc(Column::Id).limit(limit);
    let rows = rows.all(&work.tx).await?;
    let next = rows.last().filter(|_| rows.len() as u64 == limit).map(|row| row.id.clone());
    let waiting = seals::waiting(work, rows.iter().map(|row| (row.ticket_number, row.subject()))).await?;
    let rows: Vec<_> = rows.into_iter().filter(|row| !waiting.contains(&row.subject())).collect();
    note(work, &rows).await?;
    Ok(next)
}

impl read::Model {
    /// What it is called under a seal.
    pub(in crate::ledger) fn subject(&self) -> String {
        format!("{SUBJECT}{}", self.id)
    }

    /// What its link is hashed over.
    pub(in crate::ledger) fn cells(&self) -> ReadingCells<'_> {
        ReadingCells {
            id: &self.id,
            ticket_number: self.ticket_number,
            read_at: self.read_at,
            principal: &self.principal,
            unit: self.unit.as_deref(),
            occasion: self.occasion,
            purpose: self.purpose,
            note: &self.note,
            approved_by: self.approved_by.as_deref(),
        }
    }
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
