//! Results as a table for people, or as JSON or CSV for programs.
//!
//! A list is printed by its [`Column`]s: a heading and the path of a value in the JSON of the SDK. So a noun of the
//! command line only needs a table of columns. One object is printed as lines of `name: value`.

mod node;

use std::fmt::Write as _;

use chrono::DateTime;
use chrono_tz::Asia::Shanghai;
use serde::Serialize;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::failure::Failure;
use node::Node;

/// Spaces between two columns.
const GAP: usize = 2;
/// The widest cell of a list that people read.
const CELL_WIDTH_MAX: usize = 60;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// For programs: the values of the SDK.
    Json,
    /// For spreadsheets: the columns of the table, not shortened, with times in UTC.
    Csv,
}

/// A column of a list: its heading, and the path of its value, for example `cycle.due_time`.
pub(crate) type Column = (&'static str, &'static str);

/// Rows with as many cells as there are headings.
pub(crate) struct Table<const N: usize> {
    headings: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    pub(crate) const fn new(headings: [&'static str; N], rows: Vec<[String; N]>) -> Self {
        Self { headings, rows }
    }

    fn lines(&self) -> Vec<Vec<String>> {
        let headings = self.headings.map(str::to_owned);
        std::iter::once(&headings).chain(&self.rows).map(|line| line.to_vec()).collect()
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
            Self::Table => Ok(aligned(&table().lines())),
            Self::Json => json(values),
            Self::Csv => Ok(csv(&table().lines())),
        }
    }

    /// A list by its columns.
    pub(crate) fn list(self, columns: &[Column], values: &[impl Serialize]) -> Result<String, Failure> {
        if self == Self::Json {
            return json(&values);
        }
        let mut lines = vec![columns.iter().map(|(heading, _)| (*heading).to_owned()).collect::<Vec<_>>()];
        for value in values {
            let value = Node::of(value)?;
            let cells = columns.iter().map(|(_, path)| self.cell(value.at(path)));
            lines.push(cells.collect());
        }
        Ok(if self == Self::Csv { csv(&lines) } else { aligned(&lines) })
    }

    /// One object: all that it says.
    pub(crate) fn record(self, value: &impl Serialize) -> Result<String, Failure> {
        if self == Self::Json {
            return json(value);
        }
        let value = Node::of(value)?;
        if self == Self::Csv {
            let mut lines = vec![vec!["FIELD".to_owned(), "VALUE".to_owned()]];
            flatten("", &value, &mut lines);
            return Ok(csv(&lines));
        }
        let mut text = String::new();
        write_record(&mut text, 0, &value);
        Ok(text)
    }

    fn cell(self, value: Option<&Node>) -> String {
        let text = match value {
            // The items of a list of objects are in the JSON; here is their number.
            Some(Node::List(values)) if matches!(values.first(), Some(Node::Object(_))) => {
                values.len().to_string()
            }
            Some(Node::List(values)) => {
                values.iter().map(|value| scalar(value, self)).collect::<Vec<_>>().join(" ")
            }
            Some(value) => scalar(value, self),
            None => String::new(),
        };
        if self == Self::Csv { text } else { shortened(&text.replace(['\n', '\r', '\t'], " ")) }
    }
}

/// A value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::about("JSON", error))?;
    Ok(text + "\n")
}

/// A single value as text. People read times of Beijing.
fn scalar(value: &Node, format: Format) -> String {
    match value {
        Node::Text(text) if format == Format::Table => local_time(text).unwrap_or_else(|| text.clone()),
        Node::Text(text) | Node::Word(text) => text.clone(),
        Node::Null | Node::List(_) | Node::Object(_) => String::new(),
    }
}

/// A time of the SDK's JSON in Beijing, to the second; none if the text is no time.
fn local_time(text: &str) -> Option<String> {
    if text.len() < 20 || text.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    Some(time.with_timezone(&Shanghai).format("%Y-%m-%d %H:%M:%S").to_string())
}

fn shortened(text: &str) -> String {
    if text.width() <= CELL_WIDTH_MAX {
        return text.to_owned();
    }
    let (mut short, mut width) = (String::new(), 0);
    for char in text.chars() {
        width += char.width().unwrap_or(0);
        if width >= CELL_WIDTH_MAX {
            break;
        }
        short.push(char);
    }
    short + "…"
}

