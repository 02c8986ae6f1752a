//! What a report is made of: the answers of the server.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use hotline_client::{AnalysedTickets, FoundClusters, Language, PolicyIssue, TicketCounts};

use super::period::Period;

/// A name in Chinese, and in English if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) chinese: String,
    pub(super) english: Option<String>,
}

/// The names of codes.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    pub(super) topics: BTreeMap<String, Name>,
    pub(super) units: BTreeMap<String, Name>,
    /// By division code: the units of districts.
    pub(super) districts: BTreeMap<String, Name>,
}

impl Names {
    /// The name of a code; empty if it is not known.
    pub(super) fn of(names: &BTreeMap<String, Name>, code: &str, language: Language) -> String {
        let Some(name) = names.get(code) else { return String::new() };
        match (language, &name.english) {
            (Language::English, Some(english)) => english.clone(),
            _ => name.chinese.clone(),
        }
    }
}

/// The answers.
#[derive(Debug, Clone)]
pub(super) struct Figures {
    pub(super) period: Period,
    /// The server's time when it was asked.
    pub(super) made_time: DateTime<Utc>,
    /// Of the period, with comparison.
    pub(super) total: AnalysedTickets,
    pub(super) before: TicketCounts,
    pub(super) year_before: TicketCounts,
    /// By day, without comparison. The answers that follow are compared, unless they say otherwise.
    pub(super) days: AnalysedTickets,
    pub(super) topics: AnalysedTickets,
    /// By topic and district, those that grow most first; none if there are too many.
    pub(super) places: Option<AnalysedTickets>,
    /// What has the same cause; `None` for a week.
    pub(super) clusters: Option<FoundClusters>,
    pub(super) districts: AnalysedTickets,
    pub(super) channels: AnalysedTickets,
    pub(super) categories: AnalysedTickets,
    /// Without comparison.
    pub(super) hours: AnalysedTickets,
    /// Open tickets of the last 800 days, without comparison.
    pub(super) ages: AnalysedTickets,
    pub(super) units: AnalysedTickets,
    /// By week and rung, without comparison.
    pub(super) rungs: AnalysedTickets,
    /// About days that end in the period; `None` for a week.
    pub(super) issues: Option<Vec<PolicyIssue>>,
    pub(super) names: Names,
}
