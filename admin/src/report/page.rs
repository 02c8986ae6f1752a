//! A page: sections with paragraphs, a chart and a table. It knows nothing of the form that it is written in.

use hotline_client::Language;

use crate::analysis::rates::{Rate, Share};

/// A rate of fewer cases is written in grey.
pub(super) const SMALL: i64 = 10;

/// What a column has, so that a workbook knows its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Count,
    Number,
    Share,
    Rate,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub(super) struct PageColumn {
    pub(super) heading: String,
    pub(super) shape: Shape,
    /// What is added to the command of a row for the tickets of this column.
    pub(super) flags: Option<String>,
}

/// A cell of a table.
#[derive(Debug, Clone)]
pub(super) enum PageCell {
    Empty,
    Text(String),
    Count(i64),
    /// With one decimal.
    Number(f64),
    /// With its sign and one decimal.
    Growth(f64),
    Share(Share),
    Rate(Rate),
}

/// A row, with the command that lists its tickets.
#[derive(Debug, Clone)]
pub(super) struct PageRow {
    pub(super) cells: Vec<PageCell>,
    pub(super) command: String,
}

/// A chart.
#[derive(Debug, Clone)]
pub(super) enum Chart {
    /// One bar a value, the name at its left.
    Bars(Vec<(String, i64)>),
    /// One column a value, as for days.
    Columns(Vec<(String, i64)>),
    /// Shades: rows by columns.
    Heat { rows: Vec<String>, columns: Vec<String>, values: Vec<Vec<i64>> },
}

/// A section.
#[derive(Debug, Clone)]
pub(super) struct Section {
    /// The name of its sheet and its anchor.
    pub(super) key: &'static str,
    pub(super) heading: String,
    pub(super) paragraphs: Vec<String>,
    pub(super) chart: Option<Chart>,
    pub(super) columns: Vec<PageColumn>,
    pub(super) rows: Vec<PageRow>,
}

/// The page.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) language: Language,
    pub(super) title: String,
    pub(super) paragraphs: Vec<String>,
    /// The headings of the commands and of what columns add to them.
    pub(super) command_heading: String,
    pub(super) flags_note: String,
    pub(super) sections: Vec<Section>,
}

pub(super) fn column(heading: impl Into<String>, shape: Shape) -> PageColumn {
    PageColumn { heading: heading.into(), shape, flags: None }
}

impl PageColumn {
    pub(super) fn adds(mut self, flags: impl Into<String>) -> Self {
        self.flags = Some(flags.into());
        self
    }
}

/// A count with separators of thousands.
pub(super) fn count_text(count: i64) -> String {
    let digits = count.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if count < 0 { format!("-{text}") } else { text }
}

impl PageCell {
    /// As people read it. A rate has its counts and its interval.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Count(count) => count_text(*count),
            Self::Number(number) => format!("{number:.1}"),
            Self::Growth(number) => format!("{number:+.1}"),
            Self::Share(share) => {
                share.percent.map_or_else(|| "–".to_owned(), |percent| format!("{percent:.1} %"))
            }
            Self::Rate(rate) => {
                let ends = rate.percent.zip(rate.low.zip(rate.high));
                let Some((percent, (low, high))) = ends else { return "–".to_owned() };
                let (count, of) = (count_text(rate.count), count_text(rate.of));
                format!("{percent:.1} % ({low:.1}–{high:.1}) {count}/{of}")
            }
        }
    }

    /// Whether it stands for few cases.
    pub(super) const fn is_small(&self) -> bool {
        matches!(self, Self::Rate(rate) if rate.of < SMALL)
    }

    pub(super) const fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }
}
