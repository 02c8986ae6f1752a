//! When a model is sure: from how it judged tickets that it was not trained on.

use serde::{Deserialize, Serialize};

use super::model::ScoredLabel;

/// The share of sure suggestions that were right, at which the limit is set. It is above the promised 0.95, because the
/// next tickets are others.
const SURE_RIGHT: f64 = 0.97;
/// Fewer judgements say nothing.
const JUDGED_MIN: usize = 50;

/// How a model judged a ticket whose label people had confirmed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judgement {
    /// The distance between the best two scores.
    pub(super) margin: f32,
    /// The place of the right label, from 0.
    pub(super) place: Option<usize>,
}

impl Judgement {
    pub(super) fn of(ranked: &[ScoredLabel], right: &str) -> Self {
        Self { margin: margin(ranked), place: ranked.iter().position(|scored| scored.label == right) }
    }
}

/// The distance between the best two scores; 0 if there are not two.
pub(super) fn margin(ranked: &[ScoredLabel]) -> f32 {
    match ranked {
        [best, next, ..] => best.score - next.score,
        _ => 0.0,
    }
}

/// How good a model is, by cross-validation on the newest texts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The texts that were judged.
    pub judged: u32,
    /// The share whose label was the first suggestion.
    pub top1: f64,
    /// The share whose label was among the first three.
    pub top3: f64,
    /// The margin from which on a suggestion is sure; `None` if none is.
    pub sure_margin: Option<f32>,
    /// The share of texts with a sure suggestion.
    pub sure_share: f64,
}

fn share(part: usize, all: usize) -> f64 {
    let count = |items| f64::from(u32::try_from(items).unwrap_or(u32::MAX));
    if all == 0 { 0.0 } else { count(part) / count(all) }
}

impl Calibration {
    /// From the judgements of texts that the model was not trained on.
    pub(super) fn of(mut judgements: Vec<Judgement>) -> Self {
        let all = judgements.len();
        let within = |places: usize| {
            let found = judgements.iter().filter(|one| one.place.is_some_and(|place| place < places));
            share(found.count(), all)
        };
        let (top1, top3) = (within(1), within(3));
        judgements.sort_by(|a, b| b.margin.total_cmp(&a.margin));
        let (mut right, mut sure) = (0, 0);
        for (at, judged) in judgements.iter().enumerate() {
            right += usize::from(judged.place == Some(0));
            if share(right, at + 1) >= SURE_RIGHT {
                sure = at + 1;
            }
        }
        let sure = if all < JUDGED_MIN { 0 } else { sure };
        let sure_margin =
            sure.checked_sub(1).map(|last| judgements[last].margin).filter(|margin| *margin > 0.0);
        let judged = u32::try_from(all).unwrap_or(u32::MAX);
        let sure_share = if sure_margin.is_some() { share(sure, all) } else { 0.0 };
        Self { judged, top1, top3, sure_margin, sure_share }
    }

    /// Whether the first of these is sure.
    #[must_use]
    pub fn is_sure(&self, ranked: &[ScoredLabel]) -> bool {
        self.sure_margin.is_some_and(|sure| margin(ranked) >= sure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(count: u16, place: usize, margin: f32) -> Vec<Judgement> {
        (0..count).map(|at| Judgement { margin: margin + f32::from(at) / 1e6, place: Some(place) }).collect()
    }

    #[test]
    fn it_is_sure_down_to_the_margin_at_which_it_was_right_often_enough() {
        // 97 right and 3 wrong with a large margin; wrong ones below.
        let judgements = [judged(97, 0, 1.0), judged(3, 1, 0.9), judged(50, 3, 0.1)].concat();
        let calibration = Calibration::of(judgements);
        assert_eq!(calibration.judged, 150);
        assert!(
            (calibration.top1 - 97.0 / 150.0).abs() < 1e-9 && (calibration.top3 - 100.0 / 150.0).abs() < 1e-9
        );
        assert_eq!(calibration.sure_margin, Some(0.9));
        assert!((calibration.sure_share - 100.0 / 150.0).abs() < 1e-9);
        let ranked = |margin: f32| {
            let scored = |label: &str, score| ScoredLabel { label: label.to_owned(), score };
            vec![scored("a", margin), scored("b", 0.0)]
        };
        assert!(calibration.is_sure(&ranked(0.95)) && !calibration.is_sure(&ranked(0.5)));
        assert!(!calibration.is_sure(&ranked(0.95)[..1]));
    }

    #[test]
    fn few_or_wrong_judgements_are_never_sure() {
        for judgements in [judged(49, 0, 1.0), judged(100, 1, 1.0), Vec::new()] {
            let calibration = Calibration::of(judgements);
            assert_eq!((calibration.sure_margin, calibration.sure_share), (None, 0.0));
        }
        // A margin of nothing is no reason.
        assert_eq!(Calibration::of(vec![Judgement { margin: 0.0, place: Some(0) }; 60]).sure_margin, None);
    }
}
