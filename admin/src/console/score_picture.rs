//! The rates of units as dots with their intervals, one row a unit and one column a rate.

use std::fmt::Write as _;

use hotline_client::{ItemRate, UnitScore, UnitStanding};

use super::app::Directory;
use super::language::Lang;
use super::svg::escaped;

const WIDTH: f64 = 720.0;
/// The space for the names of units.
const LABEL: f64 = 200.0;
const ROW: f64 = 28.0;
const TOP: f64 = 30.0;
/// The space between two columns.
const GAP: f64 = 22.0;
/// The most columns: a scheme has three rates, and rarely one more.
const COLUMNS_MAX: usize = 4;

/// The name of an item. A clause begins with its Chinese name and a colon.
pub(crate) fn item_name(key: &str, clause: &str, lang: Lang) -> String {
    match (lang, clause.split_once([':', '：'])) {
        (Lang::Zh, Some((name, _))) => name.trim().to_owned(),
        _ => key.replace('_', " "),
    }
}

/// Whether the figures of a unit rest on too few cases to rank it.
pub(crate) fn is_small(score: &UnitScore) -> bool {
    score.standing != UnitStanding::Ranked
}

/// A percentage of the contract as a number.
fn share(percent: Option<&String>) -> Option<f64> {
    let number: f64 = percent?.parse().ok()?;
    Some(number.clamp(0.0, 100.0))
}

/// A rate in words: the percentage, its interval and its cases.
pub(crate) fn rate_text(rate: &ItemRate) -> String {
    match (&rate.percent, &rate.low, &rate.high) {
        (Some(percent), Some(low), Some(high)) => {
            format!("{percent}% [{low}–{high}] n={}", rate.denominator)
        }
        _ => format!("— n={}", rate.denominator),
    }
}

fn number(value: usize) -> f64 {
    f64::from(u32::try_from(value).unwrap_or(u32::MAX))
}

/// The heads of the columns with the lines at 0, 50 and 100 percent.
fn columns(svg: &mut String, names: &[String], step: f64, height: f64) {
    for (place, name) in names.iter().enumerate() {
        let left = LABEL + step * number(place);
        let width = step - GAP;
        let middle = left + width / 2.0;
        let _ = write!(svg, "<text class=\"tick\" x=\"{middle:.1}\" y=\"11\">{}</text>", escaped(name));
        for (share, text) in [(0.0, "0"), (0.5, "50"), (1.0, "100 %")] {
            let x = left + width * share;
            let _ = write!(
                svg,
                "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{height:.1}\"/>\
                 <text class=\"tick\" x=\"{x:.1}\" y=\"24\">{text}</text>"
            );
        }
    }
}

/// The picture of a group. `href` makes the address of a unit.
pub(crate) fn dots(
    title: &str,
    scores: &[&UnitScore],
    names: &Directory,
    lang: Lang,
    href: impl Fn(&str) -> String,
) -> String {
    let items = scores.first().map(|score| score.items.as_slice()).unwrap_or_default();
    let heads: Vec<_> =
        items.iter().take(COLUMNS_MAX).map(|item| item_name(&item.key, &item.clause, lang)).collect();
    let step = (WIDTH - LABEL) / number(heads.len().max(1));
    let height = TOP + ROW * number(scores.len()) + 4.0;
    let mut svg = format!(
        "<svg class=\"picture\" role=\"group\" viewBox=\"0 0 {WIDTH} {height}\" aria-label=\"{}\">",
        escaped(title)
    );
    columns(&mut svg, &heads, step, height);
    for (place, score) in scores.iter().enumerate() {
        let y = TOP + ROW * (number(place) + 0.5);
        let unit = names.unit(&score.unit, lang);
        let rank = if score.rank > 0 { format!("{}. ", score.rank) } else { String::new() };
        let label: String = format!("{rank}{unit}").chars().take(18).collect();
        let class = if is_small(score) { "few" } else { "ranked" };
        let _ = write!(
            svg,
            "<text class=\"tick end\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            LABEL - 14.0,
            y + 4.0,
            escaped(&label)
        );
        let rates: Vec<_> =
            score.items.iter().zip(&heads).map(|(item, name)| (name, &item.adjusted)).collect();
        for (column, (name, rate)) in rates.into_iter().enumerate() {
            let ends = (share(rate.percent.as_ref()), share(rate.low.as_ref()), share(rate.high.as_ref()));
            let (Some(percent), Some(low), Some(high)) = ends else { continue };
            let at = |share: f64| LABEL + step * number(column) + (step - GAP) * share / 100.0;
            let label = escaped(&format!("{unit} {name}: {}", rate_text(rate)));
            let _ = write!(
                svg,
                "<a class=\"{class}\" href=\"{}\" aria-label=\"{label}\"><line class=\"interval\" x1=\"{:.1}\" \
                 x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><circle class=\"dot\" cx=\"{:.1}\" cy=\"{y:.1}\" \
                 r=\"5\"><title>{label}</title></circle></a>",
                escaped(&href(&score.unit)),
                at(low),
                at(high),
                at(percent),
            );
        }
    }
    svg + "</svg>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_named_by_its_clause_in_chinese_and_by_its_key_in_english() {
        assert_eq!(item_name("response", "响应率: the company was contacted", Lang::Zh), "响应率");
        assert_eq!(item_name("on_time", "按时办结率: by the limit", Lang::En), "on time");
        assert_eq!(item_name("on_time", "without a name", Lang::Zh), "on time");
    }

    #[test]
    fn a_percentage_stays_inside_of_its_column() {
        let share = |text: &str| share(Some(&text.to_owned()));
        assert_eq!(
            (share("120.5"), share("-3"), share("66.67"), share("")),
            (Some(100.0), Some(0.0), Some(66.67), None)
        );
    }
}
