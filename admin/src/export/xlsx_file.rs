//! Records as XLSX. A sheet in constant memory goes to a temporary file row by row.

use std::path::Path;

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::column::{Cell, ExportColumn, Row};
use crate::failure::Failure;

/// The most rows of a sheet that Excel reads, with the headings.
const SHEET_ROWS_MAX: u32 = 1_048_576;
/// The longest text of a cell.
const TEXT_MAX: usize = 32_767;

fn failure(error: &XlsxError) -> Failure {
    Failure::about("XLSX", error)
}

/// A text as a cell of text, which is never a formula.
pub(crate) fn write_text(sheet: &mut Worksheet, row: u32, place: usize, text: &str) -> Result<(), Failure> {
    let text: String = text.chars().take(TEXT_MAX).collect();
    sheet.write_string(row, column(place), text).map(|_| ()).map_err(|error| failure(&error))
}

pub(crate) fn write_number(
    sheet: &mut Worksheet,
    row: u32,
    place: usize,
    number: f64,
) -> Result<(), Failure> {
    sheet.write_number(row, column(place), number).map(|_| ()).map_err(|error| failure(&error))
}

fn column(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

/// Writes a workbook whose sheets are made.
pub(crate) fn save(workbook: &mut Workbook, path: &Path) -> Result<(), Failure> {
    workbook.save(path).map_err(|error| Failure::about(path.display(), error))
}

/// Writes the records into sheets that are as long as Excel reads them.
pub(super) fn write(
    path: &Path,
    columns: &[ExportColumn],
    rows: impl Iterator<Item = Result<Row, Failure>>,
) -> Result<(), Failure> {
    let mut workbook = Workbook::new();
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        // As large as the file: not in a temporary folder that may be in memory.
        workbook.set_tempdir(folder).map_err(|error| failure(&error))?;
    }
    let mut rows = rows.peekable();
    loop {
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(|error| failure(&error))?;
        fill(sheet, columns, &mut rows)?;
        if rows.peek().is_none() {
            break;
        }
    }
    save(&mut workbook, path)
}

fn fill(
    sheet: &mut Worksheet,
    columns: &[ExportColumn],
    rows: &mut impl Iterator<Item = Result<Row, Failure>>,
) -> Result<(), Failure> {
    for (place, (name, _)) in columns.iter().enumerate() {
        write_text(sheet, 0, place, name)?;
    }
    for number in 1..SHEET_ROWS_MAX {
        let Some(row) = rows.next() else { break };
        for (place, (cell, (_, kind))) in row?.iter().zip(columns).enumerate() {
            match (cell, kind) {
                (Cell::Absent, _) => {}
                (Cell::Integer(value), super::column::Kind::Integer) => {
                    let value = i32::try_from(*value).unwrap_or(i32::MAX);
                    write_number(sheet, number, place, f64::from(value))?;
                }
                (Cell::Number(value), _) => write_number(sheet, number, place, *value)?,
                (other, kind) => write_text(sheet, number, place, &other.shown(*kind))?,
            }
        }
    }
    Ok(())
}
