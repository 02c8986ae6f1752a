//! How similar two texts are: the cosine of their n-grams of characters. It depends on the two texts alone, so every
//! server gives the same, before and after any training.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use super::features::{count, fold};

/// The beginning of a text that is compared, in characters.
const CHARS_MAX: usize = 500;
/// How often the subject counts.
const SUBJECT_TIMES: usize = 2;
/// What an n-gram of one, two or three characters is worth.
const WORTH: [f32; 3] = [0.5, 1.0, 0.7];
/// What an n-gram is worth that has a word which many messages have.
const COMMON_WORTH: f32 = 0.2;
/// Words that many messages have, whatever they are about.
const COMMON: &[&str] = &[
    "我们", "公司", "请问", "希望", "没有", "一直", "什么", "怎么", "如何", "反映", "问题", "企业", "影响",
    "已经", "时候", "申请", "办理", "要求", "请求", "不能", "无法", "部门", "可以", "现在", "至今", "协调",
    "处理", "解决", "尽快", "谢谢", "您好", "你好", "领导", "尊敬", "书记", "市长", "政府", "相关", "有关",
    "单位", "我司", "是否", "多次", "进行", "因为", "由于", "但是", "还是", "这个", "这样", "不知", "知道",
    "帮助",
];
/// Shared parts of an answer, and characters of the shortest and the longest one.
const SHARED_MAX: usize = 3;
const SHARED_CHARS: std::ops::RangeInclusive<usize> = 2..=20;

/// An n-gram as a number; three characters of 21 bits.
pub(super) type Gram = u64;
/// The bits of a character in an n-gram.
const CHAR_BITS: u32 = 21;

/// A text that is compared.
#[derive(Debug, Clone)]
pub struct ComparedText {
    chars: Vec<char>,
    grams: Vec<(Gram, f32)>,
    length: f32,
}

fn gram(letters: &[char]) -> Gram {
    letters.iter().fold(0, |gram, letter| (gram << CHAR_BITS) | u64::from(u32::from(*letter)))
}

/// The words of [`COMMON`] as pairs of characters.
static COMMON_PAIRS: LazyLock<HashSet<[char; 2]>> = LazyLock::new(|| {
    let pair = |word: &&str| {
        let mut letters = word.chars();
        Some([letters.next()?, letters.next()?])
    };
    COMMON.iter().filter_map(pair).collect()
});

fn is_common(pair: &[char]) -> bool {
    matches!(pair, [first, second] if COMMON_PAIRS.contains(&[*first, *second]))
}

impl ComparedText {
    /// A subject and a body.
    #[must_use]
    pub fn of(subject: &str, body: &str) -> Self {
        let (subject, mut body) = (fold(subject), fold(body));
        body.truncate(CHARS_MAX);
        let mut counts = BTreeMap::<Gram, (usize, f32)>::new();
        for text in std::iter::repeat_n(&subject, SUBJECT_TIMES).chain([&body]) {
            let common: Vec<bool> = text.windows(2).map(is_common).collect();
            for (length, worth) in (1..).zip(WORTH) {
                for (at, letters) in text.windows(length).enumerate() {
                    if !letters.iter().all(|letter| letter.is_alphanumeric()) {
                        continue;
                    }
                    let has_common = common[at.min(common.len())..].iter().take(length - 1).any(|one| *one);
                    let worth = if has_common { worth * COMMON_WORTH } else { worth };
                    counts.entry(gram(letters)).or_insert((0, worth)).0 += 1;
                }
            }
        }
        let grams: Vec<(Gram, f32)> = counts
            .into_iter()
            .map(|(gram, (times, worth))| (gram, worth * (1.0 + count(times).ln())))
            .collect();
        let length = grams.iter().map(|(_, value)| value * value).sum::<f32>().sqrt();
        let chars = [subject, vec!['\n'], body].concat();
        Self { chars, grams, length }
    }

