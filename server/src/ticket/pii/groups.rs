//! Groups of digits and letters in a normalised text, and what parts them. Chinese numerals are digits here, in groups
//! of their own, because they also are words.

use crate::platform::text::NormalizedChar;

/// The digit that a character stands for: itself, or that of a Chinese numeral, of an amount on a cheque, or of the
/// way in which numbers are read out by radio (幺 for 1, 洞 for 0).
pub(super) const fn digit_of(character: char) -> Option<char> {
    Some(match character {
        '0'..='9' => character,
        '零' | '〇' | '○' | '◯' | '洞' => '0',
        '一' | '壹' | '幺' | '弌' => '1',
        '二' | '贰' | '貳' | '弍' | '两' => '2',
        '三' | '叁' | '參' | '叄' | '弎' => '3',
        '四' | '肆' => '4',
        '五' | '伍' => '5',
        '六' | '陆' | '陸' => '6',
        '七' | '柒' | '拐' => '7',
        '八' | '捌' => '8',
        '九' | '玖' | '勾' => '9',
        _ => return None,
    })
}

/// Whether people part digits of one number by a character.
pub(super) const fn is_separator(character: char) -> bool {
    matches!(character, ' ' | '-' | '.' | '_' | '(' | ')' | '·')
}

/// Whether a character parts the digits of one number only if the groups have the usual lengths. It also parts numbers
/// in lists.
const fn is_odd_separator(character: char) -> bool {
    matches!(
        character,
        '、' | ','
            | '/'
            | '*'
            | '|'
            | '~'
            | '+'
            | ':'
            | ';'
            | '\''
            | '"'
            | '='
            | '#'
            | '\\'
            | '^'
            | '。'
            | '&'
            | '‘'
            | '’'
            | '“'
            | '”'
            | '【'
            | '】'
            | '〔'
            | '〕'
            | '['
            | ']'
            | '<'
            | '>'
    )
}

/// Characters of the basic plane that a text is searched for, one bit each.
pub(super) struct CharSet([u64; 1024]);

impl CharSet {
    /// The set of some characters of the basic plane.
    pub(super) const fn of(chars: &[char]) -> Self {
        let mut bits = [0; 1024];
        let mut place = 0;
        while place < chars.len() {
            let code = chars[place] as usize;
            bits[code / 64] |= 1 << (code % 64);
            place += 1;
        }
        Self(bits)
    }

    pub(super) fn contains(&self, value: char) -> bool {
        let code = value as usize;
        self.0.get(code / 64).is_some_and(|bits| bits >> (code % 64) & 1 == 1)
    }
}

/// Chinese numerals, of which no other character is one.
static NUMERALS: CharSet = CharSet::of(&[
    '零', '〇', '○', '◯', '洞', '一', '壹', '幺', '弌', '二', '贰', '貳', '弍', '两', '三', '叁', '參', '叄',
    '弎', '四', '肆', '五', '伍', '六', '陆', '陸', '七', '柒', '拐', '八', '捌', '九', '玖', '勾',
]);

/// What a group is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Digits,
    Numerals,
    Letters,
}

/// Separators between two groups, and nothing else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) length: usize,
    /// Whether one of them is no usual one.
    pub(super) is_odd: bool,
}

/// Characters of one class in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) class: Class,
    /// The index of the first character, and of the one behind the last.
    pub(super) chars: (usize, usize),
    /// What parts it from the group before; `None` if that is more than separators.
    pub(super) gap: Option<Gap>,
}

impl Group {
    pub(super) const fn len(&self) -> usize {
        self.chars.1 - self.chars.0
    }
}

/// More separators than these in a row part one number from the next.
const GAP_MAX: usize = 3;

fn class(value: char) -> Option<Class> {
    match value {
        '0'..='9' => Some(Class::Digits),
        'A'..='Z' => Some(Class::Letters),
        _ => NUMERALS.contains(value).then_some(Class::Numerals),
    }
}

/// The groups of a text, in order.
pub(super) fn groups(chars: &[NormalizedChar]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    // What stands behind the last group, while it is separators only.
    let mut gap = None;
    for (place, ch) in chars.iter().enumerate() {
        let Some(class) = class(ch.value) else {
            if gap.is_none() {
                continue;
            }
            let is_odd = is_odd_separator(ch.value);
            gap = gap.filter(|gap: &Gap| (is_odd || is_separator(ch.value)) && gap.length < GAP_MAX);
            gap = gap.map(|gap| Gap { length: gap.length + 1, is_odd: gap.is_odd || is_odd });
            continue;
        };
        match groups.last_mut() {
            Some(last) if last.class == class && last.chars.1 == place => last.chars.1 = place + 1,
            _ => groups.push(Group { class, chars: (place, place + 1), gap }),
        }
        gap = Some(Gap::default());
    }
    groups
}

