//! Records as CSV (RFC 4180).

use std::io::Write;

use super::column::{Cell, ExportColumn, Row};
use crate::failure::Failure;

/// What tells Excel that a file is in UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// A text that a spreadsheet does not take for a formula.
fn safe(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

pub(super) fn write(
    mut file: impl Write,
    columns: &[ExportColumn],
    has_bom: bool,
    rows: impl Iterator<Item = Result<Row, Failure>>,
) -> Result<(), Failure> {
    let about = |error: &dyn std::fmt::Display| Failure::about("CSV", error);
    if has_bom {
        file.write_all(BOM).map_err(|error| about(&error))?;
    }
    let mut writer = csv::Writer::from_writer(file);
    let names = columns.iter().map(|(name, _)| *name);
    writer.write_record(names).map_err(|error| about(&error))?;
    for row in rows {
        let row = row?;
        let cells = row.iter().zip(columns).map(|(cell, (_, kind))| match cell {
            Cell::Text(text) => safe(text.clone()),
            other => other.shown(*kind),
        });
        writer.write_record(cells).map_err(|error| about(&error))?;
    }
    writer.flush().map_err(|error| about(&error))
}

#[cfg(test)]
mod tests {
    use super::super::column::Kind;
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        let columns = [("text", Kind::Text), ("number", Kind::Integer)];
        let texts = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "甲,\"乙\"", ""];
        let rows = texts.iter().map(|text| Ok(vec![Cell::text(text), Cell::Integer(-1)]));
        let mut file = Vec::new();
        write(&mut file, &columns, true, rows).expect("CSV");
        assert!(file.starts_with(BOM));
        let text = String::from_utf8(file.split_off(BOM.len())).expect("UTF-8");
        let expected = "text,number\n'=1+1,-1\n'+1,-1\n'-1,-1\n'@x,-1\n'\tx,-1\n\"'\rx\",-1\n\"甲,\"\"乙\"\"\",-1\n,-1\n";
        assert_eq!(text, expected);
    }
}
