//! Absences (请假代理) of clerks of a unit, each with a substitute of the same unit.
//!
//! While a clerk is absent, work that is assigned to it goes to its substitute, and the list of the substitute shows
//! the work that the clerk has. Nothing is moved: an absence that ends leaves everything as it was.

pub mod list_absences;
mod rows;
pub mod set_absence;

use std::collections::BTreeSet;

pub use rows::present;

use crate::platform::{Clock, Store};
use crate::ticket::{Instant, UnitCode};

/// The dependencies of absences.
#[derive(Debug, Clone)]
pub struct Absences {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
}

/// A time in which a clerk is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// The unit.
    pub unit: UnitCode,
    /// The principal of the clerk.
    pub clerk: String,
    /// The principal who stands in.
    pub substitute: String,
    /// The first instant.
    pub from: Instant,
    /// The first instant after it.
    pub until: Instant,
    /// The principal that set it.
    pub set_by: String,
    /// When.
    pub set_at: Instant,
}

/// Who stands in for a clerk by the absences of a moment: the substitute, or the one that stands in for the substitute.
/// `None` if the clerk is there, or if all of them are absent.
#[must_use]
pub fn stand_in<'a>(present: &'a [Absence], clerk: &str) -> Option<&'a str> {
    let substitute = |clerk: &str| {
        present.iter().find(|absence| absence.clerk == clerk).map(|absence| absence.substitute.as_str())
    };
    let mut seen = BTreeSet::new();
    let mut last = substitute(clerk)?;
    while let Some(next) = substitute(last) {
        if !seen.insert(last) {
            return None;
        }
        last = next;
    }
    Some(last)
}

/// The clerks that somebody stands in for by the absences of a moment.
#[must_use]
pub fn stood_in_for(present: &[Absence], substitute: &str) -> Vec<String> {
    let absent = present.iter().filter(|absence| stand_in(present, &absence.clerk) == Some(substitute));
    absent.map(|absence| absence.clerk.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Instant {
        text.parse().expect("an instant")
    }

    fn absent(pairs: &[(&str, &str)]) -> Vec<Absence> {
        let absence = |(clerk, substitute): &(&str, &str)| Absence {
            unit: UnitCode("district-chaoyang".to_owned()),
            clerk: (*clerk).to_owned(),
            substitute: (*substitute).to_owned(),
            from: instant("2019-10-12T02:00:00Z"),
            until: instant("2019-10-13T02:00:00Z"),
            set_by: "clerk".to_owned(),
            set_at: instant("2019-10-12T02:00:00Z"),
        };
        pairs.iter().map(absence).collect()
    }

    #[test]
    fn a_substitute_who_is_absent_too_has_a_substitute() {
        let present = absent(&[("wang", "li"), ("li", "zhao"), ("chen", "li")]);
        assert_eq!(stand_in(&present, "wang"), Some("zhao"));
        assert_eq!(stand_in(&present, "zhao"), None, "it is there");
        assert_eq!(stood_in_for(&present, "zhao"), ["wang", "li", "chen"]);
        assert_eq!(stood_in_for(&present, "li"), Vec::<String>::new(), "who is absent stands in for nobody");
    }

    #[test]
    fn nobody_stands_in_where_all_are_absent() {
        let present = absent(&[("wang", "li"), ("li", "wang"), ("chen", "wang")]);
        for clerk in ["wang", "li", "chen"] {
            assert_eq!(stand_in(&present, clerk), None, "{clerk}");
        }
        assert_eq!(stood_in_for(&present, "wang"), Vec::<String>::new());
    }
}
