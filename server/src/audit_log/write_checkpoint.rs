//! Seals in the database. Whatever makes a chain longer notes the new head in the same transaction; [`seal`] takes the
//! heads that wait, signs them together behind the last seal, and takes the notes away, in one transaction too.
//!
//! A seal's number is unique, so of two servers that seal at once one begins again behind the other: seals are one chain,
//! whoever makes them.

use std::collections::HashSet;

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{DbBackend, QueryOrder as _, QuerySelect as _, Statement};
use serde::Serialize;

use super::bulk::insert;
use super::chain::link_of;
use super::restores;
use super::rows::json;
use crate::platform::hashing::Link;
use crate::platform::{Clock, Fault, Store, Work, failpoint};
use crate::timeline::signing_key::PublicKey;
use crate::timeline::{Seal, SealedHead, SigningKey};

/// Notes that one seal takes on PostgreSQL, where others write beside it.
const HEADS_MAX_POSTGRES: u64 = 1_000;
/// Notes that one seal takes on SQLite, where every command waits for it.
const HEADS_MAX_SQLITE: u64 = 250;
/// PostgreSQL's advisory lock of sealing; any number, always this one.
const LOCK: i64 = 0x0048_4F54_5345_414C;

/// `unsealed_head`: the heads that wait for a seal.
pub(super) mod unsealed {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "unsealed_head")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sequence: i32,
        pub hash: Vec<u8>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `seal`.
pub(super) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "seal")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub previous_hash: Vec<u8>,
        pub sealed_at: i64,
        pub head_count: i32,
        pub root: Vec<u8>,
        pub public_key: Vec<u8>,
        pub hash: Vec<u8>,
        pub signature: Vec<u8>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `seal_entry`: the heads under the seals.
pub(super) mod entry {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "seal_entry")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub seal_number: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject: String,
        pub sequence: i32,
        pub hash: Vec<u8>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Seals that are looked at for who signed lately.
const SIGNERS_LOOKED_AT: u64 = 1_000;

/// The keys that signed the last seals, the last one first, each once.
///
/// # Errors
/// Where the database can't be read.
pub async fn last_signers(db: &impl ConnectionTrait) -> Result<Vec<PublicKey>, Fault> {
    let signed: Vec<Vec<u8>> = row::Entity::find()
        .select_only()
        .column(row::Column::PublicKey)
        .order_by_desc(row::Column::Number)
        .limit(SIGNERS_LOOKED_AT)
        .into_tuple()
        .all(db)
        .await?;
    let mut signers = Vec::new();
    for key in signed.iter().filter_map(|bytes| PublicKey::of(bytes)) {
        if !signers.contains(&key) {
            signers.push(key);
        }
    }
    Ok(signers)
}

/// Notes heads that wait for a seal: ticket number or 0, subject or nothing, sequence, link.
pub(super) async fn note(
    work: &Work,
    heads: impl IntoIterator<Item = (i64, &str, i32, &Link)>,
) -> Result<(), Fault> {
    let row = |(ticket_number, subject, sequence, link): (i64, &str, i32, &Link)| unsealed::ActiveModel {
        ticket_number: Set(ticket_number),
        subject: Set(subject.to_owned()),
        sequence: Set(sequence),
        hash: Set(link.as_bytes().to_vec()),
    };
    insert(work, heads.into_iter().map(row).collect()).await
}

/// Which of some subjects of tickets wait for a seal.
pub(super) async fn waiting(
    work: &Work,
    subjects: impl Iterator<Item = (i64, String)>,
) -> Result<HashSet<String>, Fault> {
    use unsealed::Column;
    let (numbers, subjects): (Vec<_>, Vec<_>) = subjects.unzip();
    let found: Vec<String> = unsealed::Entity::find()
        .select_only()
        .column(Column::Subject)
        .filter(Column::TicketNumber.is_in(numbers))
        .filter(Column::Subject.is_in(subjects))
        .into_tuple()
        .all(&work.tx)
        .await?;
    Ok(found.into_iter().collect())
}

/// Notes that one seal takes at most.
#[must_use]
pub fn heads_max(store: &Store) -> u64 {
    if store.is_sqlite() { HEADS_MAX_SQLITE } else { HEADS_MAX_POSTGRES }
}

