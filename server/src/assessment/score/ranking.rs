//! Ranks inside a group of units. Units that are not ranked are listed with the reason, apart from the others.
//!
//! Composites are compared as they are printed: two units with the same printed composite share a rank, and the next
//! rank is skipped. A reader of the ranking would not understand another order.

use std::cmp::Reverse;

use super::{Scheme, UnitScore};
use crate::ticket::UnitCode;

/// Whether a unit has a rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has this rank, from 1.
    Ranked(u32),
    /// It has fewer cases than the scheme asks for.
    TooFewCases,
    /// It got tickets, but no item has a case yet.
    NothingDue,
    /// It got no ticket, and no item has a case.
    NoRequest,
}

impl Standing {
    /// The rank, if it has one.
    #[must_use]
    pub const fn rank(self) -> Option<u32> {
        match self {
            Self::Ranked(rank) => Some(rank),
            _ => None,
        }
    }

    /// Its name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ranked(_) => "ranked",
            Self::TooFewCases => "too_few_cases",
            Self::NothingDue => "nothing_due",
            Self::NoRequest => "no_request",
        }
    }
}

/// The place of a unit in its group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The unit.
    pub unit: UnitCode,
    /// Its rank, or why it has none.
    pub standing: Standing,
    /// Its score.
    pub score: UnitScore,
}

/// Ranks the units of one group: ranked units by rank, then the others; equal ones by their codes.
#[must_use]
pub fn rank(scheme: &Scheme, scores: Vec<(UnitCode, UnitScore)>) -> Vec<Place> {
    let unranked = |(unit, score): (UnitCode, UnitScore)| {
        let standing = standing(scheme, &score);
        let printed = score.composite.as_ref().map(|composite| composite.rounded(scheme.decimals));
        (printed, Place { unit, standing, score })
    };
    let mut places: Vec<_> = scores.into_iter().map(unranked).collect();
    places.sort_by(|(one_printed, one), (other_printed, other)| {
        let key = |place: &Place| (class(place.standing), place.unit.clone());
        let by_composite = match (one.standing, other.standing) {
            (Standing::Ranked(_), Standing::Ranked(_)) => Reverse(one_printed).cmp(&Reverse(other_printed)),
            _ => std::cmp::Ordering::Equal,
        };
        by_composite.then_with(|| key(one).cmp(&key(other)))
    });
    let mut before = None;
    let mut rank = 0;
    for (place, (printed, ranked)) in (1..).zip(&mut places) {
        if let Standing::Ranked(of_unit) = &mut ranked.standing {
            if before.as_ref() != Some(printed) {
                rank = place;
            }
            *of_unit = rank;
            before = Some(printed.clone());
        }
    }
    places.into_iter().map(|(_, place)| place).collect()
}

/// The standing of a unit; a rank is not known yet.
fn standing(scheme: &Scheme, score: &UnitScore) -> Standing {
    if !score.has_cases() {
        return if score.requests == 0 { Standing::NoRequest } else { Standing::NothingDue };
    }
    if score.cases < scheme.cases_min || score.composite.is_none() {
        return Standing::TooFewCases;
    }
    Standing::Ranked(0)
}

const fn class(standing: Standing) -> u8 {
    match standing {
        Standing::Ranked(_) => 0,
        Standing::TooFewCases => 1,
        Standing::NothingDue => 2,
        Standing::NoRequest => 3,
    }
}
