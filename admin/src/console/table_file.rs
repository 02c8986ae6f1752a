//! Tables as workbooks.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use rust_xlsxwriter::{Workbook, XlsxError};

/// The longest text of a cell.
const TEXT_MAX: usize = 32_767;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The bytes of a workbook. Every cell is a text, which is never a formula.
fn workbook(lines: &[Vec<String>]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, line) in (0..).zip(lines) {
        for (column, text) in (0..).zip(line) {
            let text: String = text.chars().take(TEXT_MAX).collect();
            sheet.write_string(row, column, text)?;
        }
    }
    workbook.save_to_buffer()
}

/// A table as a workbook.
pub(crate) fn xlsx_answer(name: &str, lines: &[Vec<String>]) -> Response {
    match workbook(lines) {
        Ok(bytes) => {
            let attachment = format!("attachment; filename=\"{name}\"");
            let headers =
                [(header::CONTENT_TYPE, XLSX.to_owned()), (header::CONTENT_DISPOSITION, attachment)];
            (headers, bytes).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_a_workbook_of_texts() {
        let lines =
            vec![vec!["编号".to_owned(), "=1+1".to_owned()], vec!["1".to_owned(), "字".repeat(40_000)]];
        let bytes = workbook(&lines).expect("a workbook");
        assert!(bytes.starts_with(b"PK"));
    }
}
