//! The units that a decision needs. They are read, and locked if necessary, before it, so that the decision is pure.

use std::collections::HashMap;

use hotline_proto::v1::ErrorReason;
use sea_orm::ConnectionTrait;

use super::units::{self, DEPTH_MAX, Unit};
use crate::platform::Fault;
use crate::ticket::UnitCode;

/// Units by code, with every unit above them.
#[derive(Debug, Clone, Default)]
pub struct UnitSet(HashMap<UnitCode, Unit>);

impl UnitSet {
    /// Reads units and every unit above them; unknown codes are left out.
    ///
    /// # Errors
    /// Refusals of the database.
    pub async fn read(db: &impl ConnectionTrait, codes: Vec<UnitCode>) -> Result<Self, Fault> {
        let found = units::find_with_lineage(db, &codes).await?;
        Ok(Self(found.into_iter().map(|unit| (unit.code.clone(), unit)).collect()))
    }

    /// Reads them and locks their rows until the unit of work ends, for a decision about a complaint, which depends on
    /// the unit tree.
    ///
    /// # Errors
    /// Refusals of the database.
    pub async fn lock(db: &impl ConnectionTrait, codes: Vec<UnitCode>) -> Result<Self, Fault> {
        let mut units = Self::default();
        let mut wanted = codes;
        for _ in 0..=DEPTH_MAX {
            wanted.retain(|code| !units.0.contains_key(code));
            wanted.sort();
            wanted.dedup();
            if wanted.is_empty() {
                break;
            }
            let found = units::find_all(db, &wanted, true).await?;
            wanted = found.iter().filter_map(|unit| unit.parent.clone()).collect();
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

    /// Whether a unit is another one, or is under it.
    #[must_use]
    pub fn is_under(&self, code: &UnitCode, above: &UnitCode) -> bool {
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

    /// Whether one of these units is accused, or is under an accused one.
    #[must_use]
    pub fn has_conflict<'a>(
        &self,
        mut named: impl Iterator<Item = &'a UnitCode>,
        accused: &[UnitCode],
    ) -> bool {
        named.any(|code| accused.iter().any(|accused| self.is_under(code, accused)))
    }
}
