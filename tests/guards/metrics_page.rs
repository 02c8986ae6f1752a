//! `docs/metrics.md` names exactly the metrics in the code, and no label can identify a ticket or a person.

use std::collections::BTreeSet;

use hotline_server::platform::metrics::{Kind, LATENESS_BUCKETS, METRICS, RUNG};

use super::sources;

const PAGE: &str = "docs/metrics.md";
/// The only file with the names.
const NAMES: &str = "server/src/platform/metrics.rs";
const PREFIX: &str = "hotline_";
/// Labels with few values that identify nobody. Consider that before you add one.
const LABELS: [&str; 1] = [RUNG];

/// Every word of a text that begins like a metric.
fn metric_words(text: &str) -> BTreeSet<String> {
    let words = text.match_indices(PREFIX).map(|(place, _)| {
        let is_of_a_name = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '_';
        text[place..].chars().take_while(is_of_a_name).collect::<String>()
    });
    // The suffixes that the format adds to a histogram.
    words.map(|word| word.trim_end_matches("_bucket").to_owned()).collect()
}

#[test]
fn the_page_has_a_row_for_each_metric_and_names_no_other() {
    let page = sources::read(PAGE);
    for metric in METRICS {
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let label = metric.label.map(|label| format!(" `{label}`")).unwrap_or_default();
        let row = format!("| `{}` | {kind} |{label} | {} |", metric.name, metric.help);
        assert!(page.lines().any(|line| line == row), "{PAGE} lacks the row\n{row}");
    }
    let names: BTreeSet<_> = METRICS.iter().map(|metric| metric.name.to_owned()).collect();
    assert_eq!(metric_words(&page), names);
}

#[test]
fn the_page_names_the_buckets() {
    let page = sources::read(PAGE).replace('\n', " ").replace(',', "");
    let said = page.split("Its buckets end at ").nth(1).and_then(|rest| rest.split(" seconds").next());
    let said: Vec<f64> = said
        .expect("the page names the buckets")
        .split_whitespace()
        .filter(|word| *word != "and")
        .map(|word| word.parse().unwrap_or_else(|_| panic!("{word} is no bucket")))
        .collect();
    assert_eq!(said, LATENESS_BUCKETS);
}

#[test]
fn names_say_what_they_count_and_labels_name_nobody() {
    for metric in METRICS {
        let end = match metric.kind {
            Kind::Counter => "_total",
            Kind::Gauge if metric.name.ends_with("_days") => "_days",
            Kind::Gauge => "_bytes",
            Kind::Histogram => "_seconds",
        };
        assert!(metric.name.starts_with(PREFIX) && metric.name.ends_with(end), "{}", metric.name);
        assert!(metric.label.is_none_or(|label| LABELS.contains(&label)), "{}", metric.name);
    }
}

#[test]
fn the_names_stand_in_one_file() {
    for source in sources::under("server/src").iter().filter(|source| source.path != NAMES) {
        let code = sources::without_comments(&source.text);
        let code = code.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for metric in METRICS {
            assert!(!code.contains(metric.name), "{} names {}", source.path, metric.name);
        }
        // A label is set at the call, so each file that records metrics must take it from the list.
        for call in ["counter!(", "histogram!(", "gauge!("] {
            for (place, _) in code.match_indices(call) {
                let arguments = code[place + call.len()..].split(')').next().unwrap_or_default();
                let pairs: Vec<_> = arguments.split("=>").collect();
                let labels = pairs[..pairs.len() - 1].iter().map(|before| before.rsplit(',').next());
                let is_listed = |label: Option<&str>| label.is_some_and(|label| label.trim() == "RUNG");
                assert!(labels.into_iter().all(is_listed), "{}: {call}{arguments})", source.path);
                assert!(!arguments.contains('"'), "{}: {call}{arguments})", source.path);
            }
        }
    }
}
