//! The tables of identities: encrypted identities, registered vault keys, approvals, and the access log.

use super::vault::KeyVersion;

/// A key's version in the tables.
pub(super) fn version_number(version: KeyVersion) -> i32 {
    i32::try_from(version).unwrap_or(i32::MAX)
}

/// `encrypted_identity`: who called, encrypted.
pub(crate) mod encrypted_identity {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "encrypted_identity")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
        pub is_confidential: bool,
        pub key_version: i32,
        pub wrapped_key: Vec<u8>,
        pub enterprise_name: Option<Vec<u8>>,
        pub social_credit_code: Option<Vec<u8>>,
        pub contact_name: Option<Vec<u8>>,
        pub contact_phone: Option<Vec<u8>>,
        pub subject: Option<Vec<u8>>,
        pub content: Option<Vec<u8>>,
        pub given_code: Option<Vec<u8>>,
        pub given_phone: Option<Vec<u8>>,
        pub certificate: Option<Vec<u8>>,
        pub email: Option<Vec<u8>>,
        pub code_index: Option<Vec<u8>>,
        pub certificate_index: Option<Vec<u8>>,
        pub phone_index: Option<Vec<u8>>,
        pub main_phone_index: Option<Vec<u8>>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `vault_key`: the registered keys of this database.
pub(super) mod vault_key {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "vault_key")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        pub proof: Vec<u8>,
        pub first_seen_at: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `reveal_approval`: a second person's approval of a reveal.
pub(super) mod approval {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reveal_approval")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub ticket_number: i64,
        pub principal: String,
        pub purpose: i16,
        pub approved_by: String,
        pub note: String,
        pub approved_at: i64,
        pub expires_at: i64,
        /// The request id that used it.
        pub used_for: Option<String>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `identity_access`: who was shown an identity, when and why; append-only.
pub(crate) mod identity_access {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_access")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub ticket_number: i64,
        pub accessed_at: i64,
        pub principal: String,
        pub unit: Option<String>,
        pub occasion: i16,
        pub purpose: Option<i16>,
        pub note: String,
        pub approved_by: Option<String>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
