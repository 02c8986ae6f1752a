//! The seed of a new database: units, topic tree and dispatch catalogue, from `server/data/directory.toml`.
//!
//! The seed is read once, when the tables are empty. It is returned complete and consistent (`check`), or not at all.
//! This module writes no table and does not know the database.

mod check;
mod fault;
mod file;

pub use fault::SeedFault;
pub use file::{
    CODE_MAX_BYTES, DISTRICT_CODE_DIGITS, SeedCatalogueEntry, SeedDirectory, SeedDuty, SeedGroup, SeedTopic,
    SeedUnit,
};

/// The directory shipped with the server.
const SHIPPED: &str = include_str!("../../../data/directory.toml");

impl SeedDirectory {
    /// The directory shipped with the server.
    ///
    /// # Errors
    /// A [`SeedFault`] if the shipped file is broken. The tests below make sure that it is not.
    pub fn shipped() -> Result<Self, SeedFault> {
        Self::parse(SHIPPED)
    }

    /// Reads a directory from TOML and checks it.
    ///
    /// # Errors
    /// The first [`SeedFault`], in the order units, topics, catalogue.
    pub fn parse(text: &str) -> Result<Self, SeedFault> {
        let directory: Self =
            toml::from_str(text).map_err(|error| SeedFault::Malformed(error.to_string()))?;
        check::check(&directory)?;
        Ok(directory)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::NaiveDate;

    use super::check::unresolved;
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
    fn duties_have_the_words_of_the_catalogue_too() {
        let duty = r#"duty = [{ unit = "dept-fire", words = ["消防通道"] }]"#;
        let directory = SeedDirectory::parse(&format!("{SMALL}\n{duty}")).expect("sample");
        assert_eq!(directory.duty_words().collect::<Vec<_>>(), [("dept-fire", "消防通道 检查".to_owned())]);
        let unknown = format!("{SMALL}\n{}", duty.replace("dept-fire", "dept-x"));
        assert_eq!(SeedDirectory::parse(&unknown), Err(unresolved("duty", "dept-x")));
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
