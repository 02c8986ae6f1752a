//! Handling units, topics and the dispatch catalogue (派单目录).

use chrono::{DateTime, Utc};

use crate::convert::{open_enum, record, writable};

record! {
    /// A handling unit (承办单位).
    #[derive(Debug, Clone, PartialEq, Eq)]
    Unit = Unit {
        /// Its code: 2 to 64 characters of `[a-z0-9-]`, for example `district-chaoyang`.
        code: String,
        /// Its name in Chinese, 1 to 100 characters.
        name: String,
        /// Its name in English, at most 200 characters.
        name_en: Option<String>,
        /// The group it is ranked in.
        group: UnitGroup,
        /// The code of the unit it belongs to; `None` at the top. A complaint about a unit never reaches the units
        /// under it.
        parent: Option<String>,
        /// The administrative division code of its place, for districts.
        district: Option<String>,
        /// Whether tickets can be dispatched to it.
        active: bool,
        /// Changes with every change of the unit. If it is sent back, it must be the present one.
        etag: Option<String>,
        /// The code of the unit that took over from it, if it is not active any more.
        successor: Option<String>,
        /// Its number for questions about policies, which agents add to a call. At most 32 characters of `[0-9+*#-]`.
        policy_number: Option<String>,
    }
}
writable!(
    Unit = Unit { code, name, name_en, group, parent, district, active, etag, successor, policy_number }
);

record! {
    /// A unit that was put, and the transfer of its open tickets.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    UnitChange = PutUnitResponse {
        /// The unit.
        unit: Unit,
        /// The number of the transfer; 0 if there was nothing to move.
        transfer_number: u32,
    }
}

open_enum! {
    /// The groups that units are ranked in.
    UnitGroup = UnitGroup {
        /// A municipal department.
        Department = "市级部门",
        /// A district government.
        District = "区政府",
        /// A public-service enterprise.
        PublicServiceEnterprise = "公共服务企业",
        /// The coordinator; not ranked.
        Coordinator = "统筹单位",
    }
}

record! {
    /// A leaf of the topic tree.
    #[derive(Debug, Clone, PartialEq, Eq)]
    Topic = Topic {
        /// Its code, for example `licence.registration`: at most 64 characters, with parts of `[a-z0-9-]` that begin
        /// with a letter and have a dot between them.
        code: String,
        /// Its name in Chinese, 1 to 100 characters.
        name: String,
        /// Its name in English, at most 200 characters.
        name_en: Option<String>,
        /// More words that companies use for it, with spaces between them; at most 1,000 characters.
        words: Option<String>,
        /// In force from this instant on; `None` if it always was. A new topic without one is in force from now on.
        start_time: Option<DateTime<Utc>>,
        /// Retired from this instant on; `None` if it has no end.
        end_time: Option<DateTime<Utc>>,
        /// The code of the topic to use instead, once it is retired.
        successor: Option<String>,
        /// Changes with every change of the topic. If it is sent back, it must be the present one.
        etag: Option<String>,
    }
}
writable!(Topic = Topic { code, name, name_en, words, start_time, end_time, successor, etag });

record! {
    /// Who is responsible for a topic in a district, and since when.
    #[derive(Debug, Clone, PartialEq, Eq)]
    CatalogueEntry = CatalogueEntry {
        /// The topic leaf.
        topic: String,
        /// The administrative division code; `None` for every district without an entry of its own.
        district: Option<String>,
        /// The code of the responsible unit.
        unit: String,
        /// In force from this instant on.
        start_time: DateTime<Utc>,
        /// Until this instant; `None` if it has no end yet. Set by the server; ignored in requests.
        end_time: Option<DateTime<Utc>>,
    }
}
writable!(CatalogueEntry = CatalogueEntry { topic, district, unit, start_time, end_time });
