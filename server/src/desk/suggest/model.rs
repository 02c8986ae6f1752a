//! A model: labels, and what each feature says for each of them. It scores a text, and says which words decided.
//!
//! A model of 96 labels has at most 25 MiB of weights, of 16 bits each. Its bytes are the same on every server.

use std::collections::HashMap;

use super::features::{self, BUCKETS, FEATURES, Features, Rarity};
use super::training::Separator;

/// The most labels of a model.
pub(super) const LABELS_MAX: usize = 96;
/// The largest stored weight.
const WEIGHT_MAX: f32 = 32_767.0;
/// No row of weights.
pub(super) const NO_ROW: u32 = u32::MAX;

/// What each feature of a text counts before the weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextForm {
    /// A vector of fixed length, with rare features larger.
    Weighted,
    /// The counts, with those of the subject twice.
    Counted,
}

/// A linear model of labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(super) form: TextForm,
    pub(super) labels: Vec<String>,
    pub(super) constants: Vec<f32>,
    /// The factor of each label's stored weights.
    pub(super) scales: Vec<f32>,
    pub(super) rarity: Rarity,
    /// The row of each feature's weights, or [`NO_ROW`].
    pub(super) row_of: Vec<u32>,
    /// The weights, a row for each feature and in it one for each label.
    pub(super) weights: Vec<i16>,
}

/// A label with its score. Scores are compared within one answer only.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredLabel {
    /// The code of the topic or of the unit.
    pub label: String,
    /// The score.
    pub score: f32,
}

#[expect(clippy::cast_possible_truncation, reason = "it is clamped before")]
const fn stored(weight: f32) -> i16 {
    weight.clamp(-WEIGHT_MAX, WEIGHT_MAX) as i16
}

impl Model {
    /// A model with the weights of some separators, one for each label.
    pub(super) fn new(form: TextForm, labels: Vec<String>, rarity: Rarity, separators: &[Separator]) -> Self {
        let largest = |separator: &Separator| {
            let largest = separator.weights.iter().fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
            if largest > 0.0 { largest / WEIGHT_MAX } else { 1.0 }
        };
        let scales: Vec<f32> = separators.iter().map(largest).collect();
        let (mut row_of, mut weights, mut rows) = (vec![NO_ROW; FEATURES], Vec::new(), 0);
        for (feature, row) in row_of.iter_mut().enumerate() {
            if separators.iter().any(|separator| separator.weights[feature] != 0.0) {
                let of_feature = separators.iter().zip(&scales);
                weights.extend(
                    of_feature.map(|(label, scale)| stored((label.weights[feature] / scale).round())),
                );
                *row = rows;
                rows += 1;
            }
        }
        let constants = separators.iter().map(|separator| separator.constant).collect();
        Self { form, labels, constants, scales, rarity, row_of, weights }
    }

    /// The labels.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Whether the model has learnt anything from this n-gram of at most three characters. For checks that it has not
    /// learnt a caller's name.
    #[must_use]
    pub fn knows(&self, gram: &str) -> bool {
        let feature = features::bucket(&features::fold(gram));
        [feature, BUCKETS + feature].iter().any(|feature| self.row_of[*feature as usize] != NO_ROW)
    }

    /// A text in the form that the weights are for.
    fn vector(&self, subject: &str, body: &str) -> Features {
        match self.form {
            TextForm::Weighted => self.rarity.weighted(&Features::of(subject, body)),
            TextForm::Counted => Features::of("", &format!("{subject} {subject} {body}")),
        }
    }

    /// The labels of a text, the best first. Of two with the same score the first in the alphabet.
    #[must_use]
    pub fn ranked(&self, subject: &str, body: &str) -> Vec<ScoredLabel> {
        self.ranked_vector(&self.vector(subject, body))
    }

    /// The labels of a vector, the best first.
    pub(super) fn ranked_vector(&self, vector: &Features) -> Vec<ScoredLabel> {
        let mut sums = vec![0.0_f32; self.labels.len()];
        for (feature, value) in vector.iter() {
            for (sum, weight) in sums.iter_mut().zip(self.row(feature)) {
                *sum += value * f32::from(*weight);
            }
        }
        let scored = self.labels.iter().zip(sums.iter().zip(&self.scales)).zip(&self.constants);
        let mut ranked: Vec<ScoredLabel> = scored
            .map(|((label, (sum, scale)), constant)| ScoredLabel {
                label: label.clone(),
                score: sum * scale + constant,
            })
            .collect();
        ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.label.cmp(&b.label)));
        ranked
    }

    /// The weights of a feature, one for each label; none if it says nothing.
    fn row(&self, feature: usize) -> &[i16] {
        match self.row_of[feature] {
            NO_ROW => &[],
            row => {
                let from = row as usize * self.labels.len();
                &self.weights[from..from + self.labels.len()]
            }
        }
    }

    /// What each character of the whole text says for a label. An n-gram's part is shared by its characters.
    pub(super) fn contributions(&self, label: usize, subject: &str, body: &str) -> Vec<(char, f32)> {
        let vector = self.vector(subject, body);
        let (whole, subject_chars) = (features::whole(subject, body), features::fold(subject));
        let mut parts: Vec<(char, f32)> = whole.iter().map(|letter| (*letter, 0.0)).collect();
        let namespaces = [(0, whole.as_slice()), (BUCKETS, subject_chars.as_slice())];
        for (namespace, text) in namespaces {
            let mut times = HashMap::<u32, usize>::new();
            for (_, gram) in features::grams(text) {
                *times.entry(namespace + features::bucket(gram)).or_default() += 1;
            }
            for (at, gram) in features::grams(text) {
                let feature = namespace + features::bucket(gram);
                let weight = self.row(feature as usize).get(label).copied().unwrap_or_default();
                let said = vector.value(feature) * f32::from(weight) * self.scales[label];
                let part = said / (features::count(times[&feature]) * features::count(gram.len()));
                for (_, sum) in &mut parts[at..at + gram.len()] {
                    *sum += part;
                }
            }
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::super::learn::tests::trained;
    use super::*;

    #[test]
    fn a_text_gets_the_label_of_its_words() {
        let model = trained();
        for (body, label) in
            [("楼下的路灯又不亮了", "lamps"), ("执照丢了怎么补", "licence"), ("开不了发票", "tax")]
        {
            let ranked = model.ranked("", body);
            assert_eq!(ranked[0].label, label, "{ranked:?}");
            assert_eq!(ranked.len(), 3);
        }
    }

    #[test]
    fn labels_without_a_difference_are_in_the_order_of_the_alphabet() {
        let separator = Separator { weights: vec![0.0; FEATURES], constant: 0.5 };
        let labels = ["b", "c", "a"].map(str::to_owned).to_vec();
        let model = Model::new(TextForm::Weighted, labels, Rarity(vec![0.0; FEATURES]), &vec![separator; 3]);
        let ranked: Vec<_> = model.ranked("", "路灯").into_iter().map(|scored| scored.label).collect();
        assert_eq!(ranked, ["a", "b", "c"]);
    }

    #[test]
    fn contributions_add_up_to_the_score() {
        let model = trained();
        let (subject, body) = ("路灯", "楼下的路灯不亮");
        for scored in model.ranked(subject, body) {
            let label = model.labels.iter().position(|label| *label == scored.label).expect("a label");
            let parts: f32 = model.contributions(label, subject, body).iter().map(|(_, part)| part).sum();
            let score = parts + model.constants[label];
            assert!((score - scored.score).abs() < 1e-3, "{score} {scored:?}");
        }
    }
}
