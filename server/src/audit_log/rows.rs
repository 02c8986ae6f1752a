//! The tables of the audit log: audit records, pending heads, checkpoints with the heads under them, and restores.

use super::checkpoint::{Checkpoint, CheckpointHead};
use super::hash_chain::RecordCells;
use super::restore_entry::{ChainEnd, Restore, RestoreEntry};
use super::signing_key::PublicKey;
use crate::platform::hashing::Link;

/// `audit_record`: actions that are no event of a ticket; append-only.
pub(crate) mod audit_record {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_record")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sequence: i32,
        pub recorded_at: i64,
        pub principal: String,
        pub unit: Option<String>,
        pub method: String,
        pub details: String,
        pub hash: Vec<u8>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `pending_head`: the heads that the next checkpoint will cover.
pub(crate) mod pending_head {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pending_head")]
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

/// `checkpoint`; append-only.
pub(crate) mod checkpoint {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "checkpoint")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub previous_hash: Vec<u8>,
        pub signed_at: i64,
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

/// `checkpoint_entry`: the heads under the checkpoints; append-only.
pub(crate) mod checkpoint_entry {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "checkpoint_entry")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub checkpoint_number: i64,
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

/// `restore_entry`; append-only.
pub(crate) mod restore_entry {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "restore_entry")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub restored_at: i64,
        pub last_checkpoint: i64,
        pub last_hash: Vec<u8>,
        pub abandoned_checkpoint: i64,
        pub abandoned_hash: Vec<u8>,
        pub restored_by: String,
        pub reason: String,
        pub skipped_numbers: String,
        pub public_key: Vec<u8>,
        pub hash: Vec<u8>,
        pub signature: Vec<u8>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl audit_record::Model {
    /// The cells that its link is hashed over.
    pub(crate) fn cells(&self) -> RecordCells<'_> {
        RecordCells {
            subject: &self.subject,
            sequence: self.sequence,
            recorded_at: self.recorded_at,
            principal: &self.principal,
            unit: self.unit.as_deref(),
            method: &self.method,
            details: &self.details,
        }
    }
}

impl checkpoint::Model {
    /// The checkpoint, if its cells have the right lengths.
    pub(crate) fn read(&self) -> Option<Checkpoint> {
        Some(Checkpoint {
            number: self.number,
            previous: Link::of(&self.previous_hash)?,
            signed_at: self.signed_at,
            head_count: self.head_count,
            root: Link::of(&self.root)?,
            public_key: PublicKey::of(&self.public_key)?,
            hash: Link::of(&self.hash)?,
            signature: self.signature.clone(),
        })
    }
}

/// The heads under a checkpoint, in their order; heads that cannot be read have no link.
pub(crate) fn heads_of(rows: Vec<checkpoint_entry::Model>) -> Vec<CheckpointHead> {
    let head = |row: checkpoint_entry::Model| CheckpointHead {
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

impl restore_entry::Model {
    /// The entry, if its cells have the right lengths.
    pub(crate) fn read(&self) -> Option<RestoreEntry> {
        let end = |through, hash: &[u8]| Some(ChainEnd { through, link: Link::of(hash)? });
        let restore = Restore {
            number: self.number,
            restored_at: self.restored_at,
            last: end(self.last_checkpoint, &self.last_hash)?,
            abandoned: end(self.abandoned_checkpoint, &self.abandoned_hash)?,
            by: self.restored_by.clone(),
            reason: self.reason.clone(),
            skipped_numbers: self.skipped_numbers.clone(),
        };
        Some(RestoreEntry {
            restore,
            public_key: PublicKey::of(&self.public_key)?,
            hash: Link::of(&self.hash)?,
            signature: self.signature.clone(),
        })
    }
}
