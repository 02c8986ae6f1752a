//! The figures: their keys, bars and rounds, the table and the JSON.

use std::collections::HashMap;
use std::fmt::Write as _;

/// A figure of the comparison.
#[derive(Debug)]
struct Figure {
    key: &'static str,
    what: &'static str,
    bar: f64,
    /// Whether a larger value is better.
    is_rate: bool,
}

const fn at_least(key: &'static str, bar: f64, what: &'static str) -> Figure {
    Figure { key, what, bar, is_rate: true }
}

const fn at_most(key: &'static str, bar: f64, what: &'static str) -> Figure {
    Figure { key, what, bar, is_rate: false }
}

const FIGURES: [Figure; 10] = [
    at_least("create_pg_64_over_limit_a", 0.8, "CreateTicket, PostgreSQL, 64 callers ÷ limit A"),
    at_least("create_pg_256_over_limit_a", 0.8, "CreateTicket, PostgreSQL, 256 callers ÷ limit A"),
    at_least(
        "create_sqlite_64_over_single",
        4.0,
        "CreateTicket, SQLite, 64 callers ÷ one transaction per request",
    ),
    at_most("p99_create_pg_8_over_pgbench", 3.0, "p99 of CreateTicket ÷ p99 of pgbench, 8 callers"),
    at_least("loop_pg_64_over_limit_a_sixth", 0.5, "whole loop, 64 callers, 1 unit ÷ (limit A ÷ 6)"),
    at_least(
        "loop_pg_64_300_units_over_limit_a_sixth",
        0.5,
        "whole loop, 64 callers, 300 units ÷ (limit A ÷ 6)",
    ),
    at_least("get_pg_over_echo", 0.2, "GetTicket, PostgreSQL ÷ echo of the same size"),
    at_least("get_sqlite_over_echo", 0.2, "GetTicket, SQLite ÷ echo of the same size"),
    at_most("lists_1m_over_10k_max", 1.3, "slowest list, 1,000,000 ÷ 10,000 tickets"),
    at_most("lookup_sqlite_over_pg", 2.0, "look-up by telephone number, SQLite ÷ PostgreSQL time"),
];

/// What was measured.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    ratios: HashMap<&'static str, Vec<f64>>,
    /// Each measurement beside the figures, with its unit.
    measured: Vec<(String, &'static str, Vec<f64>)>,
}

/// The median; of two in the middle, their mean.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    let mut values: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    Some(if values.len().is_multiple_of(2) { f64::midpoint(values[middle - 1], upper) } else { upper })
}

fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

impl Figures {
    /// Notes the ratio of one round.
    pub(crate) fn ratio(&mut self, key: &'static str, over: f64, under: f64) {
        assert!(FIGURES.iter().any(|figure| figure.key == key), "{key} is no figure");
        self.ratios.entry(key).or_default().push(over / under);
    }

    /// Notes a measurement of one round, and says it at once.
    pub(crate) fn measured(&mut self, name: &str, unit: &'static str, value: f64) -> f64 {
        eprintln!("{name}: {value:.2} {unit}");
        match self.measured.iter_mut().find(|(known, ..)| known == name) {
            Some((.., values)) => values.push(value),
            None => self.measured.push((name.to_owned(), unit, vec![value])),
        }
        value
    }

    fn value(&self, figure: &Figure) -> Option<f64> {
        self.ratios.get(figure.key).and_then(|rounds| median(rounds)).map(rounded)
    }

    /// The figures, then all measurements, as tables in Markdown.
    pub(crate) fn table(&self) -> String {
        let mut table = "| figure | value | bar | met | rounds |\n|---|---|---|---|---|\n".to_owned();
        for figure in &FIGURES {
            let rounds = self.ratios.get(figure.key).map_or(&[][..], Vec::as_slice);
            let each: Vec<String> = rounds.iter().map(|ratio| format!("{ratio:.2}")).collect();
            let (value, met) = match self.value(figure) {
                Some(value) => {
                    let is_met = if figure.is_rate { value >= figure.bar } else { value <= figure.bar };
                    (format!("{value:.2}"), if is_met { "yes" } else { "no" })
                }
                None => ("–".to_owned(), "–"),
            };
            let (sign, bar) = (if figure.is_rate { "≥" } else { "≤" }, figure.bar);
            // Writing to a string does not fail.
            let _ = writeln!(
                table,
                "| {} (`{}`) | {value} | {sign} {bar} | {met} | {} |",
                figure.what,
                figure.key,
                each.join(", ")
            );
        }
        table.push_str("\n| measured | median | unit | rounds |\n|---|---|---|---|\n");
        for (name, unit, values) in &self.measured {
            let each: Vec<String> = values.iter().map(|value| format!("{value:.2}")).collect();
            let middle = median(values).unwrap_or(f64::NAN);
            let _ = writeln!(table, "| {name} | {middle:.2} | {unit} | {} |", each.join(", "));
        }
        table
    }

    /// The figures as one object; null for those that were not measured.
    pub(crate) fn json(&self) -> String {
        let pairs = FIGURES.iter().map(|figure| {
            let value = self.value(figure).map_or("null".to_owned(), |value| value.to_string());
            format!("\"{}\":{value}", figure.key)
        });
        format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
    }
}
