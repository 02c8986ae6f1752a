//! What a fresh database starts with: units, topic tree and dispatch catalogue, from `server/data/directory.toml`.
//!
//! Reading happens once, when the tables are empty. A directory is handed out whole and consistent or not at all:
//! codes are unique, every reference resolves, every topic leaf has a unit for any place, every district has one
//! government to fall back to, and there is one coordinator. Nothing here writes a table or knows the database.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::NaiveDate;
use serde::Deserialize;

/// The directory shipped with the server.
const SHIPPED: &str = include_str!("../../../data/directory.toml");

/// Longest code of a unit or topic, in bytes.
pub const CODE_MAX_BYTES: usize = 64;

/// Digits of an administrative division code (GB/T 2260).
pub const DISTRICT_CODE_DIGITS: usize = 6;

/// The units that are ranked together; the coordinator stands alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeedGroup {
    /// A district government (区政府), or the committee that governs a development area as one does.
    District,
    /// A municipal department (市级部门) or a body beneath one.
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
    /// Stable code, lower-case ASCII with hyphens, at most [`CODE_MAX_BYTES`].
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

/// A topic of the tree; a leaf is nobody's parent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedTopic {
    /// Stable code with one dotted part a level, for example `licence.registration`.
    pub code: String,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Code of the branch it hangs on; a root has none.
    pub parent: Option<String>,
}

/// A row of the dispatch catalogue (派单目录): topic leaf and place to unit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedCatalogueEntry {
    /// Code of a topic leaf.
    pub topic: String,
    /// Division code of the place; absent means any place that has no row of its own.
    pub district: Option<String>,
    /// Code of the unit that answers.
    pub unit: String,
    /// First day the row holds, Asia/Shanghai.
    pub effective_from: NaiveDate,
}

/// The whole directory, consistent in itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedDirectory {
    /// The units, in the order of the file.
    #[serde(rename = "unit")]
    pub units: Vec<SeedUnit>,
    /// The topics, in the order of the file: a branch stands before what hangs on it.
    #[serde(rename = "topic")]
    pub topics: Vec<SeedTopic>,
    /// The dispatch catalogue.
    pub catalogue: Vec<SeedCatalogueEntry>,
}

/// Why a directory cannot be used. Names the row, so that whoever edits the file finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeedFault {
    /// Not TOML, a field is missing or unknown, or a value has the wrong form. Holds the parser's words.
    Malformed(String),
    /// A code has the wrong form or is too long.
    Code(String),
    /// The same unit, topic, catalogue row or governed district stands twice.
    Duplicate(String),
    /// A row refers to a unit, topic leaf or district that is not there (or stands only after it).
    Unresolved {
        /// The row that refers.
        row: String,
        /// What it refers to.
        reference: String,
    },
    /// A unit governs a district without being one, or is a district that governs none.
    Government(String),
    /// A topic leaf has no catalogue row that holds for any place.
    Uncovered(String),
    /// There is not exactly one coordinator; holds how many there are.
    Coordinators(usize),
}

impl fmt::Display for SeedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(detail) => write!(f, "directory cannot be read: {detail}"),
            Self::Code(code) => write!(f, "directory code {code:?} has the wrong form"),
            Self::Duplicate(key) => write!(f, "directory has {key:?} twice"),
            Self::Unresolved { row, reference } => {
                write!(f, "directory row {row:?} refers to {reference:?}, which is not there")
            }
            Self::Government(unit) => {
                write!(f, "unit {unit:?}: a district code goes with the district group and with no other")
            }
            Self::Uncovered(topic) => write!(f, "topic {topic:?} has no catalogue row for any place"),
            Self::Coordinators(count) => write!(f, "directory has {count} coordinators instead of one"),
        }
    }
}

impl std::error::Error for SeedFault {}

impl SeedDirectory {
    /// The directory shipped with the server.
    ///
    /// # Errors
    /// A [`SeedFault`] if the shipped file is broken, which the tests below rule out.
    pub fn shipped() -> Result<Self, SeedFault> {
        Self::parse(SHIPPED)
    }

    /// Reads a directory from TOML and checks it.
    ///
    /// # Errors
    /// The first [`SeedFault`] met, in the order units, topics, catalogue.
    pub fn parse(text: &str) -> Result<Self, SeedFault> {
        let directory: Self =
            toml::from_str(text).map_err(|error| SeedFault::Malformed(error.to_string()))?;
        let governments = directory.check_units()?;
        directory.check_topics()?;
        directory.check_catalogue(&governments)?;
        Ok(directory)
    }

