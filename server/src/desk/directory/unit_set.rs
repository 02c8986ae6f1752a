//! The units that a decision needs. They are read, and locked if necessary, before it, so that the decision is pure.

use std::collections::HashMap;

use hotline_proto::v1::ErrorReason;
use sea_orm::ConnectionTrait;

use super::units::{self, DEPTH_MAX, SUCCESSORS_MAX, Unit};
use crate::platform::Fault;
use crate::ticket::UnitCode;

/// Units by code, with every unit above them and their successors.
#[derive(Debug, Clone, Default)]
pub struct UnitSet(HashMap<UnitCode, Unit>);

impl UnitSet {
    /// Reads units, every unit above them, and their successors; unknown codes are left out.
    ///
    /// # Errors
    /// Refusals of the database.
    pub async fn read(db: &impl ConnectionTrait, codes: Vec<UnitCode>) -> Result<Self, Fault> {
        Ok(Self::of(units::find_with_lineage(db, &codes, false).await?))
    }

    /// Reads them, and keeps them active until the unit of work ends: for what gives units work. The tree may change
    /// meanwhile.
    ///
    /// # Errors
    /// Refusals of the database.
    pub async fn hold(db: &impl ConnectionTrait, codes: Vec<UnitCode>) -> Result<Self, Fault> {
        Ok(Self::of(units::find_with_lineage(db, &codes, true).await?))
    }

    /// Reads them and locks their rows until the unit of work ends, for a decision about a complaint, which depends on
    /// the unit tree.
    ///
    /// # Errors
    /// Refusals of the database.
    pub async fn lock(db: &impl ConnectionTrait, codes: Vec<UnitCode>) -> Result<Self, Fault> {
        let mut units = Self::default();
        let mut wanted = codes;
        for _ in 0..=DEPTH_MAX + SUCCESSORS_MAX {
            wanted.retain(|code| !units.0.contains_key(code));
            wanted.sort();
            wanted.dedup();
            if wanted.is_empty() {
                break;
            }
            let found = units::find_all(db, &wanted, true).await?;
            wanted =
                found.iter().flat_map(|unit| [&unit.parent, &unit.successor]).flatten().cloned().collect();
            units.0.extend(found.into_iter().map(|unit| (unit.code.clone(), unit)));
        }
        Ok(units)
    }

    /// Takes in the units of another set.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// These units, for tests and simulations.
    #[must_use]
    pub fn of(units: impl IntoIterator<Item = Unit>) -> Self {
        Self(units.into_iter().map(|unit| (unit.code.clone(), unit)).collect())
    }

    /// Checks that every named unit exists and is active.
    ///
    /// # Errors
    /// `UNIT_UNKNOWN` with every field that names an unknown unit.
    pub fn check<'a>(&self, named: impl IntoIterator<Item = (String, &'a UnitCode)>) -> Result<(), Fault> {
        let mut fault = Fault::new(ErrorReason::UnitUnknown);
        for (field, code) in named {
            match self.0.get(code) {
                Some(unit) if unit.is_active => {}
                Some(_) => fault = fault.at(field, "the unit is not active"),
                None => fault = fault.at(field, "no such unit"),
            }
        }
        if fault.violations.is_empty() { Ok(()) } else { Err(fault) }
    }

    /// Checks that every named unit exists, active or not: a complaint can be about an abolished unit.
    ///
    /// # Errors
    /// `UNIT_UNKNOWN` with every field that names an unknown unit.
    pub fn check_known<'a>(
        &self,
        named: impl IntoIterator<Item = (String, &'a UnitCode)>,
    ) -> Result<(), Fault> {
        let unknown = named.into_iter().filter(|(_, code)| !self.0.contains_key(*code));
        let fault = Fault::new(ErrorReason::UnitUnknown);
        let fault = unknown.fold(fault, |fault, (field, _)| fault.at(field, "no such unit"));
        if fault.violations.is_empty() { Ok(()) } else { Err(fault) }
    }

    /// A unit, if it is in the set.
    #[must_use]
    pub fn get(&self, code: &UnitCode) -> Option<&Unit> {
        self.0.get(code)
    }

    /// Whether a unit can be given work.
    #[must_use]
    pub fn is_active(&self, code: &UnitCode) -> bool {
        self.0.get(code).is_some_and(|unit| unit.is_active)
    }

    /// Whether a unit gets nothing new: it is known, and no longer active.
    #[must_use]
    pub fn is_inactive(&self, code: &UnitCode) -> bool {
        self.0.get(code).is_some_and(|unit| !unit.is_active)
    }

    /// The unit itself if it is active, or the first of its successors that is.
    #[must_use]
    pub fn active_successor<'a>(&'a self, code: &'a UnitCode) -> Option<&'a UnitCode> {
        self.succession(code).find(|code| self.is_active(code))
    }

    /// A unit and its successors, one after the other.
    fn succession<'a>(&'a self, code: &'a UnitCode) -> impl Iterator<Item = &'a UnitCode> {
        let next = |code: &&UnitCode| self.0.get(*code).and_then(|unit| unit.successor.as_ref());
        std::iter::successors(Some(code), next).take(SUCCESSORS_MAX + 1)
    }

    /// Whether a unit is another one, or is under it, or took over from it, or is under a unit that did.
    #[must_use]
    pub fn is_under(&self, code: &UnitCode, above: &UnitCode) -> bool {
        self.succession(above).any(|above| self.is_in_tree_under(code, above))
    }

    fn is_in_tree_under(&self, code: &UnitCode, above: &UnitCode) -> bool {
        let mut here = Some(code);
        for _ in 0..=DEPTH_MAX {
            match here {
                Some(code) if code == above => return true,
                Some(code) => here = self.0.get(code).and_then(|unit| unit.parent.as_ref()),
                None => return false,
            }
        }
        // Deeper than any allowed tree: refuse rather than leak.
        true
    }

    /// Whether one of these units is accused, or is under an accused one, or took over from one.
    #[must_use]
    pub fn has_conflict<'a>(
        &self,
        mut named: impl Iterator<Item = &'a UnitCode>,
        accused: &[UnitCode],
    ) -> bool {
        named.any(|code| accused.iter().any(|accused| self.is_under(code, accused)))
    }
}
