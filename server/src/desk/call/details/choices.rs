//! The choices that an exchange reports of a call, and those that follow from its report.

use serde::{Deserialize, Serialize};

/// Who called whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A company called the hotline.
    Inbound,
    /// The hotline called.
    Outbound,
}

/// What became of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferResult {
    /// The seat answered.
    Answered,
    /// The agent declined.
    Declined,
    /// Nobody answered in time.
    TimedOut,
    /// The exchange took it back, or the caller hung up.
    Released,
}

/// The kind of a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegKind {
    /// The caller's own.
    Caller,
    /// A blind transfer.
    BlindTransfer,
    /// A transfer after a consultation.
    Consultation,
    /// A three-way call.
    ThreeWay,
}

/// How a leg ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegResult {
    /// It was connected.
    Connected,
    /// Busy.
    Busy,
    /// Nobody answered.
    NoAnswer,
    /// It failed.
    Failed,
}

/// A party of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The caller.
    Caller,
    /// A seat.
    Seat,
    /// The exchange.
    Exchange,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A seat answered.
    Answered,
    /// It was offered to a seat, and none answered.
    Missed,
    /// It waited in a queue, and was never offered.
    Abandoned,
    /// It ended before it joined a queue.
    NotQueued,
}

impl Outcome {
    /// The number in the tables; 0 stands for a call whose end was not reported.
    #[must_use]
    pub const fn stored(self) -> i16 {
        match self {
            Self::Answered => 1,
            Self::Missed => 2,
            Self::Abandoned => 3,
            Self::NotQueued => 4,
        }
    }
}

/// A service that takes over what the hotline does not accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandOverTarget {
    /// The police, 110.
    Police,
    /// The fire and rescue service, 119.
    Fire,
    /// The ambulance, 120.
    Ambulance,
    /// The traffic police, 122.
    TrafficPolice,
    /// The petition office.
    PetitionOffice,
}

/// How a call was handed over to other services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HandOverState {
    /// The result of a leg is not known yet.
    Pending,
    /// Each service was connected.
    Connected,
    /// A service was not reached.
    Failed,
}

impl HandOverState {
    /// The number in the tables; 0 stands for a call that was not handed over.
    #[must_use]
    pub const fn stored(self) -> i16 {
        match self {
            Self::Pending => 1,
            Self::Connected => 2,
            Self::Failed => 3,
        }
    }
}
