//! A text in normal form: full-width forms and Chinese numerals as the digits and letters they stand for, each
//! with its place in the text; and the groups of digits and letters in it.

/// A character in normal form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NormalizedChar {
    /// What it stands for; letters of the alphabet are capitals.
    pub(super) value: char,
    /// Its place in the text, in characters from 0.
    pub(super) place: usize,
    /// Whether it is a digit written as a Chinese numeral.
    pub(super) is_numeral: bool,
}

impl NormalizedChar {
    /// Whether it may stand within a number: people part digits by it.
    pub(super) const fn is_separator(self) -> bool {
        matches!(self.value, ' ' | '\t' | '-' | '.' | '_' | '(' | ')' | '·' | '—' | '–' | '－')
    }
}

/// The digit that a Chinese numeral stands for.
const fn digit(character: char) -> Option<char> {
    Some(match character {
        '零' | '〇' | '○' => '0',
        '一' | '壹' | '幺' => '1',
        '二' | '贰' => '2',
        '三' | '叁' => '3',
        '四' | '肆' => '4',
        '五' | '伍' => '5',
        '六' | '陆' => '6',
        '七' | '柒' => '7',
        '八' | '捌' => '8',
        '九' | '玖' => '9',
        _ => return None,
    })
}

/// Reads a text; what is not seen (zero width) is passed over.
pub(super) fn normalize(text: &str) -> Vec<NormalizedChar> {
    let mut chars = Vec::with_capacity(text.len());
    for (place, character) in text.chars().enumerate() {
        let narrow = match character {
            '\u{3000}' => ' ',
            '！'..='～' => char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character),
            '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => continue,
            _ => character,
        };
        let numeral = digit(narrow);
        let value = numeral.unwrap_or(narrow).to_ascii_uppercase();
        chars.push(NormalizedChar { value, place, is_numeral: numeral.is_some() });
    }
    chars
}

/// What a group is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Digits,
    Numerals,
    Letters,
}

/// Characters of one class in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) class: Class,
    /// The index of the first character, and of the one behind the last.
    pub(super) chars: (usize, usize),
    /// How many separators stand before it, and after another group; `None` where something else does.
    pub(super) gap: Option<usize>,
}

impl Group {
    pub(super) const fn len(&self) -> usize {
        self.chars.1 - self.chars.0
    }
}

/// More separators than these in a row part one number from the next.
const GAP_MAX: usize = 2;

const fn class(ch: NormalizedChar) -> Option<Class> {
    match ch.value {
        '0'..='9' if ch.is_numeral => Some(Class::Numerals),
        '0'..='9' => Some(Class::Digits),
        'A'..='Z' => Some(Class::Letters),
        _ => None,
    }
}

/// The groups of a text, in order.
pub(super) fn groups(chars: &[NormalizedChar]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    // Separators since the last group, while nothing else came between.
    let mut gap = None;
    for (place, ch) in chars.iter().enumerate() {
        let Some(class) = class(*ch) else {
            gap = gap.filter(|gap| ch.is_separator() && *gap < GAP_MAX).map(|gap| gap + 1);
            continue;
        };
        match groups.last_mut() {
            Some(last) if last.class == class && last.chars.1 == place => last.chars.1 = place + 1,
            _ => groups.push(Group { class, chars: (place, place + 1), gap }),
        }
        gap = Some(0);
    }
    groups
}
