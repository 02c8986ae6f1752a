//! The tables of the search index.

/// `search_index`: one row, how far the index has followed the feed.
pub(super) mod index {
    use sea_orm::entity::prelude::*;

    /// The key of the one row.
    pub(crate) const ID: i16 = 1;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "search_index")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i16,
        /// The position of the feed up to which every ticket is indexed.
        pub position: i64,
        /// How many tickets are indexed.
        pub documents: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `search_document`: what of each ticket is indexed.
pub(super) mod document {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "search_document")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
        /// The block that has its entries. It never changes.
        pub block: i64,
        /// The version of the ticket whose texts are indexed.
        pub version: i32,
        /// The digest of these texts.
        pub fingerprint: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `search_posting`: the tickets of one block that have a term.
pub(super) mod posting {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "search_posting")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub term: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub block: i64,
        /// How many tickets they are.
        pub documents: i32,
        /// Their numbers and impacts.
        pub entries: Vec<u8>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