/// The digits of a group; its letters as they are.
pub(super) fn digits_of<'a>(chars: &'a [NormalizedChar], group: &Group) -> impl Iterator<Item = char> + 'a {
    chars[group.chars.0..group.chars.1].iter().map(|ch| digit_of(ch.value).unwrap_or(ch.value))
}

/// First characters of the words that addresses, accounts and documents are found by.
static CUE_STARTS: CharSet = CharSet::of(&[
    '郵', '電', '釘', '護', '統', '卫', '#', '@', '艾', '圈', '邮', '电', '伊', 'E', 'M', 'A', '企', '微',
    '薇', '威', '徽', '加', '+', 'W', 'V', 'Q', '扣', '叩', '钉', 'D', '飞', '抖', '快', '小', 'T', 'S',
    '信', '统', '机', '注', '执', '税', '纳', '身', '证', '护', '通', '回', '居', '尾', '后', '末', '抠',
    '叮', 'L', 'P', '公', '视', '台', '臺', '军', '士', '警', '驾', '永',
]);

/// Whether a word can be found by its first character.
#[cfg(test)]
pub(super) fn is_cue(word: &str) -> bool {
    word.chars().next().is_some_and(|first| CUE_STARTS.contains(first))
}

/// Where such a word can begin.
pub(super) fn cues(chars: &[NormalizedChar]) -> Vec<usize> {
    let places = chars.iter().enumerate().filter(|(_, ch)| CUE_STARTS.contains(ch.value));
    places.map(|(place, _)| place).collect()
}

/// Whether the characters from a place on are a word.
pub(super) fn is_word_at(chars: &[NormalizedChar], place: usize, word: &str) -> bool {
    let mut rest = chars.get(place..).unwrap_or_default().iter();
    word.chars().all(|character| rest.next().is_some_and(|ch| ch.value == character))
}

/// The place behind a word that begins at a place. Spaces may stand between its ideographs, as in forms and
/// letterheads: 电  话.
pub(super) fn end_of_word(chars: &[NormalizedChar], place: usize, word: &str) -> Option<usize> {
    /// Spaces in a row, at most.
    const SPACES_MAX: usize = 4;
    let mut end = place;
    for character in word.chars() {
        if end > place && !character.is_ascii() {
            end += count_while(chars, end, SPACES_MAX, |value| value == ' ');
        }
        if chars.get(end).is_none_or(|ch| ch.value != character) {
            return None;
        }
        end += 1;
    }
    Some(end)
}

/// Whether a character is a letter or a digit of ASCII.
pub(super) fn is_alphanumeric_at(chars: &[NormalizedChar], place: usize) -> bool {
    chars.get(place).is_some_and(|ch| ch.value.is_ascii_alphanumeric())
}

/// How many characters from a place on, at most `max`, pass a test.
pub(super) fn count_while(
    chars: &[NormalizedChar],
    place: usize,
    max: usize,
    test: impl Fn(char) -> bool,
) -> usize {
    chars.get(place..).unwrap_or_default().iter().take(max).take_while(|ch| test(ch.value)).count()
}

/// Currencies behind an amount.
const CURRENCIES: &[&str] = &[
    "美元",
    "美金",
    "日元",
    "港元",
    "港币",
    "欧元",
    "英镑",
    "韩元",
    "卢布",
    "加元",
    "澳元",
    "台币",
    "人民币",
];

/// Whether what stands before a number or behind it makes it an amount: a currency sign, or a unit of measure.
pub(super) fn is_amount(chars: &[NormalizedChar], (first, behind): (usize, usize)) -> bool {
    let before = first.checked_sub(1).and_then(|place| chars.get(place)).map(|ch| ch.value);
    if matches!(before, Some('¥' | '$' | '€' | '£')) {
        return true;
    }
    let behind = behind + count_while(chars, behind, 1, |value| value == ' ');
    let is_new_year = ["元旦", "元宵", "元月"].iter().any(|word| is_word_at(chars, behind, word));
    let unit = chars.get(behind).map(|ch| ch.value);
    if CURRENCIES.iter().any(|word| is_word_at(chars, behind, word)) {
        return true;
    }
    !is_new_year && matches!(unit, Some('元' | '万' | '亿' | '吨' | '亩' | '斤' | '%' | '‰' | '℃'))
}

/// Eight digits that are a day of this or the last century.
pub(super) fn is_day(text: &str) -> bool {
    let number = |range| text.get(range).and_then(|part: &str| part.parse::<u32>().ok()).unwrap_or(0);
    text.len() == 8
        && matches!(number(0..4), 1900..=2099)
        && matches!(number(4..6), 1..=12)
        && matches!(number(6..8), 1..=31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_numeral_has_its_digit() {
        let every = (0..0x1_0000).filter_map(char::from_u32);
        for character in every.filter(|character| !character.is_ascii()) {
            assert_eq!(NUMERALS.contains(character), digit_of(character).is_some(), "{character}");
        }
    }
}
