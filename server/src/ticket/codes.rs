//! The two codes a caller gives: the company's unified social credit code and a telephone number.
//!
//! Both are checked by form alone and come back in one normal form, so that the same company and the same
//! telephone are the same text wherever they are stored or compared. Nothing is looked up in a register, and no
//! fault repeats the text it is about: a number may belong to somebody who asked not to be named.

use std::fmt;

/// Characters of a unified social credit code.
pub const CREDIT_CODE_CHARS: usize = 18;

/// Longest text looked at for either code, in characters, separators included.
pub const CODE_TEXT_MAX_CHARS: usize = 48;

/// The 31 characters of GB 32100-2015; the place is the value. I, O, S, V and Z are left out.
const CREDIT_CODE_ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Leading characters that are digits: authority, kind of organisation, six digits of the place of registration.
const CREDIT_CODE_LEADING_DIGITS: usize = 8;

/// Why a text is not the code it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFault {
    /// Longer than [`CODE_TEXT_MAX_CHARS`].
    TooLong,
    /// A credit code without exactly [`CREDIT_CODE_CHARS`] characters.
    CreditCodeLength,
    /// A credit code with a character that cannot stand at this place, counted from 1.
    CreditCodeCharacter(usize),
    /// A credit code whose last character does not fit the others.
    CreditCodeCheck,
    /// A telephone number with something other than digits, spaces, hyphens, brackets and one leading plus.
    PhoneCharacter,
    /// Digits that are no telephone number of a known form.
    PhoneForm,
}

impl fmt::Display for CodeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "longer than {CODE_TEXT_MAX_CHARS} characters"),
            Self::CreditCodeLength => write!(f, "a social credit code has {CREDIT_CODE_CHARS} characters"),
            Self::CreditCodeCharacter(place) => {
                write!(f, "character {place} cannot stand there in a social credit code")
            }
            Self::CreditCodeCheck => f.write_str("check character of the social credit code does not fit"),
            Self::PhoneCharacter => f.write_str("a telephone number has digits, spaces and hyphens only"),
            Self::PhoneForm => f.write_str(
                "not a telephone number: give a mobile, area code and number, a service number, or + and country code",
            ),
        }
    }
}

impl std::error::Error for CodeFault {}

/// Checks a unified social credit code (统一社会信用代码, GB 32100-2015) and returns it as 18 capitals and digits.
///
/// Spaces, hyphens, small letters and full-width forms are taken. Each character's value is weighed with 3^i
/// modulo 31, and the last makes the sum zero. The organisation code inside (GB 11714) has a check character of
/// its own, which is not looked at: the outer one covers those characters too.
///
/// # Errors
/// [`CodeFault::TooLong`] or one of the `CreditCode…` faults.
pub fn check_social_credit_code(text: &str) -> Result<String, CodeFault> {
    let code: String =
        plain(text)?.chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| c.to_ascii_uppercase()).collect();
    if code.chars().count() != CREDIT_CODE_CHARS {
        return Err(CodeFault::CreditCodeLength);
    }
    let mut weight = 1;
    let mut sum = 0;
    for (index, c) in code.chars().enumerate() {
        let value = CREDIT_CODE_ALPHABET
            .find(c)
            .filter(|value| index >= CREDIT_CODE_LEADING_DIGITS || *value < 10)
            .ok_or(CodeFault::CreditCodeCharacter(index + 1))?;
        // The check character stands last and counts once, so that a sound code sums to zero.
        sum += value * if index + 1 == CREDIT_CODE_CHARS { 1 } else { weight };
        weight = weight * 3 % 31;
    }
    if sum % 31 == 0 { Ok(code) } else { Err(CodeFault::CreditCodeCheck) }
}

