//! The features of a text: hashed n-grams of characters, of the whole text and of the subject alone.
//!
//! Features depend on nothing but the text, so all servers get the same ones. Only redacted texts come here.

use unicode_normalization::UnicodeNormalization as _;

/// The buckets of one namespace.
pub(super) const BUCKETS: u32 = 1 << 16;
/// All features: a namespace for the whole text, and one for the subject.
pub(super) const FEATURES: usize = 2 * (BUCKETS as usize);
/// The characters of a subject or a body that count. Accuracy grows no more after some hundred characters.
const CHARS_MAX: usize = 1_000;
/// The longest n-gram, in characters.
pub(super) const GRAM_CHARS_MAX: usize = 3;
/// The length of the subject's vector; that of the whole text is 1.
const SUBJECT_LENGTH: f32 = 0.5;

/// A text as a sparse vector: features in rising order, each once.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Features(Vec<(u32, f32)>);

impl Features {
    /// How often each n-gram occurs, as `1 + ln(count)`.
    pub(super) fn of(subject: &str, body: &str) -> Self {
        let (whole, subject) = (whole(subject, body), fold(subject));
        let in_whole = grams(&whole).map(|(_, gram)| bucket(gram));
        let in_subject = grams(&subject).map(|(_, gram)| BUCKETS + bucket(gram));
        let mut found: Vec<u32> = in_whole.chain(in_subject).collect();
        found.sort_unstable();
        let counts = found.chunk_by(|a, b| a == b).map(|run| (run[0], 1.0 + count(run.len()).ln()));
        Self(counts.collect())
    }

    /// The features and their values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, f32)> + '_ {
        self.0.iter().map(|(feature, value)| (*feature as usize, *value))
    }

    /// The number of features.
    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    /// The value of a feature; 0 if the text does not have it.
    pub(super) fn value(&self, feature: u32) -> f32 {
        let place = self.0.binary_search_by_key(&feature, |(feature, _)| *feature);
        place.map_or(0.0, |place| self.0[place].1)
    }
}

/// A count as a number to calculate with. Counts of more than 65,535 are the same.
pub(super) fn count(items: usize) -> f32 {
    f32::from(u16::try_from(items).unwrap_or(u16::MAX))
}

/// The characters that are compared: NFKC, lower case, and one space for several.
pub(super) fn fold(text: &str) -> Vec<char> {
    let mut folded: Vec<char> = Vec::new();
    for letter in text.nfkc().flat_map(char::to_lowercase) {
        let letter = if letter.is_whitespace() { ' ' } else { letter };
        if letter != ' ' || folded.last().is_some_and(|last| *last != ' ') {
            folded.push(letter);
        }
        if folded.len() == CHARS_MAX {
            break;
        }
    }
    if folded.last() == Some(&' ') {
        folded.pop();
    }
    folded
}

/// The whole text: the subject, a space, and the body.
pub(super) fn whole(subject: &str, body: &str) -> Vec<char> {
    let mut whole = fold(subject);
    whole.push(' ');
    whole.extend(fold(body));
    whole
}

/// The bucket of an n-gram: FNV-1a over its characters, folded to 16 bits.
pub(super) fn bucket(gram: &[char]) -> u32 {
    let mut hash: u32 = 0x811c_9dc5;
    for letter in gram {
        for byte in u32::from(*letter).to_le_bytes() {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
    (hash >> 16) ^ (hash & (BUCKETS - 1))
}

/// Every n-gram, with the position of its first character.
pub(super) fn grams(text: &[char]) -> impl Iterator<Item = (usize, &[char])> {
    (1..=GRAM_CHARS_MAX).flat_map(move |length| text.windows(length).enumerate())
}

/// What each feature is worth: rare ones more, and those of a single text nothing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rarity(pub(super) Vec<f32>);

impl Rarity {
    /// From the texts that a model is trained on.
    pub(super) fn of<'a>(texts: impl Iterator<Item = &'a Features> + Clone) -> Self {
        let mut texts_with = vec![0_usize; FEATURES];
        for text in texts.clone() {
            text.iter().for_each(|(feature, _)| texts_with[feature] += 1);
        }
        let all = count(1 + texts.count());
        let weight = |with: &usize| if *with < 2 { 0.0 } else { (all / count(1 + with)).ln() + 1.0 };
        Self(texts_with.iter().map(weight).collect())
    }

    /// The text as a vector: its two namespaces have the lengths 1 and 0.5.
    pub(super) fn weighted(&self, text: &Features) -> Features {
        let weighted = text.0.iter().map(|(feature, value)| (*feature, value * self.0[*feature as usize]));
        let mut weighted: Vec<(u32, f32)> = weighted.filter(|(_, value)| *value > 0.0).collect();
        let border = weighted.partition_point(|(feature, _)| *feature < BUCKETS);
        let (whole, subject) = weighted.split_at_mut(border);
        for (part, length) in [(whole, 1.0), (subject, SUBJECT_LENGTH)] {
            let norm = part.iter().map(|(_, value)| value * value).sum::<f32>().sqrt();
            for (_, value) in part {
                *value *= length / norm;
            }
        }
        Features(weighted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_and_spaces_do_not_count() {
        assert_eq!(Features::of("ＡＢＣ　公司", "执照 "), Features::of("abc 公司", " 执照"));
        assert_ne!(Features::of("公司", "执照"), Features::of("执照", "公司"), "the subject has its own");
        assert_eq!(Features::of("", "").len(), 1, "the space between subject and body");
    }

    #[test]
    fn a_count_is_damped() {
        let once = Features::of("", "照").value(bucket(&['照']));
        let thrice = Features::of("", "照照照").value(bucket(&['照']));
        assert!((once - 1.0).abs() < 1e-6 && (thrice - (1.0 + 3.0_f32.ln())).abs() < 1e-6);
    }

    #[test]
    fn a_long_text_is_cut() {
        let text = "执照办理".repeat(1_000);
        assert_eq!(fold(&text).len(), CHARS_MAX);
    }

    #[test]
    fn what_one_text_has_alone_is_worth_nothing() {
        let texts = ["营业执照", "营业时间", "停车"].map(|body| Features::of("", body));
        let rarity = Rarity::of(texts.iter());
        let worth = |gram: &str| rarity.0[bucket(&gram.chars().collect::<Vec<_>>()) as usize];
        assert!(worth("营业") > 0.0);
        assert_eq!((worth("停"), worth("执照")), (0.0, 0.0));
        let weighted = rarity.weighted(&texts[0]);
        let length = weighted.iter().map(|(_, value)| value * value).sum::<f32>();
        assert!((length - 1.0).abs() < 1e-5, "{length}");
    }
}
