//! The parts that a ticket is made of, each put there by one verb. Field limits are the contract's and are checked
//! where a request is decoded; lengths are in characters.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// An instant in UTC, to the microsecond, which is what the databases keep.
pub type Instant = DateTime<Utc>;

/// The code of a handling unit, for example `district-chaoyang`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitCode(pub String);

impl UnitCode {
    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for UnitCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Declares an enum that is stored by its snake-case name.
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_meta])* $variant),+ }
    };
}

choice!(
    /// How a request reached the hotline.
    Channel {
        /// The telephone, judged by its opening hours.
        Telephone,
        /// The app.
        App,
        /// The web site.
        Web,
        /// A partner unit's own counter or system.
        Partner,
    }
);

choice!(
    /// Whether it is clear which unit is responsible.
    Responsibility {
        /// One unit plainly is.
        Clear,
        /// Several are, or nobody claims it.
        Overlapping,
    }
);

choice!(
    /// Why a unit returns a ticket.
    ReturnReason {
        /// Another unit is responsible by its duties.
        NotOurDuty,
        /// The matter lies in another district.
        NotOurPlace,
        /// Several units are responsible and a plan is needed.
        Overlapping,
        /// The request lacks what is needed to begin.
        Incomplete,
        /// It should not have been accepted.
        NotAcceptable,
    }
);

choice!(
    /// How a company was reached.
    ContactMethod {
        /// By telephone.
        Telephone,
        /// In person.
        InPerson,
        /// In writing.
        Written,
        /// By text message, app or web.
        Online,
    }
);

choice!(
    /// Why a request is not accepted.
    DeclineReason {
        /// It is before a court, or should be.
        Litigation,
        /// An emergency for life or property.
        Emergency,
        /// It touches a state secret.
        StateSecret,
        /// It touches a business secret.
        BusinessSecret,
        /// It touches personal privacy.
        PersonalPrivacy,
        /// A petition matter that already has a result.
        PetitionConcluded,
    }
);

choice!(
    /// Where a carry-over stands.
    CarryOverState {
        /// Asked for.
        Asked,
        /// Granted: the promised date is the limit.
        Granted,
        /// Refused: the deadline stands.
        Refused,
    }
);

choice!(
    /// Did the unit contact the company?
    Responded {
        /// Yes.
        Yes,
        /// No.
        No,
    }
);

choice!(
    /// Was the matter resolved?
    Resolved {
        /// Yes.
        Yes,
        /// Partly.
        Partly,
        /// No.
        No,
    }
);

choice!(
    /// Is the company satisfied?
    Satisfied {
        /// Satisfied.
        Satisfied,
        /// Basically satisfied.
        Basically,
        /// Dissatisfied.
        Dissatisfied,
    }
);

choice!(
    /// What closed a ticket.
    ClosingReason {
        /// The survey was taken.
        Surveyed,
        /// Nobody could be reached.
        Unreachable,
        /// Answered on the spot, without follow-up.
        Answered,
    }
);

/// The system that a ticket was created from, and its own reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Source {
    /// The unit whose system it is, so that two units may number their calls alike; `None` for the hotline's own.
    pub owner: Option<UnitCode>,
    pub system: String,
    pub reference: String,
}

/// Who called. Kept apart from the ticket and its events.
#[derive(Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields; absent is `None`")]
pub struct CallerIdentity {
    pub enterprise_name: Option<String>,
    pub social_credit_code: Option<String>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    /// The subject as it was given, where something stands in for a part of it on the ticket.
    pub subject: Option<String>,
    /// The content as it was given, likewise.
    pub content: Option<String>,
}

/// Says that somebody was named, and never who: what is printed ends in a log.
impl std::fmt::Debug for CallerIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_empty() { "CallerIdentity(nobody)" } else { "CallerIdentity(not printed)" })
    }
}

