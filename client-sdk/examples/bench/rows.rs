//! Rows of CSV files, and texts in the form that the hotline takes.

use std::collections::HashMap;
use std::path::Path;

/// The longest subject and content, in characters.
const SUBJECT_CHARS_MAX: usize = 200;
const CONTENT_CHARS_MAX: usize = 10_000;

/// A row by the names of its columns.
#[derive(Debug, Clone)]
pub(crate) struct Row(HashMap<String, String>);

impl Row {
    /// A column that every row has.
    pub(crate) fn column(&self, name: &str) -> Result<&str, String> {
        let named = self.0.iter().find(|(column, _)| column.trim_start_matches('\u{feff}') == name);
        named.map(|(_, value)| value.as_str()).ok_or_else(|| format!("no column {name}"))
    }
}

/// The rows of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<Row>, String> {
    let named = |error: csv::Error| format!("{}: {error}", path.display());
    let mut reader = csv::Reader::from_path(path).map_err(named)?;
    reader.deserialize().map(|row| row.map(Row).map_err(named)).collect()
}

/// A text without control characters, cut to a length.
fn clean(text: &str, chars_max: usize) -> String {
    let shown = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let shown: String = shown.take(chars_max).collect();
    shown.trim().to_owned()
}

/// A subject: one line.
pub(crate) fn subject(text: &str) -> String {
    clean(text, SUBJECT_CHARS_MAX)
}

/// A content.
pub(crate) fn content(text: &str) -> String {
    clean(text, CONTENT_CHARS_MAX)
}

/// The subject and the content of a ticket, which are both needed.
pub(crate) fn ticket_texts(subject_text: &str, body: &str) -> (String, String) {
    let (subject_text, body) = (subject(subject_text), content(body));
    match (subject_text.is_empty(), body.is_empty()) {
        (true, false) => (body.chars().take(30).collect(), body),
        (false, true) => (subject_text.clone(), subject_text),
        _ => (subject_text, body),
    }
}
