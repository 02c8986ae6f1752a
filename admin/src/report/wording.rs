//! Texts of a report in its language, and the names of values.

use std::str::FromStr;

use chrono::NaiveDate;
use hotline_client::{Category, Channel, Language, Rung};

use super::figures::{Figures, Names};
use super::page::count_text;
use super::period::Period;
use crate::analysis::selection::Selection;
use crate::flags::flag_name;

/// The language of a report.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wording(pub(super) Language);

impl Wording {
    pub(super) fn say(self, chinese: &str, english: &str) -> String {
        match self.0 {
            Language::Chinese => chinese.to_owned(),
            _ => english.to_owned(),
        }
    }

    /// A text with a number: `{}` stands for it.
    pub(super) fn count(self, chinese: &str, english: &str, count: i64) -> String {
        self.say(chinese, english).replace("{}", &count_text(count))
    }

    /// "2019-10-01 至 2019-10-31".
    pub(super) fn days(self, (first, last): (NaiveDate, NaiveDate)) -> String {
        format!("{first} {} {last}", self.say("至", "to"))
    }

    /// "2019 年 10 月" or "2019-W42".
    pub(super) fn period(self, period: &Period) -> String {
        match (self.0, period.name.split_once('-')) {
            (Language::Chinese, Some((year, rest))) => match rest.strip_prefix('W') {
                Some(week) => format!("{year} 年第 {} 周", week.trim_start_matches('0')),
                None => format!("{year} 年 {} 月", rest.trim_start_matches('0')),
            },
            _ => period.name.clone(),
        }
    }

    /// A value that a ticket lacks.
    pub(super) fn missing(self) -> String {
        self.say("（未填）", "(none)")
    }

    pub(super) fn weekday(self, place: usize) -> String {
        let chinese = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
        let english = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        self.say(chinese[place % 7], english[place % 7])
    }
}

/// By what a table has its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grouping {
    Topic,
    District,
    Channel,
    Category,
    Unit,
}

/// The value of one of the SDK's enums: `CHANNEL_WEB` is `WEB` there.
fn known<T: FromStr>(value: &str, prefix: &str) -> Option<T> {
    value.strip_prefix(prefix)?.parse().ok()
}

impl Grouping {
    /// The name of a value, for people. Empty if it is not known.
    pub(super) fn name(self, figures: &Figures, value: &str, language: Language) -> String {
        let names = &figures.names;
        match self {
            Self::Topic => Names::of(&names.topics, value, language),
            Self::District => Names::of(&names.districts, value, language),
            Self::Unit => Names::of(&names.units, value, language),
            Self::Channel => known::<Channel>(value, "CHANNEL_")
                .map(|channel| channel.label(language).into_owned())
                .unwrap_or_default(),
            Self::Category => known::<Category>(value, "TICKET_CATEGORY_")
                .map(|category| category.label(language).into_owned())
                .unwrap_or_default(),
        }
    }

    /// The value as a flag has it.
    pub(super) fn code(self, value: &str) -> String {
        match self {
            Self::Channel => flag_name(value.strip_prefix("CHANNEL_").unwrap_or(value)),
            Self::Category => flag_name(value.strip_prefix("TICKET_CATEGORY_").unwrap_or(value)),
            _ => value.to_owned(),
        }
    }

    /// Narrows a selection to a value. False if there is no flag for it, because the value is absent.
    pub(super) fn select(self, selection: &mut Selection, value: &str) -> bool {
        if value.is_empty() {
            return false;
        }
        match self {
            // The flag would also find the leaves of a branch with the same name.
            Self::Topic => return false,
            Self::District => selection.district = Some(value.to_owned()),
            Self::Unit => selection.unit = Some(value.to_owned()),
            Self::Channel => selection.channel = known(value, "CHANNEL_"),
            Self::Category => selection.category = known(value, "TICKET_CATEGORY_"),
        }
        true
    }

    /// The column of the export.
    pub(super) const fn column(self) -> &'static str {
        match self {
            Self::Topic => "topic",
            Self::District => "district",
            Self::Channel => "channel",
            Self::Category => "category",
            Self::Unit => "unit",
        }
    }
}

/// The rung of a value, with its place in the ladder.
pub(super) fn rung(value: &str) -> Option<Rung> {
    known(value, "RUNG_")
}
