//! What is known of a call, joined from the parts that were reported. Pure.
//!
//! Each part is a [`CallDetails`] of its own, whose values are dated with the instant of the part. The call is the
//! join of its parts. So late, repeated and reordered parts make the same call, and nothing that was reported is
//! removed.

mod choices;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ticket::Instant;
use crate::ticket::dated::{Dated, Earliest, Join, joins};

pub use choices::{
    Direction, HandOverState, HandOverTarget, LegKind, LegResult, OfferResult, Outcome, Party,
};

/// Items in each list of one call.
pub const ITEMS_MAX: usize = 64;

/// An instant and a name, by which an item of a list is known; they sort by time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TimedKey {
    /// When.
    pub at: Instant,
    /// What; may be empty.
    pub name: String,
}

impl From<TimedKey> for String {
    fn from(key: TimedKey) -> Self {
        format!("{} {}", key.at.timestamp_micros(), key.name)
    }
}

impl TryFrom<String> for TimedKey {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let read = text.split_once(' ').and_then(|(micros, name)| {
            Some(Self { at: Instant::from_timestamp_micros(micros.parse().ok()?)?, name: name.to_owned() })
        });
        read.ok_or_else(|| format!("{text:?} is no instant with a name"))
    }
}

/// What is known of a call, without the numbers of its parties.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct CallDetails {
    /// The earliest start that was reported.
    pub began_at: Option<Earliest>,
    /// The instant of the earliest part.
    pub first_part_at: Option<Earliest>,
    pub direction: Option<Dated<Direction>>,
    /// The exchange's id of the call, if it is not the key.
    pub reference: Option<Dated<String>>,
    pub called: Option<Dated<String>>,
    pub trunk: Option<Dated<String>>,
    pub menu_steps: BTreeMap<TimedKey, MenuStep>,
    pub queues: BTreeMap<String, QueueStay>,
    /// By the seat and the instant of the offer.
    pub offers: BTreeMap<TimedKey, Offer>,
    /// By their starts.
    pub holds: BTreeMap<TimedKey, Hold>,
    pub legs: BTreeMap<String, Leg>,
    pub end: End,
    pub ratings: BTreeMap<TimedKey, Rating>,
    /// Whether it is an exercise of a training seat.
    #[serde(default)]
    pub is_training: Option<Dated<bool>>,
    /// By participant.
    #[serde(default)]
    pub recordings: BTreeMap<String, RecordingFacts>,
}

/// Keys that the caller pressed in a menu.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct MenuStep {
    pub label: Option<Dated<String>>,
}

/// A stay in a queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct QueueStay {
    pub joined_at: Option<Dated<Instant>>,
    pub left_at: Option<Dated<Instant>>,
    pub position: Option<Dated<u32>>,
}

/// An offer to a seat.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Offer {
    pub result: Option<Dated<OfferResult>>,
    pub result_at: Option<Dated<Instant>>,
}

/// A time on hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Hold {
    pub ended_at: Option<Dated<Instant>>,
}

/// A leg, without its numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Leg {
    pub kind: Option<Dated<LegKind>>,
    pub seat: Option<Dated<String>>,
    pub result: Option<Dated<LegResult>>,
    #[serde(default)]
    pub hand_over: Option<Dated<HandOverTarget>>,
    pub began_at: Option<Dated<Instant>>,
    pub ended_at: Option<Dated<Instant>>,
}

/// The end of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct End {
    pub at: Option<Dated<Instant>>,
    pub party: Option<Dated<Party>>,
    pub cause: Option<Dated<String>>,
    pub talk_seconds: Option<Dated<u32>>,
}

/// Keys that rate the agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Rating {
    pub seat: Option<Dated<String>>,
}

/// A recording, without its reference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct RecordingFacts {
    pub length_bytes: Option<Dated<u64>>,
    pub sha256: Option<Dated<String>>,
    pub began_at: Option<Dated<Instant>>,
    pub duration_seconds: Option<Dated<u32>>,
}

