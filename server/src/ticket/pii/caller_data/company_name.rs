//! A company's name, and the short forms that people use for it. A name is a place, a brand, a line of business and a
//! legal form: 北京 + 蓝鹊示例 + 商贸 + 有限公司. The brand names the company; the rest is ordinary words.

use super::super::groups::{count_while, is_separator, is_word_at};
use super::compact_text::{CompactText, compact, is_whole_word};
use super::company_words::{
    FOREIGN_FORMS, is_form, longest_prefix, longest_suffix, place_at_end, without_form, without_places,
};
use super::ordinary_words;
use crate::platform::text::{NormalizedChar, normalize};

/// A brand in letters that is looked for by itself has so many.
const LETTERS_MIN: usize = 4;
/// A whole name that is looked for has so many characters.
const WHOLE_CHARS_MIN: usize = 3;
/// So has a brand.
const BRAND_CHARS_MIN: usize = 2;
/// What makes a place of two ordinary words.
const PLACE_ENDS: &str = "园区街路镇村";
/// Characters between two words of a name in letters, and of such a word.
const LETTER_GAP_MAX: usize = 3;
const WORD_CHARS_MAX: usize = 24;
/// What stands for a brand that is not said.
const NO_BRAND: &str = "某甲乙丙一两本该";

/// The beginning of a brand, by which a company is found.
#[derive(Debug, PartialEq, Eq)]
struct Seed {
    text: String,
    /// Whether it names the company only together with its business or a form, because it is short or an ordinary word.
    needs_word: bool,
    /// So many further characters of the name are such a word.
    more: usize,
    /// Whether the brand is two ordinary words, which may also be a place: 高新创业园.
    is_two_words: bool,
}

/// A company's name that somebody can be found by.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CompanyName {
    /// The name as it was given, and without its place and form; compact.
    needles: Vec<String>,
    /// The brand and its beginnings.
    seeds: Vec<Seed>,
    /// The name without place, brackets and form, which begins with the brand.
    core: Vec<char>,
    /// The words of its business.
    businesses: Vec<&'static str>,
    /// Its words, if it is in letters.
    letters: Vec<String>,
}

impl CompanyName {
    /// The name that was given; `None` if it names no company.
    pub(super) fn of(given: &str) -> Option<Self> {
        let normal: String = normalize(given).iter().map(|ch| ch.value).collect();
        if normal.is_ascii() {
            return Self::of_letters(&normal);
        }
        let whole = compact(given);
        let bare = without_places(&whole);
        // 蓝鹊(北京)科技: the place in brackets is left out by most people.
        let spoken = without_brackets(&normal);
        let core = without_form(without_places(&spoken));
        let (brand, businesses) = brand_of(core);
        if !brand.chars().any(char::is_alphabetic) || brand.chars().all(|one| NO_BRAND.contains(one)) {
            return None;
        }
        let mut needles = vec![whole.clone(), without_form(bare).to_owned(), core.to_owned()];
        needles.retain(|needle| needle.chars().count() >= WHOLE_CHARS_MIN);
        needles.dedup();
        let (seeds, core) = (seeds_of(brand), core.chars().collect());
        Some(Self { needles, seeds, core, businesses, letters: Vec::new() })
    }

    /// A name in letters.
    fn of_letters(normal: &str) -> Option<Self> {
        let words: Vec<&str> = normal
            .split(|one: char| !one.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty() && !FOREIGN_FORMS.contains(word))
            .collect();
        let whole: String = words.concat();
        if whole.len() < WHOLE_CHARS_MIN || !whole.bytes().any(|byte| byte.is_ascii_alphabetic()) {
            return None;
        }
        let two = (words.len() > 2).then(|| words[..2].concat()).filter(|two| two.len() >= 2 * LETTERS_MIN);
        let seeds = two
            .map(|text| Seed { text, needs_word: false, more: 1, is_two_words: false })
            .into_iter()
            .collect();
        let letters = words.into_iter().map(str::to_owned).collect();
        Some(Self { needles: vec![whole], seeds, core: Vec::new(), businesses: Vec::new(), letters })
    }