    /// The topics that can be asked about and dispatched, in the order of the file.
    pub fn leaves(&self) -> impl Iterator<Item = &SeedTopic> {
        let branches: BTreeSet<&str> =
            self.topics.iter().filter_map(|topic| topic.parent.as_deref()).collect();
        self.topics.iter().filter(move |topic| !branches.contains(topic.code.as_str()))
    }

    /// Checks the units and returns the government of every district by its division code.
    fn check_units(&self) -> Result<BTreeMap<&str, &str>, SeedFault> {
        let mut codes = BTreeSet::new();
        let mut governments = BTreeMap::new();
        for unit in &self.units {
            check_code(&unit.code, '-')?;
            insert_once(&mut codes, unit.code.as_str(), &unit.code)?;
            match (unit.group, unit.district.as_deref()) {
                (SeedGroup::District, Some(district)) => {
                    check_district(district)?;
                    if governments.insert(district, unit.code.as_str()).is_some() {
                        return Err(SeedFault::Duplicate(district.to_owned()));
                    }
                }
                (SeedGroup::District, None) | (_, Some(_)) => {
                    return Err(SeedFault::Government(unit.code.clone()));
                }
                (_, None) => {}
            }
        }
        for unit in &self.units {
            // A unit above itself would make every walk up the tree endless; one level is all there is.
            let parent = unit.parent.as_deref();
            if let Some(parent) = parent.filter(|parent| !codes.contains(parent) || *parent == unit.code) {
                return Err(unresolved(&unit.code, parent));
            }
        }
        match self.units.iter().filter(|unit| unit.group == SeedGroup::Coordinator).count() {
            1 => Ok(governments),
            count => Err(SeedFault::Coordinators(count)),
        }
    }

    /// Checks the topics. A parent must stand before its child, which also rules out circles.
    fn check_topics(&self) -> Result<(), SeedFault> {
        let mut codes = BTreeSet::new();
        for topic in &self.topics {
            check_code(&topic.code, '.')?;
            let parent = topic.parent.as_deref();
            if let Some(parent) = parent.filter(|parent| !codes.contains(parent)) {
                return Err(unresolved(&topic.code, parent));
            }
            insert_once(&mut codes, topic.code.as_str(), &topic.code)?;
        }
        Ok(())
    }

    fn check_catalogue(&self, governments: &BTreeMap<&str, &str>) -> Result<(), SeedFault> {
        let units: BTreeSet<&str> = self.units.iter().map(|unit| unit.code.as_str()).collect();
        let leaves: BTreeSet<&str> = self.leaves().map(|topic| topic.code.as_str()).collect();
        let mut rows = BTreeSet::new();
        for entry in &self.catalogue {
            let (topic, unit, district) =
                (entry.topic.as_str(), entry.unit.as_str(), entry.district.as_deref());
            if !leaves.contains(topic) {
                return Err(unresolved(topic, topic));
            }
            if !units.contains(unit) {
                return Err(unresolved(topic, unit));
            }
            if let Some(place) = district.filter(|place| !governments.contains_key(place)) {
                return Err(unresolved(topic, place));
            }
            insert_once(&mut rows, (topic, district, entry.effective_from), topic)?;
        }
        let anywhere: BTreeSet<&str> =
            rows.iter().filter(|(_, district, _)| district.is_none()).map(|(topic, ..)| *topic).collect();
        match leaves.difference(&anywhere).next() {
            Some(topic) => Err(SeedFault::Uncovered((*topic).to_owned())),
            None => Ok(()),
        }
    }
}

/// Takes non-empty parts of lower-case ASCII letters, digits and hyphens, with `separator` between them.
fn check_code(code: &str, separator: char) -> Result<(), SeedFault> {
    let is_part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    if code.len() <= CODE_MAX_BYTES && code.split(separator).all(is_part) {
        Ok(())
    } else {
        Err(SeedFault::Code(code.to_owned()))
    }
}

fn check_district(code: &str) -> Result<(), SeedFault> {
    if code.len() == DISTRICT_CODE_DIGITS && code.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err(SeedFault::Code(code.to_owned()))
    }
}

fn insert_once<T: Ord>(seen: &mut BTreeSet<T>, key: T, name: &str) -> Result<(), SeedFault> {
    if seen.insert(key) { Ok(()) } else { Err(SeedFault::Duplicate(name.to_owned())) }
}