    /// The cosine, from 0 to 1.
    #[must_use]
    pub(super) fn similarity(&self, other: &Self) -> f32 {
        let (mut sum, mut theirs) = (0.0, other.grams.iter().peekable());
        for (gram, value) in &self.grams {
            while theirs.next_if(|(other, _)| other < gram).is_some() {}
            if let Some((_, other)) = theirs.next_if(|(other, _)| other == gram) {
                sum += value * other;
            }
        }
        let lengths = self.length * other.length;
        if lengths > 0.0 { (sum / lengths).min(1.0) } else { 0.0 }
    }

    /// Its n-grams of more than one character, with what each is worth.
    pub(super) fn long_grams(&self) -> impl Iterator<Item = (Gram, f32)> + '_ {
        self.grams.iter().copied().filter(|(gram, _)| *gram >= 1 << CHAR_BITS)
    }

    /// The length of its vector; 0 if it has no letters.
    pub(super) const fn length(&self) -> f32 {
        self.length
    }

    /// Whether it has a part, in lower case.
    pub(super) fn has(&self, part: &str) -> bool {
        let part: Vec<char> = part.chars().collect();
        !part.is_empty() && self.chars.windows(part.len()).any(|letters| letters == part)
    }

    /// The longest parts that both have, the longest first.
    #[must_use]
    pub(super) fn shared(&self, other: &Self) -> Vec<String> {
        let mut places = HashMap::<char, Vec<usize>>::new();
        for (place, letter) in other.chars.iter().enumerate().filter(|(_, letter)| letter.is_alphanumeric()) {
            places.entry(*letter).or_default().push(place);
        }
        let mut runs = Vec::<(usize, usize)>::new();
        // The length of the common run that ends at each place of the other text.
        let mut before = HashMap::<usize, usize>::new();
        for (at, letter) in self.chars.iter().enumerate() {
            let here: HashMap<usize, usize> = places
                .get(letter)
                .into_iter()
                .flatten()
                .map(|place| {
                    let run = place.checked_sub(1).and_then(|place| before.get(&place)).copied();
                    (*place, (run.unwrap_or_default() + 1).min(*SHARED_CHARS.end()))
                })
                .collect();
            let longest = here.values().copied().max().unwrap_or_default();
            if SHARED_CHARS.contains(&longest) {
                runs.push((at + 1 - longest, longest));
            }
            before = here;
        }
        runs.sort_by_key(|(start, length)| (std::cmp::Reverse(*length), *start));
        let mut shared: Vec<String> = Vec::new();
        for (start, length) in runs {
            let letters = &self.chars[start..start + length];
            let text: String = letters.iter().collect();
            let is_new = !shared.iter().any(|known| known.contains(&text));
            if is_new && !(length == 2 && is_common(letters)) {
                shared.push(text);
            }
            if shared.len() == SHARED_MAX {
                break;
            }
        }
        shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(subject: &str, body: &str) -> ComparedText {
        ComparedText::of(subject, body)
    }

    #[test]
    fn messages_of_the_same_cause_are_more_similar() {
        let first = of("园区停电", "今天上午我们园区突然停电，生产线全部停了。");
        let same = of("产业园断电无法生产", "产业园停电，机器开不了，想知道园区什么时候恢复。");
        let other = of("发票额度不够", "我们申请提高额度没有通过。");
        assert!(first.similarity(&same) > 2.0 * first.similarity(&other));
        assert!((first.similarity(&first) - 1.0).abs() < 1e-5);
        assert!((first.similarity(&same) - same.similarity(&first)).abs() < 1e-6);
        assert!(first.similarity(&of("", "")).abs() < 1e-6);
    }

    #[test]
    fn the_shared_parts_are_named_and_words_of_every_message_are_not() {
        let shared = of("园区停电", "我们公司停工。").shared(&of("", "园区停电了，我们损失很大。"));
        assert_eq!(shared, ["园区停电"]);
    }
}
