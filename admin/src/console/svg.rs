//! Pictures as SVG, made here. They use classes and no inline style, so the strict policy for styles holds.

use std::fmt::Write as _;

/// The size of a picture.
pub(crate) const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 240.0;
/// The space for labels.
const LEFT: f64 = 44.0;
const BOTTOM: f64 = 34.0;
const TOP: f64 = 16.0;

/// A part of a bar: the class of its colour, its value, and the list that it leads to.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) class: &'static str,
    pub(crate) name: String,
    pub(crate) value: usize,
    pub(crate) href: String,
}

/// A bar with its label.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) parts: Vec<Part>,
}

/// Makes a text safe inside of an element or an attribute.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// A picture with links is a group, because an image has nothing inside that can be reached.
pub(crate) fn open(title: &str, height: f64, role: &str) -> String {
    format!(
        "<svg class=\"picture\" role=\"{role}\" viewBox=\"0 0 {WIDTH} {height}\" aria-label=\"{}\">",
        escaped(title)
    )
}

/// A number that is small enough for a coordinate.
fn coordinate(value: usize) -> f64 {
    f64::from(u32::try_from(value).unwrap_or(u32::MAX))
}

/// The lines of a scale with their numbers.
fn scale(svg: &mut String, max: usize) {
    let plot = HEIGHT - TOP - BOTTOM;
    for step in 0..=4_u32 {
        let share = f64::from(step) / 4.0;
        let y = TOP + plot * (1.0 - share);
        let number = coordinate(max) * share;
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"tick end\" x=\"{:.1}\" y=\"{:.1}\">{number:.0}</text>",
            LEFT - 6.0,
            y + 4.0
        );
    }
}

/// Bars beside each other. With `stacked`, the parts of a bar stand on each other; otherwise beside each other.
pub(crate) fn bars(title: &str, bars: &[Bar], stacked: bool) -> String {
    let total = |bar: &Bar| -> usize {
        let values = bar.parts.iter().map(|part| part.value);
        if stacked { values.sum() } else { values.max().unwrap_or_default() }
    };
    let max = bars.iter().map(total).max().unwrap_or_default().max(4).next_multiple_of(4);
    let plot = HEIGHT - TOP - BOTTOM;
    let step = (WIDTH - LEFT) / coordinate(bars.len().max(1));
    let every = bars.len().div_ceil(10).max(1);
    let mut svg = open(title, HEIGHT, "group");
    scale(&mut svg, max);
    for (place, bar) in bars.iter().enumerate() {
        let x = LEFT + step * coordinate(place);
        let thin = if stacked { 1 } else { bar.parts.len().max(1) };
        let width = (step * 0.8 / coordinate(thin)).max(1.0);
        let mut base = TOP + plot;
        for (index, part) in bar.parts.iter().enumerate() {
            let height = plot * coordinate(part.value) / coordinate(max);
            let left = if stacked { x } else { x + width * coordinate(index) };
            let y = base - height;
            if part.value > 0 {
                let _ = write!(
                    svg,
                    "<a href=\"{}\" aria-label=\"{label}\"><rect class=\"{}\" x=\"{left:.1}\" y=\"{y:.1}\" \
                     width=\"{width:.1}\" height=\"{height:.1}\"><title>{label}</title></rect></a>",
                    escaped(&part.href),
                    part.class,
                    label = escaped(&format!("{} {}: {}", bar.label, part.name, part.value)),
                );
            }
            if stacked {
                base = y;
            }
        }
        if place % every == 0 {
            let middle = x + step * 0.4;
            let label = escaped(&bar.label);
            let y = HEIGHT - 12.0;
            let _ = write!(svg, "<text class=\"tick\" x=\"{middle:.1}\" y=\"{y:.1}\">{label}</text>");
        }
    }
    svg + "</svg>"
}

/// Bars below each other, for long labels.
pub(crate) fn rows(title: &str, bars: &[Bar]) -> String {
    const ROW: f64 = 26.0;
    const LABEL: f64 = 260.0;
    let max = bars.iter().flat_map(|bar| &bar.parts).map(|part| part.value).max().unwrap_or_default().max(1);
    let height = ROW * coordinate(bars.len().max(1)) + 8.0;
    let mut svg = open(title, height, "group");
    for (place, bar) in bars.iter().enumerate() {
        let y = ROW * coordinate(place) + 4.0;
        let label: String = bar.label.chars().take(26).collect();
        let _ = write!(
            svg,
            "<text class=\"tick end\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            LABEL - 8.0,
            y + 15.0,
            escaped(&label)
        );
        let thin = (ROW - 6.0) / coordinate(bar.parts.len().max(1));
        for (index, part) in bar.parts.iter().enumerate() {
            let width = (WIDTH - LABEL - 50.0) * coordinate(part.value) / coordinate(max);
            let top = y + thin * coordinate(index);
            let _ = write!(
                svg,
                "<a href=\"{}\" aria-label=\"{label}\"><rect class=\"{}\" x=\"{LABEL}\" y=\"{top:.1}\" \
                 width=\"{width:.1}\" height=\"{thin:.1}\"><title>{label}</title></rect></a>\
                 <text class=\"tick start\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                escaped(&part.href),
                part.class,
                LABEL + width + 4.0,
                top + thin - 1.0,
                part.value,
                label = escaped(&format!("{} {}: {}", bar.label, part.name, part.value)),
            );
        }
    }
    svg + "</svg>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_a_ticket_stays_a_text() {
        let part =
            Part { class: "a", name: "\"><script>".to_owned(), value: 1, href: "/x?a=1&b='".to_owned() };
        let bar = Bar { label: "<b>".to_owned(), parts: vec![part] };
        for svg in [bars("<t>", std::slice::from_ref(&bar), true), rows("\"t", &[bar])] {
            assert!(!svg.contains("<script>") && !svg.contains("<b>") && !svg.contains("<t>"), "{svg}");
        }
    }
}