fn unresolved(row: &str, reference: &str) -> SeedFault {
    SeedFault::Unresolved { row: row.to_owned(), reference: reference.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
        unit = [
          { code = "coordinator", name = "协调", name_en = "Coordinator", group = "coordinator" },
          { code = "district-east", name = "东", name_en = "East", group = "district", district = "110101" },
          { code = "dept-fire", name = "消防", name_en = "Fire", group = "department" },
        ]
        topic = [
          { code = "premises", name = "场地", name_en = "Premises" },
          { code = "premises.fire", parent = "premises", name = "检查", name_en = "Inspection" },
        ]
        catalogue = [{ topic = "premises.fire", unit = "dept-fire", effective_from = "2019-10-12" }]
    "#;

    fn fault(from: &str, to: &str) -> SeedFault {
        assert!(SMALL.contains(from), "{from:?} is not in the sample");
        SeedDirectory::parse(&SMALL.replace(from, to)).expect_err(to)
    }

    #[test]
    fn shipped_directory_has_the_sixteen_districts_the_development_area_and_one_coordinator() {
        let directory = SeedDirectory::shipped().expect("shipped directory");
        let districts: Vec<&str> =
            directory.units.iter().filter_map(|unit| unit.district.as_deref()).collect();
        assert_eq!(districts.len(), 17);
        assert_eq!(districts.iter().filter(|code| code.starts_with("1101")).count(), 16);
        assert!(districts.contains(&"110302"), "development area");
        let coordinators: Vec<&str> = directory
            .units
            .iter()
            .filter(|unit| unit.group == SeedGroup::Coordinator)
            .map(|unit| unit.code.as_str())
            .collect();
        assert_eq!(coordinators, ["coordinator-investment-promotion"]);
    }

    #[test]
    fn shipped_directory_covers_every_leaf_and_carries_unique_names() {
        let directory = SeedDirectory::shipped().expect("shipped directory");
        assert!((40..=60).contains(&directory.leaves().count()));
        let names: BTreeSet<&str> = directory.units.iter().map(|unit| unit.name.as_str()).collect();
        assert_eq!(names.len(), directory.units.len());
        let opening = NaiveDate::from_ymd_opt(2019, 10, 12).expect("date");
        assert!(directory.catalogue.iter().all(|entry| entry.effective_from == opening));
    }

    #[test]
    fn small_sample_is_sound() {
        let directory = SeedDirectory::parse(SMALL).expect("sample");
        assert_eq!(
            directory.leaves().map(|topic| topic.code.as_str()).collect::<Vec<_>>(),
            ["premises.fire"]
        );
    }

    #[test]
    fn form_is_checked() {
        assert!(matches!(fault("name_en = \"Fire\"", "nom = \"Feu\""), SeedFault::Malformed(_)));
        assert!(matches!(fault("2019-10-12", "2019-13-12"), SeedFault::Malformed(_)));
        assert!(matches!(fault("\"department\"", "\"ministry\""), SeedFault::Malformed(_)));
        assert_eq!(fault("\"dept-fire\", name", "\"Dept Fire\", name"), SeedFault::Code("Dept Fire".into()));
        assert_eq!(fault("\"110101\"", "\"1101\""), SeedFault::Code("1101".into()));
    }

    #[test]
    fn references_and_uniqueness_are_checked() {
        let gone = |row: &str, reference: &str| unresolved(row, reference);
        assert_eq!(
            fault("code = \"dept-fire\"", "code = \"coordinator\""),
            SeedFault::Duplicate("coordinator".into())
        );
        assert_eq!(fault("unit = \"dept-fire\"", "unit = \"dept-x\""), gone("premises.fire", "dept-x"));
        assert_eq!(fault("topic = \"premises.fire\"", "topic = \"premises\""), gone("premises", "premises"));
        assert_eq!(fault("parent = \"premises\"", "parent = \"x\""), gone("premises.fire", "x"));
        let elsewhere = "unit = \"dept-fire\", district = \"110102\"";
        assert_eq!(fault("unit = \"dept-fire\"", elsewhere), gone("premises.fire", "110102"));
        let only_here = "unit = \"dept-fire\", district = \"110101\"";
        assert_eq!(fault("unit = \"dept-fire\"", only_here), SeedFault::Uncovered("premises.fire".into()));
        let own_parent = "group = \"department\", parent = \"dept-fire\"";
        assert_eq!(fault("group = \"department\"", own_parent), gone("dept-fire", "dept-fire"));
    }

    #[test]
    fn governments_and_the_coordinator_are_checked() {
        assert_eq!(fault(", district = \"110101\"", ""), SeedFault::Government("district-east".into()));
        assert_eq!(fault("group = \"coordinator\"", "group = \"department\""), SeedFault::Coordinators(0));
        assert_eq!(fault("group = \"department\"", "group = \"coordinator\""), SeedFault::Coordinators(2));
    }
}
