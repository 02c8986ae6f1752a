//! Folding of numbers and codes: the [normal form](normalize) of texts, with the punctuation that people put between
//! digits as ASCII.
//!
//! This is for short texts that are a number or a code and nothing else. It keeps no map of places back to the text.

use crate::platform::text::{is_ignorable, normalize};

/// Whether a character is not seen: a control or format character, or one that is ignored when a text is shown. Line
/// breaks and tabs are seen, as space.
#[must_use]
pub fn is_unseen(character: char) -> bool {
    let is_space = matches!(character, '\t' | '\n' | '\r' | '\u{85}');
    is_ignorable(character) || character == '\u{2800}' || (character.is_control() && !is_space)
}

/// The ASCII character that punctuation in normal form stands for in a number or a code; others are answered as they
/// are.
const fn narrow(character: char) -> char {
    match character {
        '➖' => '-',
        '➕' => '+',
        '【' | '〔' | '〈' | '「' | '『' => '(',
        '】' | '〕' | '〉' | '」' | '』' => ')',
        '·' | '。' => '.',
        '、' => ',',
        '∕' | '⁄' => '/',
        other => other,
    }
}

/// A number or a code in ASCII as far as its characters have one: digits of any script, one dash, one space, full-width
/// forms; without what is not seen. Letters are capitals.
#[must_use]
pub fn fold(text: &str) -> String {
    let seen: String = text.chars().filter(|c| !is_unseen(*c)).collect();
    let folded: String = normalize(&seen).iter().map(|one| narrow(one.value)).collect();
    folded.trim().to_owned()
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
            "0️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣9️⃣",
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
            "\u{ad}\u{200b}\u{200d}\u{200e}\u{202d}\u{2060}\u{2066}\u{feff}\u{0}\u{7f}\u{b}\u{2800}".chars()
        {
            assert_eq!(fold(&format!("1{unseen}2")), "12", "U+{:04X}", u32::from(unseen));
        }
        assert_eq!(fold("　（＋８６）Ａｂ：｛ｘ｝＃　"), "(+86)AB:{X}#");
        assert_eq!(fold("【１】﹙２﹚「3」➕4、5・6。7⁄8"), "(1)(2)(3)+4,5.6.7/8");
        assert_eq!(fold("王女士"), "王女士");
    }
}