joins! {
    CallDetails {
        began_at, first_part_at, direction, reference, called, trunk, menu_steps, queues, offers, holds, legs, end, ratings,
        is_training, recordings,
    }
    MenuStep { label }
    QueueStay { joined_at, left_at, position }
    Offer { result, result_at }
    Hold { ended_at }
    Leg { kind, seat, result, hand_over, began_at, ended_at }
    End { at, party, cause, talk_seconds }
    Rating { seat }
    RecordingFacts { length_bytes, sha256, began_at, duration_seconds }
}

impl CallDetails {
    /// How it ended; `None` until its end was reported. It follows from what was reported, so that a late part may
    /// still change it.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.end.at.as_ref()?;
        let is_answered = self
            .offers
            .values()
            .any(|offer| offer.result.as_ref().is_some_and(|result| result.value == OfferResult::Answered));
        Some(match () {
            () if is_answered => Outcome::Answered,
            () if !self.offers.is_empty() => Outcome::Missed,
            () if !self.queues.is_empty() => Outcome::Abandoned,
            () => Outcome::NotQueued,
        })
    }

    /// How it was handed over to other services; `None` if it was not. Each service counts once, however many legs
    /// tried to reach it. A leg without a result fails with the end of the call.
    #[must_use]
    pub fn hand_over(&self) -> Option<HandOverState> {
        let mut services = BTreeMap::new();
        for leg in self.legs.values() {
            let Some(target) = &leg.hand_over else { continue };
            let state = match leg.result.as_ref().map(|result| result.value) {
                Some(LegResult::Connected) => HandOverState::Connected,
                None if self.end.at.is_none() => HandOverState::Pending,
                _ => HandOverState::Failed,
            };
            let known = services.entry(target.value).or_insert(state);
            // A later try that fails does not undo that the service was reached, and one that lasts may still reach
            // it.
            *known = match (*known, state) {
                (HandOverState::Connected, _) | (_, HandOverState::Connected) => HandOverState::Connected,
                (HandOverState::Pending, _) | (_, HandOverState::Pending) => HandOverState::Pending,
                _ => HandOverState::Failed,
            };
        }
        let failed = services.values().find(|state| **state == HandOverState::Failed);
        failed.or_else(|| services.values().min()).copied()
    }

    /// When it began: its earliest start; if none was reported, its earliest part.
    #[must_use]
    pub fn began_at(&self) -> Option<Instant> {
        self.began_at.or(self.first_part_at).map(|earliest| earliest.0)
    }

    /// The seats that it was offered to, or that a leg leads to, each once.
    #[must_use]
    pub fn seats(&self) -> Vec<&str> {
        let offered = self.offers.keys().map(|key| key.name.as_str());
        let legs = self.legs.values().filter_map(|leg| leg.seat.as_ref().map(|seat| seat.value.as_str()));
        let mut seats: Vec<_> = offered.chain(legs).collect();
        seats.sort_unstable();
        seats.dedup();
        seats
    }

    /// Whether no list has more items than a call may have.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        let lists = [
            self.menu_steps.len(),
            self.queues.len(),
            self.offers.len(),
            self.holds.len(),
            self.legs.len(),
            self.ratings.len(),
            self.recordings.len(),
        ];
        lists.iter().all(|items| *items <= ITEMS_MAX)
    }

    /// The fields of the contract that hold something, for the audit record.
    #[must_use]
    pub fn fields(&self) -> Vec<&'static str> {
        let has = [
            ("direction", self.direction.is_some()),
            ("called_number", self.called.is_some()),
            ("trunk", self.trunk.is_some()),
            ("menu_steps", !self.menu_steps.is_empty()),
            ("queues", !self.queues.is_empty()),
            ("offers", !self.offers.is_empty()),
            ("holds", !self.holds.is_empty()),
            ("legs", !self.legs.is_empty()),
            ("end", self.end != End::default()),
            ("ratings", !self.ratings.is_empty()),
            ("training", self.is_training.is_some()),
            ("recordings", !self.recordings.is_empty()),
        ];
        has.into_iter().filter_map(|(field, has)| has.then_some(field)).collect()
    }

    /// The call with another part.
    #[must_use]
    pub fn with(mut self, part: &Self) -> Self {
        self.join(part);
        self
    }
}

#[cfg(test)]
mod join_tests;
