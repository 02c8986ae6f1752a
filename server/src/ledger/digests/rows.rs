//! The tables of notices and digests. Private to the ledger.

use crate::ledger::rows::rung_number;
use crate::platform::Fault;
use crate::ticket::Rung;

/// The rung with a number in the tables.
pub(super) fn rung_of(number: i16) -> Result<Rung, Fault> {
    [Rung::Reminded, Rung::Urged, Rung::Supervised, Rung::Manual]
        .into_iter()
        .find(|rung| rung_number(*rung) == number)
        .ok_or_else(|| Fault::internal(format!("no rung has the number {number}")))
}

/// `digest_ticket`: a fired rung that names a unit, and its digest if there is one.
pub(super) mod notice {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "digest_ticket")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub cycle: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub rung: i16,
        pub unit: String,
        /// When it was due; `None` if staff fired it.
        pub due_at: Option<i64>,
        pub fired_at: i64,
        /// `None` while it is pending.
        pub digest_sequence: Option<i64>,
        /// The round of the ladder in which it fired.
        #[sea_orm(primary_key, auto_increment = false)]
        pub round: i32,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `digest`: the notices of a unit that were gathered together.
pub(super) mod digest {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "digest")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub unit: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sequence: i64,
        pub rung: i16,
        pub gathered_at: i64,
        /// How many tickets it was made of.
        pub ticket_count: i32,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `digest_unit`: the last sequence of a unit's digests. Its row is the lock under which sequences are taken.
pub(super) mod counter {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "digest_unit")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub unit: String,
        pub last_sequence: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
