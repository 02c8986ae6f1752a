//! Folding of numbers and codes: the characters that people write, type and paste, as the ASCII that they stand for.
//!
//! This is for short texts that are a number or a code and nothing else. It keeps no map of places back to the text.

/// The first digit (zero) of each script's decimal digits that a number may come in.
const ZEROS: [char; 34] = [
    '\u{0660}', '\u{06f0}', '\u{07c0}', '\u{0966}', '\u{09e6}', '\u{0a66}', '\u{0ae6}', '\u{0b66}',
    '\u{0be6}', '\u{0c66}', '\u{0ce6}', '\u{0d66}', '\u{0de6}', '\u{0e50}', '\u{0ed0}', '\u{0f20}',
    '\u{1040}', '\u{1090}', '\u{17e0}', '\u{1810}', '\u{1946}', '\u{19d0}', '\u{1a80}', '\u{1a90}',
    '\u{1b50}', '\u{1bb0}', '\u{1c40}', '\u{1c50}', '\u{a620}', '\u{a8d0}', '\u{a900}', '\u{a9d0}',
    '\u{aa50}', '\u{abf0}',
];

/// Whether a character is not seen: a control or format character, or one that is ignored when a text is shown. Line
/// breaks and tabs are seen, as space.
#[must_use]
pub const fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '\u{0}'..='\u{8}'
            | '\u{b}'
            | '\u{c}'
            | '\u{e}'..='\u{1f}'
            | '\u{7f}'..='\u{84}'
            | '\u{86}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The decimal digit that a character stands for: of any common script, full-width, mathematical, raised, or in a
/// circle.
fn digit(character: char) -> Option<char> {
    let code = u32::from(character);
    let in_block = |zero: u32| (zero..zero + 10).contains(&code).then(|| code - zero);
    let value = match character {
        '0'..='9' => in_block(u32::from('0')),
        '\u{ff10}'..='\u{ff19}' => in_block(0xff10),
        '\u{2070}' | '\u{2074}'..='\u{2079}' => in_block(0x2070),
        '\u{00b9}' => Some(1),
        '\u{00b2}' | '\u{00b3}' => Some(code - 0xb0),
        '\u{2080}'..='\u{2089}' => in_block(0x2080),
        '\u{24ea}' | '\u{24ff}' => Some(0),
        '\u{2460}'..='\u{2468}' => Some(code - 0x2460 + 1),
        '\u{2776}'..='\u{277e}' => Some(code - 0x2776 + 1),
        '\u{1d7ce}'..='\u{1d7ff}' => Some((code - 0x1d7ce) % 10),
        _ => ZEROS.iter().find_map(|zero| in_block(u32::from(*zero))),
    };
    value.and_then(|value| char::from_digit(value, 10))
}

/// The ASCII character that one stands for in a number or a code; others are answered as they are.
fn narrow(character: char) -> char {
    if let Some(digit) = digit(character) {
        return digit;
    }
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{207b}'
        | '\u{208b}'
        | '\u{2212}'
        | '\u{2796}'
        | '\u{30fc}'
        | '\u{fe31}'
        | '\u{fe32}'
        | '\u{fe58}'
        | '\u{fe63}'
        | '\u{2500}'
        | '\u{2501}' => '-',
        '\u{2b}' | '\u{207a}' | '\u{fe62}' | '\u{2795}' => '+',
        '【' | '〔' | '〈' | '「' | '『' | '\u{fe59}' => '(',
        '】' | '〕' | '〉' | '」' | '』' | '\u{fe5a}' => ')',
        '·' | '・' | '•' | '。' | '｡' | '‧' | '\u{2024}' | '\u{fe52}' => '.',
        '、' | '､' | '\u{fe51}' | '\u{fe50}' => ',',
        '∕' | '⁄' => '/',
        '\u{fe5f}' => '#',
        '\u{fe55}' => ':',
        other if other.is_whitespace() => ' ',
        other => other,
    }
}

/// A number or a code in ASCII as far as its characters have one: digits of any script, one dash, one space, full-width
/// forms; without what is not seen. Letters keep their case.
#[must_use]
pub fn fold(text: &str) -> String {
    text.chars().filter(|c| !is_unseen(*c)).map(narrow).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_writing_of_a_digit_is_that_digit() {
        for row in [
            "0123456789",
            "０１２３４５６７８９",
            "٠١٢٣٤٥٦٧٨٩",
            "۰۱۲۳۴۵۶۷۸۹",
            "०१२३४५६७८९",
            "๐๑๒๓๔๕๖๗๘๙",
            "༠༡༢༣༤༥༦༧༨༩",
            "᠐᠑᠒᠓᠔᠕᠖᠗᠘᠙",
            "⁰¹²³⁴⁵⁶⁷⁸⁹",
            "₀₁₂₃₄₅₆₇₈₉",
            "⓪①②③④⑤⑥⑦⑧⑨",
            "⓿❶❷❸❹❺❻❼❽❾",
            "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
            "𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿",
        ] {
            assert_eq!(fold(row), "0123456789", "{row}");
        }
    }

    #[test]
    fn dashes_spaces_and_full_width_forms_are_one_each() {
        for dash in "-‐‑‒–—―⁃−─━－﹣﹘ー➖".chars() {
            assert_eq!(fold(&format!("1{dash}2")), "1-2", "U+{:04X}", u32::from(dash));
        }
        for space in " \t\n\r\u{85}\u{a0}\u{2002}\u{2003}\u{2009}\u{202f}\u{3000}\u{2028}".chars() {
            assert_eq!(fold(&format!("1{space}2")), "1 2", "U+{:04X}", u32::from(space));
        }
        for unseen in
            "\u{ad}\u{200b}\u{200d}\u{200e}\u{202d}\u{2060}\u{2066}\u{feff}\u{0}\u{7f}\u{2800}".chars()
        {
            assert_eq!(fold(&format!("1{unseen}2")), "12", "U+{:04X}", u32::from(unseen));
        }
        assert_eq!(fold("　（＋８６）Ａｂ：｛ｘ｝＃　"), "(+86)Ab:{x}#");
        assert_eq!(fold("王女士"), "王女士");
    }
}
