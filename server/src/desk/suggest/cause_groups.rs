//! Groups of texts that seem to have the same cause, by the measure of `FindSimilarTickets`.
//!
//! A text joins the group whose first text is most like it, or begins a group. So a group never drifts from what its
//! first text says, and texts in the same order always give the same groups. An index of n-grams finds the few first
//! texts that are compared.

use std::collections::{BTreeMap, HashMap};

use super::similarity::{ComparedText, Gram};

/// The similarity from which on two texts seem to have the same cause.
pub const SAME_CAUSE: f32 = 0.25;
/// The groups of one n-gram in the index. What more groups have tells no cause.
const GROUPS_OF_GRAM_MAX: usize = 200;
/// The groups whose first texts are compared with a text.
const COMPARED_MAX: usize = 8;
/// The fewest texts that have a part before it is named. So no part tells what one company wrote twice.
const NAMED_BY_MIN: usize = 3;
/// The parts that are named.
const NAMED_MAX: usize = 3;

/// The groups so far, each known by its place from 0 on.
#[derive(Debug, Default)]
pub struct CauseGroups {
    firsts: Vec<ComparedText>,
    index: HashMap<Gram, Vec<(usize, f32)>>,
}

impl CauseGroups {
    /// The group of a text, which may be a new one.
    pub fn group_of(&mut self, text: ComparedText) -> usize {
        let mut best: Option<(f32, usize)> = None;
        for group in self.candidates(&text) {
            let similarity = self.firsts[group].similarity(&text);
            if similarity >= SAME_CAUSE && best.is_none_or(|(known, _)| similarity > known) {
                best = Some((similarity, group));
            }
        }
        best.map_or_else(|| self.begin(text), |(_, group)| group)
    }

    /// Begins a group with a text.
    pub fn begin(&mut self, text: ComparedText) -> usize {
        let group = self.firsts.len();
        for (gram, value) in text.long_grams() {
            let groups = self.index.entry(gram).or_default();
            if groups.len() < GROUPS_OF_GRAM_MAX {
                groups.push((group, value));
            }
        }
        self.firsts.push(text);
        group
    }

    /// The groups that share most with a text, the earliest first.
    fn candidates(&self, text: &ComparedText) -> Vec<usize> {
        let mut products = BTreeMap::<usize, f32>::new();
        for (gram, value) in text.long_grams() {
            for (group, first) in self.index.get(&gram).into_iter().flatten() {
                *products.entry(*group).or_default() += value * first;
            }
        }
        let mut found: Vec<(f32, usize)> = products
            .into_iter()
            .map(|(group, product)| (product / self.firsts[group].length().max(f32::MIN_POSITIVE), group))
            .collect();
        found.sort_by(|(one, a), (other, b)| other.total_cmp(one).then(a.cmp(b)));
        let mut groups: Vec<usize> = found.into_iter().take(COMPARED_MAX).map(|(_, group)| group).collect();
        groups.sort_unstable();
        groups
    }
}

/// The longest parts that at least three of some texts have, and half of them; the longest first.
#[must_use]
pub fn parts_of_most(texts: &[ComparedText]) -> Vec<String> {
    let Some((first, others)) = texts.split_first() else { return Vec::new() };
    let enough = NAMED_BY_MIN.max(texts.len().div_ceil(2));
    let mut parts: Vec<String> = others.iter().flat_map(|other| first.shared(other)).collect();
    parts.retain(|part| texts.iter().filter(|text| text.has(part)).count() >= enough);
    parts.sort_by(|one, other| other.chars().count().cmp(&one.chars().count()).then_with(|| one.cmp(other)));
    let mut named: Vec<String> = Vec::new();
    for part in parts {
        if named.len() < NAMED_MAX && !named.iter().any(|known| known.contains(&part)) {
            named.push(part);
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(subject: &str, body: &str) -> ComparedText {
        ComparedText::of(subject, body)
    }

    /// Three messages of one cause, and two others.
    fn texts() -> Vec<ComparedText> {
        vec![
            text("园区停电", "今天上午我们园区突然停电，生产线全部停了。"),
            text("发票额度不够", "我们申请提高额度没有通过。"),
            text("停电影响生产", "园区突然停电，机器开不了"),
            text("园区又停电", "园区突然停电，生产线停了一天。"),
            text("食品许可", "许可证什么时候能拿到？"),
        ]
    }

    #[test]
    fn texts_of_one_cause_are_one_group_and_others_are_not() {
        let mut groups = CauseGroups::default();
        let found: Vec<usize> = texts().into_iter().map(|text| groups.group_of(text)).collect();
        assert_eq!(found, [0, 1, 0, 0, 2]);
    }

    #[test]
    fn a_part_is_named_if_three_texts_have_it() {
        let all = texts();
        let same: Vec<_> = [0, 2, 3].map(|at| all[at].clone()).into();
        let parts = parts_of_most(&same);
        assert!(parts.iter().any(|part| part.contains("停电")), "{parts:?}");
        assert!(!parts.iter().any(|part| part.contains("生产线")), "two of three have it: {parts:?}");
        assert_eq!(parts_of_most(&same[..2]), Vec::<String>::new());
        assert_eq!(parts_of_most(&[]), Vec::<String>::new());
    }

    #[test]
    fn a_text_without_letters_is_like_no_other() {
        let mut groups = CauseGroups::default();
        assert_eq!((groups.group_of(text("", "")), groups.group_of(text("", "？"))), (0, 1));
    }
}
