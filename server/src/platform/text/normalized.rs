//! The normal form of a text, with a map back to it.
//!
//! NFKC; no default-ignorable, format or control character; every white space, line breaks included, is one space
//! character; every dash is a hyphen; every middle dot is `·`; digits of every script and circle are ASCII; letters are
//! capitals. Linear in the text.

use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick, is_nfkc_quick};

use super::characters::{
    is_blank, is_dash, is_decoration, is_ideograph, is_ignorable, is_middle_dot, number,
};

/// A character in normal form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NormalizedChar {
    /// The character.
    pub value: char,
    /// The first byte of what it stands for in the text.
    pub start: usize,
    /// The byte behind it. What is passed over belongs to the character before it.
    pub end: usize,
}

/// The normal form of a text. Places ascend, and all of them are boundaries of characters.
#[must_use]
pub fn normalize(text: &str) -> Vec<NormalizedChar> {
    let mut chars = Vec::with_capacity(text.len() / 2);
    let mut rest = text.char_indices().peekable();
    while let Some((start, character)) = rest.next() {
        let mut end = start + character.len_utf8();
        if let Some(value) = simple(character)
            && rest.peek().is_none_or(|(_, next)| simple(*next).is_some())
        {
            chars.push(NormalizedChar { value, start, end });
            continue;
        }
        while let Some((place, next)) = rest.next_if(|(_, next)| is_continuation(*next)) {
            end = place + next.len_utf8();
        }
        let segment = &text[start..end];
        if is_nfkc_quick(segment.chars()) == IsNormalized::Yes {
            segment.chars().for_each(|character| push(&mut chars, character, start, end));
        } else {
            segment.nfkc().for_each(|character| push(&mut chars, character, start, end));
        }
    }
    chars
}

/// The normal form of the characters that Chinese texts consist of, each of which also begins a segment of its own.
fn simple(character: char) -> Option<char> {
    Some(match character {
        ' '..='~' => character.to_ascii_uppercase(),
        '\n' | '\r' | '\t' | '\u{3000}' => ' ',
        '\u{4e00}'..='\u{9fff}' | '、' | '。' | '《' | '》' | '“' | '”' | '‘' | '’' => character,
        // Full-width forms of ASCII.
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character).to_ascii_uppercase()
        }
        '—' => '-',
        _ => return None,
    })
}

/// Whether a character can be composed with the one before it, so that both are normalised together.
fn is_continuation(character: char) -> bool {
    if simple(character).is_some() {
        return false;
    }
    let joins = |one: char| {
        canonical_combining_class(one) != 0 || is_nfc_quick(std::iter::once(one)) == IsNormalized::Maybe
    };
    let mut first = None;
    decompose_compatible(character, |one| {
        first.get_or_insert(one);
    });
    joins(character) || first.is_some_and(joins)
}

/// Adds what a normalised character is read as.
fn push(chars: &mut Vec<NormalizedChar>, character: char, start: usize, end: usize) {
    if let Some(value) = simple(character).or_else(|| is_ideograph(character).then_some(character)) {
        chars.push(NormalizedChar { value, start, end });
    } else if is_ignorable(character) || is_decoration(character) {
        if let Some(last) = chars.last_mut() {
            last.end = last.end.max(end);
        }
    } else if is_blank(character) {
        chars.push(NormalizedChar { value: ' ', start, end });
    } else if is_dash(character) {
        chars.push(NormalizedChar { value: '-', start, end });
    } else if is_middle_dot(character) {
        chars.push(NormalizedChar { value: '·', start, end });
    } else if let Some(number) = number(character) {
        if let Some(tens) = char::from_digit(number / 10, 10).filter(|tens| *tens != '0') {
            chars.push(NormalizedChar { value: tens, start, end });
        }
        let ones = char::from_digit(number % 10, 10).unwrap_or('0');
        chars.push(NormalizedChar { value: ones, start, end });
    } else {
        let mut upper = character.to_uppercase();
        let value = if upper.len() == 1 { upper.next().unwrap_or(character) } else { character };
        chars.push(NormalizedChar { value, start, end });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: &str) -> String {
        normalize(text).iter().map(|one| one.value).collect()
    }

    #[test]
    fn a_text_is_read_as_people_read_it() {
        for (text, read) in [
            ("１３８－００１３", "138-0013"),
            ("138‐0013‑8000", "138-0013-8000"),
            ("138‒0013–8000—1―2−3﹣4－5ー6", "138-0013-8000-1-2-3-4-5-6"),
            ("138\u{a0}0013\u{2009}8000\u{3000}1\u{202f}2", "138 0013 8000 1 2"),
            ("13\u{ad}80\u{200b}0\u{200e}1\u{fe0f}3\u{2060}8\u{feff}000", "13800138000"),
            ("138\n0013\r\n8000\u{2028}1\t2", "138 0013  8000 1 2"),
            ("①③⑧❶➂⑳⑽", "1381320(10)"),
            ("1️⃣3️⃣8️⃣", "138"),
            ("1̶3̶8̶", "138"),
            ("١٣٨۱۳۸१३८", "138138138"),
            ("𝟏𝟑𝟠𝟢𝟬𝟷", "138001"),
            ("1³₈", "138"),
            ("ｍａｘ＠ｅｘａｍｐｌｅ．ｃｎ", "MAX@EXAMPLE.CN"),
            ("e\u{301}É", "ÉÉ"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
            ("ｶﾞ", "ガ"),
            ("㈱㍿⼀", "(株)株式会社一"),
            ("买买提•张・李·王", "买买提·张·李·王"),
            ("⠀ㅤ", " "),
            ("\u{200b}", ""),
            ("", ""),
        ] {
            assert_eq!(normal(text), read, "{text:?}");
        }
    }

    #[test]
    fn every_character_knows_its_place() {
        let text = "电１\u{200b}⑩e\u{301}㈠。";
        let places: Vec<_> =
            normalize(text).iter().map(|one| (one.value, &text[one.start..one.end])).collect();
        let expected = [
            ('电', "电"),
            ('1', "１\u{200b}"),
            ('1', "⑩"),
            ('0', "⑩"),
            ('É', "e\u{301}"),
            ('(', "㈠"),
            ('一', "㈠"),
            (')', "㈠"),
            ('。', "。"),
        ];
        assert_eq!(places, expected);
    }
}
