//! Which tickets an analysis counts.

use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::days::{AnalysisInstant, Days};
use super::rows::{CATEGORIES, CHANNELS, STATES, analysis_ticket, place_of};
use crate::ticket::{Category, Channel, State};

/// The conditions; all that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct AnalysisFilter {
    /// A leaf, or a branch with all its leaves.
    pub topic: Option<String>,
    pub district: Option<String>,
    pub industry: Option<String>,
    pub channel: Option<Channel>,
    pub category: Option<Category>,
    pub unit: Option<String>,
    pub state: Option<State>,
    pub is_open_only: bool,
}

impl AnalysisFilter {
    /// The tickets that it lets through, and whose instant lies in some days.
    pub(super) fn select(&self, days: Days, by: AnalysisInstant) -> Select<analysis_ticket::Entity> {
        use analysis_ticket::Column;
        let (first, last) = days.numbers();
        let day = match by {
            AnalysisInstant::Intake => Column::ReceivedDay,
            AnalysisInstant::Completion => Column::CompletedDay,
        };
        let mut all = Condition::all().add(day.between(first, last));
        if let Some(topic) = &self.topic {
            let any = Condition::any();
            all = all.add(any.add(Column::Topic.eq(topic)).add(Column::TopicBranch.eq(topic)));
        }
        let texts = [
            (Column::District, &self.district),
            (Column::Industry, &self.industry),
            (Column::Unit, &self.unit),
        ];
        for (column, text) in texts {
            all = all.add_option(text.as_ref().map(|text| column.eq(text)));
        }
        let numbers = [
            (Column::Channel, self.channel.map(|channel| place_of(&CHANNELS, channel))),
            (Column::Category, self.category.map(|category| place_of(&CATEGORIES, category))),
            (Column::State, self.state.map(|state| place_of(&STATES, state))),
            (Column::IsOpen, self.is_open_only.then_some(1)),
        ];
        for (column, number) in numbers {
            all = all.add_option(number.map(|number| column.eq(number)));
        }
        analysis_ticket::Entity::find().filter(all)
    }
}
