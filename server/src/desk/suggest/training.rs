//! Training: a linear support vector machine for each label, by dual coordinate descent.
//!
//! The method is that of Hsieh, Chang, Lin, Keerthi and Sundararajan, "A dual coordinate descent method for large-scale
//! linear SVM" (ICML 2008), with the squared hinge loss. It is deterministic: the same texts in the same order give
//! the same bytes. The work is bounded by a number of steps and not by time, because time is not deterministic.

use super::features::{FEATURES, Features};

/// The cost of an error, compared with the length of the weights.
const COST: f64 = 1.0;
/// A label is done if no text's projected gradient is larger.
const TOLERANCE: f64 = 0.002;
/// The most passes over the texts for one label.
const PASSES_MAX: usize = 400;
/// The most steps of one training, for all labels together. A step is one feature of one text in one pass, and takes
/// about 2.5 nanoseconds.
const STEPS_MAX: usize = 20_000_000_000;

/// The weights of a label, and its constant.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Separator {
    pub(super) weights: Vec<f32>,
    pub(super) constant: f32,
}

/// Permutations that are always the same (xorshift64*).
struct Shuffle(u64);

impl Shuffle {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let product = u128::from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)) * bound as u128;
        usize::try_from(product >> 64).unwrap_or_default()
    }

    fn shuffle(&mut self, order: &mut [usize]) {
        for last in (1..order.len()).rev() {
            order.swap(last, self.below(last + 1));
        }
    }
}

fn real(items: usize) -> f64 {
    f64::from(u32::try_from(items).unwrap_or(u32::MAX))
}

#[expect(clippy::cast_possible_truncation, reason = "seven digits are enough for a weight")]
const fn narrow(value: f64) -> f32 {
    value as f32
}

/// The passes over these texts that each label may take.
fn passes_max(texts: &[Features], labels: usize) -> usize {
    let features: usize = texts.iter().map(Features::len).sum();
    (STEPS_MAX / (features * labels).max(1)).clamp(1, PASSES_MAX)
}

/// What training changes: the weights and the constant of a label, and the multiplier of each text.
struct Descent {
    weights: Vec<f64>,
    constant: f64,
    multipliers: Vec<f64>,
}

impl Descent {
    /// Moves the multiplier of one text to its best value; returns how far it was from it.
    fn step(&mut self, at: usize, text: &Features, sign: f64, diagonal: f64) -> f64 {
        let (mut score, mut squared) = (self.constant, 1.0);
        for (feature, value) in text.iter() {
            let value = f64::from(value);
            score += self.weights[feature] * value;
            squared += value * value;
        }
        let before = self.multipliers[at];
        let gradient = sign * score - 1.0 + before * diagonal;
        let projected = if before > 0.0 { gradient } else { gradient.min(0.0) };
        if projected.abs() > 1e-12 {
            let after = (before - gradient / (squared + diagonal)).max(0.0);
            self.multipliers[at] = after;
            let change = (after - before) * sign;
            self.constant += change;
            text.iter().for_each(|(feature, value)| self.weights[feature] += change * f64::from(value));
        }
        projected.abs()
    }
}

/// Separates the texts that have a label from the others. The texts of a rare label count more, so that all labels
/// count the same.
pub(super) fn separate(texts: &[Features], has_label: &[bool], labels: usize) -> Separator {
    let with = has_label.iter().filter(|has| **has).count().max(1);
    let cost_with = COST * real(texts.len()) / real(labels.max(1) * with);
    let mut descent =
        Descent { weights: vec![0.0; FEATURES], constant: 0.0, multipliers: vec![0.0; texts.len()] };
    let mut order: Vec<usize> = (0..texts.len()).collect();
    let mut shuffle = Shuffle(0x9e37_79b9_7f4a_7c15);
    for _ in 0..passes_max(texts, labels) {
        let mut farthest = 0.0_f64;
        shuffle.shuffle(&mut order);
        for at in order.iter().copied() {
            let (sign, cost) = if has_label[at] { (1.0, cost_with) } else { (-1.0, COST) };
            farthest = farthest.max(descent.step(at, &texts[at], sign, 0.5 / cost));
        }
        if farthest < TOLERANCE {
            break;
        }
    }
    let weights = descent.weights.into_iter().map(narrow).collect();
    Separator { weights, constant: narrow(descent.constant) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> (Vec<Features>, Vec<bool>) {
        let of = |body: &str| Features::of("", body);
        let about_lamps = ["路灯不亮", "路灯坏了没人修", "小区门口的路灯", "夜里路灯太暗"];
        let others = ["营业执照怎么办", "税率是多少", "执照遗失补办", "发票开不出来", "停车收费太高"];
        let texts = about_lamps.iter().chain(&others).map(|body| of(body)).collect();
        (texts, [[true; 4].as_slice(), &[false; 5]].concat())
    }

    #[test]
    fn a_separator_tells_its_texts_apart() {
        let (texts, has_label) = texts();
        let separator = separate(&texts, &has_label, 2);
        for (text, has_label) in texts.iter().zip(&has_label) {
            let score = separator.constant
                + text.iter().map(|(feature, value)| separator.weights[feature] * value).sum::<f32>();
            assert_eq!(score > 0.0, *has_label, "{score}");
        }
    }

    #[test]
    fn the_same_texts_give_the_same_bytes() {
        let (texts, has_label) = texts();
        assert_eq!(separate(&texts, &has_label, 2), separate(&texts, &has_label, 2));
    }

    #[test]
    fn the_work_is_bounded() {
        let text = Features::of("", &"营业执照".repeat(10));
        assert_eq!(passes_max(std::slice::from_ref(&text), 7), PASSES_MAX);
        assert_eq!(passes_max(&vec![text; 20_000], usize::MAX / 1_000_000_000), 1);
    }
}
