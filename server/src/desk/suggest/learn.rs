//! Learns a model from texts with confirmed labels, and judges it by cross-validation. Pure: the same texts in the same
//! order give the same bytes.

use std::collections::{BTreeMap, BTreeSet};

use super::calibration::{Calibration, Judgement};
use super::features::{self, Features, Rarity};
use super::model::{LABELS_MAX, Model, TextForm};
use super::training::separate;

/// A label with fewer texts is not learnt.
const TEXTS_PER_LABEL_MIN: usize = 2;
/// The newest texts that cross-validation judges.
const JUDGED_MAX: usize = 4_000;
/// The parts of cross-validation.
const FOLDS: u32 = 5;
/// The most features of all texts together: 128 MiB. The oldest texts that do not fit are left out.
const FEATURES_MAX: usize = 16_000_000;
/// The characters in which near duplicates agree. They are judged by a model that has seen none of them.
const SAME_CHARS: usize = 40;

/// A redacted text with its confirmed label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledText {
    /// The redacted subject.
    pub subject: String,
    /// The redacted content.
    pub body: String,
    /// The code of the topic or of the unit.
    pub label: String,
}

/// A model, and how good it is.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainedModel {
    /// The model.
    pub model: Model,
    /// How good it is.
    pub calibration: Calibration,
    /// The texts that it was learnt from.
    pub texts: u32,
}

struct Example<'a> {
    features: Features,
    label: &'a str,
    fold: u32,
}

/// The labels with most texts, in the order of the alphabet.
fn labels_of(texts: &[LabelledText]) -> BTreeSet<&str> {
    let mut counts = BTreeMap::<&str, usize>::new();
    for text in texts {
        *counts.entry(&text.label).or_default() += 1;
    }
    counts.retain(|_, count| *count >= TEXTS_PER_LABEL_MIN);
    let mut labels: Vec<(&str, usize)> = counts.into_iter().collect();
    labels.sort_by(|(a, of_a), (b, of_b)| of_b.cmp(of_a).then_with(|| a.cmp(b)));
    labels.into_iter().take(LABELS_MAX).map(|(label, _)| label).collect()
}

fn examples(texts: &[LabelledText]) -> Vec<Example<'_>> {
    let (labels, mut room) = (labels_of(texts), FEATURES_MAX);
    let mut examples = Vec::new();
    for text in texts.iter().filter(|text| labels.contains(text.label.as_str())) {
        let features = Features::of(&text.subject, &text.body);
        let Some(left) = room.checked_sub(features.len()) else { break };
        room = left;
        let mut beginning = features::whole(&text.subject, &text.body);
        beginning.truncate(SAME_CHARS);
        let fold = (features::bucket(&beginning) >> 4) % FOLDS;
        examples.push(Example { features, label: &text.label, fold });
    }
    examples
}

