//! Results as a table for people or as JSON for programs.

use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use crate::failure::Failure;

/// Spaces between two columns.
const GAP: usize = 2;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// For programs: the values of the SDK.
    Json,
}

/// Rows with as many cells as there are headings.
pub(crate) struct Table<const N: usize> {
    headings: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    pub(crate) const fn new(headings: [&'static str; N], rows: Vec<[String; N]>) -> Self {
        Self { headings, rows }
    }

    /// The table as text. Chinese characters are two columns wide.
    fn text(&self) -> String {
        let headings = self.headings.map(str::to_owned);
        let lines = || std::iter::once(&headings).chain(&self.rows);
        let mut widths = [0; N];
        for line in lines() {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = cell.width().max(*width);
            }
        }
        let mut text = String::new();
        for line in lines() {
            let mut row = String::new();
            for (cell, width) in line.iter().zip(widths) {
                row.push_str(cell);
                row.push_str(&" ".repeat(width + GAP - cell.width()));
            }
            text.push_str(row.trim_end());
            text.push('\n');
        }
        text
    }
}

impl Format {
    /// Values as JSON, or as the table that is made of them.
    pub(crate) fn print<const N: usize>(
        self,
        values: &impl Serialize,
        table: impl FnOnce() -> Table<N>,
    ) -> Result<String, Failure> {
        match self {
            Self::Table => Ok(table().text()),
            Self::Json => json(values),
        }
    }
}

/// A value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::about("JSON", error))?;
    Ok(text + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let rows = vec![["公司".to_owned(), "1".to_owned()], ["ab".to_owned(), String::new()]];
        let table = Table::new(["NAME", "N"], rows);
        assert_eq!(table.text(), "NAME  N\n公司  1\nab\n");
    }
}
