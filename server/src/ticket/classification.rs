//! The kind of a request: the three categories, their complexity, and the tier of the deadline that follows from them.
//!
//! The service itself fixes the categories and the tiers. The length of a tier and its clock are policy
//! (`deadline::policy`), which nothing here knows.

use serde::{Deserialize, Serialize};

/// What the company wants (咨询, 诉求, 投诉举报).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// 咨询: a question about policy, procedures, places or rules.
    Consultation,
    /// 诉求: a problem met in running a business.
    Appeal,
    /// 投诉举报: a complaint about a government body or its staff.
    ComplaintReport,
}

/// How much work the request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Complexity {
    /// Can be answered or handled as usual.
    General,
    /// Needs research, several steps or several units.
    Complex,
}

/// The row of the deadline table that applies to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// A general consultation: answered during the call.
    ConsultationGeneral,
    /// A complex consultation that one unit can answer.
    ConsultationComplexOneUnit,
    /// A complex consultation that needs several units.
    ConsultationComplexSeveralUnits,
    /// A general appeal or complaint-report.
    General,
    /// A complex appeal or complaint-report.
    Complex,
}

impl Tier {
    /// Every tier, in the order of the published table.
    pub const ALL: [Self; 5] = [
        Self::ConsultationGeneral,
        Self::ConsultationComplexOneUnit,
        Self::ConsultationComplexSeveralUnits,
        Self::General,
        Self::Complex,
    ];

    /// The tier of a request; `several_units` matters only for complex consultations.
    #[must_use]
    pub const fn of(category: Category, complexity: Complexity, several_units: bool) -> Self {
        match (category, complexity, several_units) {
            (Category::Consultation, Complexity::General, _) => Self::ConsultationGeneral,
            (Category::Consultation, Complexity::Complex, false) => Self::ConsultationComplexOneUnit,
            (Category::Consultation, Complexity::Complex, true) => Self::ConsultationComplexSeveralUnits,
            (_, Complexity::General, _) => Self::General,
            (_, Complexity::Complex, _) => Self::Complex,
        }
    }
}

/// How far supervision has gone in the present handling cycle; it is beside the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// Nothing has fired.
    #[default]
    None,
    /// The unit was reminded before the limit.
    Reminded,
    /// 催办: urged at the limit.
    Urged,
    /// 督办: supervised.
    Supervised,
    /// 人工督办: waits for hotline staff, or is handled by them.
    Manual,
}