/// A model of some examples; none if they have fewer than two labels.
fn model_of(examples: &[&Example<'_>]) -> Option<Model> {
    let labels: BTreeSet<&str> = examples.iter().map(|example| example.label).collect();
    if labels.len() < 2 {
        return None;
    }
    let rarity = Rarity::of(examples.iter().map(|example| &example.features));
    let vectors: Vec<Features> = examples.iter().map(|example| rarity.weighted(&example.features)).collect();
    let separators: Vec<_> = labels
        .iter()
        .map(|label| {
            let has_label: Vec<bool> = examples.iter().map(|example| example.label == *label).collect();
            separate(&vectors, &has_label, labels.len())
        })
        .collect();
    let labels = labels.into_iter().map(str::to_owned).collect();
    Some(Model::new(TextForm::Weighted, labels, rarity, &separators))
}

/// How models that have not seen the newest examples judge them.
fn cross_validate(examples: &[Example<'_>]) -> Vec<Judgement> {
    let newest = &examples[..examples.len().min(JUDGED_MAX)];
    let mut judgements = Vec::with_capacity(newest.len());
    for fold in 0..FOLDS {
        let (judged, seen): (Vec<_>, Vec<_>) = newest.iter().partition(|example| example.fold == fold);
        let Some(model) = model_of(&seen) else { continue };
        judgements.extend(judged.iter().map(|example| {
            let vector = model.rarity.weighted(&example.features);
            Judgement::of(&model.ranked_vector(&vector), example.label)
        }));
    }
    judgements
}

/// Learns from texts, the newest first. None if they have fewer than two labels.
#[must_use]
pub fn learn(texts: &[LabelledText]) -> Option<TrainedModel> {
    let examples = examples(texts);
    let model = model_of(&examples.iter().collect::<Vec<_>>())?;
    let calibration = Calibration::of(cross_validate(&examples));
    Some(TrainedModel { model, calibration, texts: u32::try_from(examples.len()).unwrap_or(u32::MAX) })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const LAMPS: &[&str] = &["路灯不亮", "路灯坏了", "小区门口的路灯很暗", "路灯晚上不开", "村口装路灯"];
    const LICENCE: &[&str] =
        &["营业执照怎么办理", "执照遗失补办", "执照变更地址", "补办执照要带什么", "注销执照"];
    const TAX: &[&str] =
        &["发票开不出来", "税率是多少", "退税什么时候到", "开发票的系统坏了", "增值税发票领用"];

    /// Own texts with their labels, each written in some ways.
    pub(in super::super) fn texts() -> Vec<LabelledText> {
        let mut texts = Vec::new();
        for (label, bodies) in [("lamps", LAMPS), ("licence", LICENCE), ("tax", TAX)] {
            for (body, frame) in bodies.iter().flat_map(|body| {
                ["您好，", "请问，", "反映：", "我公司", "朝阳区"].map(|frame| (body, frame))
            }) {
                let body = format!("{frame}{body}，谢谢。");
                texts.push(LabelledText { subject: (*body).to_owned(), body, label: label.to_owned() });
            }
        }
        texts
    }

    pub(in super::super) fn trained() -> Model {
        learn(&texts()).expect("it learns").model
    }

    #[test]
    fn a_model_judges_texts_that_it_has_not_seen() {
        let learned = learn(&texts()).expect("it learns");
        assert_eq!((learned.texts, learned.calibration.judged), (75, 75));
        assert!(learned.calibration.top1 > 0.9, "{:?}", learned.calibration);
        assert!((learned.calibration.top3 - 1.0).abs() < 1e-9);
        assert!(learned.calibration.sure_margin.is_some());
    }

    #[test]
    fn labels_that_say_nothing_are_not_believed() {
        // Injected bug: labels that have nothing to do with what the texts say.
        let shuffled = texts().into_iter().map(|text| {
            let hash = features::bucket(&features::whole(&text.subject, &text.body));
            let label = ["lamps", "licence", "tax"][hash as usize % 3].to_owned();
            LabelledText { label, ..text }
        });
        let learned = learn(&shuffled.collect::<Vec<_>>()).expect("it learns");
        assert!(learned.calibration.top1 < 0.7, "{:?}", learned.calibration);
    }

    #[test]
    fn the_same_texts_give_the_same_model() {
        assert_eq!(learn(&texts()), learn(&texts()));
    }

    #[test]
    fn one_label_is_not_learnt() {
        let texts: Vec<_> = texts().into_iter().filter(|text| text.label == "tax").collect();
        assert_eq!(learn(&texts), None);
        assert_eq!(learn(&[]), None);
    }

    #[test]
    fn the_number_of_labels_is_bounded() {
        let text = |label: usize| LabelledText {
            subject: format!("第{label}号事项"),
            body: "内容".to_owned(),
            label: format!("label-{label:04}"),
        };
        let texts: Vec<_> = (0..LABELS_MAX + 40).flat_map(|label| [text(label), text(label)]).collect();
        assert_eq!(labels_of(&texts).len(), LABELS_MAX);
        assert_eq!(labels_of(&[text(1)]).len(), 0, "a label with one text");
    }
}
