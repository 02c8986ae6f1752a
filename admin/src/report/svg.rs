//! Charts as inline SVG, without scripts.

use std::fmt::Write as _;

use super::markup::escape;
use super::page::{Chart, count_text};
use crate::analysis::rates::float;

/// The width of a chart.
const WIDTH: usize = 720;
/// The width of the names at the left of bars.
const NAMES: usize = 220;
/// The height of a bar with its gap.
const BAR: usize = 24;
/// The longest name at a bar, in characters.
const NAME_MAX: usize = 15;

/// A part of a length, in proportion to a value.
fn scaled(value: i64, max: i64, length: usize) -> usize {
    let value = usize::try_from(value).unwrap_or_default();
    let max = usize::try_from(max).unwrap_or_default().max(1);
    length.saturating_mul(value) / max
}

fn max(values: impl Iterator<Item = i64>) -> i64 {
    values.max().unwrap_or_default().max(1)
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= NAME_MAX {
        return name.to_owned();
    }
    name.chars().take(NAME_MAX - 1).collect::<String>() + "…"
}

/// The chart; empty without values.
pub(super) fn svg(chart: &Chart, label: &str) -> String {
    let (height, body) = match chart {
        Chart::Bars(bars) => (bars.len() * BAR, bar_shapes(bars)),
        Chart::Columns(values) => (180, column_shapes(values)),
        Chart::Heat { rows, columns, values } => ((rows.len() + 1) * BAR, heat_shapes(rows, columns, values)),
    };
    if body.is_empty() {
        return String::new();
    }
    let label = escape(label);
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-label=\"{label}\">\n{body}</svg>\n"
    )
}

fn bar_shapes(bars: &[(String, i64)]) -> String {
    let most = max(bars.iter().map(|(_, value)| *value));
    let mut text = String::new();
    for (place, (name, value)) in bars.iter().enumerate() {
        let (y, width) = (place * BAR, scaled(*value, most, WIDTH - NAMES - 90));
        let (middle, count) = (y + 16, count_text(*value));
        let (full, short) = (escape(name), escape(&shortened(name)));
        let _ = writeln!(
            text,
            "<g><title>{full}: {count}</title><text x=\"{}\" y=\"{middle}\" text-anchor=\"end\">{short}</text>\
             <rect class=\"bar\" x=\"{NAMES}\" y=\"{}\" width=\"{width}\" height=\"18\"/>\
             <text x=\"{}\" y=\"{middle}\">{count}</text></g>",
            NAMES - 8,
            y + 2,
            NAMES + width + 6
        );
    }
    text
}

fn column_shapes(values: &[(String, i64)]) -> String {
    let most = max(values.iter().map(|(_, value)| *value));
    let step = WIDTH / values.len().max(1);
    let mut text = String::new();
    for (place, (name, value)) in values.iter().enumerate() {
        let (x, height, count) = (place * step, scaled(*value, most, 130), count_text(*value));
        let name = escape(name);
        let _ = writeln!(
            text,
            "<g><title>{name}: {count}</title><rect class=\"bar\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{height}\"/>",
            x + 1,
            150 - height,
            step.saturating_sub(2)
        );
        // Names side by side need room.
        if place % (48 / step.max(1) + 1) == 0 {
            let _ =
                write!(text, "<text x=\"{}\" y=\"170\" text-anchor=\"middle\">{name}</text>", x + step / 2);
        }
        text.push_str("</g>\n");
    }
    text
}

fn heat_shapes(rows: &[String], columns: &[String], values: &[Vec<i64>]) -> String {
    let most = max(values.iter().flatten().copied());
    let step = (WIDTH - 60) / columns.len().max(1);
    let mut text = String::new();
    for (place, name) in columns.iter().enumerate() {
        let x = 60 + place * step + step / 2;
        let _ = writeln!(text, "<text x=\"{x}\" y=\"16\" text-anchor=\"middle\">{}</text>", escape(name));
    }
    for (row, (name, counts)) in rows.iter().zip(values).enumerate() {
        let (y, name) = ((row + 1) * BAR, escape(name));
        let _ = writeln!(text, "<text x=\"52\" y=\"{}\" text-anchor=\"end\">{name}</text>", y + 16);
        for (place, count) in counts.iter().enumerate() {
            let shade = float(*count) / float(most);
            let column = columns.get(place).map(|column| escape(column)).unwrap_or_default();
            let _ = writeln!(
                text,
                "<rect class=\"bar\" x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{}\" fill-opacity=\"{shade:.2}\"><title>{name} {column}: {}</title></rect>",
                60 + place * step,
                step - 1,
                BAR - 1,
                count_text(*count)
            );
        }
    }
    text
}
