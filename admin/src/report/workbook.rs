//! The figures of a report as a workbook: one sheet for each table. Numbers are numbers.

use std::path::Path;

use rust_xlsxwriter::{Workbook, Worksheet};

use super::page::{Page, PageCell, PageRow, Section, Shape};
use crate::export::xlsx_file::{save, write_number, write_text};
use crate::failure::Failure;

pub(super) fn write(page: &Page, path: &Path) -> Result<(), Failure> {
    let mut workbook = Workbook::new();
    let about = workbook.add_worksheet();
    name(about, "about")?;
    for (row, text) in (0..).zip([&page.title].into_iter().chain(&page.paragraphs)) {
        write_text(about, row, 0, text)?;
    }
    for section in &page.sections {
        let sheet = workbook.add_worksheet();
        name(sheet, section.key)?;
        write_section(sheet, page, section)?;
    }
    save(&mut workbook, path)
}

fn name(sheet: &mut Worksheet, name: &str) -> Result<(), Failure> {
    sheet.set_name(name).map(|_| ()).map_err(|error| Failure::about("XLSX", error))
}

/// The headings of a column: a share and a rate take several.
fn headings(heading: &str, shape: Shape) -> Vec<String> {
    let with = |endings: &[&str]| endings.iter().map(|ending| format!("{heading} {ending}")).collect();
    match shape {
        Shape::Text | Shape::Count | Shape::Number => vec![heading.to_owned()],
        Shape::Share => with(&["%", "/"]),
        Shape::Rate => with(&["%", "95 % −", "95 % +", "n", "/"]),
    }
}

fn write_section(sheet: &mut Worksheet, page: &Page, section: &Section) -> Result<(), Failure> {
    write_text(sheet, 0, 0, &section.heading)?;
    let headings = section.columns.iter().flat_map(|column| headings(&column.heading, column.shape));
    for (place, heading) in headings.chain([page.command_heading.clone()]).enumerate() {
        write_text(sheet, 1, place, &heading)?;
    }
    let mut next = 2;
    for row in &section.rows {
        write_row(sheet, next, section, row)?;
        next += 1;
    }
    for column in &section.columns {
        if let Some(flags) = &column.flags {
            next += 1;
            write_text(sheet, next, 0, &format!("{}: {}: {flags}", page.flags_note, column.heading))?;
        }
    }
    Ok(())
}

/// A value of a workbook.
enum Value {
    Text(String),
    Number(Option<f64>),
}

fn count(count: i64) -> Value {
    Value::Number(i32::try_from(count).ok().map(f64::from))
}

fn values(cell: &PageCell, shape: Shape) -> Vec<Value> {
    match (cell, shape) {
        (PageCell::Share(part), _) => vec![Value::Number(part.percent), count(part.of)],
        (PageCell::Rate(rate), _) => vec![
            Value::Number(rate.percent),
            Value::Number(rate.low),
            Value::Number(rate.high),
            count(rate.count),
            count(rate.of),
        ],
        (PageCell::Text(text), _) => vec![Value::Text(text.clone())],
        (PageCell::Count(number), _) => vec![count(*number)],
        (PageCell::Number(number) | PageCell::Growth(number), _) => {
            vec![Value::Number(Some((number * 10.0).round() / 10.0))]
        }
        (PageCell::Empty, Shape::Share) => vec![Value::Number(None), Value::Number(None)],
        (PageCell::Empty, Shape::Rate) => (0..5).map(|_| Value::Number(None)).collect(),
        (PageCell::Empty, _) => vec![Value::Number(None)],
    }
}

fn write_row(sheet: &mut Worksheet, number: u32, section: &Section, row: &PageRow) -> Result<(), Failure> {
    let cells = row.cells.iter().zip(&section.columns);
    let values = cells.flat_map(|(cell, column)| values(cell, column.shape));
    for (place, value) in values.chain([Value::Text(row.command.clone())]).enumerate() {
        match value {
            Value::Text(text) => write_text(sheet, number, place, &text)?,
            Value::Number(Some(value)) => write_number(sheet, number, place, value)?,
            Value::Number(None) => {}
        }
    }
    Ok(())
}