impl CallerIdentity {
    /// Whether nobody was named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A limit and what it was counted under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// The limit.
    pub due_at: Instant,
    /// The row of the deadline table.
    pub tier: super::Tier,
    /// The version of the policy; it stays with the ticket.
    pub policy_version: String,
    /// The version of the calendar.
    pub calendar_version: String,
    /// Whether a year without an official notice was counted.
    pub is_provisional: bool,
}

/// An answer given on the spot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Answer {
    pub content: String,
    pub articles: Vec<ArticleCitation>,
    pub answered_at: Instant,
}

/// A knowledge article and the version that was cited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct ArticleCitation {
    pub article: String,
    pub version: i32,
}

/// A refusal to accept, kept for review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Decline {
    pub reason: DeclineReason,
    pub turn_to: String,
    pub note: String,
    pub declined_at: Instant,
}

/// The coordinator's plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct HandlingPlan {
    pub text: String,
    pub lead_unit: UnitCode,
    pub assist_units: Vec<UnitCode>,
    pub planned_at: Instant,
}

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

/// What a unit has to do with a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relation {
    /// 主办: answers for the whole.
    Lead,
    /// 协办: reports to the lead.
    Assist,
    /// 抄送: is told.
    Inform,
}

impl Dispatch {
    /// Every unit of the dispatch with its relation, the lead first.
    pub fn units(&self) -> impl Iterator<Item = (&UnitCode, Relation)> {
        std::iter::once((&self.lead_unit, Relation::Lead))
            .chain(self.assist_units.iter().map(|unit| (unit, Relation::Assist)))
            .chain(self.inform_units.iter().map(|unit| (unit, Relation::Inform)))
    }

    /// What a unit has to do with the ticket, if anything.
    #[must_use]
    pub fn relation_of(&self, unit: &UnitCode) -> Option<Relation> {
        self.units().find(|(named, _)| *named == unit).map(|(_, relation)| relation)
    }
}

/// A return and the ruling on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct TicketReturn {
    pub unit: UnitCode,
    pub reason: ReturnReason,
    pub rule: String,
    pub proposed_unit: Option<UnitCode>,
    pub note: String,
    pub returned_at: Instant,
    pub is_arbitration: bool,
    pub ruling: Option<ReturnRuling>,
}

/// The ruling on a return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct ReturnRuling {
    pub is_accepted: bool,
    pub is_final: bool,
    pub note: String,
    pub ruled_at: Instant,
}

/// The reply to the company: one half of the double feedback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct CallerReply {
    pub replied_at: Instant,
    pub method: ContactMethod,
    pub official: String,
    pub content: String,
    pub recorded_at: Instant,
}

/// The report to the hotline: the other half.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct HotlineReport {
    pub actions: String,
    pub result: String,
    pub evidence: Vec<String>,
    pub recorded_at: Instant,
}

/// What an assisting unit reports to the lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct AssistReport {
    pub unit: UnitCode,
    pub report: HotlineReport,
}

/// What can't be finished in time, told to the company with the next steps and a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct CarryOver {
    pub state: CarryOverState,
    pub next_steps: String,
    pub promised_at: Instant,
    pub told_at: Instant,
    pub asked_at: Instant,
    pub decided_at: Option<Instant>,
    pub decision_note: String,
}

/// A follow-up call that reached nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct ContactAttempt {
    pub attempted_at: Instant,
    pub note: String,
}

/// What the company said in the follow-up call; `None` is unanswered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Survey {
    pub responded: Option<Responded>,
    pub resolved: Option<Resolved>,
    pub satisfied: Option<Satisfied>,
    pub comment: String,
    pub surveyed_at: Instant,
}

impl Survey {
    /// Whether the company says that it is not resolved, or that it is dissatisfied.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.resolved == Some(Resolved::No) || self.satisfied == Some(Satisfied::Dissatisfied)
    }
}

/// How a ticket was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Closing {
    pub reason: ClosingReason,
    pub closed_at: Instant,
}
