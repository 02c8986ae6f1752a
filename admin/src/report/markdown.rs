//! A report as Markdown.

use std::fmt::Write as _;

use super::page::{Chart, Page, PageCell, Section};

/// A text in a cell or a paragraph.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '#' => safe.extend(['\\', letter]),
            '<' => safe.push_str("&lt;"),
            '&' => safe.push_str("&amp;"),
            '\n' | '\r' => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

/// The page.
pub(super) fn text(page: &Page) -> String {
    let mut text = format!("# {}\n", escape(&page.title));
    for paragraph in &page.paragraphs {
        let _ = write!(text, "\n{}\n", escape(paragraph));
    }
    for section in &page.sections {
        write_section(&mut text, page, section);
    }
    text
}

fn write_section(text: &mut String, page: &Page, section: &Section) {
    let _ = write!(text, "\n## {}\n", escape(&section.heading));
    for paragraph in &section.paragraphs {
        // How to read a chart that is not here.
        if !matches!(section.chart, Some(Chart::Heat { .. })) {
            let _ = write!(text, "\n{}\n", escape(paragraph));
        }
    }
    text.push('\n');
    let headings = section.columns.iter().map(|column| escape(&column.heading));
    let headings: Vec<_> = headings.chain([escape(&page.command_heading)]).collect();
    let _ = writeln!(text, "| {} |", headings.join(" | "));
    let rules = (0..section.columns.len()).map(|place| {
        let is_text =
            section.rows.first().and_then(|row| row.cells.get(place)).is_some_and(PageCell::is_text);
        if is_text { "---" } else { "--:" }
    });
    let rules: Vec<_> = rules.chain(["---"]).collect();
    let _ = writeln!(text, "| {} |", rules.join(" | "));
    for row in &section.rows {
        let cells = row.cells.iter().map(|cell| {
            let shown = escape(&cell.text());
            if cell.is_small() && !shown.is_empty() { format!("{shown} \\*") } else { shown }
        });
        let cells: Vec<_> = cells.chain([format!("`{}`", row.command.replace(['`', '|'], ""))]).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    let notes = section.columns.iter().filter_map(|column| Some((&column.heading, column.flags.as_ref()?)));
    for (place, (heading, flags)) in notes.enumerate() {
        if place == 0 {
            let _ = write!(text, "\n{}:\n\n", escape(&page.flags_note));
        }
        let _ = writeln!(text, "- {}: `{flags}`", escape(heading));
    }
}
