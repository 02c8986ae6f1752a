//! `docs/metrics.md` names exactly the metrics in the code, and no label can identify a ticket or a person.

use std::collections::BTreeSet;

use hotline_server::platform::metrics::{
    CALL_BUCKETS, FOLLOWER, GRPC_METHOD, GRPC_STATUS, Kind, LATENESS_BUCKETS, METRICS, OUTCOME, POOL,
    POOL_STATE, REASON, RUNG, WAIT_BUCKETS,
};

use super::sources;

const PAGE: &str = "docs/metrics.md";
/// The only file with the names.
const NAMES: &str = "server/src/platform/metrics/names.rs";
/// Prefixes of names: of this server, and the common ones of gRPC services and database clients.
const PREFIXES: [&str; 3] = ["hotline_", "grpc_server_", "db_client_connection_"];
/// Labels with few values that identify nobody. Consider that before you add one.
const LABELS: [&str; 8] = [FOLLOWER, RUNG, GRPC_METHOD, GRPC_STATUS, OUTCOME, REASON, POOL, POOL_STATE];
/// Their names in the code.
const LABEL_NAMES: [&str; 8] =
    ["FOLLOWER", "RUNG", "GRPC_METHOD", "GRPC_STATUS", "OUTCOME", "REASON", "POOL", "POOL_STATE"];

/// Every word of a text that begins like a metric.
fn metric_words(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let is_metric =
        |word: &&str| PREFIXES.iter().any(|prefix| word.starts_with(prefix)) && !LABELS.contains(word);
    // The suffixes that the format adds to a histogram.
    let name = |word: &str| word.trim_end_matches("_bucket").trim_end_matches("_count").to_owned();
    // The name of the gauge of connections ends in `_count` by itself.
    let names = |word: &str| METRICS.iter().any(|metric| metric.name == word);
    words.filter(is_metric).map(|word| if names(word) { word.to_owned() } else { name(word) }).collect()
}

#[test]
fn the_page_lists_exactly_the_metrics_of_the_code() {
    let page = sources::read(PAGE);
    for metric in METRICS {
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let label = if labels.is_empty() { String::new() } else { format!(" {}", labels.join(", ")) };
        let row = format!("| `{}` | {kind} |{label} | {} |", metric.name, metric.help);
        assert!(page.lines().any(|line| line == row), "{PAGE} lacks the row\n{row}");
    }
    let names: BTreeSet<_> = METRICS.iter().map(|metric| metric.name.to_owned()).collect();
    assert_eq!(metric_words(&page), names);
}

#[test]
fn the_page_names_the_buckets() {
    let page = sources::read(PAGE).replace('\n', " ").replace(',', "");
    for (opening, buckets) in [
        ("Its buckets end at ", &LATENESS_BUCKETS[..]),
        ("The buckets of calls end at ", &CALL_BUCKETS),
        ("The buckets of waits end at ", &WAIT_BUCKETS),
    ] {
        assert_eq!(buckets_after(&page, opening), buckets, "{opening}");
    }
}

/// The numbers between these words and `seconds`.
fn buckets_after(page: &str, opening: &str) -> Vec<f64> {
    let said = page.split(opening).nth(1).and_then(|rest| rest.split(" seconds").next());
    let said = said
        .expect("the page names the buckets")
        .split_whitespace()
        .filter(|word| *word != "and")
        .map(|word| word.parse().unwrap_or_else(|_| panic!("{word} is no bucket")));
    said.collect()
}

#[test]
fn metric_names_have_units_and_labels_hold_no_identity() {
    for metric in METRICS {
        let ends_well = match metric.kind {
            Kind::Counter => metric.name.ends_with("_total"),
            // A number of things has no unit.
            Kind::Gauge => !metric.name.ends_with("_total") && !metric.name.ends_with("_seconds"),
            Kind::Histogram => metric.name.ends_with("_seconds"),
        };
        let begins_well = PREFIXES.iter().any(|prefix| metric.name.starts_with(prefix));
        assert!(begins_well && ends_well, "{}", metric.name);
        assert!(metric.labels.iter().all(|label| LABELS.contains(label)), "{}", metric.name);
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
                let is_listed =
                    |label: Option<&str>| label.is_some_and(|label| LABEL_NAMES.contains(&label.trim()));
                assert!(labels.into_iter().all(is_listed), "{}: {call}{arguments})", source.path);
                assert!(!arguments.contains('"'), "{}: {call}{arguments})", source.path);
            }
        }
    }
}