/// Checks a telephone number and returns its one normal form.
///
/// | what | normal form |
/// |---|---|
/// | mobile of the mainland, 1 and ten digits | `13800138000` |
/// | landline with area code | `010-12345678`, `0755-26771234-123` with an extension of up to 6 digits |
/// | 400 and 800 numbers | `4008101234`, with an extension `4008101234-5` |
/// | service numbers: five digits from 1, five or six from 95 or 96 | `12345`, `95588` |
/// | any other country, + and 7 to 15 digits (E.164) | `+85221234567` |
///
/// `+86` and `0086` are taken off, after them the area code may lack its 0. Spaces, hyphens, brackets and
/// full-width forms are taken; an extension follows a hyphen or 转.
///
/// # Errors
/// [`CodeFault::TooLong`], [`CodeFault::PhoneCharacter`] or [`CodeFault::PhoneForm`].
pub fn check_phone(text: &str) -> Result<String, CodeFault> {
    let plain: String = plain(text)?.chars().filter(|c| !matches!(c, ' ' | '(' | ')')).collect();
    let plain = plain.replace('转', "-");
    let (plus, rest) = plain.strip_prefix('+').map_or((false, plain.as_str()), |rest| (true, rest));
    if !rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return Err(CodeFault::PhoneCharacter);
    }
    let home = if plus { rest.strip_prefix("86") } else { rest.strip_prefix("0086") };
    let number = match (home, plus) {
        (Some(national), _) => {
            let national = national.trim_start_matches('-');
            mainland(national).or_else(|| mainland(&format!("0{national}")))
        }
        (None, true) => international(rest),
        (None, false) => mainland(rest),
    };
    number.ok_or(CodeFault::PhoneForm)
}