/// Lines of cells, aligned by what is seen. Chinese characters are two columns wide.
fn aligned(lines: &[Vec<String>]) -> String {
    let mut widths = vec![0; lines.first().map_or(0, Vec::len)];
    for line in lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.width().max(*width);
        }
    }
    let mut text = String::new();
    for line in lines {
        let mut row = String::new();
        for (cell, width) in line.iter().zip(&widths) {
            row.push_str(cell);
            row.push_str(&" ".repeat(width + GAP - cell.width()));
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

/// Lines of cells as RFC 4180, with a line feed alone. A cell that a spreadsheet would take for a formula gets an
/// apostrophe, because subjects come from callers.
fn csv(lines: &[Vec<String>]) -> String {
    let mut text = String::new();
    for line in lines {
        let cells = line.iter().map(|cell| {
            let is_formula = cell.starts_with(['=', '+', '@', '\t', '\r'])
                || (cell.starts_with('-') && cell.parse::<f64>().is_err());
            let cell = if is_formula { format!("'{cell}") } else { cell.clone() };
            if cell.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell
            }
        });
        text.push_str(&cells.collect::<Vec<_>>().join(","));
        text.push('\n');
    }
    text
}

fn flatten(path: &str, value: &Node, lines: &mut Vec<Vec<String>>) {
    let deeper = |part: &str| if path.is_empty() { part.to_owned() } else { format!("{path}.{part}") };
    match value {
        Node::Null => {}
        Node::Object(fields) => fields.iter().for_each(|(name, value)| flatten(&deeper(name), value, lines)),
        Node::List(values) => {
            let places = values.iter().enumerate();
            places.for_each(|(place, value)| flatten(&deeper(&place.to_string()), value, lines));
        }
        one => lines.push(vec![path.to_owned(), scalar(one, Format::Csv)]),
    }
}

/// Writes an object as lines. What is absent or empty is left out.
fn write_record(text: &mut String, depth: usize, value: &Node) {
    let indent = "  ".repeat(depth);
    let Node::Object(fields) = value else {
        let _ = writeln!(text, "{indent}{}", scalar(value, Format::Table));
        return;
    };
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        let name = name.replace('_', " ");
        match value {
            Node::List(values) if values.iter().all(|value| !matches!(value, Node::Object(_))) => {
                let values: Vec<_> = values.iter().map(|value| scalar(value, Format::Table)).collect();
                let _ = writeln!(text, "{indent}{name}: {}", values.join(", "));
            }
            Node::List(values) => {
                let _ = writeln!(text, "{indent}{name}:");
                for value in values {
                    let mut item = String::new();
                    write_record(&mut item, depth + 2, value);
                    // The first line of an item carries its dash.
                    let _ = write!(text, "{indent}  - {}", item.trim_start());
                }
            }
            Node::Object(_) => {
                let _ = writeln!(text, "{indent}{name}:");
                write_record(text, depth + 1, value);
            }
            one => {
                let lines = scalar(one, Format::Table);
                let shown = lines.trim_end().replace('\n', &format!("\n{indent}  "));
                let _ = writeln!(text, "{indent}{name}: {shown}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const COLUMNS: &[Column] = &[("NAME", "name"), ("DUE", "cycle.due"), ("UNITS", "units")];

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let rows = vec![["公司".to_owned(), "1".to_owned()], ["ab".to_owned(), String::new()]];
        let table = Table::new(["NAME", "N"], rows);
        assert_eq!(aligned(&table.lines()), "NAME  N\n公司  1\nab\n");
    }

    #[test]
    fn a_list_is_printed_by_its_columns() {
        let values = [
            json!({"name": "甲", "cycle": {"due": "2026-06-01T02:00:00Z"}, "units": ["a", "b"]}),
            json!({"name": "=1+1,\"x\"", "cycle": null}),
        ];
        let table = Format::Table.list(COLUMNS, &values).expect("a table");
        let expected =
            "NAME      DUE                  UNITS\n甲        2026-06-01 10:00:00  a b\n=1+1,\"x\"\n";
        assert_eq!(table, expected);
        let csv = Format::Csv.list(COLUMNS, &values).expect("csv");
        assert_eq!(csv, "NAME,DUE,UNITS\n甲,2026-06-01T02:00:00Z,a b\n\"'=1+1,\"\"x\"\"\",,\n");
    }

    #[test]
    fn an_object_is_printed_without_what_is_absent() {
        let text = r#"{"number": "1", "is_held": false, "empty": "", "none": null, "list": [],
            "cycle": {"due_time": "2026-06-01T02:00:00Z"}, "marks": {"a": null}, "units": ["a", "b"],
            "returns": [{"unit": "a", "note": "x\ny"}, {"unit": "b"}]}"#;
        let value: Node = serde_json::from_str(text).expect("JSON");
        let mut printed = String::new();
        write_record(&mut printed, 0, &value);
        let expected = "number: 1\nis held: no\ncycle:\n  due time: 2026-06-01 10:00:00\nunits: a, b\nreturns:\n  - unit: a\n    note: x\n      y\n  - unit: b\n";
        assert_eq!(printed, expected);
    }

    #[test]
    fn a_long_cell_is_shortened_for_people() {
        let long = json!({"name": "照".repeat(60)});
        let table = Format::Table.list(&COLUMNS[..1], std::slice::from_ref(&long)).expect("a table");
        assert!(table.lines().all(|line| line.width() <= CELL_WIDTH_MAX), "{table}");
        assert!(Format::Csv.list(&COLUMNS[..1], &[long]).expect("csv").contains(&"照".repeat(60)));
    }
}
