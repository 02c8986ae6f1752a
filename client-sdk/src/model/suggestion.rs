//! Suggestions of a model, which people decide about.

use chrono::{DateTime, Utc};

use super::{Resolved, TicketState};
use crate::convert::{open_enum, record};

record! {
    /// A topic that fits a text, and why.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TopicSuggestion = TopicSuggestion {
        /// The code of the topic.
        topic: String,
        /// How well it fits, in thousandths. Compared within one answer only; it may be negative.
        score: i64,
        /// The words of the text that decided, the strongest first, in lower case.
        words: Vec<String>,
    }
}

record! {
    /// The topics that fit a text.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TopicSuggestions = SuggestClassificationResponse {
        /// The best first, at most 3.
        suggestions: Vec<TopicSuggestion>,
        /// Whether the first one is sure: in cross-validation, at least 95 in 100 such suggestions were right.
        sure: bool,
        /// The version of the model, for example `topic-3`; `topic-words` before the first training.
        model_version: String,
    }
}

record! {
    /// The units that fit a text, and closed tickets like it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    DispatchSuggestions = SuggestDispatchResponse {
        /// The best first, at most 3.
        suggestions: Vec<DispatchSuggestion>,
        /// Whether the first one is sure.
        sure: bool,
        /// Closed tickets like it, the most similar first, at most 3.
        precedents: Vec<Precedent>,
    }
}

record! {
    /// Units that fit a text, and why.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    DispatchSuggestion = DispatchSuggestion {
        /// The unit that would lead.
        lead_unit: String,
        /// The units that would assist.
        assist_units: Vec<String>,
        /// How well it fits, in thousandths. Compared within one answer only; it may be negative.
        score: i64,
        /// What decided.
        basis: DispatchBasis,
        /// The catalogue row that decided.
        catalogue_row: Option<CatalogueRow>,
        /// The words of the text that decided, the strongest first, in lower case.
        words: Vec<String>,
        /// The version of the model of units, for example `unit-3`; `unit-words` before the first training.
        model_version: String,
    }
}

open_enum! {
    /// What decided about a suggested unit.
    DispatchBasis = DispatchBasis {
        /// The catalogue names the unit for the topic and the district.
        Catalogue = "派单目录",
        /// The words of the text.
        Words = "文本",
        /// Two units claim the matter, so the coordinator decides.
        Conflict = "职责交叉",
    }
}

record! {
    /// A row of the dispatch catalogue that decided.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    CatalogueRow = CatalogueRow {
        /// The topic leaf.
        topic: String,
        /// The district; `None` for every district without a row of its own.
        district: Option<String>,
        /// The unit.
        unit: String,
        /// Whether the topic is only suggested, and not confirmed.
        topic_suggested: bool,
    }
}

record! {
    /// A closed ticket that is like another one, and what became of it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Precedent = Precedent {
        /// Its number.
        ticket_number: String,
        /// Its subject, as you may read it.
        subject: String,
        /// How similar it is, in thousandths.
        similarity: u32,
        /// Its topic.
        topic: Option<String>,
        /// The unit that led.
        lead_unit: Option<String>,
        /// The units that assisted.
        assist_units: Vec<String>,
        /// What the company said about the result.
        resolved: Option<Resolved>,
        /// When it was closed.
        close_time: Option<DateTime<Utc>>,
    }
}

record! {
    /// Tickets that are like a ticket or a text.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    SimilarTickets = FindSimilarTicketsResponse {
        /// The most similar first.
        tickets: Vec<SimilarTicket>,
        /// How many of the open tickets that were compared share the cause.
        open_with_same_cause_count: u32,
        /// Whether they are so many that a supervisor should look at the cause.
        supervisor_hint: bool,
    }
}

record! {
    /// A ticket that is like another one, and why.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    SimilarTicket = SimilarTicket {
        /// Its number.
        ticket_number: String,
        /// Its subject, as you may read it.
        subject: String,
        /// Its state.
        state: TicketState,
        /// How similar it is, in thousandths: the texts count most, then district, topic and time.
        similarity: u32,
        /// The parts of the texts that both have, the longest first, in lower case.
        shared_texts: Vec<String>,
        /// Whether both have the same district.
        same_district: bool,
        /// Whether both have the same topic.
        same_topic: bool,
        /// Whole days between the intakes.
        days_apart: u32,
        /// What it is offered for.
        offer: SimilarOffer,
    }
}

open_enum! {
    /// What a similar ticket is offered for.
    SimilarOffer = SimilarOffer {
        /// To merge one into the other.
        Merge = "并单",
        /// To name it as a related ticket.
        Link = "关联",
    }
}

open_enum! {
    /// What is suggested.
    SuggestionKind = SuggestionKind {
        /// Topics.
        Topic = "分类",
        /// Lead units.
        Unit = "主办单位",
    }
}

record! {
    /// How often people decided as suggested, by month and kind.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    SuggestionReport = GetSuggestionQualityResponse {
        /// By month and kind. A month without a decision is left out.
        months: Vec<SuggestionQuality>,
    }
}

record! {
    /// How often people decided as suggested, in one month.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    SuggestionQuality = SuggestionQuality {
        /// The first instant of the month in Beijing.
        month_start_time: DateTime<Utc>,
        /// What was suggested.
        kind: SuggestionKind,
        /// Tickets that were closed in the month after somebody had asked for a suggestion.
        decided_count: u32,
        /// Of these: those for which something was suggested.
        offered_count: u32,
        /// Of these: those that were decided as the first suggestion says.
        first_right_count: u32,
        /// Those that were decided as one of the three suggestions says.
        three_right_count: u32,
        /// Those whose first suggestion was sure.
        sure_count: u32,
        /// Of these: those that were decided so.
        sure_right_count: u32,
    }
}