/// The text with full-width forms (as a Chinese keyboard writes them) turned into ASCII.
fn plain(text: &str) -> Result<String, CodeFault> {
    let narrow = |c: char| match c {
        '\u{3000}' => ' ',
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    // Counting stops at the limit, whatever the length of the text.
    if text.chars().nth(CODE_TEXT_MAX_CHARS).is_some() {
        return Err(CodeFault::TooLong);
    }
    Ok(text.trim().chars().map(narrow).collect())
}

fn international(rest: &str) -> Option<String> {
    let digits = rest.replace('-', "");
    // The mainland's own numbers are read elsewhere, and a hyphen within 86 does not make them foreign.
    let is_foreign = !digits.starts_with('0') && !digits.starts_with("86");
    (matches!(digits.len(), 7..=15) && is_foreign).then(|| format!("+{digits}"))
}

/// A number of the mainland in normal form, `text` being digits and hyphens.
fn mainland(text: &str) -> Option<String> {
    // The last group is an extension if what stands before it is already a whole number: 0311-1234567-8 has one, and
    // 0311-123-4567 has none.
    if let Some((before, extension)) = text.rsplit_once('-')
        && matches!(extension.len(), 1..=6)
        && let Some(base) = with_extension(&before.replace('-', ""))
    {
        return Some(format!("{base}-{extension}"));
    }
    let digits = text.replace('-', "");
    let is_mobile =
        digits.len() == 11 && digits.starts_with('1') && matches!(digits.as_bytes()[1], b'3'..=b'9');
    let is_service = match digits.len() {
        5 => digits.starts_with('1') || digits.starts_with("95") || digits.starts_with("96"),
        6 => digits.starts_with("95") || digits.starts_with("96"),
        _ => false,
    };
    if is_mobile || is_service { Some(digits) } else { with_extension(&digits) }
}

/// A number that can have an extension, in normal form: a landline with its area code, or a 400 or 800 number.
fn with_extension(digits: &str) -> Option<String> {
    if digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800")) {
        return Some(digits.to_owned());
    }
    // 010 and 02x are three digits before eight; 03xx to 09xx are four before seven or eight.
    let (area, lengths) = match digits.as_bytes() {
        [b'0', b'1', b'0', ..] | [b'0', b'2', ..] => (3, 8..=8),
        [b'0', b'3'..=b'9', ..] => (4, 7..=8),
        _ => return None,
    };
    let (area, local) = digits.split_at_checked(area)?;
    (lengths.contains(&local.len()) && !local.starts_with('0')).then(|| format!("{area}-{local}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_credit_codes_are_taken_in_every_writing() {
        for text in
            ["91110000600037341L", "91110000600037341l", "9 1 110000 600037341L", "91110000-600037341-L"]
        {
            assert_eq!(check_social_credit_code(text).as_deref(), Ok("91110000600037341L"), "{text:?}");
        }
        let wide = "９１１１００００６０００３７３４１Ｌ";
        assert_eq!(check_social_credit_code(wide).as_deref(), Ok("91110000600037341L"));
    }

    #[test]
    fn unsound_credit_codes_are_refused_by_reason() {
        let table = [
            ("", CodeFault::CreditCodeLength),
            ("9111000060003734", CodeFault::CreditCodeLength),
            ("91110000600037341L0", CodeFault::CreditCodeLength),
            ("A1110000600037341L", CodeFault::CreditCodeCharacter(1)),
            ("91110000I00037341L", CodeFault::CreditCodeCharacter(9)),
            ("91110000600037341Z", CodeFault::CreditCodeCharacter(18)),
            ("9111000060003734京L", CodeFault::CreditCodeCharacter(17)),
            ("911100006000373410", CodeFault::CreditCodeCheck),
            ("91110000600073341L", CodeFault::CreditCodeCheck),
        ];
        for (text, fault) in table {
            assert_eq!(check_social_credit_code(text), Err(fault), "{text:?}");
        }
        assert_eq!(check_social_credit_code(&"9".repeat(CODE_TEXT_MAX_CHARS + 1)), Err(CodeFault::TooLong));
    }

    #[test]
    fn every_single_wrong_character_of_a_credit_code_is_found() {
        let sound: Vec<char> = "91110000600037341L".chars().collect();
        for place in 0..CREDIT_CODE_CHARS {
            for wrong in CREDIT_CODE_ALPHABET.chars().filter(|wrong| *wrong != sound[place]) {
                let mut mistyped = sound.clone();
                mistyped[place] = wrong;
                let text: String = mistyped.into_iter().collect();
                assert!(check_social_credit_code(&text).is_err(), "{text}");
            }
        }
    }

    #[test]
    fn telephone_numbers_come_back_in_one_form() {
        let table = [
            ("13800138000", "13800138000"),
            ("138-0013-8000", "13800138000"),
            ("+86 138 0013 8000", "13800138000"),
            ("0086-13800138000", "13800138000"),
            ("１３８００１３８０００", "13800138000"),
            ("010-12345678", "010-12345678"),
            ("01012345678", "010-12345678"),
            ("(010) 1234 5678", "010-12345678"),
            ("（010）12345678转123", "010-12345678-123"),
            ("010-1234-5678", "010-12345678"),
            ("+86 10 12345678", "010-12345678"),
            ("+86-010-12345678", "010-12345678"),
            ("010-12345678-123", "010-12345678-123"),
            ("0311-1234567-8", "0311-1234567-8"),
            ("0311-123-4567", "0311-1234567"),
            ("0755 2677 1234", "0755-26771234"),
            ("+86 755 2677 1234", "0755-26771234"),
            ("400-810-1234", "4008101234"),
            ("400-810-1234-5", "4008101234-5"),
            ("8008101234", "8008101234"),
            ("12345", "12345"),
            ("95588", "95588"),
            ("96156", "96156"),
            ("962288", "962288"),
            ("+852 2123 4567", "+85221234567"),
            ("+1 (212) 555-0123", "+12125550123"),
            ("+683 4000", "+6834000"),
        ];
        for (text, form) in table {
            assert_eq!(check_phone(text).as_deref(), Ok(form), "{text:?}");
            assert_eq!(check_phone(form).as_deref(), Ok(form), "{form:?} is not its own normal form");
        }
    }

    #[test]
    fn what_is_no_telephone_number_is_refused() {
        let forms = [
            "",
            "-",
            "+",
            "110",
            "12800138000",
            "1380013800",
            "138001380001",
            "13800138000-1",
            "12345678",
            "010-1234567",
            "010-02345678",
            "02012345",
            "0311-123456",
            "010-12345678-1234567",
            "97588",
            "123456",
            "400810123",
            "+86",
            "+86 12",
            "+123456",
            "+1234567890123456",
            "+0123456789",
            "0085221234567",
            "+-86 138 0013 8000",
            "+8-610-12345678",
        ];
        for text in forms {
            assert_eq!(check_phone(text), Err(CodeFault::PhoneForm), "{text:?}");
        }
        for text in ["1380013800o", "010/12345678", "13+800138000", "电话13800138000", "０１０—12345678"]
        {
            assert_eq!(check_phone(text), Err(CodeFault::PhoneCharacter), "{text:?}");
        }
        assert_eq!(check_phone(&"1".repeat(CODE_TEXT_MAX_CHARS + 1)), Err(CodeFault::TooLong));
    }
}
