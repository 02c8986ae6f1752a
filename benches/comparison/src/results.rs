//! The figures of all rounds, their medians, and the ratios with their bars.

use serde_json::{Map, Value, json};

use super::load::{Measured, median};

/// A ratio that is judged.
#[derive(Debug)]
struct Bar {
    key: &'static str,
    what: &'static str,
    required: f64,
    stretch: f64,
    /// Whether more is better.
    is_at_least: bool,
}

const fn at_least(key: &'static str, what: &'static str, required: f64, stretch: f64) -> Bar {
    Bar { key, what, required, stretch, is_at_least: true }
}

const fn at_most(key: &'static str, what: &'static str, required: f64, stretch: f64) -> Bar {
    Bar { key, what, required, stretch, is_at_least: false }
}

/// Every ratio, in the order of the table.
const BARS: [Bar; 10] = [
    at_least("create_pg_64_over_limit_a", "CreateTicket PostgreSQL ÷ limit A, 64 callers", 0.8, 1.2),
    at_least("create_pg_256_over_limit_a", "CreateTicket PostgreSQL ÷ limit A, 256 callers", 0.8, 1.2),
    at_least(
        "create_sqlite_64_over_single",
        "CreateTicket SQLite ÷ one command a commit, 64 callers",
        4.0,
        6.0,
    ),
    at_most("p99_create_pg_8_over_pgbench", "p99 CreateTicket PostgreSQL ÷ p99 pgbench, 8 callers", 3.0, 2.0),
    at_least("loop_pg_64_over_limit_a_sixth", "whole loop ÷ (limit A ÷ 6), 64 callers, 1 unit", 0.5, 0.8),
    at_least(
        "loop_pg_64_300_units_over_limit_a_sixth",
        "whole loop ÷ (limit A ÷ 6), 64 callers, 300 units",
        0.5,
        0.8,
    ),
    at_least("get_pg_over_echo", "GetTicket PostgreSQL ÷ echo of the same size, 64 callers", 0.2, 0.3),
    at_least("get_sqlite_over_echo", "GetTicket SQLite ÷ echo of the same size, 64 callers", 0.2, 0.3),
    at_most("lists_1m_over_10k_max", "slowest list filter, long ÷ short list", 1.3, 1.1),
    at_most("lookup_sqlite_over_pg", "look-up by phone or code, SQLite ÷ PostgreSQL time", 2.0, 1.0),
];

/// What was measured, how many callers there were, and the result of each round.
#[derive(Debug)]
struct Figure {
    what: String,
    callers: usize,
    rounds: Vec<Measured>,
}

/// All figures and ratios.
#[derive(Debug, Default)]
pub(crate) struct Results {
    figures: Vec<Figure>,
    /// For each ratio the value of each round.
    ratios: Vec<(&'static str, Vec<f64>)>,
    notes: Vec<String>,
}

impl Results {
    /// Adds the result of a round.
    pub(crate) fn add(&mut self, what: &str, callers: usize, measured: Measured) {
        eprintln!("  {what}, {callers} callers: {}", row_of(measured));
        let known = self.figures.iter_mut().find(|figure| figure.what == what && figure.callers == callers);
        match known {
            Some(figure) => figure.rounds.push(measured),
            None => self.figures.push(Figure { what: what.to_owned(), callers, rounds: vec![measured] }),
        }
    }

    /// Adds a ratio of figures of the same round.
    pub(crate) fn add_ratio(&mut self, key: &'static str, ratio: f64) {
        debug_assert!(BARS.iter().any(|bar| bar.key == key), "{key} has no bar");
        eprintln!("  {key}: {ratio:.2}");
        match self.ratios.iter_mut().find(|(known, _)| *known == key) {
            Some((_, rounds)) => rounds.push(ratio),
            None => self.ratios.push((key, vec![ratio])),
        }
    }

    /// Adds what a reader of the figures must know.
    pub(crate) fn add_note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Prints all figures, then the ratios with their bars.
    pub(crate) fn print(&self) {
        println!("| what | callers | per second | p50 ms | p99 ms |");
        println!("|---|---|---|---|---|");
        for figure in &self.figures {
            let Measured { per_second, p50_ms, p99_ms } = figure.median();
            let time = |ms: f64| if ms.is_nan() { "–".to_owned() } else { format!("{ms:.2}") };
            println!(
                "| {} | {} | {per_second:.0} | {} | {} |",
                figure.what,
                figure.callers,
                time(p50_ms),
                time(p99_ms)
            );
        }
        println!("\n| ratio | key | median | rounds | bar | stretch | met |");
        println!("|---|---|---|---|---|---|---|");
        for bar in &BARS {
            let Some((_, rounds)) = self.ratios.iter().find(|(key, _)| *key == bar.key) else { continue };
            let value = median(rounds.clone());
            let rounds: Vec<_> = rounds.iter().map(|round| format!("{round:.2}")).collect();
            println!(
                "| {} | `{}` | {value:.2} | {} | {} | {} | {} |",
                bar.what,
                bar.key,
                rounds.join(", "),
                bar.limit(bar.required),
                bar.limit(bar.stretch),
                bar.verdict(value)
            );
        }
        for note in &self.notes {
            println!("\n{note}");
        }
    }