/// Seals at most [`heads_max`] notes; answers how many, which is 0 too where another server is sealing.
///
/// # Errors
/// Where the database can't be reached.
pub async fn seal(store: &Store, clock: &Clock, key: &SigningKey) -> Result<u64, Fault> {
    let key = key.clone();
    let most = heads_max(store);
    store
        .work(clock, move |work| {
            let key = key.clone();
            Box::pin(async move { seal_in(work, &key, most).await })
        })
        .await
}

/// Waits until no other server seals, and keeps others from it until this unit of work ends. SQLite has one writer.
pub(super) async fn lock(work: &Work) -> Result<(), Fault> {
    if work.tx.get_database_backend() == DbBackend::Postgres {
        work.tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    }
    Ok(())
}

async fn seal_in(work: &Work, key: &SigningKey, most: u64) -> Result<u64, Fault> {
    if work.tx.get_database_backend() == DbBackend::Postgres {
        let asked = format!("SELECT pg_try_advisory_xact_lock({LOCK})");
        let row = work.tx.query_one_raw(Statement::from_string(DbBackend::Postgres, asked)).await?;
        if !row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(false) {
            return Ok(0);
        }
    }
    failpoint::reach("checkpoint.read_heads").await?;
    let mut waiting = unsealed::Entity::find()
        .order_by_asc(unsealed::Column::TicketNumber)
        .order_by_asc(unsealed::Column::Subject)
        .order_by_asc(unsealed::Column::Sequence)
        .limit(most)
        .all(&work.tx)
        .await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let notes = waiting.clone();
    // The databases order texts each in their own way.
    waiting.sort_by(|one, other| {
        let place = |row: &unsealed::Model| (row.ticket_number, row.subject.clone(), row.sequence);
        Ord::cmp(&place(one), &place(other))
    });
    let heads = last_of_each(&waiting)?;
    let (end, last_at) = restores::chain_end(&work.tx).await?;
    let at = Ord::max(work.now().timestamp_micros(), last_at);
    let seal = Seal::make(work.hash_suite(), key, Some((end.through, end.link)), at, &heads);
    failpoint::reach("checkpoint.write").await?;
    write(work, &seal, heads).await?;
    let sealed = waiting.len() as u64;
    take_away(work, notes).await?;
    Ok(sealed)
}

/// One statement for any number of notes: with a thousand tuples in its text PostgreSQL takes half a second to plan it.
const TAKE_AWAY_POSTGRES: &str = "DELETE FROM unsealed_head \
    USING jsonb_to_recordset($1::jsonb) AS sealed (number bigint, subject text, sequence integer) \
    WHERE unsealed_head.ticket_number = sealed.number AND unsealed_head.subject = sealed.subject \
      AND unsealed_head.sequence = sealed.sequence";

/// A note that was sealed, as the statement above reads it.
#[derive(Serialize)]
struct SealedNote {
    number: i64,
    subject: String,
    sequence: i32,
}

/// Takes away the notes that were sealed, in the order in which the database gave them, and no others: meanwhile more may
/// have come.
async fn take_away(work: &Work, mut notes: Vec<unsealed::Model>) -> Result<(), Fault> {
    use unsealed::Column;
    if work.tx.get_database_backend() == DbBackend::Postgres {
        let note = |note: unsealed::Model| SealedNote {
            number: note.ticket_number,
            subject: note.subject,
            sequence: note.sequence,
        };
        let notes = json(&notes.into_iter().map(note).collect::<Vec<_>>())?;
        let statement =
            Statement::from_sql_and_values(DbBackend::Postgres, TAKE_AWAY_POSTGRES, [notes.into()]);
        work.tx.execute_raw(statement).await?;
        return Ok(());
    }
    // SQLite has one writer: nothing came meanwhile, and the notes up to the last are the ones that were read.
    let Some(last) = notes.pop() else { return Ok(()) };
    let place = Expr::tuple([Column::TicketNumber, Column::Subject, Column::Sequence].map(Expr::col));
    let last = [Expr::val(last.ticket_number), Expr::val(last.subject), Expr::val(last.sequence)];
    unsealed::Entity::delete_many().filter(place.lte(Expr::tuple(last))).exec(&work.tx).await?;
    Ok(())
}

