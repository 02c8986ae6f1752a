//! A dispatch, and the relation of each of its units to the ticket.

use serde::{Deserialize, Serialize};

use super::{Instant, UnitCode};

/// A dispatch: one lead, any assisting, any informed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Dispatch {
    pub lead_unit: UnitCode,
    pub assist_units: Vec<UnitCode>,
    pub inform_units: Vec<UnitCode>,
    pub dispatched_at: Instant,
    pub return_due_at: Instant,
    pub accepted_at: Option<Instant>,
    pub note: String,
}

impl Dispatch {
    /// Every unit of the dispatch with its relation, the lead first.
    pub fn units(&self) -> impl Iterator<Item = (&UnitCode, Relation)> {
        std::iter::once((&self.lead_unit, Relation::Lead))
            .chain(self.assist_units.iter().map(|unit| (unit, Relation::Assist)))
            .chain(self.inform_units.iter().map(|unit| (unit, Relation::Inform)))
    }

    /// Puts a successor in the place of a unit that assists or is informed, or takes the unit off. A successor that has
    /// the ticket already keeps the stronger of both relations.
    pub(super) fn replace(&mut self, unit: &UnitCode, successor: Option<UnitCode>) {
        let relation = self.relation_of(unit);
        let stronger = successor.filter(|successor| {
            self.relation_of(successor).is_none_or(|has| relation.is_some_and(|relation| relation < has))
        });
        for units in [&mut self.assist_units, &mut self.inform_units] {
            let Some(place) = units.iter().position(|one| one == unit) else {
                units.retain(|one| stronger.as_ref() != Some(one));
                continue;
            };
            match &stronger {
                Some(successor) => units[place] = successor.clone(),
                None => drop(units.remove(place)),
            }
        }
    }

    /// The relation of a unit to the ticket, if there is one.
    #[must_use]
    pub fn relation_of(&self, unit: &UnitCode) -> Option<Relation> {
        self.units().find(|(named, _)| *named == unit).map(|(_, relation)| relation)
    }
}

/// The relation of a unit to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relation {
    /// 主办: is responsible for the whole.
    Lead,
    /// 协办: reports to the lead.
    Assist,
    /// 抄送: is informed.
    Inform,
}
