//! What single characters are to a reader: invisible, a space, a dash, a digit. General categories come from the
//! Unicode tables of `unicode-properties`; the lists here are properties that it does not have.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// Whether a reader sees a character by itself. A combining mark, a private one and the replacement character say
/// nothing. Characters that are newer than the tables count as visible where ideographs are added.
#[must_use]
pub fn is_visible(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_graphic();
    }
    if is_ideograph(character) {
        return true;
    }
    if is_ignorable(character) || is_blank(character) || matches!(character, '\u{fffc}' | '\u{fffd}') {
        return false;
    }
    !matches!(
        character.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::Surrogate
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned
            | GeneralCategory::NonspacingMark
            | GeneralCategory::SpacingMark
            | GeneralCategory::EnclosingMark
    )
}

/// Ideographs, among them those that are not assigned yet.
#[must_use]
pub const fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3fffd}')
}

/// Whether a character is passed over in the normal form: `Default_Ignorable_Code_Point`, and every format character.
#[must_use]
pub fn is_ignorable(character: char) -> bool {
    match character {
        '\0'..='\u{ac}' => false,
        '\u{ad}'
        | '\u{34f}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        _ if is_ideograph(character) => false,
        _ => character.general_category() == GeneralCategory::Format,
    }
}

/// White space, control characters, and the braille pattern without dots.
pub(super) fn is_blank(character: char) -> bool {
    character.is_whitespace() || character.is_control() || character == '\u{2800}'
}

/// Whether a character is drawn as a dash between digits. The sound mark of katakana is typed for one.
pub(super) fn is_dash(character: char) -> bool {
    match character {
        '-' | '\u{2d7}' | '\u{2043}' | '\u{2212}' | '\u{30fc}' | '\u{2500}' | '\u{2501}' | '\u{23af}' => true,
        _ if character.is_ascii() || is_ideograph(character) => false,
        _ => character.general_category() == GeneralCategory::DashPunctuation,
    }
}

/// Whether a character is drawn as a dot at half height.
pub(super) const fn is_middle_dot(character: char) -> bool {
    matches!(
        character,
        '\u{b7}'
            | '\u{2022}'
            | '\u{2027}'
            | '\u{2219}'
            | '\u{22c5}'
            | '\u{30fb}'
            | '\u{387}'
            | '\u{2e31}'
            | '\u{25e6}'
    )
}

/// Marks that are drawn over, under or around other characters, and change no word of any script.
pub(super) fn is_decoration(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36f}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{fe20}'..='\u{fe2f}'
            | '\u{3099}'..='\u{309a}'
    ) || (!character.is_ascii()
        && !is_ideograph(character)
        && character.general_category() == GeneralCategory::EnclosingMark)
}

/// The number that a character stands for, if it is a digit of any script or a number in a circle that NFKC leaves.
/// Chinese numerals are words as well, and are not among them.
pub(super) fn number(character: char) -> Option<u32> {
    let code = u32::from(character);
    let from = |first: u32, number: u32| Some(code - first + number);
    match character {
        '0'..='9' => from(0x30, 0),
        '\0'..='\u{ff}' => None,
        '\u{24eb}'..='\u{24f4}' => from(0x24eb, 11),
        '\u{24f5}'..='\u{24fe}' => from(0x24f5, 1),
        '\u{24ff}' | '\u{1f10b}' | '\u{1f10c}' => Some(0),
        '\u{2776}'..='\u{277f}' => from(0x2776, 1),
        '\u{2780}'..='\u{2789}' => from(0x2780, 1),
        '\u{278a}'..='\u{2793}' => from(0x278a, 1),
        // Suzhou numerals, Ethiopic digits, counting rods.
        '\u{3021}'..='\u{3029}' => from(0x3021, 1),
        '\u{1369}'..='\u{1371}' => from(0x1369, 1),
        '\u{1d360}'..='\u{1d368}' => from(0x1d360, 1),
        _ if is_ideograph(character) => None,
        _ => decimal(character),
    }
}

/// The value of a decimal digit of any script. Each script has its ten digits in a row, and such rows may stand side
/// by side.
fn decimal(character: char) -> Option<u32> {
    /// The longest row of digits, that of the mathematical ones.
    const ROW_MAX: u32 = 50;
    let is_digit = |code: u32| {
        char::from_u32(code).is_some_and(|one| one.general_category() == GeneralCategory::DecimalNumber)
    };
    let code = u32::from(character);
    if !is_digit(code) {
        return None;
    }
    let before = (1..=ROW_MAX).take_while(|back| code.checked_sub(*back).is_some_and(is_digit)).count();
    Some(u32::try_from(before).unwrap_or(0) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_script_and_circle_have_their_value() {
        for (text, value) in
            [("0٠۰߀०০੦૦୦௦౦೦൦෦๐໐༠၀០᠐᥆᧐᪀᪐᭐᮰᱀᱐𝟎𝟘𝟢𝟬𝟶⓿🄋🄌", 0), ("3٣۳३৩๓〣❸➂➌⓷፫𝟑𝟛𝟥𝟯𝟹", 3), ("9٩۹९๙〩❾➈➒⓽፱𝟗𝟡𝟫𝟵𝟿", 9)]
        {
            for character in text.chars() {
                assert_eq!(number(character), Some(value), "{character}");
            }
        }
        assert_eq!([number('⓫'), number('❿'), number('⓴')], [Some(11), Some(10), Some(20)]);
        assert_eq!([number('三'), number('〇'), number('a'), number('²')], [None, None, None, None]);
    }
}