/// The longest head of each chain, of notes in order.
fn last_of_each(waiting: &[unsealed::Model]) -> Result<Vec<SealedHead>, Fault> {
    let chains = waiting
        .chunk_by(|one, other| (one.ticket_number, &one.subject) == (other.ticket_number, &other.subject));
    let head = |row: &unsealed::Model| {
        Ok(SealedHead {
            ticket_number: row.ticket_number,
            subject: row.subject.clone(),
            sequence: row.sequence,
            link: link_of(&row.hash)?,
        })
    };
    chains.filter_map(<[_]>::last).map(head).collect()
}

async fn write(work: &Work, seal: &Seal, heads: Vec<SealedHead>) -> Result<(), Fault> {
    let new = row::ActiveModel {
        number: Set(seal.number),
        previous_hash: Set(seal.previous.as_bytes().to_vec()),
        sealed_at: Set(seal.sealed_at),
        head_count: Set(seal.head_count),
        root: Set(seal.root.as_bytes().to_vec()),
        public_key: Set(seal.public_key.as_bytes().to_vec()),
        hash: Set(seal.hash.as_bytes().to_vec()),
        signature: Set(seal.signature.clone()),
    };
    row::Entity::insert(new).exec_without_returning(&work.tx).await?;
    let entry = |head: SealedHead| entry::ActiveModel {
        seal_number: Set(seal.number),
        ticket_number: Set(head.ticket_number),
        subject: Set(head.subject),
        sequence: Set(head.sequence),
        hash: Set(head.link.as_bytes().to_vec()),
    };
    insert(work, heads.into_iter().map(entry).collect()).await
}

impl row::Model {
    /// The seal, as far as its cells have the right lengths.
    pub(super) fn read(&self) -> Option<Seal> {
        Some(Seal {
            number: self.number,
            previous: Link::of(&self.previous_hash)?,
            sealed_at: self.sealed_at,
            head_count: self.head_count,
            root: Link::of(&self.root)?,
            public_key: PublicKey::of(&self.public_key)?,
            hash: Link::of(&self.hash)?,
            signature: self.signature.clone(),
        })
    }
}

/// The heads under a seal, in their order; those that can't be read have no link.
pub(super) fn heads_of(rows: Vec<entry::Model>) -> Vec<SealedHead> {
    let head = |row: entry::Model| SealedHead {
        ticket_number: row.ticket_number,
        subject: row.subject,
        sequence: row.sequence,
        link: Link::of(&row.hash).unwrap_or(Link::NONE),
    };
    let mut heads: Vec<_> = rows.into_iter().map(head).collect();
    heads.sort_by(|one, other| {
        Ord::cmp(&(one.ticket_number, &one.subject), &(other.ticket_number, &other.subject))
    });
    heads
}

/// The seals behind a number, rising, at most `limit`, each with its heads.
///
/// # Errors
/// Where the database can't be reached, or a seal can't be read.
pub async fn page(
    db: &impl ConnectionTrait,
    behind: i64,
    limit: u64,
) -> Result<Vec<(Seal, Vec<SealedHead>)>, Fault> {
    let mut seals = Vec::new();
    for row in rows(db, behind, limit).await? {
        let unreadable = || Fault::internal(format!("seal {} can't be read", row.number));
        seals.push((row.read().ok_or_else(unreadable)?, heads_of(entries(db, row.number).await?)));
    }
    Ok(seals)
}

/// The rows of the seals behind a number, rising, at most `limit`.
pub(super) async fn rows(
    db: &impl ConnectionTrait,
    behind: i64,
    limit: u64,
) -> Result<Vec<row::Model>, Fault> {
    let found = row::Entity::find()
        .filter(row::Column::Number.gt(behind))
        .order_by_asc(row::Column::Number)
        .limit(limit)
        .all(db)
        .await?;
    Ok(found)
}

/// The heads under a seal as they are stored.
pub(super) async fn entries(db: &impl ConnectionTrait, seal: i64) -> Result<Vec<entry::Model>, Fault> {
    Ok(entry::Entity::find().filter(entry::Column::SealNumber.eq(seal)).all(db).await?)
}