    /// Where the company is named.
    pub(super) fn find(&self, chars: &[NormalizedChar], hay: &CompactText) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        for needle in &self.needles {
            let whole = hay.find(needle).filter(|place| is_whole_word(chars, *place));
            all.extend(whole.map(|place| self.extended(chars, place)));
        }
        for seed in &self.seeds {
            for place in hay.find(&seed.text).filter(|place| is_whole_word(chars, *place)) {
                let longer = (place.0, self.end_of_core(chars, place, &seed.text));
                let is_longer = longer.1 >= place.1 + seed.more;
                let is_named = !seed.needs_word || is_longer || self.has_own_word(chars, place.1);
                let is_place = chars.get(longer.1).is_some_and(|ch| PLACE_ENDS.contains(ch.value));
                let is_named = is_named && !(seed.is_two_words && is_place);
                all.extend(is_named.then(|| self.extended(chars, longer)));
            }
        }
        all
    }

    /// Where the text stops to follow the name, from the beginning of a seed on.
    fn end_of_core(&self, chars: &[NormalizedChar], place: (usize, usize), seed: &str) -> usize {
        let Some(rest) = self.core.get(seed.chars().count()..) else { return place.1 };
        let (mut end, mut at) = (place.1, place.1);
        for expected in rest {
            at += count_while(chars, at, 2, is_separator);
            if chars.get(at).is_none_or(|ch| ch.value != *expected) {
                break;
            }
            at += 1;
            end = at;
        }
        end
    }

    /// Whether its business or its form follows a brand that is an ordinary word.
    fn has_own_word(&self, chars: &[NormalizedChar], behind: usize) -> bool {
        self.businesses
            .iter()
            .chain(&["公司", "有限公司", "集团"])
            .any(|word| is_word_at(chars, behind, word))
    }

    /// The place with the words of business and form that follow, and the place name before: 北京蓝鹊公司. A word of business
    /// belongs to the name if it is the company's own or a form follows.
    fn extended(&self, chars: &[NormalizedChar], (first, behind): (usize, usize)) -> (usize, usize) {
        if !self.letters.is_empty() {
            return (first, self.end_of_letters(chars, behind));
        }
        let window: String = chars[behind..].iter().take(24).map(|ch| ch.value).collect();
        let (mut rest, mut named) = (window.as_str(), 0);
        loop {
            rest = without_place_in_brackets(rest);
            let Some(word) = longest_prefix(rest) else { break };
            rest = &rest[word.len()..];
            if is_form(word) || self.businesses.contains(&word) {
                named = window.chars().count() - rest.chars().count();
            }
        }
        let before: String = chars[first.saturating_sub(8)..first].iter().map(|ch| ch.value).collect();
        let lead = place_at_end(&before).chars().count();
        (first - lead, with_bracket(chars, first, behind + named))
    }

    /// The end of a name in letters, with its further words and the form: Blue Magpie (Beijing) Co., Ltd.
    fn end_of_letters(&self, chars: &[NormalizedChar], behind: usize) -> usize {
        let is_form = |word: &str| FOREIGN_FORMS.contains(&word);
        let (mut end, mut is_after_form) = (behind, false);
        loop {
            let gap = count_while(chars, end, LETTER_GAP_MAX, |value| " ,()&-.".contains(value));
            // A full stop ends the sentence, unless it shortens a form.
            let is_stop = chars[end..end + gap].iter().any(|ch| ch.value == '.') && !is_after_form;
            let length = count_while(chars, end + gap, WORD_CHARS_MAX, |value| value.is_ascii_alphanumeric());
            let word: String = chars[end + gap..end + gap + length].iter().map(|ch| ch.value).collect();
            if is_stop || !(self.letters.contains(&word) || is_form(&word)) {
                break;
            }
            (end, is_after_form) = (end + gap + length, is_form(&word));
        }
        end + usize::from(is_after_form && is_word_at(chars, end, "."))
    }
}

/// The end of a place with the bracket that closes one within it.
fn with_bracket(chars: &[NormalizedChar], first: usize, behind: usize) -> usize {
    let count = |bracket| chars[first..behind].iter().filter(|ch| ch.value == bracket).count();
    behind + usize::from(count('(') > count(')') && is_word_at(chars, behind, ")"))
}

/// A text without a place name in brackets that it begins with.
fn without_place_in_brackets(text: &str) -> &str {
    let inside = text.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    inside.filter(|(place, _)| without_places(place).is_empty()).map_or(text, |(_, rest)| rest)
}