    /// The medians of all figures. `benches/comparison/chart.py` draws them.
    pub(crate) fn figures_as_json(&self) -> Value {
        let number = |value: f64| if value.is_nan() { Value::Null } else { json!(rounded(value)) };
        let figure = |figure: &Figure| {
            let Measured { per_second, p50_ms, p99_ms } = figure.median();
            json!({
                "what": figure.what,
                "callers": figure.callers,
                "per_second": number(per_second),
                "p50_ms": number(p50_ms),
                "p99_ms": number(p99_ms),
            })
        };
        json!({ "figures": self.figures.iter().map(figure).collect::<Vec<_>>(), "notes": self.notes })
    }

    /// The median of each ratio that was measured.
    pub(crate) fn ratios_as_json(&self) -> Value {
        let measured = BARS.iter().filter_map(|bar| self.ratios.iter().find(|(key, _)| *key == bar.key));
        let medians: Map<_, _> = measured
            .map(|(key, rounds)| ((*key).to_owned(), json!(rounded(median(rounds.clone())))))
            .collect();
        Value::Object(medians)
    }
}

impl Figure {
    fn median(&self) -> Measured {
        let of = |value: fn(&Measured) -> f64| median(self.rounds.iter().map(value).collect());
        Measured {
            per_second: of(|round| round.per_second),
            p50_ms: of(|round| round.p50_ms),
            p99_ms: of(|round| round.p99_ms),
        }
    }
}

impl Bar {
    fn limit(&self, value: f64) -> String {
        format!("{} {value}", if self.is_at_least { '≥' } else { '≤' })
    }

    fn verdict(&self, value: f64) -> &'static str {
        let meets = |limit| if self.is_at_least { value >= limit } else { value <= limit };
        match (meets(self.stretch), meets(self.required)) {
            (true, _) => "stretch",
            (false, true) => "bar",
            (false, false) => "**no**",
        }
    }
}

/// Four digits after the point are more than any run repeats.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

fn row_of(measured: Measured) -> String {
    let Measured { per_second, p50_ms, p99_ms } = measured;
    if p50_ms.is_nan() {
        return format!("{per_second:.0} a second");
    }
    format!("{per_second:.0} a second, p50 {p50_ms:.2} ms, p99 {p99_ms:.2} ms")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEASURED: Measured = Measured { per_second: 10.0, p50_ms: 1.0, p99_ms: f64::NAN };

    #[test]
    fn a_ratio_is_the_median_of_its_rounds_and_an_unmeasured_one_is_absent() {
        let mut results = Results::default();
        for ratio in [0.9, 0.7, 0.123_456] {
            results.add_ratio("create_pg_64_over_limit_a", ratio);
        }
        assert_eq!(results.ratios_as_json(), json!({ "create_pg_64_over_limit_a": 0.7 }));
    }

    #[test]
    fn rounds_of_one_figure_are_put_together() {
        let mut results = Results::default();
        for (callers, per_second) in [(8, 10.0), (64, 99.0), (8, 30.0), (8, 20.0)] {
            results.add("create", callers, Measured { per_second, ..MEASURED });
        }
        let json = results.figures_as_json();
        assert_eq!(
            json["figures"][0],
            json!({ "what": "create", "callers": 8, "per_second": 20.0, "p50_ms": 1.0, "p99_ms": null })
        );
        assert_eq!(json["figures"][1]["per_second"], 99.0);
    }

    #[test]
    fn a_bar_is_met_from_its_own_side() {
        let of = |key| BARS.iter().find(|bar| bar.key == key).expect("it has a bar");
        let rate = of("create_pg_64_over_limit_a");
        assert_eq!([1.3, 0.8, 0.79].map(|value| rate.verdict(value)), ["stretch", "bar", "**no**"]);
        let time = of("lists_1m_over_10k_max");
        assert_eq!([1.0, 1.3, 1.31].map(|value| time.verdict(value)), ["stretch", "bar", "**no**"]);
    }
}
