//! A tree of units: the units above a unit, and the depth of the tree.

use std::collections::BTreeMap;

use hotline_server::desk::directory::{Unit, UnitGroup};
use hotline_server::ticket::UnitCode;

/// The most levels of the tree.
pub(super) const DEPTH: usize = 5;
/// The units of the tree.
pub(super) const CODES: [&str; 12] =
    ["w-1", "w-2", "w-3", "w-4", "w-5", "w-6", "w-7", "w-8", "w-9", "w-10", "w-11", "w-12"];

/// A unit of the tree, as an administrator puts it.
pub(in crate::store) fn unit(code: &UnitCode, parent: Option<UnitCode>) -> Unit {
    Unit {
        code: code.clone(),
        name: code.0.clone(),
        name_en: String::new(),
        group: UnitGroup::Department,
        parent,
        district: None,
        is_active: true,
        successor: None,
        policy_number: None,
        version: 0,
    }
}

/// The tree as the test knows it: the parent of each unit.
#[derive(Debug, Default)]
pub(super) struct UnitTree(pub(super) BTreeMap<UnitCode, Option<UnitCode>>);

impl UnitTree {
    pub(super) fn above(&self, code: &UnitCode) -> Vec<UnitCode> {
        let mut above = vec![code.clone()];
        while let Some(Some(parent)) = above.last().and_then(|last| self.0.get(last)) {
            above.push(parent.clone());
        }
        above
    }

    pub(super) fn is_under_one_of(&self, code: &UnitCode, accused: &[UnitCode]) -> bool {
        self.above(code).iter().any(|one| accused.contains(one))
    }

    /// Levels from a unit down to the lowest one under it.
    pub(super) fn levels(&self, code: &UnitCode) -> usize {
        let under = self.0.iter().filter(|(_, parent)| parent.as_ref() == Some(code));
        1 + under.map(|(child, _)| self.levels(child)).max().unwrap_or(0)
    }
}
