//! A report as one HTML file: no scripts, and nothing from elsewhere.

use std::fmt::Write as _;

use hotline_client::Language;

use super::markup::escape;
use super::page::{Page, PageCell, PageColumn, PageRow, Section};
use super::svg;

const STYLE: &str = "\
body{font:15px/1.6 system-ui,'PingFang SC','Microsoft YaHei',sans-serif;margin:2em auto;max-width:72em;padding:0 1em;color:#222}
h1{font-size:1.6em}h2{font-size:1.2em;margin-top:2em;border-bottom:1px solid #ccc}
table{border-collapse:collapse;margin:.8em 0}th,td{padding:.2em .7em;border-bottom:1px solid #e4e4e4;text-align:right;vertical-align:top}
th{background:#f5f5f5}th.text,td.text{text-align:left}td.small{color:#999}
code{font-size:.85em;word-break:break-all}summary{cursor:pointer;color:#666}.note{color:#666;font-size:.9em}
svg{display:block;max-width:100%;height:auto;font-size:12px}.bar{fill:#2f6f9f}
@media print{details>code{display:block}}";

/// The page.
pub(super) fn text(page: &Page) -> String {
    let language = if page.language == Language::Chinese { "zh-CN" } else { "en" };
    let title = escape(&page.title);
    let mut text = format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    for paragraph in &page.paragraphs {
        let _ = writeln!(text, "<p>{}</p>", escape(paragraph));
    }
    for section in &page.sections {
        write_section(&mut text, page, section);
    }
    text + "</body>\n</html>\n"
}

fn write_section(text: &mut String, page: &Page, section: &Section) {
    let _ = writeln!(text, "<section id=\"{}\">\n<h2>{}</h2>", section.key, escape(&section.heading));
    for paragraph in &section.paragraphs {
        let _ = writeln!(text, "<p>{}</p>", escape(paragraph));
    }
    if let Some(chart) = &section.chart {
        text.push_str(&svg::svg(chart, &section.heading));
    }
    text.push_str("<table>\n<thead><tr>");
    for (place, column) in section.columns.iter().enumerate() {
        let is_text =
            section.rows.first().and_then(|row| row.cells.get(place)).is_some_and(PageCell::is_text);
        let class = if is_text { " class=\"text\"" } else { "" };
        let _ = write!(text, "<th{class}>{}</th>", escape(&column.heading));
    }
    let _ = writeln!(text, "<th class=\"text\">{}</th></tr></thead>\n<tbody>", escape(&page.command_heading));
    for row in &section.rows {
        write_row(text, row);
    }
    text.push_str("</tbody>\n</table>\n");
    let notes: Vec<_> = section.columns.iter().filter_map(flags_note).collect();
    if !notes.is_empty() {
        let _ = writeln!(text, "<p class=\"note\">{}:</p>\n<ul class=\"note\">", escape(&page.flags_note));
        for note in notes {
            let _ = writeln!(text, "{note}");
        }
        text.push_str("</ul>\n");
    }
    text.push_str("</section>\n");
}

fn flags_note(column: &PageColumn) -> Option<String> {
    let flags = column.flags.as_ref()?;
    Some(format!("<li>{}: <code>{}</code></li>", escape(&column.heading), escape(flags)))
}

fn write_row(text: &mut String, row: &PageRow) {
    text.push_str("<tr>");
    for cell in &row.cells {
        let class = match (cell.is_text(), cell.is_small()) {
            (true, _) => " class=\"text\"",
            (_, true) => " class=\"small\"",
            _ => "",
        };
        let _ = write!(text, "<td{class}>{}</td>", escape(&cell.text()));
    }
    let command = escape(&row.command);
    let _ = writeln!(
        text,
        "<td class=\"text\"><details><summary>…</summary><code>{command}</code></details></td></tr>"
    );
}
