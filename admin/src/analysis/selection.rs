//! The days and conditions of an analysis or an export, as flags.

use chrono::NaiveDate;
use clap::Args;
use hotline_client::{AnalysisFilter, Category, Channel, ExportTickets, TicketState};

use crate::flags::{flag_name, names};

/// Which tickets are counted. All conditions that are given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(crate) struct Selection {
    /// The first day of intake, for example 2019-10-01.
    #[arg(long = "from", value_name = "DAY")]
    pub(crate) first_day: NaiveDate,
    /// The last day of intake, at most 800 days after the first.
    #[arg(long = "to", value_name = "DAY")]
    pub(crate) last_day: NaiveDate,
    /// About this topic leaf, or the leaves of this branch.
    #[arg(long, value_name = "CODE")]
    pub(crate) topic: Option<String>,
    /// In the district with this division code.
    #[arg(long, value_name = "CODE")]
    pub(crate) district: Option<String>,
    /// Of this industry.
    #[arg(long, value_name = "CODE")]
    pub(crate) industry: Option<String>,
    /// From this channel.
    #[arg(long, value_parser = names!(Channel))]
    pub(crate) channel: Option<Channel>,
    /// Of this category.
    #[arg(long, value_parser = names!(Category))]
    pub(crate) category: Option<Category>,
    /// Led by this unit now.
    #[arg(long, value_name = "CODE")]
    pub(crate) unit: Option<String>,
    /// In this state now.
    #[arg(long, value_parser = names!(TicketState))]
    pub(crate) state: Option<TicketState>,
    /// Open tickets only.
    #[arg(long)]
    pub(crate) open_only: bool,
}

impl Selection {
    /// All tickets of some days.
    pub(crate) const fn days(first_day: NaiveDate, last_day: NaiveDate) -> Self {
        Self {
            first_day,
            last_day,
            topic: None,
            district: None,
            industry: None,
            channel: None,
            category: None,
            unit: None,
            state: None,
            open_only: false,
        }
    }

    /// The conditions, without the days.
    pub(crate) fn filter(&self) -> AnalysisFilter {
        AnalysisFilter::default()
            .topic(self.topic.clone())
            .district(self.district.clone())
            .industry(self.industry.clone())
            .channel(self.channel)
            .category(self.category)
            .unit(self.unit.clone())
            .state(self.state)
            .open_only(self.open_only)
    }

    /// The records of these tickets.
    pub(crate) fn records(&self, page_size: u32) -> ExportTickets {
        ExportTickets::new(self.first_day, self.last_day).filter(self.filter()).page_size(page_size)
    }

    /// The same as flags of a command line.
    pub(crate) fn flags(&self) -> String {
        let name = |value: Option<String>| value.map(|value| flag_name(&value));
        let values = [
            ("--topic", self.topic.clone()),
            ("--district", self.district.clone()),
            ("--industry", self.industry.clone()),
            ("--channel", name(self.channel.map(|channel| channel.to_string()))),
            ("--category", name(self.category.map(|category| category.to_string()))),
            ("--unit", self.unit.clone()),
            ("--state", name(self.state.map(|state| state.to_string()))),
        ];
        let mut flags = format!("--from {} --to {}", self.first_day, self.last_day);
        for (flag, value) in values {
            if let Some(value) = value {
                flags.extend([" ", flag, " ", &value]);
            }
        }
        if self.open_only {
            flags += " --open-only";
        }
        flags
    }
}