/// A name without what stands in brackets in it, compact.
fn without_brackets(normal: &str) -> String {
    let mut depth = 0_usize;
    let outside = normal.chars().filter(|one| {
        match one {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    });
    compact(&outside.collect::<String>())
}

/// The brand of a name, and the words of business behind it. The brand ends before the first of them that leaves it two
/// characters.
fn brand_of(core: &str) -> (&str, Vec<&'static str>) {
    let mut brand = core;
    let mut businesses = Vec::new();
    loop {
        while let Some(word) = longest_suffix(brand) {
            // 同行商贸: a short word only ends a whole name.
            if word.chars().count() == 1 && !businesses.is_empty() {
                break;
            }
            brand = &brand[..brand.len() - word.len()];
            if !is_form(word) {
                businesses.push(word);
            }
        }
        // 蓝鹊科技有限公司上海分公司: the place of the branch.
        let place = place_at_end(brand);
        if place.is_empty() || place == brand {
            break;
        }
        brand = &brand[..brand.len() - place.len()];
    }
    let starts = brand.char_indices().skip(BRAND_CHARS_MIN);
    for (start, _) in starts {
        let word = longest_prefix(&brand[start..]).filter(|word| word.chars().count() > 1);
        if let Some(word) = word {
            businesses.push(word);
            return (&brand[..start], businesses);
        }
    }
    (brand, businesses)
}

/// What a company is found by: its brand, its first three characters, and its first two if a word of its name follows.
fn seeds_of(brand: &str) -> Vec<Seed> {
    let length = brand.chars().count();
    let first = |count: usize| brand.chars().take(count).collect::<String>();
    let is_two_words = brand.char_indices().nth(2).is_some_and(|(middle, _)| {
        ordinary_words::is_ordinary(&brand[..middle]) && ordinary_words::is_ordinary(&brand[middle..])
    });
    let seed = |text: String, is_short: bool| {
        let is_ordinary = ordinary_words::is_ordinary(&text);
        let is_weak = is_ordinary || text.is_ascii() && text.len() < LETTERS_MIN;
        // One more character may make another word of an ordinary one: 诚信建设, where 诚信建材 was given.
        let more = 1 + usize::from(is_ordinary);
        Seed { text, needs_word: is_short || is_weak, more, is_two_words }
    };
    let mut seeds = Vec::new();
    if length >= BRAND_CHARS_MIN {
        seeds.push(seed(brand.to_owned(), false));
    }
    if length > BRAND_CHARS_MIN && !brand.is_ascii() {
        if length > 3 {
            let three = first(3);
            let is_short = three.is_ascii();
            seeds.push(seed(three, is_short));
        }
        seeds.push(seed(first(2), true));
    }
    seeds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_no_company_is_looked_for_nowhere() {
        for given in [
            "有限公司",
            "公司",
            "个体户",
            "个体工商户",
            "商贸有限公司",
            "北京有限公司",
            "北京市朝阳区科技公司",
            "某公司",
            "某某科技有限公司",
            "本公司",
            "企业",
            "店",
            "Co., Ltd.",
            "无",
            "-",
            "123456",
            "",
            "餐饮管理服务有限公司",
            "（有限公司）",
            "物业",
        ] {
            let found = CompanyName::of(given);
            assert!(found.is_none() || given == "无", "{given}: {found:?}");
        }
    }

    #[test]
    fn a_name_is_looked_for_by_its_brand() {
        for (given, brand, is_ordinary) in [
            ("北京蓝鹊示例商贸有限公司", Some("蓝鹊示例"), false),
            ("蓝鹊（北京）科技发展股份有限公司", Some("蓝鹊"), false),
            ("北京市海淀区蓝鹊示例小吃店", Some("蓝鹊示例"), false),
            ("创新科技有限公司", Some("创新"), true),
            ("蓝鹊信息技术有限公司上海分公司", Some("蓝鹊"), false),
            ("Blue Magpie Trading Co., Ltd.", Some("BLUEMAGPIE"), false),
            ("老王记面馆", Some("老王记"), false),
            ("澄屿智能装备制造有限公司", Some("澄屿"), false),
            ("恒瑞达示例钢结构工程有限公司", Some("恒瑞达示例"), false),
        ] {
            let name = CompanyName::of(given).expect(given);
            let found = name.seeds.first().map(|seed| (seed.text.as_str(), seed.needs_word));
            assert_eq!(found, brand.map(|brand| (brand, is_ordinary)), "{given}");
        }
    }
}
