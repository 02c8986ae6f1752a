//! What another scheme would mean for the units of a group: the same facts, counted twice. It is the heart of the dry
//! run of a scheme.

use std::collections::BTreeMap;

use super::{Place, Scheme, Standing};
use crate::ticket::UnitCode;

/// What a scheme means for one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Its rank, or why it has none.
    pub standing: Standing,
    /// Its composite as it is printed; `None` if an item has no points.
    pub composite: Option<String>,
}

/// The outcomes of one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The unit.
    pub unit: UnitCode,
    /// Under the present scheme.
    pub before: Outcome,
    /// Under the other one.
    pub after: Outcome,
}

impl Difference {
    /// Whether the unit would notice.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.before != self.after
    }
}

fn outcomes(scheme: &Scheme, places: &[Place]) -> BTreeMap<UnitCode, Outcome> {
    let outcome = |place: &Place| {
        let composite = place.score.composite.as_ref();
        let composite = composite.map(|composite| composite.to_decimal(scheme.decimals));
        (place.unit.clone(), Outcome { standing: place.standing, composite })
    };
    places.iter().map(outcome).collect()
}

/// The differences of all units that both rankings have, by unit.
#[must_use]
pub fn differences(before: (&Scheme, &[Place]), after: (&Scheme, &[Place])) -> Vec<Difference> {
    let mut others = outcomes(after.0, after.1);
    let pair = |(unit, before): (UnitCode, Outcome)| {
        let after = others.remove(&unit)?;
        Some(Difference { unit, before, after })
    };
    outcomes(before.0, before.1).into_iter().filter_map(pair).collect()
}
