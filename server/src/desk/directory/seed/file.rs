//! The directory as it is written in TOML, unchecked.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Deserialize;

/// Longest code of a unit or topic, in bytes.
pub const CODE_MAX_BYTES: usize = 64;

/// Digits of an administrative division code (GB/T 2260).
pub const DISTRICT_CODE_DIGITS: usize = 6;

/// The units that are ranked together; the coordinator is not ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeedGroup {
    /// A district government (区政府), or the committee that governs a development area like one.
    District,
    /// A municipal department (市级部门) or a body under one.
    Department,
    /// A public-service enterprise (公共服务企业).
    PublicServiceEnterprise,
    /// The coordinator (市投资促进服务中心).
    Coordinator,
}

/// A handling unit (承办单位).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedUnit {
    /// Permanent code, lower-case ASCII with hyphens, at most [`CODE_MAX_BYTES`].
    pub code: String,
    /// Official Chinese name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// The units it is ranked with.
    pub group: SeedGroup,
    /// Code of the unit it belongs to.
    pub parent: Option<String>,
    /// Division code of the place it governs; set for every [`SeedGroup::District`] and for no other.
    pub district: Option<String>,
}

/// A topic of the tree; a leaf is not the parent of any topic.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedTopic {
    /// Permanent code with one dotted part a level, for example `licence.registration`.
    pub code: String,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Code of its parent; a root has none.
    pub parent: Option<String>,
    /// More words that companies use for it. Texts are compared with them.
    #[serde(default)]
    pub words: Vec<String>,
}

/// What a unit answers for, in words of companies.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedDuty {
    /// Code of the unit.
    pub unit: String,
    /// The words.
    pub words: Vec<String>,
}

/// A row of the dispatch catalogue (派单目录): topic leaf and place → unit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedCatalogueEntry {
    /// Code of a topic leaf.
    pub topic: String,
    /// Division code of the place; absent for any place that has no row of its own.
    pub district: Option<String>,
    /// Code of the responsible unit.
    pub unit: String,
    /// First day of the row, Asia/Shanghai.
    pub effective_from: NaiveDate,
}

/// The whole directory, consistent in itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedDirectory {
    /// The units, in the order of the file.
    #[serde(rename = "unit")]
    pub units: Vec<SeedUnit>,
    /// The topics, in the order of the file: a parent comes before its children.
    #[serde(rename = "topic")]
    pub topics: Vec<SeedTopic>,
    /// The dispatch catalogue.
    pub catalogue: Vec<SeedCatalogueEntry>,
    /// What units answer for.
    #[serde(rename = "duty", default)]
    pub duties: Vec<SeedDuty>,
}

impl SeedDirectory {
    /// The topics that can be asked about and dispatched, in the order of the file.
    pub fn leaves(&self) -> impl Iterator<Item = &SeedTopic> {
        let branches: BTreeSet<&str> =
            self.topics.iter().filter_map(|topic| topic.parent.as_deref()).collect();
        self.topics.iter().filter(move |topic| !branches.contains(topic.code.as_str()))
    }

    /// The words of each unit with duties: its own, and the names of the topics that it has in every district.
    pub fn duty_words(&self) -> impl Iterator<Item = (&str, String)> {
        self.duties.iter().map(|duty| {
            let entries = self.catalogue.iter().filter(|entry| entry.unit == duty.unit);
            let topics = entries.filter(|entry| entry.district.is_none()).filter_map(|entry| {
                let topic = self.topics.iter().find(|topic| topic.code == entry.topic);
                topic.map(|topic| topic.name.as_str())
            });
            let words = duty.words.iter().map(String::as_str).chain(topics).collect::<Vec<_>>();
            (duty.unit.as_str(), words.join(" "))
        })
    }

    /// The Chinese names and words of a topic, and the names of all topics above it.
    #[must_use]
    pub fn words_of(&self, topic: &SeedTopic) -> String {
        let mut names = vec![topic.name.as_str()];
        names.extend(topic.words.iter().map(String::as_str));
        let mut parent = topic.parent.as_ref();
        while let Some(above) = parent.and_then(|code| self.topics.iter().find(|topic| topic.code == *code)) {
            names.push(&above.name);
            // A file can't name itself above itself without end.
            parent = above.parent.as_ref().filter(|_| names.len() < self.topics.len() + topic.words.len());
        }
        names.join(" ")
    }
}
