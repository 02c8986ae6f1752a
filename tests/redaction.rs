//! Redaction of texts, measured on texts with right answers (`tests/redaction/*.txt`).
//!
//! Recall counts the places that must be taken out: one is found if every character of it is taken out. Precision
//! counts texts: one is wrong if a character outside such a place is taken out.

mod corpus;

use std::fmt::Write as _;

use hotline_server::ticket::pii::{MarkKind, find};

use corpus::Sample;

/// The least share of places that are found.
const RECALL_MIN: f64 = 0.99;
/// The greatest share of texts in which something is taken out that may stay.
const FALSE_MAX: f64 = 0.01;

/// What was found in a corpus.
#[derive(Debug, Default)]
struct Score {
    texts: u32,
    places: u32,
    missed: u32,
    wrong: u32,
    report: String,
}

impl Score {
    fn add(&mut self, sample: &Sample) {
        self.texts += 1;
        let found = find(&sample.text, &sample.caller);
        let covers = |offset: usize| found.iter().any(|one| one.place.contains(&offset));
        let is_kind = |kind: MarkKind, offset: usize| {
            found.iter().any(|one| one.place.contains(&offset) && one.kind == kind)
        };
        for (kind, place) in &sample.places {
            self.places += 1;
            let is_whole = sample.text[place.clone()].char_indices().all(|(at, _)| covers(place.start + at));
            if !is_whole || !is_kind(*kind, place.start) {
                self.missed += 1;
                let _ = writeln!(
                    self.report,
                    "line {}: missed {:?}: {}",
                    sample.line,
                    &sample.text[place.clone()],
                    sample.text
                );
            }
        }
        let is_outside = |offset: usize| sample.places.iter().all(|(_, place)| !place.contains(&offset));
        if let Some((at, _)) = sample.text.char_indices().find(|(at, _)| covers(*at) && is_outside(*at)) {
            self.wrong += 1;
            let _ = writeln!(
                self.report,
                "line {}: wrong at {:?}: {}",
                sample.line,
                &sample.text[at..],
                sample.text
            );
        }
    }
}

fn check(corpus: &str, texts_min: u32) {
    let mut score = Score::default();
    for sample in &corpus::read(corpus) {
        score.add(sample);
    }
    let recall = 1.0 - f64::from(score.missed) / f64::from(score.places);
    let wrong = f64::from(score.wrong) / f64::from(score.texts);
    println!(
        "{} texts, {} places, recall {recall:.4}, wrong {wrong:.4}\n{}",
        score.texts, score.places, score.report
    );
    assert!(score.texts >= texts_min, "{} texts", score.texts);
    assert!(recall >= RECALL_MIN, "recall {recall:.4}:\n{}", score.report);
    assert!(wrong <= FALSE_MAX, "{wrong:.4} of the texts are wrong:\n{}", score.report);
}

#[test]
fn the_texts_of_the_authors_are_redacted() {
    check(include_str!("redaction/own.txt"), 200);
}

#[test]
fn the_texts_of_somebody_else_are_redacted() {
    check(include_str!("redaction/blind.txt"), 200);
}

#[test]
fn a_missed_place_and_a_wrong_one_are_counted() {
    let mut score = Score::default();
    let corpus =
        "- | 请找⟦name 张示例⟧\n- | 电话13800138000\n- | 电话⟦chat 13800138000⟧\n- | 电话⟦phone 13800138000⟧";
    for sample in &corpus::read(corpus) {
        score.add(sample);
    }
    assert_eq!((score.texts, score.places, score.missed, score.wrong), (4, 3, 2, 1), "{}", score.report);
}
