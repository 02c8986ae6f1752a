//! The model of a hotline without confirmed tickets: how far a text and the words of a label overlap. The words are
//! those of the topic's place in the tree, or the duties of a unit.

use std::collections::BTreeMap;

use super::features::{FEATURES, GRAM_CHARS_MAX, Rarity, bucket, count, fold, grams};
use super::model::{Model, TextForm};
use super::training::Separator;

/// What an n-gram of one, two or three characters is worth.
const GRAM_WORTH: [f32; GRAM_CHARS_MAX] = [0.2, 1.0, 2.0];

/// A label and its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelWords {
    /// The code of the topic or of the unit.
    pub label: String,
    /// Its words.
    pub words: String,
}

/// The n-grams of a label: how often each occurs, and what its length is worth.
fn grams_of(words: &str) -> BTreeMap<u32, (usize, f32)> {
    let mut found = BTreeMap::new();
    // A word ends at a space, which says nothing itself.
    let words = fold(words);
    for (_, gram) in grams(&words).filter(|(_, gram)| !gram.contains(&' ')) {
        let (times, worth) = found.entry(bucket(gram)).or_insert((0, 0.0));
        *times += 1;
        *worth = GRAM_WORTH[gram.len() - 1];
    }
    found
}

/// A model from the words of some labels, in the order of their codes.
#[must_use]
pub fn model(labels: &[LabelWords]) -> Model {
    let documents: Vec<_> = labels.iter().map(|label| grams_of(&label.words)).collect();
    let mut labels_with = BTreeMap::<u32, usize>::new();
    for document in &documents {
        for bucket in document.keys() {
            *labels_with.entry(*bucket).or_default() += 1;
        }
    }
    let rarity = |bucket: &u32| (count(1 + labels.len()) / count(labels_with[bucket])).ln();
    let separators: Vec<_> = documents
        .iter()
        .map(|document| {
            let mut weights = vec![0.0; FEATURES];
            let mut length = 0.0;
            for (bucket, (times, worth)) in document {
                let times = 1.0 + count(*times).ln();
                weights[*bucket as usize] = worth * times * rarity(bucket).powi(2);
                length += worth * (times * rarity(bucket)).powi(2);
            }
            let length = f32::sqrt(length).max(f32::MIN_POSITIVE);
            for weight in &mut weights {
                *weight /= length;
            }
            Separator { weights, constant: 0.0 }
        })
        .collect();
    let codes = labels.iter().map(|label| label.label.clone()).collect();
    Model::new(TextForm::Counted, codes, Rarity(Vec::new()), &separators)
}

#[cfg(test)]
mod tests {
    use super::super::why;
    use super::*;

    fn labels() -> Vec<LabelWords> {
        let label =
            |label: &str, words: &str| LabelWords { label: label.to_owned(), words: words.to_owned() };
        vec![
            label("licence", "证照办理 营业执照 设立登记 变更登记 注销登记"),
            label("parking", "道路交通 停车管理 路侧停车 停车收费"),
            label("tax", "税务 发票 退税 纳税申报"),
        ]
    }

    #[test]
    fn a_text_gets_the_label_that_shares_its_words() {
        let model = model(&labels());
        for (text, label) in
            [("营业执照要变更", "licence"), ("路边停车怎么收费", "parking"), ("申报后多久退税", "tax")]
        {
            let ranked = model.ranked("", text);
            assert_eq!(ranked[0].label, label, "{ranked:?}");
            assert!(ranked[0].score > 0.0);
        }
        let nothing = model.ranked("", "hello");
        assert!(nothing.iter().all(|scored| scored.score.abs() < 1e-6), "{nothing:?}");
    }

    #[test]
    fn the_shared_words_are_named() {
        let found = why::words(&model(&labels()), "parking", "", "我们门口的停车收费太贵");
        assert!(found[0].contains("停车"), "{found:?}");
    }

    #[test]
    fn no_label_is_no_suggestion() {
        assert_eq!(model(&[]).ranked("", "停车"), []);
    }
}
